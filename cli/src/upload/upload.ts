import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { operations, type Upload } from '@souk/contract';
import type { Client } from '../client.ts';
import { readJson, writePrivateJson } from '../data-folder.ts';
import { Failure } from '../failure.ts';
import type { Source } from './source.ts';

export interface UploadWatcher {
  /** Bytes that are safe on the server. */
  progress(offset: number): void;
  trouble(what: string): void;
}

const part = { first: 1024 * 1024, min: 256 * 1024, max: 16 * 1024 * 1024, aimMs: 1000 };
const waitsMs = [300, 1000, 2000, 4000, 8000, 15_000, 15_000, 15_000];

/**
 * Sends in parts, each confirmed before the next. After a broken connection it asks how far the server is and goes on from
 * there; `remembered` lets the same command, run again, do so too.
 */
export async function upload(
  client: Client,
  source: Source,
  wanted: { purpose: Upload['purpose']; sha256: string },
  remembered: UploadMemory,
  watcher: UploadWatcher,
): Promise<Upload> {
  const key = `${client.url} ${wanted.purpose} ${wanted.sha256}`;
  let state = await resume(client, await remembered.find(key), source);
  if (!state) {
    const { fileName, sizeBytes } = source;
    state = await client.call(operations.createUpload, { body: { fileName, sizeBytes, ...wanted } });
    await remembered.keep(key, state.id);
  }
  let partBytes = part.first;
  let failures = 0;
  watcher.progress(state.offset);
  while (state.state === 'receiving') {
    const { id, offset }: Upload = state;
    const body = await source.read(offset, partBytes);
    const startedAt = performance.now();
    try {
      state = await client.call(operations.appendUpload, {
        params: { uploadId: id },
        query: { offset },
        body,
      });
      failures = 0;
      partBytes = nextPart(partBytes, performance.now() - startedAt);
    } catch (error) {
      if (!isBroken(error)) {
        if (isLost(error)) await remembered.forget(key);
        throw error;
      }
      const waitMs = waitsMs[failures++];
      if (waitMs === undefined) throw error;
      partBytes = part.min;
      watcher.trouble(`${(error as Failure).message} Going on in ${waitMs / 1000} s.`);
      await sleep(waitMs, undefined, { signal: client.signal });
      state = (await stateOf(client, id)) ?? state;
    }
    watcher.progress(state.offset);
  }
  return state;
}

/** Parts that take about a second: few on a fast line, and little to repeat on a bad one. */
const nextPart = (bytes: number, tookMs: number) =>
  Math.max(
    part.min,
    Math.min(part.max, tookMs < part.aimMs / 2 ? bytes * 2 : tookMs > part.aimMs * 2 ? bytes / 2 : bytes),
  );

/** The server has another offset than we think, or could not be asked: both mend themselves by asking again. */
const isBroken = (error: unknown): error is Failure =>
  error instanceof Failure &&
  (error.code === 'upload.wrong_offset' || ['unavailable', 'internal', 'limited'].includes(error.kind));

/** Nothing of it can be used again. */
const isLost = (error: unknown) =>
  error instanceof Failure &&
  ['upload.missing', 'upload.digest_mismatch', 'upload.too_large'].includes(error.code);

async function resume(
  client: Client,
  uploadId: string | undefined,
  source: Source,
): Promise<Upload | undefined> {
  if (uploadId === undefined) return undefined;
  try {
    const known = await client.call(operations.getUpload, { params: { uploadId } });
    return known.sizeBytes === source.sizeBytes ? known : undefined;
  } catch (error) {
    // Kept for seven days only, and never for another account.
    if (error instanceof Failure && ['missing', 'forbidden', 'invalid'].includes(error.kind))
      return undefined;
    throw error;
  }
}

async function stateOf(client: Client, uploadId: string): Promise<Upload | undefined> {
  try {
    return await client.call(operations.getUpload, { params: { uploadId } });
  } catch (error) {
    if (isBroken(error)) return undefined;
    throw error;
  }
}

/** Which uploads were begun from this computer, by what they carry. */
export class UploadMemory {
  readonly #path: string;
  constructor(dataFolder: string) {
    this.#path = join(dataFolder, 'cli-uploads.json');
  }

  async find(key: string): Promise<string | undefined> {
    return (await this.#load())[key];
  }

  async keep(key: string, uploadId: string): Promise<void> {
    await writePrivateJson(this.#path, { ...(await this.#load()), [key]: uploadId });
  }

  async forget(key: string): Promise<void> {
    const { [key]: gone, ...others } = await this.#load();
    if (gone !== undefined) await writePrivateJson(this.#path, others);
  }

  async #load(): Promise<Record<string, string>> {
    return ((await readJson(this.#path)) ?? {}) as Record<string, string>;
  }
}
