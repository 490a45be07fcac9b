import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import pg from 'pg';
import { testDatabase } from '../../../test/database.ts';
import { iris, modelParts } from '../../../test/models.ts';
import { testMember, testPlatform } from '../../../test/platform.ts';
import { inTx, json, row, sql } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { processTree } from './memory-limit.ts';
import { callModel } from './runtime.call.ts';
import { startRunner } from './runtime.runner.ts';
import { ensureDeployment, stopUnused } from './runtime.sql.ts';
import type { ModelAddress } from './runtime.ts';
import { servedOnnx } from './servable.ts';

let endRunner = async () => {};
after(() => endRunner());
const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const { start } = await modelParts(platform);
const { notifications, log, config } = platform;

/** Packages as a folder of their digests; a digest without a folder cannot be unpacked. */
const packages = join(config.dataDir, 'unpacked');
const [good, broken, absent] = ['a'.repeat(64), 'b'.repeat(64), 'c'.repeat(64)];
await mkdir(join(packages, good), { recursive: true });
await writeFile(join(packages, good, 'model.onnx'), iris.model);
await mkdir(join(packages, broken), { recursive: true });
await writeFile(join(packages, broken, 'model.onnx'), 'not a model');

/** When something of a package was started. */
const starts = new Map<string, number[]>();

const newRunner = () =>
  startRunner({
    db,
    notifications,
    log,
    node: 'node-1',
    start: async (request) => {
      const sha256 = request.servable.kind === 'onnx' ? request.servable.packageSha256 : '';
      starts.set(sha256, [...(starts.get(sha256) ?? []), performance.now()]);
      if (sha256 === absent) throw new Error('the package is not here');
      return await start({ ...request, unpacked: join(packages, sha256) });
    },
  });

const seller = await testMember(db);
await sql`insert into publishers (account_id, slug, display_name) values (${seller.accountId}, 'seller', 'Seller')`.execute(
  db,
);

