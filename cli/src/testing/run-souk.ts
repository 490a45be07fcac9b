import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PassThrough, Readable } from 'node:stream';
import type { Screen } from '../host.ts';
import { run } from '../program.ts';

export interface Ran {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
  /** One value for each line of stdout. */
  readonly json: unknown[];
}
export interface RunOptions {
  readonly url?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly cwd?: string;
  readonly stdin?: string | Buffer;
  readonly columns?: number;
  readonly signal?: AbortSignal;
}

/** The whole program in this process, with streams of its own. */
export async function runSouk(argv: readonly string[], options: RunOptions = {}): Promise<Ran> {
  const stdout = collect(options.columns);
  const stderr = collect(undefined);
  const env = { ...(options.url ? { SOUK_URL: options.url } : {}), ...options.env };
  const code = await run({
    argv,
    env,
    cwd: options.cwd ?? tmpdir(),
    stdin: Readable.from(options.stdin === undefined ? [] : [options.stdin]),
    stdout: stdout.screen,
    stderr: stderr.screen,
    signal: options.signal ?? new AbortController().signal,
  });
  const text = stdout.text();
  return {
    code,
    stdout: text,
    stderr: stderr.text(),
    get json() {
      return text
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line) as unknown);
    },
  };
}

function collect(columns: number | undefined): { screen: Screen; text: () => string } {
  const stream = new PassThrough();
  const chunks: Buffer[] = [];
  stream.on('data', (chunk: Buffer) => chunks.push(chunk));
  const screen = columns === undefined ? stream : Object.assign(stream, { isTTY: true, columns });
  return { screen, text: () => Buffer.concat(chunks).toString('utf8') };
}

/** A folder of its own, gone at the end of the scope. */
export function temporaryFolder(): { readonly path: string } & Disposable {
  const path = mkdtempSync(join(tmpdir(), 'souk-cli-'));
  return { path, [Symbol.dispose]: () => rmSync(path, { recursive: true, force: true }) };
}
