import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import type { AuditEntry } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Caller } from '../../platform/authorize.ts';
import { inTx, sql } from '../../platform/db.ts';
import { audit, auditRoutes, newAudit, verifyAuditChain } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const { send } = testServer(platform, auditRoutes(newAudit(platform)));
const ada = await testMember(db, ['admin']);
const bob = await testMember(db, ['admin']);
const buyer = await testMember(db, ['buyer']);
const operator = await testMember(db, ['operator-admin']);

const write = (by: Caller, action: string, target = 'prd_1') =>
  inTx(db, (tx) => audit(tx, by, action, target, { note: 'x' }, { requestId: 'req-12345678' }));

async function list(caller: Caller, query = '') {
  const answer = await send(caller, { method: 'GET', url: `/api/audit${query}` });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer.json<{ items: AuditEntry[]; nextCursor: string | null }>();
}

for (let i = 0; i < 5; i++) await write(ada, 'product.created', `prd_${i}`);
await write(ada, 'product.submitted');
await write(bob, 'key.created', 'key_1');
await inTx(db, (tx) =>
  audit(tx, 'system:pipeline', 'submission.moved', 'sub_1', {}, { accountId: bob.accountId }),
);

test('an account sees its own entries, newest first, and no others even when it asks for them', async () => {
  const { items } = await list(ada);
  assert.deepEqual(
    items.map((e) => e.action),
    ['product.submitted', ...Array(5).fill('product.created')],
  );
  assert.ok(items.every((e) => e.accountId === ada.accountId && e.actor === ada.email));
  assert.deepEqual((await list(ada, `?accountId=${bob.accountId}`)).items, []);
  assert.equal((await list(bob)).items.length, 2);
});

test('the operator sees every account, and one when asked', async () => {
  assert.equal((await list(operator)).items.length, 8);
  assert.deepEqual(
    (await list(operator, `?accountId=${bob.accountId}`)).items.map((e) => e.actor),
    ['system:pipeline', bob.email],
  );
});

test('a member without the permission sees nothing', async () => {
  assert.equal((await send(buyer, { method: 'GET', url: '/api/audit' })).statusCode, 403);
});

test('filters by action, its beginning, actor, target and time', async () => {
  const count = async (query: string) => (await list(operator, query)).items.length;
  assert.equal(await count('?action=product.created'), 5);
  assert.equal(await count('?action=product.'), 6);
  assert.equal(await count('?action=product%25'), 0);
  assert.equal(await count(`?actor=${encodeURIComponent(bob.email)}`), 1);
  assert.equal(await count('?target=prd_3'), 1);
  assert.equal(await count('?from=2000-01-01T00:00:00Z'), 8);
  assert.equal(await count('?to=2000-01-01T00:00:00Z'), 0);
});

test('pages neither repeat nor hide an entry, though others are written meanwhile', async () => {
  const first = await list(ada, '?limit=4');
  await write(ada, 'product.changed');
  const second = await list(ada, `?limit=4&cursor=${first.nextCursor}`);
  const ids = [...first.items, ...second.items].map((e) => e.id);
  assert.equal(new Set(ids).size, 6);
  assert.equal(second.nextCursor, null);
  assert.equal((await send(ada, { method: 'GET', url: '/api/audit?cursor=x' })).statusCode, 400);
});

test('writers at the same time leave one chain without gaps', async () => {
  await Promise.all(Array.from({ length: 20 }, (_, i) => write(ada, 'product.raced', `prd_${i}`)));
  const check = await verifyAuditChain(db);
  assert.deepEqual(
    { ok: check.ok, entries: check.entries, problem: check.problem },
    { ok: true, entries: 29, problem: null },
  );
  assert.equal(check.head.id, 29);
});

