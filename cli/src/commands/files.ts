import { createWriteStream } from 'node:fs';
import { mkdir, readdir, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, relative, resolve, sep } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { operations, type StoredFile } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, limitOption } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { bytes, plural, time } from '../output/format.ts';
import { listPages } from '../pages.ts';
import { digestOf, sendFile } from '../push/register-model.ts';
import { sourceOf } from '../upload/source.ts';
import { bucketCommands } from './buckets.ts';

export function fileCommands(program: Command, app: App): void {
  const files = group(program, 'files', 'Files of your account: inputs and results of jobs');
  leaf(files, 'push <path> [target]', 'Keep a file, or every file of a folder', {
    examples: ['souk files push flowers.csv batch/in/', 'souk files push ./january batch/january/ --replace'],
    notes:
      'A target that ends with / is a folder. An upload that breaks goes on where it was, also when the command is run\n' +
      'again. What is there already is refused, unless --replace.',
  })
    .option('--replace', 'replace files that are there')
    .action((path: string, target: string | undefined, options: { replace?: boolean }) =>
      push(app, path, target ?? '', options),
    );
  leaf(files, 'list [prefix]', 'Files by their paths, and how much of the limit is used', {
    examples: ['souk files list', 'souk files list batch/in/ --json'],
  })
    .addOption(limitOption(1000))
    .action((prefix: string | undefined, { limit }: { limit: number }) => list(app, prefix, limit));
  leaf(files, 'get <path> [file]', 'Download a file; with a / at the end, everything below it', {
    examples: ['souk files get batch/out/flowers.csv.out', 'souk files get batch/out/ ./results'],
  }).action((path: string, file: string | undefined) => get(app, path, file));
  bucketCommands(files, app);
  leaf(files, 'remove <path>', 'Remove a file; with --recursive, all whose paths begin so', {
    examples: ['souk files remove batch/in/flowers.csv', 'souk files remove batch/january/ --recursive'],
  })
    .option('--recursive', 'everything whose path begins so')
    .action((path: string, { recursive }: { recursive?: boolean }) => remove(app, path, recursive === true));
}

async function push(
  app: App,
  path: string,
  target: string,
  { replace }: { replace?: boolean },
): Promise<void> {
  const client = await app.client();
  const from = resolve(app.host.cwd, path);
  const folder = (await stat(from)).isDirectory();
  const names = folder ? await filesBelow(from) : [from];
  if (names.length === 0) throw misuse(`${path} has no files.`, 'Name a folder with files, or a file.');
  for (const name of names) {
    const own = folder ? relative(from, name).split(sep).join('/') : basename(name);
    const place = folder
      ? `${target.replace(/\/*$/, '')}/${own}`.replace(/^\//, '')
      : target === '' || target.endsWith('/')
        ? target + own
        : target;
    const source = await sourceOf(name);
    const uploadId = await sendFile(app, source, { purpose: 'data', sha256: await digestOf(app, source) });
    const kept = await client.call(operations.createFile, {
      body: { path: place, uploadId, ...given({ replace }) },
    });
    if (app.output.json) app.output.line(JSON.stringify(kept));
    else app.output.done(`${kept.uri} (${bytes(kept.sizeBytes)})`);
  }
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return entries
    .filter((e) => e.isFile() && !e.name.startsWith('.'))
    .map((e) => join(e.parentPath, e.name))
    .sort();
}

async function list(app: App, prefix: string | undefined, limit: number): Promise<void> {
  const { output } = app;
  const found = await filesAt(app, prefix ?? '', limit);
  output.list(
    found.items,
    [
      { title: 'PATH', value: (f) => f.path, flexible: true },
      { title: 'SIZE', value: (f) => bytes(f.sizeBytes), align: 'right' },
      { title: 'SINCE', value: (f) => time(f.createdAt) },
      { title: 'BY', value: (f) => f.createdBy, optional: true },
    ],
    'There are no files. Keep one: souk files push <path>',
  );
  const { used } = found;
  if (used)
    output.note(`${plural(used.files, 'file')}, ${bytes(used.sizeBytes)} of ${bytes(used.limitBytes)} used.`);
}

async function filesAt(app: App, prefix: string, limit: number) {
  const client = await app.client();
  let used: { files: number; sizeBytes: number; limitBytes: number } | undefined;
  const items = await listPages<StoredFile>(app, limit, async (page) => {
    const answer = await client.call(operations.listFiles, { query: { ...page, prefix } });
    used = answer.used;
    return answer;
  });
  return { items, used };
}

/** Every file below a prefix; or the one of this path. */
export async function download(app: App, path: string, target: string): Promise<number> {
  const folder = path === '' || path.endsWith('/');
  const { items } = folder ? await filesAt(app, path, 100_000) : { items: [{ path }] };
  for (const file of items) {
    const place = folder ? join(target, ...file.path.slice(path.length).split('/')) : target;
    await fetchTo(app, file.path, place);
  }
  return items.length;
}

async function get(app: App, path: string, file: string | undefined): Promise<void> {
  const target = resolve(app.host.cwd, file ?? (path.endsWith('/') || path === '' ? '.' : basename(path)));
  const count = await download(app, path, target);
  if (count === 0)
    throw new Failure({
      kind: 'missing',
      code: 'file.missing',
      message: `There is no file below ${path}.`,
      remedy: 'List them: souk files list',
    });
  app.output.done(count === 1 ? `Wrote ${target}.` : `Wrote ${plural(count, 'file')} below ${target}.`);
}

async function fetchTo(app: App, path: string, target: string): Promise<void> {
  const client = await app.client();
  const { response } = await client.exchange(
    operations.readFile,
    { query: { path } },
    { accept: 'application/octet-stream', timeoutMs: 24 * 3600 * 1000 },
  );
  await mkdir(dirname(target), { recursive: true });
  // Renamed when it is whole: half a file must not be taken for one.
  const part = `${target}.part`;
  try {
    await pipeline(Readable.fromWeb(response.body as never), createWriteStream(part));
    await rename(part, target);
  } catch (error) {
    await rm(part, { force: true });
    throw error;
  }
}

async function remove(app: App, path: string, recursive: boolean): Promise<void> {
  const client = await app.client();
  const { items } = recursive ? await filesAt(app, path, 100_000) : { items: [{ path }] };
  for (const file of items) await client.call(operations.removeFile, { query: { path: file.path } });
  app.output.done(
    items.length === 1 ? `Removed ${items[0]?.path}.` : `Removed ${plural(items.length, 'file')}.`,
  );
}
