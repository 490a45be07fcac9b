import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operations } from '@souk/contract';
import { call, createIris, goLive, settled, submit, subscribe } from './publish.ts';
import { type Person, type RunningSouk, removeFolder, root, signUp, startSouk, until } from './souk.ts';

/** A marketplace that was backed up while it ran goes on elsewhere. */
let souk: RunningSouk;
let restored: RunningSouk | undefined;
let buyer: Person;
const folder = mkdtempSync(join(tmpdir(), 'souk-kept-'));

before(async () => {
  souk = await startSouk();
});
after(async () => {
  await souk.stop();
  await restored?.stop();
  removeFolder(souk.dataDir);
  rmSync(folder, { recursive: true, force: true });
});

function typed(dataDir: string, ...args: string[]): Promise<{ code: number | null; said: string }> {
  const child = spawn(process.execPath, ['server/src/main.ts', ...args], {
    cwd: root,
    env: { PATH: process.env.PATH, SOUK_DATA: dataDir },
  });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (d: Buffer) => (said += d.toString()));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, said })));
}

test('it is backed up while it runs, restored into a new folder, and answers the same key; nothing that was used is lost', async () => {
  const publisher = await signUp(souk.url, 'publisher');
  buyer = await signUp(souk.url, 'buyer');
  const product = await createIris(publisher, 'flowers');
  await goLive(publisher.client, await settled(publisher.client, await submit(publisher.client, product.id)));
  const subscription = await subscribe(buyer.client, 'flowers', 'free');
  await until(
    'an answer',
    () => call(buyer.client, 'flowers'),
    (r) => r.status === 200,
  );
  const file = join(folder, 'souk.tar');
  const made = await typed(souk.dataDir, 'backup', file);
  assert.equal(made.code, 0, made.said);
  assert.equal((await call(buyer.client, 'flowers')).status, 200);
  await souk.stop();

  const dataDir = join(folder, 'data');
  const back = await typed(dataDir, 'restore', file);
  assert.equal(back.code, 0, back.said);
  assert.equal((await typed(dataDir, 'restore', file)).code, 2);
  restored = await startSouk({ dataDir, port: souk.port });
  await until(
    'an answer of the restored',
    () => call(buyer.client, 'flowers'),
    (r) => r.status === 200,
  );
  await until(
    'the usage of before and now',
    () => buyer.client.ok(operations.getUsage, { params: { subscriptionId: subscription.id } }),
    (usage) => usage.total === 2,
  );
  const health = await typed(dataDir, 'doctor');
  assert.equal(health.code, 0, health.said);
});
