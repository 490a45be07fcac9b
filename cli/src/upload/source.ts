import { createHash } from 'node:crypto';
import { stat } from 'node:fs/promises';
import { basename, resolve } from 'node:path';
import { Failure } from '../failure.ts';
import { planTar, readExactly } from './tar.ts';

/** Bytes that can be read again from any place, which is all that hashing and a resumable upload need. */
export interface Source {
  readonly fileName: string;
  readonly sizeBytes: number;
  /** What a person should know about how it was made. */
  readonly notes: readonly string[];
  read(offset: number, length: number): Promise<Uint8Array>;
}

/** A file as it is; a folder as an uncompressed tar of what is in it. */
export async function sourceOf(path: string): Promise<Source> {
  const about = await stat(path);
  if (about.isDirectory()) {
    const plan = await planTar(path);
    const left = plan.skipped.length > 0 ? [`left out, as hidden: ${plan.skipped.join(', ')}`] : [];
    return {
      fileName: `${basename(resolve(path))}.tar`,
      sizeBytes: plan.sizeBytes,
      notes: [`packed ${plan.names.length} files of ${path}`, ...left],
      read: plan.read,
    };
  }
  if (about.size === 0)
    throw new Failure({
      kind: 'invalid',
      code: 'cli.empty_file',
      message: `${path} is empty.`,
      remedy: 'Check how it was written.',
    });
  return {
    fileName: basename(path),
    sizeBytes: about.size,
    notes: [],
    read: (offset, length) => readExactly(path, offset, Math.min(length, about.size - offset)),
  };
}

const stride = 4 * 1024 * 1024;

export async function sha256Of(source: Source, onProgress: (doneBytes: number) => void = () => {}) {
  const hash = createHash('sha256');
  for (let offset = 0; offset < source.sizeBytes; offset += stride) {
    hash.update(await source.read(offset, stride));
    onProgress(Math.min(offset + stride, source.sizeBytes));
  }
  return hash.digest('hex');
}