/** A deployment as packaging asks for it, of a version that is in no slot. */
async function deploy(packageSha256 = good, productId?: string): Promise<{ id: string; productId: string }> {
  const product = productId ?? newId('prd');
  await sql`insert into products (id, account_id, slug, type, draft, draft_sha256, created_by) values (${product}, ${seller.accountId}, ${product}, 'model-package', '{}', '', 'x')
    on conflict do nothing`.execute(db);
  await sql`insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, resource, bom)
    values (${product}, '1.0.0', 'mpk', ${packageSha256}, 1, 'iris', '{}', '{}') on conflict do nothing`.execute(
    db,
  );
  await inTx(db, (tx) =>
    ensureDeployment(tx, {
      productId: product,
      version: '1.0.0',
      packageSha256,
      servable: servedOnnx(packageSha256, 'iris'),
      modelName: 'iris',
      backend: 'onnx',
      instanceType: 'ml.t3.medium',
    }),
  );
  const made = await row<{ id: string }>(db, sql`select id from deployments where product_id = ${product}`);
  return { id: made?.id ?? '', productId: product };
}
interface Row {
  state: string;
  addresses: ModelAddress[];
  pid: number | null;
  restarts: number;
  failure: string | null;
  node: string | null;
  sandbox: string;
}
async function read(id: string): Promise<Row> {
  const found = await row<Row>(
    db,
    sql`select state, addresses, pid, restarts, last_failure as failure, node, sandbox from deployments where id = ${id}`,
  );
  assert.ok(found);
  return found;
}
async function until(id: string, holds: (r: Row) => boolean, forMs = 15_000): Promise<Row> {
  for (const end = Date.now() + forMs; ; ) {
    const now = await read(id);
    if (holds(now)) return now;
    assert.ok(Date.now() < end, `it did not become so: ${JSON.stringify(now)}`);
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}
const isReady = (r: Row) => r.state === 'ready';
async function answers({ addresses: [address] }: Row): Promise<boolean> {
  if (!address) return false;
  const { contentType, body } = iris.json.input;
  const answer = await callModel(address, {
    path: '/invocations',
    contentType,
    accept: 'application/json',
    body,
    timeoutMs: 5000,
  }).catch(() => undefined);
  return answer?.status === 200;
}
const isAlive = (pid: number | null) => {
  try {
    return pid !== null && process.kill(pid, 0);
  } catch {
    return false;
  }
};
const kill = (pid: number | null) => {
  for (const id of processTree(pid ?? 0).reverse()) process.kill(id, 'SIGKILL');
};
const stop = (id: string) => sql`update deployments set desired = 'stopped' where id = ${id}`.execute(db);

let runner = newRunner();
endRunner = () => runner.stop();

test('what should run is started and can be called, under the limits of its instance type', async () => {
  const { id } = await deploy();
  const ready = await until(id, isReady);
  assert.equal(await answers(ready), true);
  assert.ok(isAlive(ready.pid));
  assert.deepEqual([ready.node, ready.restarts, ready.failure], ['node-1', 0, null]);
  assert.match(ready.sandbox, /^(bubblewrap|none)/);
  // Asked for again, as a repeated stage does: nothing changes.
  const { rows } = await sql<{
    product_id: string;
  }>`select product_id from deployments where id = ${id}`.execute(db);
  await deploy(good, rows[0]?.product_id ?? '');
  assert.deepEqual(await read(id), ready);
  await stop(id);
});

test('a killed model is started again, after pauses that grow while it keeps failing', async () => {
  const { id } = await deploy();
  let last = await until(id, isReady);
  const outages: number[] = [];
  for (let n = 1; n <= 3; n++) {
    kill(last.pid);
    const down = await until(id, (r) => r.state === 'down');
    const since = performance.now();
    assert.deepEqual([down.addresses, down.pid], [[], null]);
    assert.match(down.failure ?? '', /crashed/);
    const before = last.pid;
    last = await until(id, isReady);
    outages.push(performance.now() - since);
    assert.notEqual(last.pid, before);
    assert.equal(last.restarts, n);
    assert.equal(await answers(last), true);
  }
  const [first = 0, , third = 0] = outages;
  // 0.2, 0.6 and 1.8 s of pause, and what a start takes.
  assert.ok(third - first > 1000, `${outages}`);
  await stop(id);
});

test('a new generation answers before the old one stops, so that nobody is turned away', async () => {
  const { id } = await deploy();
  const old = await until(id, isReady);
  let refused = 0;
  let calls = 0;
  let calling = true;
  const caller = (async () => {
    while (calling) {
      calls++;
      if (!(await answers(await read(id)))) refused++;
    }
  })();
  await sql`update deployments set generation = generation + 1 where id = ${id}`.execute(db);
  const next = await until(id, (r) => isReady(r) && r.pid !== old.pid);
  assert.ok(isAlive(old.pid), 'the old one finishes what it has begun');
  for (let i = 0; i < 400 && isAlive(old.pid); i++) await new Promise((resolve) => setTimeout(resolve, 25));
  assert.equal(isAlive(old.pid), false);
  calling = false;
  await caller;
  assert.deepEqual([refused, calls > 20], [0, true]);
  assert.equal(await answers(await read(id)), true);
  assert.equal((await read(id)).pid, next.pid);
  await stop(id);
});

test('a new generation that cannot start leaves the old one answering, until one comes that can', async () => {
  const { id } = await deploy();
  const old = await until(id, isReady);
  const change = (sha256: string) =>
    sql`update deployments set servable = ${json(servedOnnx(sha256, 'iris'))}, generation = generation + 1 where id = ${id}`.execute(
      db,
    );
  await change(broken);
  const failing = await until(id, (r) => r.failure !== null);
  assert.deepEqual([failing.state, failing.pid, failing.addresses], ['ready', old.pid, old.addresses]);
  await change(absent);
  await until(id, (r) => /not here/.test(r.failure ?? ''));
  assert.equal(await answers(await read(id)), true);
  // The old one dies meanwhile: it comes back, since nothing has taken its place.
  kill(old.pid);
  await until(id, (r) => r.state === 'down');
  assert.equal(await answers(await until(id, isReady)), true);
  await change(good);
  const next = await until(id, (r) => isReady(r) && r.pid !== null && r.pid !== old.pid);
  assert.equal(await answers(next), true);
  await stop(id);
});

test('a model that cannot start is down with its reason, is tried again, and one at a time', async () => {
  starts.delete(broken);
  const { id } = await deploy(broken);
  const down = await until(id, (r) => r.state === 'down' && r.failure !== null);
  assert.match(down.failure ?? '', /model/);
  for (let i = 0; i < 400 && (starts.get(broken) ?? []).length < 3; i++)
    await new Promise((resolve) => setTimeout(resolve, 25));
  const [one = 0, two = 0, three = 0] = starts.get(broken) ?? [];
  assert.ok(two - one > 190 && three - two > 590, `${[one, two, three]}`);
  await writeFile(join(packages, broken, 'model.onnx'), iris.model);
  assert.equal(await answers(await until(id, isReady)), true);
  await writeFile(join(packages, broken, 'model.onnx'), 'not a model');
  await stop(id);
});

test('what is no longer wanted stops, and runs again when it is wanted again', async () => {
  const { id, productId } = await deploy();
  const first = await until(id, isReady);
  await inTx(db, (tx) => stopUnused(tx, productId));
  const stopped = await until(id, (r) => r.state === 'stopped');
  assert.deepEqual([stopped.addresses, stopped.pid], [[], null]);
  // Wanted again at once, while the process may still be ending.
  await deploy(good, productId);
  const again = await until(id, isReady);
  assert.notEqual(again.pid, first.pid);
  assert.equal(await answers(again), true);
  assert.equal(isAlive(first.pid), false);
  await new Promise((resolve) => setTimeout(resolve, 300));
  assert.deepEqual(await read(id), again);
  await stop(id);
});

test('a version that was released or is in a slot is not taken for unused', async () => {
  const { id, productId } = await deploy();
  const use = () => inTx(db, (tx) => stopUnused(tx, productId));
  const desired = async () =>
    (await row<{ desired: string }>(db, sql`select desired from deployments where id = ${id}`))?.desired;
  const revision = newId('rev');
  const document = JSON.stringify({ versions: [{ number: '1.0.0' }] });
  await sql`insert into revisions (id, product_id, number, document, sha256, created_by) values (${revision}, ${productId}, 1, ${document}::jsonb, '', 'x')`.execute(
    db,
  );
  for (const slot of ['preview_revision_id', 'live_revision_id']) {
    await sql`update products set ${sql.raw(slot)} = ${revision} where id = ${productId}`.execute(db);
    await use();
    assert.equal(await desired(), 'running', slot);
    await sql`update products set ${sql.raw(slot)} = null where id = ${productId}`.execute(db);
  }
  await sql`update product_versions set released_at = now() where product_id = ${productId}`.execute(db);
  await use();
  assert.equal(await desired(), 'running');
  await sql`update product_versions set released_at = null where product_id = ${productId}`.execute(db);
  await use();
  assert.equal(await desired(), 'stopped');
});

test('while the database is away models run on and restart, and their states are written when it is back', async () => {
  const { id } = await deploy();
  const first = await until(id, isReady);
  const name = database.url.split('/').at(-1) ?? '';
  const admin = new pg.Client({ connectionString: database.url.replace(/\/\w+$/, '/postgres') });
  await admin.connect();
  const away = async (isAway: boolean) => {
    await admin.query(`alter database ${name} allow_connections ${!isAway}`);
    if (isAway)
      await admin.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
  };
  await away(true);
  assert.equal(await answers(first), true);
  const before = new Set(processTree(process.pid));
  kill(first.pid);
  // It comes back without anybody being able to say so.
  for (let i = 0; processTree(process.pid).every((pid) => before.has(pid)); i++) {
    assert.ok(i < 400, 'nothing was started');
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
  await away(false);
  await admin.end();
  const again = await until(id, (r) => isReady(r) && r.pid !== first.pid);
  assert.deepEqual([again.restarts, await answers(again)], [1, true]);
  assert.match(again.failure ?? '', /crashed/);
  await stop(id);
  await until(id, (r) => r.state === 'stopped');
});

test('a runner that stops while a model starts leaves no process', async () => {
  const before = new Set(processTree(process.pid));
  const { id } = await deploy();
  // It has begun as soon as there is a process that was not there before.
  let begun: number[] = [];
  for (let i = 0; begun.length === 0; i++) {
    assert.ok(i < 2000, 'nothing was started');
    await new Promise((resolve) => setTimeout(resolve, 2));
    begun = processTree(process.pid).filter((pid) => !before.has(pid));
  }
  assert.notEqual((await read(id)).state, 'ready');
  await runner.stop();
  assert.deepEqual(
    processTree(process.pid).filter((pid) => !before.has(pid)),
    [],
  );
  await stop(id);
  runner = newRunner();
  await until(id, (r) => r.state === 'stopped');
});

test('a runner that stops leaves no process, and the next one does not trust the addresses of before', async () => {
  const [kept, ended] = [await deploy(), await deploy()];
  const [before] = [await until(kept.id, isReady), await until(ended.id, isReady)];
  await runner.stop();
  assert.equal(isAlive(before.pid), false);
  await stop(ended.id);
  runner = newRunner();
  const again = await until(kept.id, (r) => isReady(r) && r.pid !== before.pid);
  assert.equal(await answers(again), true);
  assert.equal((await until(ended.id, (r) => r.state === 'stopped')).pid, null);
  await stop(kept.id);
});
