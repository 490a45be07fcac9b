import { join } from 'node:path';
import { type Blobs, localBlobs } from './blobs.ts';
import { type Config, folders } from './config.ts';

/** One of the stores, where the operator keeps them: what the marketplace keeps, files of accounts, parts of container images. */
export async function openBlobs(
  config: Pick<Config, 'blobs' | 'dataDir'>,
  store: 'blobs' | 'files' | 'images',
): Promise<Blobs> {
  if (!config.blobs) return localBlobs(folders(config.dataDir)[store]);
  // Read only where it is used: the SDK takes 100 ms and 20 MB of every process.
  const [{ newS3 }, { s3Blobs }] = await Promise.all([import('./s3.ts'), import('./blobs-s3.ts')]);
  const { bucket, prefix, cacheBytesMax } = config.blobs;
  return s3Blobs({
    s3: newS3({ ...config.blobs, credentials: 'environment' }),
    bucket,
    prefix: `${prefix}${store}/`,
    cacheFolder: join(folders(config.dataDir).blobCache, store),
    cacheBytesMax,
  });
}
