import { constants, createWriteStream } from 'node:fs';
import { lstat, mkdir, open } from 'node:fs/promises';
import { dirname, join, relative, sep } from 'node:path';
import { Transform } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type Db, inTx } from '../../platform/db.ts';
import type { Locations } from '../files/index.ts';
import { listFiles } from '../runtime/index.ts';
import { JobFailure, placeOf } from './training.input.ts';

const filesMax = 1000;

/** Brings what is at the buyer's location, so that a training goes on where another one ended. */
export async function fetchCheckpoints(
  locations: Pick<Locations, 'list' | 'open'>,
  accountId: string,
  uri: string,
  folder: string,
  bytesMax: number,
): Promise<void> {
  let bytes = 0;
  const bounded = () =>
    new Transform({
      transform(chunk: Buffer, _encoding, done) {
        bytes += chunk.length;
        if (bytes <= bytesMax) return done(null, chunk);
        done(
          new JobFailure({
            code: 'training.volume_full',
            reason: `The checkpoints at ${uri} do not fit into the volume. Ask for a larger volumeSizeInGB.`,
          }),
        );
      },
    });
  const prefix = uri.endsWith('/') ? uri : `${uri}/`;
  for await (const file of locations.list(accountId, prefix)) {
    const place = placeOf(prefix, file.uri);
    if (place === undefined) continue;
    const path = join(folder, place);
    await mkdir(dirname(path), { recursive: true });
    await pipeline(await locations.open(accountId, file.uri), bounded(), createWriteStream(path));
  }
}

/** Sends what has changed since the last time to the buyer's location. What the program made may be links and pipes: only plain files go. */
export function checkpointSender(
  db: Db,
  locations: Pick<Locations, 'stage'>,
  given: { readonly accountId: string; readonly by: string; readonly uri: string; readonly folder: string },
) {
  const sent = new Map<string, string>();
  const prefix = given.uri.replace(/\/+$/, '');
  return async (): Promise<void> => {
    for (const path of (await listFiles(given.folder)).slice(0, filesMax)) {
      const before = await lstat(path).catch(() => null);
      if (!before?.isFile()) continue;
      const mark = `${before.size} ${before.mtimeMs}`;
      if (sent.get(path) === mark) continue;
      const handle = await open(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
      const uri = `${prefix}/${relative(given.folder, path).split(sep).join('/')}`;
      const staged = await locations.stage(given.accountId, uri, handle.createReadStream());
      await inTx(db, (tx) => staged.commit(tx, given.by));
      sent.set(path, mark);
    }
  };
}
