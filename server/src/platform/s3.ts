import type { Readable } from 'node:stream';
import {
  CopyObjectCommand,
  DeleteObjectCommand,
  GetObjectCommand,
  HeadBucketCommand,
  HeadObjectCommand,
  ListObjectsV2Command,
  S3Client,
} from '@aws-sdk/client-s3';
import { Upload } from '@aws-sdk/lib-storage';
import type { GuardedAgents } from './outbound-agents.ts';
import { S3Error, s3ErrorOf } from './s3-errors.ts';

export interface S3Access {
  readonly region: string;
  /** Undefined: AWS itself. */
  readonly endpoint?: string | undefined;
  /** `environment`: what the AWS SDK finds for the operator (variables, profile, role of the machine). Never for what other people own. */
  readonly credentials: S3Credentials | 'environment';
  /** The bucket in the path instead of in the host's name. Default: wherever the endpoint is not AWS's. */
  readonly forcePathStyle?: boolean | undefined;
  /** For endpoints that people typed: without these, any address is called. */
  readonly agents?: GuardedAgents | undefined;
  /** Keys asked for at once when listing; a server gives a thousand at most. */
  readonly pageSizeMax?: number | undefined;
}

export interface S3Credentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string | undefined;
}

export interface S3Object {
  readonly key: string;
  readonly sizeBytes: number;
  readonly etag: string | null;
  readonly modifiedAt: Date | null;
}

/** Objects of buckets, as streams. Every failure is an `S3Error`, in words for whoever gave the bucket. */
export interface S3 {
  /** In the order of their keys; asks for the next page when it is wanted. */
  list(bucket: string, prefix: string, startAfter?: string): AsyncGenerator<S3Object>;
  /** Undefined when there is no such object. */
  head(bucket: string, key: string): Promise<S3Object | undefined>;
  /** Whole, or the bytes from `start` to `end`, both included. */
  open(bucket: string, key: string, range?: { start: number; end: number }): Promise<Readable>;
  /** In parts, so that a stream of any length takes little memory; an object is there whole or not at all. */
  write(bucket: string, key: string, content: Readable | Uint8Array, contentType?: string): Promise<void>;
  /** Makes an object as young as one that was written now; of up to 5 GB. */
  touch(bucket: string, key: string): Promise<void>;
  remove(bucket: string, key: string): Promise<void>;
  /** Throws when the bucket is not there or may not be used. */
  checkBucket(bucket: string): Promise<void>;
  close(): void;
}

const partBytes = 8 * 1024 * 1024;

export function newS3(access: S3Access): S3 {
  const { region, endpoint, credentials, agents } = access;
  if (endpoint !== undefined) agents?.check(endpoint);
  const client = new S3Client({
    region,
    ...(endpoint === undefined ? {} : { endpoint }),
    ...(credentials === 'environment'
      ? {}
      : // Nor an endpoint from there: it is the operator's.
        { credentials: given(credentials), ignoreConfiguredEndpointUrls: true }),
    forcePathStyle: access.forcePathStyle ?? endpoint !== undefined,
    // Checksums behind the body, the SDK's default, are refused by many servers other than AWS's.
    ...(endpoint === undefined
      ? {}
      : { requestChecksumCalculation: 'WHEN_REQUIRED', responseChecksumValidation: 'WHEN_REQUIRED' }),
    maxAttempts: 3,
    requestHandler: {
      connectionTimeout: 5000,
      socketTimeout: 60_000,
      ...(agents ? { httpAgent: agents.httpAgent, httpsAgent: agents.httpsAgent } : {}),
    },
  });
  const asking = async <T>(bucket: string, key: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      throw s3ErrorOf(error, { bucket, key });
    }
  };

  async function* list(bucket: string, prefix: string, startAfter?: string): AsyncGenerator<S3Object> {
    let next: string | undefined;
    do {
      const page = await asking(bucket, prefix, () =>
        client.send(
          new ListObjectsV2Command({
            Bucket: bucket,
            Prefix: prefix,
            MaxKeys: access.pageSizeMax,
            ContinuationToken: next,
            StartAfter: next === undefined ? startAfter : undefined,
          }),
        ),
      );
      for (const o of page.Contents ?? [])
        yield {
          key: o.Key ?? '',
          sizeBytes: o.Size ?? 0,
          etag: o.ETag ?? null,
          modifiedAt: o.LastModified ?? null,
        };
      next = page.NextContinuationToken;
    } while (next !== undefined);
  }

  return {
    list,
    async head(bucket, key) {
      try {
        const o = await asking(bucket, key, () =>
          client.send(new HeadObjectCommand({ Bucket: bucket, Key: key })),
        );
        return {
          key,
          sizeBytes: o.ContentLength ?? 0,
          etag: o.ETag ?? null,
          modifiedAt: o.LastModified ?? null,
        };
      } catch (error) {
        // An answer to HEAD has no body, so it cannot say whether the object or its bucket is missing.
        if (error instanceof S3Error && error.code === 's3.object_missing') return undefined;
        throw error;
      }
    },
    open: (bucket, key, range) =>
      asking(bucket, key, async () => {
        const { Body } = await client.send(
          new GetObjectCommand({
            Bucket: bucket,
            Key: key,
            ...(range ? { Range: `bytes=${range.start}-${range.end}` } : {}),
          }),
        );
        return Body as Readable;
      }),
    write: (bucket, key, content, contentType) =>
      asking(bucket, key, async () => {
        const upload = new Upload({
          client,
          partSize: partBytes,
          queueSize: 2,
          params: {
            Bucket: bucket,
            Key: key,
            Body: content,
            ...(contentType ? { ContentType: contentType } : {}),
          },
        });
        await upload.done();
      }),
    touch: (bucket, key) =>
      asking(bucket, key, async () => {
        const source = [bucket, ...key.split('/')].map(encodeURIComponent).join('/');
        // A copy onto itself is refused where it changes nothing.
        await client.send(
          new CopyObjectCommand({
            Bucket: bucket,
            Key: key,
            CopySource: source,
            MetadataDirective: 'REPLACE',
          }),
        );
      }),
    remove: (bucket, key) =>
      asking(bucket, key, async () => {
        await client.send(new DeleteObjectCommand({ Bucket: bucket, Key: key }));
      }),
    checkBucket: (bucket) =>
      asking(bucket, '', async () => {
        await client.send(new HeadBucketCommand({ Bucket: bucket })).catch((error: unknown) => {
          throw s3ErrorOf(error, { bucket, key: '', ofBucket: true });
        });
      }),
    close: () => client.destroy(),
  };
}

const given = ({ accessKeyId, secretAccessKey, sessionToken }: S3Credentials) => ({
  accessKeyId,
  secretAccessKey,
  ...(sessionToken ? { sessionToken } : {}),
});
