import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { confine, findSandbox } from '../../platform/sandbox.ts';

/** What became of a picture; its new file comes beside it. */
export type Rewritten =
  | {
      readonly ok: true;
      readonly contentType: 'image/png' | 'image/jpeg';
      readonly width: number;
      readonly height: number;
      readonly ground: 'clear' | 'coloured' | 'undecided';
    }
  | { readonly ok: false; readonly message: string };

const childPath = join(import.meta.dirname, 'uploads.rewrite.child.ts');
/** A picture at every limit takes a second or two. */
const timeoutMs = 30_000;
const answerBytesMax = 100 * 1024 * 1024;

/** Unpacks a picture and writes it anew in a sandboxed process. Throws when that cannot be done here, whatever the picture. */
export async function rewritePicture(bytes: Buffer): Promise<{ said: Rewritten; file: Buffer }> {
  const folder = modulesFolder();
  if (folder === undefined)
    throw new Error('the package sharp, which reads pictures, is not installed: run npm install');
  const { file, args, env } = confine(await findSandbox(), {
    command: [process.execPath, childPath],
    readOnly: [process.execPath, childPath, join(import.meta.dirname, '../../../package.json'), folder],
    writable: [],
    environment: { TZ: 'UTC' },
  });
  const child = spawn(file, args, { env, stdio: ['pipe', 'pipe', 'pipe'] });
  const timer = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
  const chunks: Buffer[] = [];
  let [sizeBytes, complaint] = [0, ''];
  child.stdout.on('data', (chunk: Buffer) => {
    sizeBytes += chunk.length;
    if (sizeBytes > answerBytesMax) child.kill('SIGKILL');
    else chunks.push(chunk);
  });
  child.stderr.on('data', (chunk: Buffer) => (complaint = (complaint + chunk.toString()).slice(-2000)));
  // The child may end without having read everything.
  child.stdin.on('error', () => undefined);
  child.stdin.end(bytes);
  const how = await new Promise<string>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve(signal ?? String(code)));
  }).finally(() => clearTimeout(timer));
  const whole = Buffer.concat(chunks);
  const end = whole.indexOf('\n');
  if (how === '0' && end >= 0)
    return {
      said: JSON.parse(whole.toString('utf8', 0, end)) as Rewritten,
      file: whole.subarray(end + 1),
    };
  // Only a file can make it abort or run on; that it does not start at all is ours.
  if (how === '1') throw new Error(`pictures cannot be read here: ${complaint.trim().slice(0, 500)}`);
  return {
    said: { ok: false, message: `reading it ended with ${how}` },
    file: Buffer.alloc(0),
  };
}

/** The folder in which npm put sharp and what it needs. */
function modulesFolder(): string | undefined {
  const places = createRequire(import.meta.url).resolve.paths('sharp') ?? [];
  return places.find((place) => existsSync(join(place, 'sharp')));
}
