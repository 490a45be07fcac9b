import { randomUUID } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
// The files themselves, not the domains' indexes: this runs in the process that stays small.
import { writeArchive } from './domains/images/images.archive.ts';
import { startable } from './domains/images/images.uses.sql.ts';
import { ensureUnpackedContents } from './domains/models/models.unpacked.ts';
import { containerBackend } from './domains/runtime/container/container-backend.ts';
import { type ImageArchive, removeImages } from './domains/runtime/container/image-store.ts';
import { removeContainersLeft } from './domains/runtime/container/leftovers.ts';
import { servingLog } from './domains/runtime/container/log-bounds.ts';
import type { ServingBackend } from './domains/runtime/servable.ts';
import type { Blobs } from './platform/blobs.ts';
import { type Config, folders } from './platform/config.ts';
import type { Db } from './platform/db.ts';
import type { Log } from './platform/log.ts';
import { type FoundPodman, findPodman } from './platform/podman.ts';

interface Here {
  readonly config: Config;
  readonly db: Db;
  readonly blobs: Blobs;
  readonly imageParts: Blobs;
  readonly log: Log;
}

const askAgainMs = 30_000;
const asked = new Map<string, { readonly at: number; readonly found: Promise<FoundPodman> }>();

/**
 * Podman with this data folder's store. Asked for once where it is there, and again after a while where it is not, so that installing
 * it needs no restart. What a killed Souk left running is ended before anything new is started.
 */
export function podmanHere({ dataDir }: Pick<Config, 'dataDir'>, log: Log): Promise<FoundPodman> {
  const before = asked.get(dataDir);
  if (before && performance.now() - before.at < askAgainMs) return before.found;
  const found = findPodman(dataDir).then(async (podman) => {
    if ('missing' in podman) return podman;
    const left = await removeContainersLeft(podman).catch((error: Error) => {
      log.error({ err: error.message }, 'containers of an earlier run could not be removed');
      return 0;
    });
    if (left > 0) log.warn({ left }, 'removed containers of an earlier run');
    asked.set(dataDir, { at: Number.POSITIVE_INFINITY, found });
    return podman;
  });
  asked.set(dataDir, { at: performance.now(), found });
  return found;
}

/** An image as podman loads it, in a file that lies no longer than that takes. */
export function imageArchives({ config, db, imageParts }: Omit<Here, 'log' | 'blobs'>): ImageArchive {
  return async (digest) => {
    const { work } = folders(config.dataDir);
    await mkdir(work, { recursive: true });
    const path = join(work, `package_${config.nodeName}_${process.pid}_${randomUUID()}.oci`);
    const remove = () => rm(path, { force: true });
    try {
      await writeArchive({ db, imageParts }, digest, path);
    } catch (error) {
      await remove();
      throw error;
    }
    return { path, remove };
  };
}

const tidyEveryMs = 3600_000;

/**
 * Frees the disk of images that nothing names any more, once an hour. What podman has is only a copy: an image that is named again is
 * loaded again. `tidy` is what one round does; it touches nothing while the database cannot be asked.
 */
export function keepImagesTidy({ config, db, log }: Pick<Here, 'config' | 'db' | 'log'>) {
  const tidy = async () => {
    const podman = await podmanHere(config, log);
    if ('missing' in podman) return;
    const wanted = await startable(db);
    await removeImages(podman, (digest) => wanted.has(digest));
  };
  const timer = setInterval(
    () =>
      void tidy().catch((error: Error) => log.warn({ err: error.message }, 'old images were not removed')),
    tidyEveryMs,
  );
  timer.unref();
  return { tidy, stop: () => clearInterval(timer) };
}

/** Images of publishers, on this machine. */
export function containersHere(here: Here): ServingBackend {
  const { config, db, blobs, log } = here;
  return containerBackend({
    podman: () => podmanHere(config, log),
    archive: imageArchives(here),
    packagePath: (sha256) => ensureUnpackedContents({ config, db, blobs }, sha256),
    socketDir: folders(config.dataDir).sockets,
    limits: {
      diskBytesMax: config.serving.diskBytesMax,
      processesMax: config.serving.processesMax,
      log: { ...servingLog, bytesPerSecond: config.serving.logBytesPerSecond },
    },
  });
}
