import assert from 'node:assert/strict';
import { renameSync } from 'node:fs';
import { request as httpRequest } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { testDatabase } from '../../../test/database.ts';
import { type Runtime, startGateway, startModel, testFolder, until } from '../../../test/gateway.ts';
import { insertMarket } from '../../../test/market.ts';

const { pool, url: databaseUrl } = await testDatabase();
const model = await startModel();
const market = await insertMarket(pool, { addresses: [model.address], number: 1 });
const nowhere = { unix: join(testFolder(), 'nobody.sock') };
const down = await insertMarket(pool, { addresses: [nowhere], number: 2 });
const half = await insertMarket(pool, { addresses: [nowhere, model.address], number: 3 });
// Called by nothing but `settled`.
const marker = await insertMarket(pool, { addresses: [model.address], number: 4 });
const attributes = (how: string) => ({ 'x-amzn-sagemaker-custom-attributes': how });

const usageOf = async (subscriptionId: string) => {
  const { rows } = await pool.query<{ quantity: number; client: number; server: number }>(
    `select coalesce(sum(quantity), 0)::int as quantity, coalesce(sum(client_errors), 0)::int as client,
       coalesce(sum(server_errors), 0)::int as server from usage_records where subscription_id = $1`,
    [subscriptionId],
  );
  return rows[0] ?? { quantity: 0, client: 0, server: 0 };
};

for (const runtime of ['bun', 'node'] as Runtime[]) {
  const dataDir = testFolder();
  const gateway = await startGateway({ databaseUrl, dataDir, callTimeoutMs: 700 }, runtime);
  const call = (to: typeof market, headers: Record<string, string> = {}, signal?: AbortSignal) =>
    fetch(`${gateway.url}/call/${to.publisher}/${to.product}/invocations`, {
      method: 'POST',
      headers: { authorization: `Bearer ${to.apiKey}`, ...headers },
      body: 'x',
      ...(signal ? { signal } : {}),
    });
  const codeOf = async (answer: Response) => [
    answer.status,
    ((await answer.json()) as { error: { code: string } }).error.code,
  ];
  await until('the snapshot is read', async () => (await fetch(`${gateway.url}/gateway/healthz`)).ok);
  /** Batches arrive in order: once a later call is in the database, all before it are. */
  const settled = async () => {
    const before = (await usageOf(marker.subscriptionId)).quantity;
    assert.equal((await call(marker)).status, 200);
    await until(
      'a later call is in the database',
      async () => (await usageOf(marker.subscriptionId)).quantity > before,
    );
  };

  test(`${runtime}: a model that is not there is said to be down, and costs nothing`, async () => {
    const before = await usageOf(down.subscriptionId);
    const answer = await call(down);
    assert.deepEqual(await codeOf(answer), [502, 'call.down']);
    assert.equal(answer.headers.get('retry-after'), '1');
    await settled();
    const after = await usageOf(down.subscriptionId);
    assert.deepEqual([after.quantity, after.server - before.server], [0, 1]);
  });

  test(`${runtime}: with one of two addresses gone, every call is answered by the other`, async () => {
    const answers = await Promise.all(Array.from({ length: 20 }, () => call(half)));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
  });

  test(`${runtime}: a model that does not answer in time is given up`, async () => {
    const started = performance.now();
    assert.deepEqual(await codeOf(await call(market, attributes('hang'))), [504, 'call.timeout']);
    assert.ok(performance.now() - started < 2000);
  });

  test(`${runtime}: a caller whose body does not come in time is told so`, async () => {
    const before = model.seen.length;
    const answer = await unfinished({ 'transfer-encoding': 'chunked' });
    assert.equal(answer.status, 408);
    assert.match(answer.body, /call\.body_late/);
    assert.equal(model.seen.length, before);
  });

  test(`${runtime}: a caller who goes away before the answer leaves nothing counted`, async () => {
    await settled();
    const before = await usageOf(market.subscriptionId);
    const gone = new AbortController();
    const answer = call(market, attributes('wait=500'), gone.signal);
    await pause(100);
    gone.abort();
    await assert.rejects(answer);
    await settled();
    assert.deepEqual(await usageOf(market.subscriptionId), before);
  });

  test(`${runtime}: a caller who goes away in the middle of a streamed answer pays for the call`, async () => {
    const before = await usageOf(market.subscriptionId);
    const gone = new AbortController();
    const answer = await call(market, attributes('stream=20'), gone.signal);
    assert.ok(answer.body);
    await answer.body.getReader().read();
    gone.abort();
    await settled();
    assert.equal((await usageOf(market.subscriptionId)).quantity, before.quantity + 1);
  });

  test(`${runtime}: a streamed answer that the model breaks off costs nothing`, async () => {
    const before = await usageOf(market.subscriptionId);
    await assert.rejects((await call(market, attributes('stream-break'))).text());
    // The caller sees the break before the gateway has written it down: nothing is owed for it, so nothing waits for that.
    await until(
      'the break is recorded',
      async () => (await usageOf(market.subscriptionId)).server > before.server,
    );
    await settled();
    const after = await usageOf(market.subscriptionId);
    assert.deepEqual([after.quantity - before.quantity, after.server - before.server], [0, 1]);
  });

  test(`${runtime}: calls that we refuse are no usage; errors of the model are, without units`, async () => {
    const before = await usageOf(market.subscriptionId);
    await call(market, { authorization: 'Bearer x' });
    await fetch(`${gateway.url}/call/${market.publisher}/${market.product}/nothing`, {
      headers: { authorization: `Bearer ${market.apiKey}` },
    });
    await call(market, attributes('status=422'));
    await call(market, attributes('status=500'));
    await settled();
    const after = await usageOf(market.subscriptionId);
    assert.deepEqual(
      [after.quantity - before.quantity, after.client - before.client, after.server - before.server],
      [0, 1, 1],
    );
  });

  test(`${runtime}: what cannot be recorded is not answered; once the disk is back, calls go on`, async () => {
    await settled();
    renameSync(join(dataDir, 'usage'), join(dataDir, 'gone'));
    assert.deepEqual(await codeOf(await call(market)), [503, 'call.not_recorded']);
    renameSync(join(dataDir, 'gone'), join(dataDir, 'usage'));
    assert.equal((await call(market)).status, 200);
  });

  function unfinished(headers: Record<string, string>): Promise<{ status: number; body: string }> {
    return new Promise((resolve, reject) => {
      const request = httpRequest(
        `${gateway.url}/call/${market.publisher}/${market.product}/invocations`,
        { method: 'POST', headers: { authorization: `Bearer ${market.apiKey}`, ...headers }, agent: false },
        async (answer) => {
          let body = '';
          for await (const chunk of answer) body += String(chunk);
          resolve({ status: answer.statusCode ?? 0, body });
          request.destroy();
        },
      );
      request.on('error', reject);
      request.write('a');
    });
  }
}
