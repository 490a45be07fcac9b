import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../platform/config.ts';
import { confine, type Sandbox } from '../../platform/sandbox.ts';
import { found, type ImageAnswer, type ImageRequest } from '../certification/index.ts';

const top = join(import.meta.dirname, '../../../..');
const childPath = join(top, 'server/src/domains/certification/image/image.child.ts');
const timeoutMs = 30 * 60_000;
const memoryMb = 2048;

export interface Looking {
  readonly sandbox: Sandbox;
  readonly folder: string;
  /** What it reads beside its own program. */
  readonly readOnly: readonly string[];
  readonly signal: AbortSignal;
}

/** Asks the child that looks at images, confined to one folder. What costs too much is refused; a child that breaks otherwise is our fault. */
export async function askChild(request: ImageRequest, looking: Looking): Promise<ImageAnswer> {
  const { sandbox, folder, readOnly, signal } = looking;
  const requestPath = join(folder, 'request.json');
  const answerPath = join(folder, 'answer.json');
  await mkdir(folder, { recursive: true });
  await writeFile(requestPath, JSON.stringify(request), { mode: 0o600 });
  const { file, args, env } = confine(sandbox, {
    command: [process.execPath, `--max-old-space-size=${memoryMb}`, childPath, requestPath, answerPath],
    readOnly: [
      process.execPath,
      ...['server/src', 'server/package.json', 'contract', 'node_modules', 'package.json']
        .map((name) => join(top, name))
        .filter((path) => existsSync(path)),
      ...readOnly,
    ],
    writable: [folder],
    environment: { TZ: 'UTC' },
  });
  const { why, complaint } = await run(file, args, env, signal);
  signal.throwIfAborted();
  if (why === 'costly')
    return {
      what: 'refused',
      findings: [
        found('image.too_costly', {
          message: `Looking at the image took more than ${timeoutMs / 60_000} minutes or ${memoryMb} MB of memory.`,
        }),
      ],
    };
  if (why !== null) throw new Error(`what looks at images ended: ${why}: ${complaint}`);
  try {
    return JSON.parse(await readFile(answerPath, 'utf8')) as ImageAnswer;
  } finally {
    await Promise.all([requestPath, answerPath].map((path) => rm(path, { force: true })));
  }
}

function run(
  file: string,
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  signal: AbortSignal,
): Promise<{ why: string | null; complaint: string }> {
  return new Promise((resolve) => {
    const child = spawn(file, args, { env, stdio: ['ignore', 'ignore', 'pipe'] });
    let complaint = '';
    let late = false;
    const end = () => void child.kill('SIGKILL');
    const timer = setTimeout(() => {
      late = true;
      end();
    }, timeoutMs);
    signal.addEventListener('abort', end, { once: true });
    child.stderr.on('data', (chunk: Buffer) => {
      complaint = (complaint + chunk.toString()).slice(-2000);
    });
    const done = (why: string | null) => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve({ why, complaint });
    };
    child.once('error', (error) => done(error.message));
    child.once('close', (code, killed) => {
      // V8 says so before it gives up.
      if (late || /heap out of memory/.test(complaint)) return done('costly');
      done(code === 0 ? null : (killed ?? `exit code ${code}`));
    });
  });
}

/** The scanner behind a socket that the sandbox can be given, wherever it listens; it takes files to scan and no other command. */
export async function scannerSocket(
  address: NonNullable<Config['clamd']>,
): Promise<{ readonly folder: string; readonly socket: string; close(): Promise<void> }> {
  const folder = await mkdtemp(join(tmpdir(), 'souk-scan-'));
  const socket = join(folder, 's');
  const allowed = Buffer.from('zINSTREAM\0');
  const server = createServer((inside) => {
    const scanner = 'socket' in address ? connect(address.socket) : connect(address.port, address.host);
    const end = () => {
      inside.destroy();
      scanner.destroy();
    };
    inside.on('error', end).on('close', end);
    scanner.on('error', end).on('close', end);
    let start = Buffer.alloc(0);
    const check = (chunk: Buffer) => {
      start = Buffer.concat([start, chunk]);
      if (!start.subarray(0, allowed.length).equals(allowed.subarray(0, start.length))) return end();
      if (start.length < allowed.length) return;
      inside.off('data', check);
      scanner.write(start);
      inside.pipe(scanner);
    };
    inside.on('data', check);
    scanner.pipe(inside);
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
  return {
    folder,
    socket,
    async close() {
      server.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
