import type { Command } from 'commander';
import { leaf } from '../command.ts';
import { type DeskCommand, runOnDesk } from '../desk.ts';
import type { Host } from '../host.ts';
import { checkProducts, productFile } from './desk-check.ts';

/** Described here for help and docs; main.ts hands them to the server's entry before options are read. */
export function deskCommandsIn(program: Command): void {
  const passedOn = (usage: string, summary: string, examples: string[], notes?: string) =>
    leaf(program, usage, summary, { examples, ...(notes ? { notes } : {}) })
      .allowUnknownOption()
      .allowExcessArguments();
  passedOn(
    'check <paths...>',
    'The rules of certification, on your desk',
    [
      'souk check model.onnx',
      'souk check ./package --json',
      'souk check image.tar',
      'souk check examples/iris-classifier',
    ],
    'Says what the marketplace will say: the same rules on a file, an archive or a folder. In a folder with souk.yaml,\n' +
      'the document and every model that it names. Ends with 1 on errors.',
  );
  passedOn(
    'serve-model <paths...>',
    'The marketplace’s model server, on your desk',
    ['souk serve-model model.onnx --port 8080', 'souk serve-model ./models/a ./models/b --threads 2'],
    'Options: --port, --host, --threads, --body-bytes-max, --batch-window-ms, --batch-records-max, --strict. Each model\n' +
      'is served under its file’s or folder’s name at /v2/models/<name>; /v2/health/ready answers when up.',
  );
  passedOn(
    'serve',
    'Start Souk on this computer',
    ['souk serve'],
    'npm start does this, and prepares a fresh clone first.',
  );
  passedOn('migrate', 'Bring the database’s schema up to date', ['souk migrate']);
  passedOn('doctor', 'Compare this installation with what it should be', ['souk doctor']);
  passedOn(
    'backup <file>',
    'Write database, files and keys into one archive, while Souk runs',
    ['souk backup souk-backup.tar', 'souk backup souk-backup.tar --without-keys'],
    'The archive is a point in time, and gets its name when it is whole. With a database of your own (DATABASE_URL) it\n' +
      'holds the files only.',
  );
  passedOn(
    'restore <file>',
    'Make a new data folder out of a backup',
    ['SOUK_DATA=/srv/souk souk restore souk-backup.tar'],
    'The folder must be new or empty. Then start Souk on it.',
  );
  passedOn(
    'create-operator',
    'Make the account that runs the marketplace',
    ['echo "$PASSWORD" | souk create-operator --email you@example.com --account "Our marketplace"'],
    'The password is read from stdin.',
  );
}

/** Runs a desk command; in a product's folder `check` reads souk.yaml here first, where its form is known. */
export async function deskCommand(
  host: Host,
  command: DeskCommand,
  args: readonly string[],
): Promise<number> {
  if (command === 'check' && args.some((arg) => productFile(host, arg))) return checkProducts(host, args);
  return runOnDesk(command, args, host.cwd, host.env);
}