test('entries cannot be changed or removed, and a change behind the table’s back is found', async () => {
  await assert.rejects(sql`update audit_entries set actor = 'eve' where id = 3`.execute(db), /append-only/);
  await assert.rejects(sql`delete from audit_entries where id = 3`.execute(db), /append-only/);
  const behindItsBack = (statement: ReturnType<typeof sql>) =>
    db
      .transaction()
      .execute(async (tx) => {
        await sql`set local session_replication_role = replica`.execute(tx);
        await statement.execute(tx);
        throw await verifyAuditChain(tx);
      })
      .catch((check) => check.problem ?? check);
  assert.equal(
    await behindItsBack(sql`update audit_entries set actor = 'eve' where id = 3`),
    'audit entry 3 was changed',
  );
  assert.equal(
    await behindItsBack(sql`delete from audit_entries where id = 3`),
    'audit entry 4 has no predecessor',
  );
  assert.equal(
    await behindItsBack(sql`delete from audit_entries where id = 1`),
    'audit entry 2 has no predecessor',
  );
  assert.equal(
    await behindItsBack(
      sql`update audit_entries set previous_sha256 = repeat('1', 64), sha256 = audit_hash(id, at, account_id, actor, action, target, details, request_id, repeat('1', 64)) where id = 5`,
    ),
    'audit entry 5 does not follow its predecessor',
  );
  assert.equal((await verifyAuditChain(db)).ok, true);
});

const exported = async (caller: Caller, query: string) => {
  const answer = await send(caller, { method: 'GET', url: `/api/audit/export?${query}` });
  assert.equal(answer.statusCode, 200, answer.body);
  return answer;
};
const linesOf = (text: string) =>
  text
    .trimEnd()
    .split('\n')
    .filter(Boolean)
    .map((l) => JSON.parse(l) as AuditEntry & { hashed: string });

test('an export can be verified by whoever has the file: hashes of each entry, and links where numbers follow', async () => {
  const answer = await exported(operator, 'format=jsonl');
  assert.match(String(answer.headers['content-disposition']), /audit\.jsonl/);
  const entries = linesOf(answer.body);
  const count = await sql<{ n: number }>`select count(*)::int as n from audit_entries`.execute(db);
  // That it was exported is written down, and is not in it.
  assert.equal(entries.length, (count.rows[0]?.n ?? 0) - 1);
  let before = '0'.repeat(64);
  for (const e of entries) {
    assert.equal(createHash('sha256').update(e.hashed).digest('hex'), e.sha256);
    assert.equal(e.previousSha256, before);
    before = e.sha256;
  }
  assert.equal((await list(operator)).items[0]?.action, 'audit.exported');
});

test('an account exports its own entries and no others, filtered as the list is', async () => {
  const own = linesOf((await exported(ada, 'format=jsonl')).body);
  assert.ok(own.length > 5 && own.every((e) => e.accountId === ada.accountId));
  assert.deepEqual(linesOf((await exported(ada, `format=jsonl&accountId=${bob.accountId}`)).body), []);
  const created = linesOf((await exported(ada, 'format=jsonl&action=product.created')).body);
  assert.equal(created.length, 5);
  assert.equal((await send(buyer, { method: 'GET', url: '/api/audit/export?format=csv' })).statusCode, 403);
  assert.equal((await send(ada, { method: 'GET', url: '/api/audit/export?format=xml' })).statusCode, 400);
});

test('a CSV holds no formula for a spreadsheet, and keeps quotes and line breaks', async () => {
  const eve = { ...ada, email: '=HYPERLINK("https://evil.example")' };
  await write(eve, 'product.renamed', '@SUM(A1)');
  await inTx(db, (tx) => audit(tx, ada, 'product.noted', '+1', { note: 'a "word"\nand more' }));
  const { body } = await exported(ada, 'format=csv&action=product.');
  assert.match(body, /"'=HYPERLINK\(""https:\/\/evil\.example""\)"/);
  assert.match(body, /,'@SUM\(A1\),/);
  assert.match(body, /,'\+1,/);
  assert.doesNotMatch(body, /(^|,)"?[=+@]/m);
  assert.match(body, /a \\""word\\""\\nand more/);
});

test('a log longer than a stretch is exported whole and in order', async () => {
  await sql`select audit_append(${bob.accountId}, 'bob', 'key.created', 'key_' || n, '{}', null) from generate_series(1, 2005) n`.execute(
    db,
  );
  const ids = linesOf((await exported(bob, 'format=jsonl&actor=bob')).body).map((e) => e.id);
  assert.equal(ids.length, 2005);
  assert.deepEqual(
    ids,
    [...new Set(ids)].toSorted((a, b) => a - b),
  );
});
