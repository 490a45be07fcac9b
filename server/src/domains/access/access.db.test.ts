import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, json, sql } from '../../platform/db.ts';
import { namesFor, noteMade, placeOf, requireDescribe, requireDescribeOne } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const ada = await testMember(db, ['publisher']);
const arn = (name: string, kind = 'model-package', account = ada.accountId) =>
  `arn:aws:sagemaker:souk-home-1:${account}:${kind}/${name}`;
await sql`insert into publishers (account_id, slug, display_name) values (${ada.accountId}, 'ada', 'Ada')`.execute(
  db,
);
for (const [id, versions] of [
  [
    'prd_iris',
    [
      { number: '1', modelPackageArn: arn('iris') },
      { number: '2', algorithmArn: arn('forest', 'algorithm') },
    ],
  ],
  ['prd_rose', [{ number: '1', modelPackageArn: arn('rose'), releaseNotes: arn('not-a-name') }]],
] as const)
  await sql`insert into products (id, account_id, slug, type, draft, draft_sha256, created_by)
    values (${id}, ${ada.accountId}, ${id.slice(4)}, 'model-package', ${json({ versions })}, 'x', 'test')`.execute(
    db,
  );
const limited: Member = { ...ada, limit: { products: ['prd_iris'], abilities: ['edit', 'register'] } };

test('a key limited to products sees what their documents name and what their keys made, and nothing else', async () => {
  assert.deepEqual(await namesFor(db, limited, 'ModelPackage'), ['iris']);
  assert.deepEqual(await namesFor(db, limited, 'Algorithm'), ['forest']);
  assert.equal(await namesFor(db, ada, 'ModelPackage'), null);
  await inTx(db, (tx) => noteMade(tx, limited, 'model-package/iris-2'));
  await inTx(db, (tx) => noteMade(tx, ada, 'model-package/secret'));
  assert.deepEqual((await namesFor(db, limited, 'ModelPackage'))?.sort(), ['iris', 'iris-2']);
  const another: Member = { ...limited, keyId: 'key_2' };
  assert.deepEqual((await namesFor(db, another, 'ModelPackage'))?.sort(), ['iris', 'iris-2']);
});

test('what a cut-off transaction made is not noted', async () => {
  await assert.rejects(
    inTx(db, async (tx) => {
      await noteMade(tx, limited, 'upl_lost');
      throw new Error('cut off');
    }),
  );
  assert.deepEqual((await placeOf(db, limited, { type: 'Upload', id: 'upl_lost' })).products, []);
  await inTx(db, (tx) => noteMade(tx, limited, 'upl_kept'));
  assert.deepEqual((await placeOf(db, limited, { type: 'Upload', id: 'upl_kept' })).products, ['prd_iris']);
});

test('a document that newly names a resource outside the key’s products is refused, whether it exists or not', async () => {
  const naming = (name: string) => ({ versions: [{ modelPackageArn: arn(name) }] });
  await requireDescribe(platform, limited, naming('iris'));
  for (const name of ['rose', 'there-is-none'])
    await assert.rejects(requireDescribe(platform, limited, naming(name)), {
      code: 'access.describe_forbidden',
      params: { action: 'DescribeModelPackage', resource: arn(name) },
    });
  await requireDescribe(platform, limited, naming('rose'), naming('rose'));
  await requireDescribe(platform, ada, naming('rose'));
});

test('what an admin withholds from a member can be neither listed nor read by that member; others may', async () => {
  const withheld: Member = { ...ada, withheld: [arn('ro*'), `arn:*:algorithm/forest`] };
  await assert.rejects(
    requireDescribe(platform, withheld, { versions: [{ modelPackageArn: arn('rose') }] }),
    {
      code: 'access.describe_forbidden',
    },
  );
  await assert.rejects(
    requireDescribe(platform, withheld, { versions: [{ algorithmArn: arn('forest', 'algorithm') }] }),
    { params: { action: 'DescribeAlgorithm', resource: arn('forest', 'algorithm') } },
  );
  assert.throws(() => requireDescribeOne(platform, withheld, arn('rose')), {
    code: 'access.describe_forbidden',
  });
  requireDescribeOne(platform, withheld, arn('iris'));
  requireDescribeOne(platform, ada, arn('rose'));
});

test('roles that do not describe cannot list: a buyer and a finance clerk are told which action they lack', async () => {
  for (const role of ['buyer', 'finance', 'reports'] as const)
    await assert.rejects(
      requireDescribe(platform, { ...ada, roles: [role] }, { versions: [{ modelPackageArn: arn('iris') }] }),
      { code: 'access.describe_forbidden' },
    );
  await requireDescribe(
    platform,
    { ...ada, roles: ['lister'] },
    { versions: [{ modelPackageArn: arn('iris') }] },
  );
});
