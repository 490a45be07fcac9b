import assert from 'node:assert/strict';
import { test } from 'node:test';
import { AzureError } from './azureml.errors.ts';
import { type BlobReference, locationOf, newBlobLinks, type Reach } from './bes.blobs.ts';

const place = {
  accountId: '123456789012',
  workspace: 'ab'.repeat(16),
  publicUrl: 'https://souk.example/',
};
const folder = `web-services/${'1'.repeat(32)}/${'2'.repeat(32)}/`;
const own = `souk://${place.accountId}/${folder}`;
const links = newBlobLinks('secret', 55);
const nowMs = Date.UTC(2026, 0, 1);
const reading: Reach = {
  folder,
  everything: false,
  signed: (path, token) => links.open(path, new URLSearchParams(token), place, nowMs),
};
const writing: Reach = { folder, everything: false };
const found = (given: BlobReference, reach: Reach = reading) => locationOf('input1', given, place, reach);
const refused = (given: BlobReference, reach: Reach = reading) => {
  try {
    return `taken: ${found(given, reach)}`;
  } catch (error) {
    assert.ok(error instanceof AzureError);
    return error.details[0]?.code;
  }
};

test('a name without a place, and one with the account’s connection string, is in the folder of the endpoint', () => {
  const RelativeLocation = 'in/a.csv';
  assert.equal(found({ RelativeLocation }), `${own}in/a.csv`);
  assert.equal(found({ RelativeLocation: '/in/a.csv', ConnectionString: null }), `${own}in/a.csv`);
  for (const name of [place.accountId, place.workspace])
    assert.equal(
      found({
        RelativeLocation,
        ConnectionString: `DefaultEndpointsProtocol=https;AccountName=${name};AccountKey=x`,
      }),
      `${own}in/a.csv`,
    );
  assert.equal(found({ RelativeLocation: `${folder}in/a.csv` }), `${own}in/a.csv`);
  assert.equal(found({ RelativeLocation: `${own}in/a.csv` }), `${own}in/a.csv`);
  assert.equal(found({ RelativeLocation: 'a.tsv', BaseLocation: own }), `${own}a.tsv`);
});

const elsewhere: BlobReference[] = [
  { RelativeLocation: `souk://${place.accountId}/customers.csv` },
  { RelativeLocation: 'customers.csv', BaseLocation: `souk://${place.accountId}` },
  { RelativeLocation: own.replace('2'.repeat(32), '3'.repeat(32)).concat('a.csv') },
  { RelativeLocation: `${own.slice(0, -1)}x/a.csv` },
  { RelativeLocation: 's3://bucket/a.csv' },
  { RelativeLocation: 'a.csv', BaseLocation: 's3://bucket' },
  { RelativeLocation: 'a.csv', ConnectionString: 'S3Bucket=bucket' },
  {
    RelativeLocation: 'souk/customers.csv',
    BaseLocation: `https://souk.example/workspaces/${place.workspace}/blobs/`,
  },
];

test('a key of the endpoint neither reads nor writes outside of its folder: no other file, no other endpoint, no bucket', () => {
  for (const given of elsewhere)
    for (const reach of [reading, writing]) assert.equal(refused(given, reach), 'InvalidBlob');
});

test('a key of the account reaches its other files and its buckets', () => {
  const all: Reach = { folder, everything: true };
  assert.deepEqual(
    elsewhere.map((given) => found(given, all).replace(own, '')),
    [
      `souk://${place.accountId}/customers.csv`,
      `souk://${place.accountId}/customers.csv`,
      `souk://${place.accountId}/web-services/${'1'.repeat(32)}/${'3'.repeat(32)}/a.csv`,
      `${own.slice(0, -1)}x/a.csv`,
      's3://bucket/a.csv',
      's3://bucket/a.csv',
      's3://bucket/a.csv',
      `souk://${place.accountId}/customers.csv`,
    ],
  );
  assert.equal(found({ RelativeLocation: 'a.csv' }, all), `${own}a.csv`);
});

test('a result of another endpoint is read with its link, never written, and not without its signature', () => {
  const result = `souk://${place.accountId}/web-services/${'1'.repeat(32)}/${'3'.repeat(32)}/r.csv`;
  const link = links.reference(result, place, nowMs);
  assert.equal(found(link), result);
  assert.equal(refused(link, writing), 'InvalidBlob');
  const other = { ...link, RelativeLocation: 'souk/customers.csv' };
  assert.equal(refused(other), 'ManagementRequestUnauthorized');
  assert.equal(refused({ ...link, SasBlobToken: null }), 'InvalidBlob');
});
