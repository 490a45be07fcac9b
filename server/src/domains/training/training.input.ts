import { createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGunzip } from 'node:zlib';
import { SoukError } from '../../platform/errors.ts';
import type { Locations } from '../files/index.ts';
import type { TrainingInput } from '../runtime/index.ts';
import type { Failure } from './training.rules.ts';
import type { JobChannel } from './training.ts';

/** Ends a job, in words for the buyer. Everything else that is thrown is ours, and is tried again. */
export class JobFailure extends Error {
  readonly failure: Failure;
  constructor(failure: Failure) {
    super(failure.reason);
    this.failure = failure;
  }
}
const failing = (code: string, reason: string) => new JobFailure({ code: `training.${code}`, reason });

/** The name of a file in its channel's folder; undefined for what cannot be one. */
export function placeOf(prefix: string, uri: string): string | undefined {
  const base = prefix.endsWith('/') ? prefix : `${dirname(prefix)}/`;
  const path = uri.startsWith(base) ? uri.slice(base.length) : (uri.split('/').at(-1) ?? '');
  const parts = path.split('/');
  if (path === '' || path.includes('\0') || parts.some((p) => p === '' || p === '.' || p === '..'))
    return undefined;
  return path;
}

/**
 * Brings the files of all channels to `folder`, plain: what is compressed is unpacked on the way. Bounded by the job's volume, so that a
 * file of a few kilobytes that unpacks without end fills nothing.
 */
export async function fetchChannels(
  locations: Pick<Locations, 'list' | 'open'>,
  accountId: string,
  channels: readonly JobChannel[],
  folder: string,
  bytesMax: number,
  signal: AbortSignal,
): Promise<TrainingInput[]> {
  const room = { bytes: bytesMax };
  // What an attempt before this one had begun to fetch.
  await rm(folder, { recursive: true, force: true });
  const inputs: TrainingInput[] = [];
  for (const channel of channels) {
    const into = join(folder, channel.channelName);
    await mkdir(into, { recursive: true });
    let files = 0;
    for await (const { uri } of locations.list(accountId, channel.uri)) {
      signal.throwIfAborted();
      const place = placeOf(channel.uri, uri);
      if (place === undefined) continue;
      await fetchOne(locations, accountId, { channel, uri, path: join(into, place) }, room, signal);
      files++;
    }
    if (files === 0)
      throw failing(
        'input_missing',
        `There is nothing at ${channel.uri} any more, which the channel ${channel.channelName} was to read.`,
      );
    inputs.push({
      name: channel.channelName,
      contentType: channel.contentType,
      compression: channel.compressionType,
      inputMode: channel.inputMode,
      folder: into,
    });
  }
  return inputs;
}

async function fetchOne(
  locations: Pick<Locations, 'open'>,
  accountId: string,
  { channel, uri, path }: { channel: JobChannel; uri: string; path: string },
  room: { bytes: number },
  signal: AbortSignal,
) {
  const unpacked = channel.compressionType === 'Gzip';
  const target = unpacked ? path.replace(/\.gz$/, '') : path;
  const bounded = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      room.bytes -= chunk.length;
      if (room.bytes < 0)
        done(
          failing(
            'volume_full',
            `The data do not fit into the volume; ${uri} is where it was full. Ask for a larger volumeSizeInGB.`,
          ),
        );
      else done(null, chunk);
    },
  });
  try {
    await mkdir(dirname(target), { recursive: true });
    const content = await locations.open(accountId, uri);
    const file = createWriteStream(target, { mode: 0o644 });
    if (unpacked) await pipeline(content, createGunzip(), bounded, file, { signal });
    else await pipeline(content, bounded, file, { signal });
  } catch (error) {
    const code = (error as { code?: unknown }).code;
    if (typeof code === 'string' && /^Z_/.test(code))
      throw failing(
        'input_not_gzip',
        `${uri} is not a whole gzip file, though the channel ${channel.channelName} says so (compressionType).`,
      );
    if (error instanceof SoukError && error.code === 'location.missing')
      throw failing('input_missing', `${uri} is gone; the channel ${channel.channelName} was to read it.`);
    if (typeof code === 'string' && ['EEXIST', 'ENOTDIR', 'EISDIR', 'ENAMETOOLONG'].includes(code))
      throw failing(
        'input_names',
        `${uri} cannot be a file beside the others of the channel ${channel.channelName}: a name is too long, or is a file and a folder at once.`,
      );
    throw error;
  }
}
