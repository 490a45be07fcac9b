import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CatalogItem, Invoice, ModelPackage, Product, Submission, Subscription, Usage } from '@souk/contract';
import type { TSchema } from 'typebox';
import Value from 'typebox/value';
import { type Handlers, serveContract } from './testing/contract-server.ts';
import { runSouk } from './testing/run-souk.ts';
import {
  accountId,
  at,
  catalogProduct,
  id,
  modelPackage,
  product,
  submission,
  subscription,
} from './testing/samples.ts';

const usage: Usage = {
  from: at,
  to: at,
  bucket: 'hour',
  rows: [{ hour: at, dimension: 'inference.count', quantity: 7, clientErrors: 1, serverErrors: 0 }],
  total: 7,
  instanceSeconds: 0,
  quota: { limit: 5000, used: 7, dimension: 'inference.count', since: at, resetsAt: at, stops: true },
};
const invoice: Invoice = {
  accountId,
  month: '2026-11',
  state: 'so-far',
  from: at,
  to: at,
  lines: [],
  totals: [{ currency: 'USD', amount: '0.00' }],
  computedAt: at,
};
const pages = <T>(items: readonly T[]) => ({ items: [...items], nextCursor: null });
const handlers: Handlers = {
  listProducts: () => pages([product(), product({ id: id('prd', 1), slug: 'other' })]),
  listModelPackages: () => pages([modelPackage(), modelPackage({ name: 'iris-2' })]),
  listSubmissions: () => pages([submission()]),
  listSubscriptions: () => pages([subscription()]),
  getUsage: () => usage,
  getInvoice: () => invoice,
  searchCatalog: () => ({
    ...pages([catalogProduct.item]),
    total: 1,
    totalIsMore: false,
    facets: { type: [], category: [], priceKind: [], publisher: [], contentType: [], rating: [] },
    suggestion: null,
  }),
};

const shapes: readonly (readonly [string, number, TSchema])[] = [
  ['products list', 2, Product],
  ['products show iris', 1, Product],
  ['models list', 2, ModelPackage],
  ['submissions list iris', 1, Submission],
  ['submissions show iris', 1, Submission],
  ['subscriptions list', 1, Subscription],
  ['subscriptions show fisher-lab/iris', 1, Subscription],
  ['usage fisher-lab/iris', 1, Usage],
  ['invoice', 1, Invoice],
  ['search iris', 1, CatalogItem],
];
for (const [line, items, schema] of shapes)
  test(`souk ${line} --json gives one line per item, as the API words it`, async () => {
    await using server = await serveContract(handlers);
    const ran = await runSouk(['--json', ...line.split(' ')], { url: server.url });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.json.length, items);
    for (const item of ran.json) assert.deepEqual(Value.Errors(schema, item), []);
    const behind = await runSouk([...line.split(' '), '--json'], { url: server.url });
    assert.equal(behind.stdout, ran.stdout);
  });

test('without --json the same answers are a table on stdout, and nothing else is', async () => {
  await using server = await serveContract(handlers);
  const { stdout, code } = await runSouk(['products', 'list'], { url: server.url });
  assert.equal(code, 0);
  const lines = stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^PRODUCT +TITLE +STATE/);
  assert.match(lines[1] ?? '', /^fisher-lab\/iris +Iris +draft/);
  assert.equal(lines.length, 3);
});

test('an empty list is an empty stdout, and says what to do', async () => {
  await using server = await serveContract({ listProducts: () => pages([]) });
  const { stdout, stderr, code } = await runSouk(['products', 'list'], { url: server.url });
  assert.deepEqual([stdout, code], ['', 0]);
  assert.match(stderr, /souk push/);
});

test('lists walk the pages up to the limit, and say that there is more', async () => {
  const all = Array.from({ length: 250 }, (_, i) => product({ slug: `p${i}` }));
  await using server = await serveContract({
    listProducts: ({ query }) => {
      const from = Number(query.cursor ?? 0);
      const to = from + (query.limit ?? 50);
      return { items: all.slice(from, to), nextCursor: to < all.length ? String(to) : null };
    },
  });
  const some = await runSouk(['products', 'list', '--limit', '120', '--json'], { url: server.url });
  assert.equal(some.json.length, 120);
  assert.match(some.stderr, /more/);
  const every = await runSouk(['products', 'list', '--limit', '1000', '--json'], { url: server.url });
  assert.equal(every.json.length, 250);
  assert.equal(every.stderr, '');
});

test('a new key is all that goes to stdout', async () => {
  const details = {
    id: id('key'),
    name: 'ci',
    hint: 'souk_…abcd',
    scopes: ['call' as const],
    products: null,
    abilities: [],
    state: 'active' as const,
    createdBy: 'ada@example.com',
    createdAt: at,
    expiresAt: null,
    lastUsedAt: null,
    replacedBy: null,
    leak: null,
  };
  await using server = await serveContract({
    createApiKey: ({ body }) => ({
      key: 'souk_secret',
      details: { ...details, scopes: body.scopes ?? ['call'] },
    }),
  });
  const argv = ['keys', 'create', '--name', 'ci', '--scope', 'call,manage'];
  assert.equal((await runSouk(argv, { url: server.url })).stdout, 'souk_secret\n');
  const { json } = await runSouk([...argv, '--json'], { url: server.url });
  assert.deepEqual(json, [{ key: 'souk_secret', details: { ...details, scopes: ['call', 'manage'] } }]);
});
