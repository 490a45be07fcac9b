import assert from 'node:assert/strict';
import { test } from 'node:test';
import { insertProduct, version } from '../../../test/catalog.ts';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { type Caller, visitor } from '../../platform/authorize.ts';
import { catalogRoutes, newCatalog } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const catalog = newCatalog(platform, {
  verifyStatement: () => true,
  callDeployment: async () => null,
  policies: () => Promise.reject(new Error('nobody tries here')),
});
const { send } = testServer(platform, catalogRoutes(catalog));
const seller = await testMember(db);
const given = { accountId: seller.accountId, publisher: 'botany', title: 'Iris' };
const content = Buffer.from('<script>alert(1)</script>');
const { sha256, sizeBytes } = await platform.blobs.put(content);
const file = { sha256, fileName: 'größe.html', sizeBytes };
const versions = [
  version('1.0.0', {
    input: { samples: { batchFile: file }, formats: [{ contentType: 'text/csv' }] },
  }),
];
const get = (caller: Caller, product: string, digest = sha256, number = '1.0.0') =>
  send(caller, { url: `/api/catalog/products/botany/${product}/versions/${number}/samples/${digest}` });

test('a buyer saves a sample file under its name; it is never opened on our address', async () => {
  await insertProduct(db, { ...given, slug: 'iris', versions });
  const answer = await get(visitor, 'iris');
  assert.equal(answer.statusCode, 200, answer.body);
  assert.deepEqual(answer.rawPayload, content);
  assert.equal(answer.headers['content-type'], 'application/octet-stream');
  assert.equal(answer.headers['x-content-type-options'], 'nosniff');
  assert.match(String(answer.headers['content-disposition']), /^attachment; filename="gr__e\.html"/);
});

test('a digest gives nobody a file that the version does not name, or of a version that they do not see', async () => {
  const other = await platform.blobs.put(Buffer.from('not a sample of it'));
  assert.equal((await get(visitor, 'iris', other.sha256)).statusCode, 404);
  assert.equal((await get(visitor, 'iris', sha256, '9.9.9')).statusCode, 404);
});

test('the sample of a preview or a private product is as if it were not there', async () => {
  const [tester, stranger] = [await testMember(db), await testMember(db)];
  await insertProduct(db, {
    ...given,
    slug: 'staged',
    slot: 'preview',
    testAccounts: [tester.accountId],
    versions,
  });
  for (const caller of [visitor, stranger]) {
    const there = await get(caller, 'staged');
    assert.equal(there.statusCode, 404);
    const nothing = await get(caller, 'nought');
    assert.equal(there.json().error.message.replaceAll('staged', 'nought'), nothing.json().error.message);
  }
  assert.deepEqual((await get(tester, 'staged')).rawPayload, content);
});
