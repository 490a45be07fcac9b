import { readFile } from 'node:fs/promises';
import { extname, resolve } from 'node:path';
import { buffer } from 'node:stream/consumers';
import type { App } from './app.ts';
import { misuse } from './failure.ts';

export interface Input {
  readonly contentType: string;
  readonly body: Uint8Array;
}

const typesByEnding: Readonly<Record<string, string>> = {
  '.json': 'application/json',
  '.csv': 'text/csv',
  '.txt': 'text/plain',
};

/** `--data`: the text itself, @file, - for stdin; without it the product's own sample. */
export async function readInput(
  app: App,
  options: { readonly data?: string; readonly contentType?: string },
  sample: () => Promise<{ contentType: string; body: string } | undefined>,
): Promise<Input> {
  const { data, contentType } = options;
  if (data === undefined) {
    const found = await sample();
    if (!found) throw misuse('The product has no sample input.', 'Give one with --data.');
    if (!app.output.json) app.output.note('No --data: sending the sample input of the product page.');
    return { contentType: contentType ?? found.contentType, body: Buffer.from(found.body) };
  }
  if (data === '-')
    return { contentType: contentType ?? 'application/json', body: await buffer(app.host.stdin) };
  if (!data.startsWith('@')) return { contentType: contentType ?? guess(data), body: Buffer.from(data) };
  const path = data.slice(1);
  return {
    contentType: contentType ?? typesByEnding[extname(path).toLowerCase()] ?? 'application/octet-stream',
    body: await readFile(resolve(app.host.cwd, path)),
  };
}

const guess = (text: string) => (/^\s*[[{]/.test(text) ? 'application/json' : 'text/csv');
