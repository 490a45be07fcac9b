import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations } from '@souk/contract';
import { call, createIris, goLive, sample, settled, submit, subscribe } from './publish.ts';
import { type Person, type RunningSouk, removeFolder, signUp, startSouk, until } from './souk.ts';

/** The whole path on a real model: publish, check, preview, go live, subscribe, call, meter, bill. */
let souk: RunningSouk;
let publisher: Person;
let tester: Person;
let buyer: Person;
let productId: string;

before(async () => {
  souk = await startSouk();
  [publisher, tester, buyer] = await Promise.all([
    signUp(souk.url, 'publisher'),
    signUp(souk.url, 'tester'),
    signUp(souk.url, 'buyer'),
  ]);
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

test('a submission passes every stage up to the preview, with evidence', async () => {
  const product = await createIris(publisher, 'flowers');
  productId = product.id;
  const stopped = await settled(
    publisher.client,
    await submit(publisher.client, product.id, [tester.accountId]),
  );
  assert.equal(
    stopped.state,
    'waiting',
    JSON.stringify(stopped.stages.map((s) => [s.stage, s.state, s.findings])),
  );
  assert.equal(stopped.stage, 'sign-off');
  assert.deepEqual(stopped.stages.map((s) => [s.stage, s.state]).slice(0, 5), [
    ['prerequisites', 'passed'],
    ['certification', 'passed'],
    ['trial-run', 'passed'],
    ['packaging', 'passed'],
    ['sign-off', 'waiting'],
  ]);
  assert.ok(
    stopped.stages.find((s) => s.stage === 'trial-run')?.evidence.some((e) => e.name.includes('p99')),
  );
});

test('the preview shows itself to its audience only', async () => {
  const at = { params: { publisher: 'flowers', product: 'iris' } };
  assert.equal((await tester.client.ok(operations.getCatalogProduct, at)).item.limited, true);
  assert.equal((await publisher.client.ok(operations.getCatalogProduct, at)).slot, 'preview');
  const hidden = await buyer.client.send(operations.getCatalogProduct, at);
  const absent = await buyer.client.send(operations.getCatalogProduct, {
    params: { publisher: 'flowers', product: 'nothing' },
  });
  assert.equal(hidden.status, 404);
  assert.equal(absent.status, 404);
  const { items } = await buyer.client.ok(operations.searchCatalog, { query: { q: 'iris' } });
  assert.equal(items.length, 0);
});

test('a test account subscribes to the preview and calls it', async () => {
  await subscribe(tester.client, 'flowers', 'free', 'preview');
  const answer = await until(
    'an answer',
    () => call(tester.client, 'flowers'),
    (r) => r.status === 200,
    20_000,
  );
  assert.equal(answer.headers.get('x-souk-version'), '1.0.0');
  assert.equal((await call(buyer.client, 'flowers')).status, 403);
});

test('after Go Live everybody finds it, and what is live is what was tested', async () => {
  const { items } = await publisher.client.ok(operations.listSubmissions, { params: { productId } });
  const [submission] = items;
  assert.ok(submission);
  const outdated = await publisher.client.send(operations.signOff, {
    params: { submissionId: submission.id },
    body: { revision: 7 },
  });
  assert.equal(outdated.status, 409);
  const released = await goLive(publisher.client, submission);
  assert.equal(released.state, 'released');
  await until(
    'the catalogue',
    () => buyer.client.ok(operations.searchCatalog, { query: { q: 'irsi' } }),
    (page) => page.items.length === 1,
    20_000,
  );
  const page = await buyer.client.ok(operations.getCatalogProduct, {
    params: { publisher: 'flowers', product: 'iris' },
  });
  assert.equal(page.revisionSha256, submission.revisionSha256);
  assert.equal(page.statement.verified, true);
  assert.equal(page.item.limited, false);
});

test('a visitor tries it on the page; the try is billed to nobody', async () => {
  const { Client } = await import('./souk.ts');
  const visitor = new Client(souk.url);
  const tried = await visitor.ok(operations.tryProduct, {
    params: { publisher: 'flowers', product: 'iris' },
    body: { contentType: 'application/json', body: sample() },
  });
  assert.equal(tried.status, 200);
});

test('a buyer subscribes, calls, and sees usage and an invoice that adds up', async () => {
  const subscription = await subscribe(buyer.client, 'flowers', 'pay');
  const first = await until(
    'an answer',
    () => call(buyer.client, 'flowers'),
    (r) => r.status === 200,
    20_000,
  );
  assert.ok((await first.text()).includes('label'));
  for (let i = 0; i < 4; i++) assert.equal((await call(buyer.client, 'flowers')).status, 200);
  assert.equal((await call(buyer.client, 'flowers', '{"nonsense"')).status, 400);
  const usage = await until(
    'the usage',
    () => buyer.client.ok(operations.getUsage, { params: { subscriptionId: subscription.id } }),
    (u) => u.total >= 5,
    20_000,
  );
  assert.equal(usage.total, 5);
  assert.equal(
    usage.rows.reduce((n, r) => n + r.clientErrors, 0),
    1,
  );
  const invoice = await buyer.client.ok(operations.getInvoice);
  const [line] = invoice.lines;
  assert.equal(line?.amount, '1.50');
  assert.equal(line?.billableQuantity, 3);
  assert.deepEqual(invoice.totals, [{ currency: 'USD', amount: '1.50' }]);
});

test('the same model answers the Open Inference Protocol through the gateway', async () => {
  const [s] = (await buyer.client.ok(operations.listSubscriptions)).items;
  const model = s?.versions[0]?.modelName ?? '';
  const answer = await call(
    buyer.client,
    'flowers',
    JSON.stringify({
      inputs: [{ name: 'features', datatype: 'FP32', shape: [1, 4], data: [5.1, 3.5, 1.4, 0.2] }],
    }),
    `/v2/models/${model}/infer`,
  );
  const text = await answer.text();
  assert.equal(answer.status, 200, text);
  assert.ok((JSON.parse(text) as { outputs: unknown[] }).outputs.length >= 2);
});

test('tensors go through the gateway as bytes, and come back as bytes', async () => {
  const [s] = (await buyer.client.ok(operations.listSubscriptions)).items;
  const model = s?.versions[0]?.modelName ?? '';
  const features = Buffer.from(new Float32Array([5.1, 3.5, 1.4, 0.2]).buffer);
  const head = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'features',
          datatype: 'FP32',
          shape: [1, 4],
          parameters: { binary_data_size: features.length },
        },
      ],
      outputs: [{ name: 'probabilities', parameters: { binary_data: true } }],
    }),
  );
  const answer = await fetch(`${buyer.client.url}/call/flowers/iris/v2/models/${model}/infer`, {
    method: 'POST',
    body: Buffer.concat([head, features]),
    headers: {
      authorization: `Bearer ${buyer.client.key}`,
      'inference-header-content-length': `${head.length}`,
    },
  });
  const body = Buffer.from(await answer.arrayBuffer());
  assert.equal(answer.status, 200, body.toString());
  const length = Number(answer.headers.get('inference-header-content-length'));
  const probabilities = new Float32Array(new Uint8Array(body.subarray(length)).buffer);
  assert.equal(probabilities.length, 3);
  assert.ok(Math.abs(probabilities.reduce((sum, p) => sum + p, 0) - 1) < 1e-5);
});
