import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../test/accounts.ts';
import { testDatabase } from '../../test/database.ts';
import { inTx, rows, sql } from './db.ts';
import { type DomainEvent, newEvents } from './events.ts';
import { runJobs } from './jobs.ts';
import { newLog } from './log.ts';

const { db, pool } = await testDatabase();
const told: Record<string, DomainEvent[]> = { one: [], two: [], other: [] };
let fails = 0;
const events = newEvents();
events.subscribe({
  name: 'one',
  types: ['thing.made', 'thing.ended'],
  handle: async (e) => void told.one?.push(e),
});
events.subscribe({
  name: 'two',
  types: ['thing.made'],
  handle: async (e) => {
    told.two?.push(e);
    if (fails-- > 0) throw new Error('not now');
  },
});
events.subscribe({ name: 'other', types: ['thing.other'], handle: async (e) => void told.other?.push(e) });
const jobs = () =>
  rows<{ name: string }>(
    db,
    sql`select t.identifier as name from graphile_worker._private_jobs j join graphile_worker._private_tasks t on t.id = j.task_id order by 1`,
  ).then((list) => list.map((j) => j.name));
const publish = (type: string, subject: string) =>
  inTx(db, (tx) => events.publish(tx, { type, subject, accountId: '123456789012', data: { n: 1 } }));
const start = () =>
  runJobs(pool, { definitions: events.jobs(db), log: newLog('test', 'silent'), processName: 'test' });
const subjects = (name: string) => told[name]?.splice(0).map((e) => e.subject);

test('an event is told once to each that subscribed to its type, whole, after its transaction', async () => {
  await assert.rejects(
    inTx(db, async (tx) => {
      await events.publish(tx, { type: 'thing.made', subject: 'never' });
      throw new Error('no');
    }),
  );
  await publish('thing.made', 'a');
  await publish('thing.ended', 'b');
  await publish('nobody.listens', 'c');
  assert.deepEqual(await jobs(), ['event:one', 'event:one', 'event:two']);
  const runner = await start();
  await until(jobs, (list) => list.length === 0);
  await runner.stop();
  // Two jobs run side by side: which of them comes first is not promised.
  const event = told.one?.find((e) => e.subject === 'a');
  assert.deepEqual(
    { ...event, id: typeof event?.id, at: event?.at instanceof Date },
    { id: 'number', type: 'thing.made', subject: 'a', accountId: '123456789012', data: { n: 1 }, at: true },
  );
  assert.deepEqual(subjects('one')?.sort(), ['a', 'b']);
  assert.deepEqual(subjects('two'), ['a']);
  assert.deepEqual(subjects('other'), []);
});

test('a subscriber that fails is told again, alone', async () => {
  fails = 1;
  await publish('thing.made', 'd');
  const runner = await start();
  await until(
    async () => told.two?.length,
    (n) => n === 1,
  );
  await until(jobs, (list) => list.join() === 'event:two');
  await sql`update graphile_worker._private_jobs set run_at = now() where locked_at is null`.execute(db);
  await until(jobs, (list) => list.length === 0);
  await runner.stop();
  assert.deepEqual(subjects('one'), ['d']);
  assert.deepEqual(subjects('two'), ['d', 'd']);
});
