import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, nullable, record, Timestamp, Url } from './schema.ts';

export const bucketErrors = defineErrors({
  'bucket.missing': {
    kind: 'missing',
    message: 'The account keeps no credentials for a bucket {bucket}.',
    remedy: 'List them: souk files buckets list.',
  },
  'bucket.unusable': {
    kind: 'invalid',
    message: 'The bucket {bucket} cannot be used with this: {problem}',
    remedy: 'Check name, region, endpoint and key; it needs s3:ListBucket, s3:GetObject and s3:PutObject.',
  },
});

const BucketName = Type.String({
  pattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
  description: 'small letters, digits, dots and hyphens',
});
export const Bucket = record('Bucket', {
  bucket: BucketName,
  region: Type.String(),
  endpoint: nullable(Type.String({ description: 'Null: AWS itself.' })),
  accessKeyId: Type.String(),
  createdBy: Type.String(),
  createdAt: Timestamp,
});
export type Bucket = Static<typeof Bucket>;

const tag = 'files';
const params = fields({ bucket: BucketName });

export const bucketOperations = {
  listBuckets: operation({
    id: 'listBuckets',
    method: 'GET',
    path: '/api/buckets',
    tag,
    summary: 'Buckets that the account keeps credentials for, never the secrets',
    output: record('Buckets', { items: Type.Array(Bucket) }),
    errors: [],
  }),
  putBucket: operation({
    id: 'putBucket',
    method: 'PUT',
    path: '/api/buckets/:bucket',
    tag,
    summary: 'Keep credentials for a bucket; they are tried first, and sealed',
    params,
    body: fields({
      region: Type.String({ pattern: '^[a-z0-9-]{1,63}$' }),
      endpoint: Type.Optional(Url),
      accessKeyId: Type.String({ minLength: 1, maxLength: 200 }),
      secretAccessKey: Type.String({ minLength: 1, maxLength: 1000 }),
    }),
    output: Bucket,
    errors: ['bucket.unusable'],
  }),
  removeBucket: operation({
    id: 'removeBucket',
    method: 'DELETE',
    path: '/api/buckets/:bucket',
    tag,
    summary: 'Forget the credentials of a bucket; jobs that need them fail',
    params,
    output: null,
    status: 204,
    errors: ['bucket.missing'],
  }),
};
