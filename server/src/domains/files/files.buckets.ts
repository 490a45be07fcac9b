import { createHash } from 'node:crypto';
import { Readable } from 'node:stream';
import type { Bucket } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { changed, inTx, row, rows, sql } from '../../platform/db.ts';
import { fail, SoukError } from '../../platform/errors.ts';
import { guardedAgents } from '../../platform/outbound-agents.ts';
import { OutboundError } from '../../platform/outbound-errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { newS3, type S3 } from '../../platform/s3.ts';
import { S3Error } from '../../platform/s3-errors.ts';
import { audit } from '../audit/index.ts';
import type { BucketStore } from './files.locations.ts';
import type { Store } from './files.ts';

interface BucketRow {
  readonly bucket: string;
  readonly region: string;
  readonly endpoint: string | null;
  readonly accessKeyId: string;
  readonly secretSealed: string;
  readonly createdBy: string;
  readonly createdAt: Date;
}
const columns = sql`bucket, region, endpoint, access_key_id as "accessKeyId", secret_sealed as "secretSealed", created_by as "createdBy", created_at as "createdAt"`;

export type Buckets = ReturnType<typeof newBuckets>;

/** Buckets of accounts: their addresses are typed by people, so they are called through the outbound gate. */
export function newBuckets({ db, config, sealer }: Platform) {
  const place = (accountId: string, bucket: string) => `bucket_credentials:${accountId}/${bucket}`;

  const clientOf = (b: Pick<BucketRow, 'region' | 'endpoint' | 'accessKeyId'>, secretAccessKey: string): S3 =>
    newS3({
      region: b.region,
      endpoint: b.endpoint ?? undefined,
      credentials: { accessKeyId: b.accessKeyId, secretAccessKey },
      agents: guardedAgents(config),
    });

  async function put(
    caller: Member,
    bucket: string,
    given: { region: string; endpoint?: string; accessKeyId: string; secretAccessKey: string },
  ): Promise<Bucket> {
    const { accountId, email: createdBy } = caller;
    const { region, endpoint = null, accessKeyId, secretAccessKey } = given;
    try {
      const client = clientOf({ region, endpoint, accessKeyId }, secretAccessKey);
      await client.checkBucket(bucket).finally(() => client.close());
    } catch (error) {
      if (error instanceof S3Error || error instanceof OutboundError)
        fail('bucket.unusable', { bucket, problem: error.message });
      throw error;
    }
    const sealed = sealer.seal(secretAccessKey, place(accountId, bucket));
    return inTx(db, async (tx) => {
      const kept = await row<BucketRow>(
        tx,
        sql`insert into bucket_credentials (account_id, bucket, region, endpoint, access_key_id, secret_sealed, created_by)
        values (${accountId}, ${bucket}, ${region}, ${endpoint}, ${accessKeyId}, ${sealed}, ${createdBy})
        on conflict (account_id, bucket) do update set region = excluded.region, endpoint = excluded.endpoint, access_key_id = excluded.access_key_id,
          secret_sealed = excluded.secret_sealed, created_by = excluded.created_by, created_at = now() returning ${columns}`,
      );
      if (!kept) throw new Error('the credentials were not kept');
      await audit(tx, caller, 'bucket.kept', bucket, { region, endpoint, accessKeyId });
      return view(kept);
    });
  }

  /** For locations; undefined where the account keeps no credentials. */
  const storeOf: BucketStore = async (accountId, bucket) => {
    const found = await row<BucketRow>(
      db,
      sql`select ${columns} from bucket_credentials where account_id = ${accountId} and bucket = ${bucket}`,
    );
    if (!found) return undefined;
    return s3Store(clientOf(found, sealer.open(found.secretSealed, place(accountId, bucket))), bucket);
  };

  return {
    put,
    storeOf,
    list: async ({ accountId }: Member) => ({
      items: (
        await rows<BucketRow>(
          db,
          sql`select ${columns} from bucket_credentials where account_id = ${accountId} order by bucket`,
        )
      ).map(view),
    }),
    async remove(caller: Member, bucket: string): Promise<void> {
      await inTx(db, async (tx) => {
        const gone = await changed(
          tx,
          sql`delete from bucket_credentials where account_id = ${caller.accountId} and bucket = ${bucket}`,
        );
        if (!gone) fail('bucket.missing', { bucket });
        await audit(tx, caller, 'bucket.removed', bucket);
      });
    },
  };
}

/** An object is there whole or not at all, and at once: `commit` has nothing left to do. */
function s3Store(s3: S3, bucket: string): Store {
  const told = async <T>(key: string, work: Promise<T>): Promise<T> => {
    try {
      return await work;
    } catch (error) {
      if (error instanceof S3Error || error instanceof OutboundError)
        throw new SoukError('location.unreachable', { uri: `s3://${bucket}/${key}`, problem: error.message });
      throw error;
    }
  };
  return {
    async *list(prefix) {
      const objects = s3.list(bucket, prefix);
      for (;;) {
        const next = await told(prefix, objects.next());
        if (next.done) return;
        yield { path: next.value.key, sizeBytes: next.value.sizeBytes };
      }
    },
    open: async (key) =>
      (await told(key, s3.head(bucket, key))) ? told(key, s3.open(bucket, key)) : undefined,
    async stage(key, content) {
      const hash = createHash('sha256');
      let sizeBytes = 0;
      async function* counted() {
        for await (const chunk of content as AsyncIterable<Buffer>) {
          hash.update(chunk);
          sizeBytes += chunk.length;
          yield chunk;
        }
      }
      await told(key, s3.write(bucket, key, Readable.from(counted())));
      return { sha256: hash.digest('hex'), sizeBytes, commit: async () => undefined };
    },
  };
}

const view = (b: BucketRow): Bucket => ({
  bucket: b.bucket,
  region: b.region,
  endpoint: b.endpoint,
  accessKeyId: b.accessKeyId,
  createdBy: b.createdBy,
  createdAt: b.createdAt.toISOString(),
});
