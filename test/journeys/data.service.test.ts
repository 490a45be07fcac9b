import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { operations, type Product, type Subscription } from '@souk/contract';
import { usageAtRest } from './callers.ts';
import { kill } from './kill.ts';
import { subscribe } from './publish.ts';
import { createService, publishService, type RunningService, startEstimator } from './service.ts';
import { type Person, type RunningSouk, removeFolder, signUp, startSouk, until } from './souk.ts';

/** A publisher’s own web service, from its key to a buyer’s metered calls; and what is left of them when the gateway is killed. */
let souk: RunningSouk;
let service: RunningService;
let publisher: Person;
let buyer: Person;
let product: Product;
let subscription: Subscription;

before(async () => {
  service = await startEstimator();
  souk = await startSouk({ env: { SOUK_OUTBOUND_ALLOW: new URL(service.url).host } });
  publisher = await signUp(souk.url, 'publisher');
  buyer = await signUp(souk.url, 'buyer');
});
after(async () => {
  await souk?.stop();
  service.stop();
  if (souk) removeFolder(souk.dataDir);
});

/** What the answers said that they cost, together. */
let transactions = 0;

/** Asks the service as a buyer’s program does; undefined where the connection broke. */
async function ask(path: string, body?: unknown) {
  try {
    const answer = await fetch(`${souk.url}/data/city/price-estimator/v1${path}`, {
      ...(body ? { method: 'POST', body: JSON.stringify(body) } : {}),
      headers: {
        authorization: `Bearer ${buyer.client.key}`,
        ...(body ? { 'content-type': 'application/json' } : {}),
      },
    });
    const text = await answer.text();
    const cost = answer.headers.get('x-souk-transactions');
    if (answer.status === 200) transactions += Number(cost);
    return { status: answer.status, cost, text };
  } catch {
    return undefined;
  }
}
const flat = { District: 'Altstadt', AreaSqm: 72.5, Rooms: 3, YearBuilt: 1998, Floor: 2, Balcony: true };
const one = "/EstimatePrice(District='Altstadt',AreaSqm=72.5,Rooms=3,YearBuilt=1998,Floor=2,Balcony=true)";
const answering = () =>
  until(
    'an answer',
    () => ask(one),
    (a) => a?.status === 200,
  );

test('the service is tested, published and reviewed, and nobody is told its key', async () => {
  product = await createService(publisher.client, 'city', service);
  const params = { productId: product.id };
  const tested = await publisher.client.ok(operations.testConnection, { params });
  assert.ok(tested.ok, JSON.stringify(tested));
  const released = await publishService(publisher.client, product);
  assert.equal(released.state, 'released', released.message);
  const draft = await publisher.client.ok(operations.getDraft, { params });
  assert.ok(!JSON.stringify([tested, draft, released]).includes(service.credential.slice(7)));
});

test('a buyer subscribes and asks; each hundred rows that are begun are one transaction', async () => {
  subscription = await subscribe(buyer.client, 'city', 'free', undefined, 'price-estimator');
  const answer = await answering();
  assert.equal(answer?.cost, '1');
  const { PriceEur, LowEur, HighEur } = JSON.parse(answer?.text ?? '') as Record<string, number>;
  assert.ok(Number(LowEur) < Number(PriceEur) && Number(PriceEur) < Number(HighEur), answer?.text);
  const many = await ask('/EstimatePrices', { Flats: Array.from({ length: 101 }, () => flat) });
  assert.deepEqual([many?.status, many?.cost], [200, '2'], many?.text);
  const refused = await ask("/EstimatePrice?District='Mars'");
  assert.deepEqual([refused?.status, refused?.cost], [400, '0'], refused?.text);
});

test('a gateway that is killed right after its answers loses none of their transactions, and none counts twice', async () => {
  for (let round = 0; round < 3; round++) {
    // As many as the plan answers at the same time; nothing is under way when the gateway is killed.
    const answers = await Promise.all(Array.from({ length: 20 }, () => ask(one)));
    kill(souk, 'gateway');
    assert.deepEqual([...new Set(answers.map((a) => a?.status))], [200]);
    await answering();
  }
  assert.equal(await usageAtRest(buyer.client, subscription, transactions), transactions);
  assert.ok(transactions >= 66, `${transactions}`);
});
