import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import pg from 'pg';
import { until } from '../../test/accounts.ts';
import { testDatabase } from '../../test/database.ts';
import { sql } from './db.ts';
import { newLog } from './log.ts';
import { openNotifications } from './notify.ts';

const { db, url } = await testDatabase();
const notifications = openNotifications(url, newLog('test', 'silent'));
after(() => notifications.close());
const heard = (channel: string) => {
  const list: (string | null)[] = [];
  const stop = notifications.listen(channel, (payload) => list.push(payload));
  return {
    list,
    stop,
    until: (holds: (all: (string | null)[]) => boolean) => until(async () => list, holds),
  };
};
const tell = (channel: string, payload: string) => sql`select pg_notify(${channel}, ${payload})`.execute(db);

test('who begins to listen is told so, since something may have been missed until then', async () => {
  const first = heard('one');
  await first.until((all) => all.includes(null));
  // On a connection that stands already, too.
  const second = heard('two');
  await second.until((all) => all.includes(null));
  await tell('two', 'x');
  await second.until((all) => all.at(-1) === 'x');
});

test('news reach all who listen to the channel, and nobody else; who stops hears no more', async () => {
  const [a, b, other] = [heard('shared'), heard('shared'), heard('unshared')];
  await a.until((all) => all.includes(null));
  await other.until((all) => all.includes(null));
  await tell('shared', 'first');
  await b.until((all) => all.at(-1) === 'first');
  a.stop();
  await tell('shared', 'second');
  await tell('unshared', 'end');
  await b.until((all) => all.at(-1) === 'second');
  await other.until((all) => all.at(-1) === 'end');
  assert.equal(a.list.at(-1), 'first');
  assert.equal(other.list.includes('second'), false);
});

test('a connection that breaks comes back by itself, tells all channels so, and goes on hearing', async () => {
  const [one, two] = [heard('kept-1'), heard('kept-2')];
  await one.until((all) => all.includes(null));
  await two.until((all) => all.includes(null));
  for (const list of [one.list, two.list]) list.splice(0);
  const name = url.split('/').at(-1) ?? '';
  const admin = new pg.Client({ connectionString: url.replace(/\/\w+$/, '/postgres') });
  await admin.connect();
  // Away for as long as several attempts.
  await admin.query(`alter database ${name} allow_connections false`);
  await admin.query(
    "select pg_terminate_backend(pid) from pg_stat_activity where datname = $1 and query ilike 'listen%'",
    [name],
  );
  await new Promise((resolve) => setTimeout(resolve, 600));
  assert.deepEqual([one.list, two.list], [[], []]);
  await admin.query(`alter database ${name} allow_connections true`);
  await admin.end();
  await one.until((all) => all.includes(null));
  await two.until((all) => all.includes(null));
  await tell('kept-2', 'again');
  await two.until((all) => all.at(-1) === 'again');
  assert.equal(one.list.includes('again'), false);
});

test('after the end nobody hears and nothing connects again', async () => {
  const own = openNotifications(url, newLog('test', 'silent'));
  const list: (string | null)[] = [];
  own.listen('ended', (payload) => list.push(payload));
  await until(
    async () => list,
    (all) => all.includes(null),
  );
  await own.close();
  await tell('ended', 'x');
  await new Promise((resolve) => setTimeout(resolve, 400));
  assert.deepEqual(list, [null]);
});
