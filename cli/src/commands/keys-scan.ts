import { createReadStream } from 'node:fs';
import { relative, resolve } from 'node:path';
import { keyHint, operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { Client } from '../client.ts';
import { leaf } from '../command.ts';
import { Failure } from '../failure.ts';
import { given } from '../given.ts';
import { filesBelow } from '../leaks/files.ts';
import { findKeys } from '../leaks/find-keys.ts';

export function scanCommand(keys: Command, app: App): void {
  leaf(keys, 'scan <paths...>', 'Find leaked keys in files and folders, by their form and checksum', {
    examples: [
      'souk keys scan .',
      'souk keys scan --json build.log dist',
      'souk keys scan . --report --where "the public mirror"',
    ],
    notes:
      'Looks into every file, also hidden, ignored by git and binary ones, of any size; not into node_modules (--node-modules\n' +
      'does), what is packed or compressed, or earlier commits. Asks no server, and shows no key whole. With --report each key is\n' +
      'reported: it is revoked at once and its owner is told, whoever you are. Ends with 0 if there is none, with 1 if there is\n' +
      'one or a file could not be read.',
  })
    .option('--node-modules', 'also look into node_modules')
    .option('--report', 'report what is found: it is revoked and its owner told')
    .option('--where <text>', 'with --report: where this is, for the owner; else the path and line')
    .action((paths: string[], options: ScanOptions) => scan(app, paths, options));
}

interface ScanOptions {
  nodeModules?: boolean;
  report?: boolean;
  where?: string;
}
interface Leak {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly key: string;
}

async function scan(app: App, paths: readonly string[], options: ScanOptions): Promise<void> {
  const { cwd, signal } = app.host;
  const leaks: Leak[] = [];
  const unreadable: string[] = [];
  for (const path of new Set(paths.map((p) => resolve(cwd, p))))
    for await (const file of filesBelow(path, options.nodeModules === true)) {
      signal.throwIfAborted();
      const shown = relative(cwd, file.path) || file.path;
      try {
        if ('unreadable' in file) throw new Error(file.unreadable);
        for await (const { key, line, column } of findKeys(createReadStream(file.path, { signal })))
          leaks.push({ file: shown, line, column, key });
      } catch (error) {
        if (signal.aborted) throw error;
        unreadable.push(shown);
        app.output.note(`${shown} could not be read: ${(error as Error).message}`);
      }
    }
  // First what was found: a server that cannot be reached must not hide it.
  app.output.list(
    leaks.map(({ key, ...place }) => ({ ...place, hint: keyHint(key) })),
    [
      { title: 'PLACE', value: (l) => `${l.file}:${l.line}:${l.column}`, flexible: true },
      { title: 'KEY', value: (l) => l.hint },
    ],
    unreadable.length > 0 ? 'No key in what could be read.' : 'No key was found.',
  );
  if (options.report) await report(app, leaks, options.where);
  if (leaks.length + unreadable.length > 0) throw refusal(leaks, unreadable.length, options.report === true);
}

/** Without a credential: whoever scans a repository may have none, and a key that may only call could not report itself. */
async function report(app: App, leaks: readonly Leak[], where: string | undefined): Promise<void> {
  const { url } = await app.address();
  const client = new Client({ url, signal: app.host.signal });
  const places = Map.groupBy(leaks, (l) => l.key);
  for (const [key, found] of places) {
    const place = where ?? found.map((l) => `${l.file}:${l.line}`).join(', ');
    await client.call(operations.reportLeakedKey, { body: given({ key, where: place.slice(0, 500) }) });
    app.output.done(`Reported ${keyHint(key)} to ${url}.`);
  }
}

function refusal(leaks: readonly Leak[], unreadable: number, reported: boolean): Failure {
  const keys = new Set(leaks.map((l) => l.key)).size;
  const found = `${keys} ${keys === 1 ? 'key was' : 'keys were'} found`;
  const closed = `${unreadable} ${unreadable === 1 ? 'file' : 'files'} could not be read`;
  return new Failure({
    kind: 'refused',
    code: keys > 0 ? 'cli.keys_leaked' : 'cli.files_unreadable',
    message: keys === 0 ? `${closed}.` : unreadable === 0 ? `${found}.` : `${found}, and ${closed}.`,
    remedy:
      keys === 0
        ? 'Scan as somebody who may read them.'
        : reported
          ? 'They open nothing any more. Take them out, also of earlier commits.'
          : 'Rotate or revoke them (souk keys rotate), or report those of others with --report; then take them out.',
  });
}
