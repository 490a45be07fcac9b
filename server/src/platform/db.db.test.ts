import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testDatabase } from '../../test/database.ts';
import { gate } from '../../test/publishing.ts';
import {
  changed,
  holdsNul,
  inTx,
  isUnavailable,
  json,
  openDatabase,
  row,
  sql,
  sqlState,
  type Tx,
  violated,
} from './db.ts';
import { newLog } from './log.ts';

const database = await testDatabase();
const { db } = database;
await sql`create table numbers (id integer primary key, value integer not null check (value < 1000))`.execute(
  db,
);
await sql`insert into numbers values (1, 0), (2, 0)`.execute(db);
const read = async (id: number) =>
  (await row<{ value: number }>(db, sql`select value from numbers where id = ${id}`))?.value;

test('two that change the same rows in a serializable way both succeed, one of them at its second attempt', async () => {
  let attempts = 0;
  const bothHaveRead = gate();
  let readers = 0;
  const add = () =>
    inTx(db, async (tx) => {
      attempts++;
      await sql`set transaction isolation level serializable`.execute(tx);
      const found = await row<{ sum: number }>(tx, sql`select sum(value)::int as sum from numbers`);
      if (++readers === 2) bothHaveRead.open();
      await bothHaveRead.opened;
      await sql`update numbers set value = ${(found?.sum ?? 0) + 1} where id = 1`.execute(tx);
    });
  await Promise.all([add(), add()]);
  assert.equal(attempts, 3);
  assert.equal(await read(1), 2);
});

test('of two that wait for each other crosswise one begins again, and both succeed', async () => {
  let attempts = 0;
  const bothHold = gate();
  let holders = 0;
  const crosswise = (first: number, second: number) =>
    inTx(db, async (tx) => {
      attempts++;
      await sql`set local deadlock_timeout = '50ms'`.execute(tx);
      await sql`update numbers set value = value + 10 where id = ${first}`.execute(tx);
      if (++holders === 2) bothHold.open();
      await bothHold.opened;
      await sql`update numbers set value = value + 10 where id = ${second}`.execute(tx);
    });
  const [one, two] = [await read(1), await read(2)];
  await Promise.all([crosswise(1, 2), crosswise(2, 1)]);
  assert.equal(attempts, 3);
  assert.deepEqual([await read(1), await read(2)], [(one ?? 0) + 20, (two ?? 0) + 20]);
});

test('what a repetition would not help is thrown at once, and leaves nothing', async () => {
  const before = await read(1);
  for (const broken of [
    sql`insert into numbers values (1, 1)`,
    sql`update numbers set value = 1000 where id = 1`,
    sql`select 1 / 0`,
    sql`selec`,
  ]) {
    let attempts = 0;
    await assert.rejects(
      inTx(db, async (tx) => {
        attempts++;
        await sql`update numbers set value = value + 1 where id = 1`.execute(tx);
        await broken.execute(tx);
      }),
    );
    assert.equal(attempts, 1);
  }
  let attempts = 0;
  await assert.rejects(
    inTx(db, async () => {
      attempts++;
      throw new Error('ours');
    }),
    /ours/,
  );
  assert.equal(attempts, 1);
  assert.equal(await read(1), before);
});

test('a conflict that never ends is thrown after five attempts', async () => {
  let attempts = 0;
  const error = await inTx(db, async (tx) => {
    attempts++;
    await sql`do $$ begin raise exception 'again' using errcode = 'serialization_failure'; end $$`.execute(
      tx,
    );
  }).catch((e: unknown) => e);
  assert.equal(attempts, 5);
  assert.equal(sqlState(error), '40001');
});

test('errors are told apart by their code: a constraint by its name, a database that is away, a text with NUL', async () => {
  const thrown = (statement: ReturnType<typeof sql>) =>
    statement.execute(db).then(
      () => assert.fail('it succeeded'),
      (e: unknown) => e,
    );
  const duplicate = await thrown(sql`insert into numbers values (1, 1)`);
  assert.deepEqual([violated(duplicate), isUnavailable(duplicate)], ['numbers_pkey', false]);
  assert.equal(violated(await thrown(sql`insert into numbers values (9, 1000)`)), 'numbers_value_check');
  assert.equal(violated(await thrown(sql`selec`)), undefined);
  assert.equal(holdsNul(await thrown(sql`select ${'a\0b'}::text`)), true);
  assert.equal(holdsNul(await thrown(sql`select ${json({ text: 'a\0b' })}`)), true);
  const killed = await thrown(sql`select pg_terminate_backend(pg_backend_pid())`);
  assert.equal(isUnavailable(killed), true, String(killed));
  for (const other of [new Error('x'), 'x', null, undefined, new TypeError('code'), { code: 'ENOENT' }])
    assert.equal(isUnavailable(other), false);
});

test('a connection that breaks inside a transaction is told as a database that is away, and the next one works', async () => {
  const broken = [
    // While a statement runs, and between two.
    async (tx: Tx) => void (await sql`select pg_terminate_backend(pg_backend_pid())`.execute(tx)),
    async (tx: Tx) => {
      const own = await row<{ pid: number }>(tx, sql`select pg_backend_pid() as pid`);
      await sql`select pg_terminate_backend(${own?.pid})`.execute(db);
      await new Promise((resolve) => setTimeout(resolve, 50));
      await sql`select 1`.execute(tx);
    },
  ];
  for (const breaks of broken) {
    const error = await inTx(db, async (tx) => {
      await sql`update numbers set value = 500 where id = 1`.execute(tx);
      await breaks(tx);
    }).catch((e: unknown) => e);
    assert.equal(isUnavailable(error), true, String(error));
    assert.notEqual(await read(1), 500);
  }
});

test('a server that is not there is told as a database that is away', async () => {
  for (const url of ['postgres://souk:x@127.0.0.1:1/souk', 'postgres://souk:x@nobody.invalid:5432/souk']) {
    const nowhere = openDatabase(url, newLog('test', 'silent'));
    const error = await sql`select 1`.execute(nowhere.db).catch((e: unknown) => e);
    assert.equal(isUnavailable(error), true, String(error));
    await nowhere.close();
  }
});

test('a write says how many rows it touched, large counts are numbers, and half a character in a document is mended', async () => {
  await inTx(db, async (tx) => {
    assert.equal(await changed(tx, sql`update numbers set value = 1 where id in (1, 2)`), 2);
    assert.equal(await changed(tx, sql`update numbers set value = 1 where id = 77`), 0);
  });
  const found = await row<{ big: number; text: string }>(
    db,
    sql`select 9007199254740991::bigint as big, ${json({ a: 'x\ud800y' })} ->> 'a' as text`,
  );
  assert.deepEqual(found, { big: Number.MAX_SAFE_INTEGER, text: 'x\ufffdy' });
});
