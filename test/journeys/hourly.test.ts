import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Invoice, operations } from '@souk/contract';
import { createIris, goLive, settled, submit, subscribe } from './publish.ts';
import {
  createOperator,
  type Person,
  type RunningSouk,
  refusal,
  removeFolder,
  signUp,
  startSouk,
  until,
} from './souk.ts';

/** A plan by the hour from its listing to the invoice: an endpoint runs, costs while it runs, and ends with its subscription. */
let souk: RunningSouk;
let publisher: Person;
let buyer: Person;
let subscriptionId: string;
const type = 'ml.t3.medium';
const dimension = `realtime.seconds.${type}`;

before(async () => {
  souk = await startSouk();
  [, publisher, buyer] = await Promise.all([
    createOperator(souk),
    signUp(souk.url, 'publisher'),
    signUp(souk.url, 'buyer'),
  ]);
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

test('a plan by the hour is checked against what the model runs on, and goes live', async () => {
  const { client } = publisher;
  const product = await createIris(publisher, 'flowers');
  const params = { productId: product.id };
  const { document } = await client.ok(operations.getDraft, { params });
  const save = async (instanceType: string) => {
    const { version } = await client.ok(operations.getDraft, { params });
    const parts = [
      {
        kind: 'usage' as const,
        dimension: `realtime.seconds.${instanceType}`,
        unit: 'hour' as const,
        pricePerUnit: '3600',
      },
    ];
    const plans = [...(document.plans ?? []), { id: 'hours', name: 'By the hour', currency: 'USD', parts }];
    return client.ok(operations.putDraft, { params, body: { version, document: { ...document, plans } } });
  };
  const { findings } = await save('ml.none');
  assert.ok(findings.some((f) => f.code === 'document.price_instance_type' && f.severity === 'error'));
  await save(type);
  const preview = await settled(client, await submit(client, product.id));
  assert.equal((await goLive(client, preview)).state, 'released');
});

test('an endpoint of its subscriber costs by the second, the plan’s price and the marketplace’s', async () => {
  const { client } = buyer;
  await until(
    'the product in the catalogue',
    () => client.send(operations.getCatalogProduct, { params: { publisher: 'flowers', product: 'iris' } }),
    (page) => page.status === 200,
  );
  ({ id: subscriptionId } = await subscribe(client, 'flowers', 'hours'));
  await client.ok(operations.createEndpoint, {
    body: { name: 'flowers', subscriptionId, instanceType: type },
  });
  const running = await until(
    'an instance that runs',
    () => client.ok(operations.listRunning),
    ({ items }) => items.some((i) => i.instances.length > 0),
  );
  const [item] = running.items;
  assert.deepEqual(
    [item?.kind, item?.name, item?.instances[0]?.software.pricePerHour],
    ['endpoint', 'flowers', '3600'],
  );
  const line = (i: Invoice, payee: 'publisher' | 'operator') =>
    i.lines.find(
      (l) => l.dimension === dimension && l.payee === payee && l.subscriptionId === subscriptionId,
    );
  const invoice = await until(
    'seconds on the invoice',
    () => client.ok(operations.getInvoice),
    (i) => (line(i, 'publisher')?.quantity ?? 0) > 0,
    60_000,
  );
  const own = line(invoice, 'publisher');
  assert.equal(own?.amount, `${own?.quantity}.00`, 'a dollar a second');
  assert.equal(line(invoice, 'operator')?.quantity, own?.quantity);
});

test('cancelling names the endpoint, stops it on confirmation, and leaves nothing that runs', async () => {
  const { client } = buyer;
  const params = { subscriptionId };
  const { status, code } = await refusal(client, operations.cancelSubscription, { params });
  assert.deepEqual([status, code], [409, 'subscription.running']);
  const ended = await client.ok(operations.cancelSubscription, { params, query: { stopRunning: true } });
  assert.equal(ended.state, 'ended');
  await until(
    'the end of what runs',
    () => client.ok(operations.listRunning),
    ({ items }) => items.length === 0,
    60_000,
  );
  const { instanceSeconds } = await client.ok(operations.getUsage, { params });
  const { lines } = await client.ok(operations.getInvoice);
  const own = lines.find((l) => l.dimension === dimension && l.payee === 'publisher');
  assert.equal(own?.quantity, instanceSeconds);
});
