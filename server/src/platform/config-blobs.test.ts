import assert from 'node:assert/strict';
import { test } from 'node:test';
import { blobBucketOf } from './config-blobs.ts';

const region = { AWS_REGION: 'eu-central-1' };

test('without a bucket, blobs stay in the data folder', () => {
  assert.equal(blobBucketOf({ ...region }), undefined);
  assert.equal(blobBucketOf({ SOUK_BLOBS: '' }), undefined);
});

test('a bucket of AWS needs a region, one of another server an endpoint', () => {
  const { cacheBytesMax, ...aws } = blobBucketOf({ ...region, SOUK_BLOBS: 's3://souk/prod/blobs/' }) ?? {};
  assert.equal(cacheBytesMax, 50 * 1024 ** 3);
  assert.deepEqual(aws, {
    bucket: 'souk',
    prefix: 'prod/blobs/',
    region: 'eu-central-1',
    endpoint: undefined,
    forcePathStyle: undefined,
  });
  const own = blobBucketOf({ SOUK_BLOBS: 's3://souk?endpoint=http://minio:9000&pathStyle=false' });
  assert.deepEqual(
    [own?.prefix, own?.endpoint, own?.region, own?.forcePathStyle],
    ['', 'http://minio:9000', 'us-east-1', false],
  );
  const fromVariable = blobBucketOf({ SOUK_BLOBS: 's3://souk', AWS_ENDPOINT_URL_S3: 'https://s3.example' });
  assert.equal(fromVariable?.endpoint, 'https://s3.example');
});

test('what cannot be meant is refused, and a secret is not repeated', () => {
  for (const [text, words] of [
    ['souk', /no address/],
    ['https://souk/blobs', /begins with https:/],
    ['s3://Souk_Blobs', /no name of a bucket/],
    ['s3://souk', /region is missing/],
    ['s3://souk?region=a&acl=public', /no setting "acl"/],
    ['s3://souk?endpoint=minio:9000', /begins with http/],
    ['s3://souk?region=a&pathStyle=yes', /pathStyle is true or false/],
  ] as const)
    assert.throws(() => blobBucketOf({ SOUK_BLOBS: text }), words, text);
  assert.throws(
    () => blobBucketOf({ SOUK_BLOBS: 's3://key:TOPSECRET@souk?region=a' }),
    (error: Error) => /AWS_ACCESS_KEY_ID/.test(error.message) && !error.message.includes('TOPSECRET'),
  );
  assert.throws(
    () => blobBucketOf({ ...region, SOUK_BLOBS: 's3://souk', SOUK_BLOB_CACHE_BYTES_MAX: '5GB' }),
    /whole number of bytes/,
  );
});
