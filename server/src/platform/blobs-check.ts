import { randomUUID } from 'node:crypto';
import type { BlobBucket } from './config-blobs.ts';
import { newS3, type S3Access } from './s3.ts';
import { S3Error } from './s3-errors.ts';

/** Does once what Souk does with its bucket: writes, lists, reads and removes an object, and says at which of these it stopped. */
export async function checkBucketOf(
  place: BlobBucket,
  credentials: S3Access['credentials'] = 'environment',
): Promise<{ ok: boolean; detail: string; remedy: string }> {
  const s3 = newS3({ ...place, credentials });
  const { bucket } = place;
  const folder = `${place.prefix}doctor/`;
  const key = folder + randomUUID();
  let step = 'finding it';
  try {
    await s3.checkBucket(bucket);
    step = 'writing';
    await s3.write(bucket, key, Buffer.from('written by souk doctor\n'));
    step = 'listing';
    if ((await s3.list(bucket, key).next()).value?.key !== key)
      throw new Error('what was written is not listed');
    step = 'reading';
    for await (const _part of await s3.open(bucket, key));
    step = 'removing';
    await s3.remove(bucket, key);
    return { ok: true, detail: 'written, listed, read and removed', remedy: '' };
  } catch (error) {
    return {
      ok: false,
      detail: `${step} failed: ${(error as Error).message}`,
      remedy: error instanceof S3Error ? error.remedy : 'look at the log of the S3 server',
    };
  } finally {
    s3.close();
  }
}
