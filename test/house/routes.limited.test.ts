import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Ability, NewApiKey } from '@souk/contract';
import type { Static } from 'typebox';
import type { Route } from '../../server/src/platform/http.ts';
import { type Answer, every, exampleOf, market, refusal, routes, sendExample } from './routes.walk.ts';

/** A key that is limited to one product (roses), against every route: what lies in a CI system must open nothing else. */
const words = (text: string) => text.split(/\s+/).filter(Boolean);

/** What such a key reaches with every ability: what names its product, what narrows itself to it, and who it is. */
const ofProducts =
  /^(product:(list|read|edit|submit|release|usage)|model:(read|manage)|upload:create|submission:retry)$/;
const placed = /:(productId|submissionId|uploadId)\b|^\/api\/(model-packages|algorithms)\/:name\b/;
const isReached = ({ who, operation }: Route) =>
  ofProducts.test(who.action) && (placed.test(operation.path) || who.narrowed);
/** To these the key is a visitor, or they tell who one is. */
const isOpen = (r: Route) => /^(session|catalog|instance-type):/.test(r.who.action);
const as = market.limitedKey;

test('what is reached without a product in the path is few, and meant', () => {
  assert.deepEqual(
    routes.filter((r) => r.who.narrowed).map((r) => r.operation.id),
    words('createUpload createModelPackage listModelPackages registerAlgorithm listAlgorithms listProducts'),
  );
});

every(
  'a key limited to a product is refused everything that is not about its product',
  routes.filter((r) => !isReached(r) && (!isOpen(r) || /:change|:create/.test(r.who.action))),
  async (r) => {
    const answer = await sendExample(r, { as });
    // What visitors do without a credential, signing up and in, has nothing to do with the key.
    if (r.who.action === 'session:create') return;
    assert.deepEqual(refusal(answer), [403, 'request.key_limited']);
  },
);

const others: Readonly<Record<string, string>> = {
  productId: market.ids.liveProductId,
  submissionId: market.ids.endedSubmissionId,
  uploadId: market.ids.uploadId,
  name: market.ids.spareModelName,
};
const absent: Readonly<Record<string, string>> = {
  productId: `prd_${'0'.repeat(20)}`,
  submissionId: `sbm_${'0'.repeat(20)}`,
  uploadId: `upl_${'0'.repeat(20)}`,
  name: 'absent',
};
const withoutName = (a: Answer, name: string) =>
  JSON.stringify([a.status, { ...a.error, requestId: null }]).replaceAll(name, '<name>');

every(
  'what belongs to other products of the same account looks like what does not exist',
  routes.filter((r) => isReached(r) && r.operation.params),
  async (r) => {
    const given = exampleOf(r.operation.id).params as Record<string, unknown>;
    const param = Object.keys(others).find((name) => name in given) ?? assert.fail('names nothing');
    const [other = '', nothing = ''] = [others[param], absent[param]];
    const there = await sendExample(r, { as, params: { ...given, [param]: other } });
    const missing = await sendExample(r, { as, params: { ...given, [param]: nothing } });
    assert.equal(there.status, 404, `answers ${there.status}: ${there.body}`);
    assert.equal(withoutName(there, other), withoutName(missing, nothing));
  },
);

every(
  'no list or page that it reads names another product, submission or model of the account',
  routes.filter((r) => (isReached(r) || isOpen(r)) && r.operation.method === 'GET'),
  async (r) => {
    const own = { productId: market.ids.productId, submissionId: market.ids.submissionId };
    const example = exampleOf(r.operation.id);
    const given = (example.params ?? {}) as Record<string, unknown>;
    const params = Object.fromEntries(
      Object.keys(given).map((name) => [name, own[name as keyof typeof own] ?? given[name]]),
    );
    // Without a subject of its own this would follow a stream that does not end while the submission runs.
    if (r.operation.outputType === 'text/event-stream') return;
    const { body } = await sendExample(r, { as, params });
    for (const hidden of [
      'tulips',
      'weeds',
      market.ids.spareProductId,
      market.ids.endedSubmissionId,
      market.ids.spareModelName,
    ])
      assert.ok(!body.includes(hidden), `shows ${hidden}: ${body.slice(0, 300)}`);
  },
);

test('towards the catalogue it is a visitor: previews of the account are not shown to it', async () => {
  const r = routes.find((x) => x.operation.id === 'getCatalogProduct') ?? assert.fail();
  const params = { publisher: 'flowers', product: 'hidden' };
  assert.equal((await sendExample(r, { as: market.owner, params })).status, 200);
  assert.deepEqual(refusal(await sendExample(r, { as, params })), [404, 'catalog.missing']);
});

const needs: Readonly<Record<Ability, readonly string[]>> = {
  view: words(
    'getProduct getDraft getDraftDiff listSubmissions listProducts listModelPackages getModelPackage',
  ),
  edit: words('putDraft putAudience createUpload applyDraft'),
  register: words('createModelPackage createUpload'),
  submit: words('submitProduct cancelSubmission retrySubmission'),
  release: words('signOff'),
  reports: words('getProductUsage getOwnServiceHealth listProductSubscriptions'),
};

test('an ability opens its own operations and no others, and reading is part of each', async () => {
  const all = [...new Set(Object.values(needs).flat())];
  for (const [ability, own] of Object.entries(needs)) {
    const made = await market.souk.app.inject({
      method: 'POST',
      url: '/api/account/keys',
      headers: { ...market.owner },
      payload: { name: ability, products: ['roses'], abilities: [ability] },
    });
    const { key } = made.json<Static<typeof NewApiKey>>();
    for (const id of all) {
      const r = routes.find((x) => x.operation.id === id) ?? assert.fail(id);
      // An empty body is enough: who may do it is asked before what is sent is read.
      const answer = await sendExample(r, {
        as: { authorization: `Bearer ${key}` },
        params: {
          productId: market.ids.productId,
          submissionId: market.ids.submissionId,
          name: market.ids.modelName,
        },
        ...(r.operation.body ? { payload: {} } : {}),
      });
      const may = own.includes(id) || needs.view.includes(id);
      assert.equal(
        answer.status !== 403,
        may,
        `${ability} ${id}: ${answer.status} ${answer.body.slice(0, 200)}`,
      );
    }
  }
});

test('a key for products is refused without products, without abilities, for calls, and for what is not the account’s', async () => {
  const r = routes.find((x) => x.operation.id === 'createApiKey') ?? assert.fail();
  const body = { name: 'ci', products: ['roses'], abilities: ['edit'] };
  for (const [change, says] of [
    [{ abilities: undefined }, 'no ability was given'],
    [{ products: undefined }, 'no product was given'],
    [{ scopes: ['call'] }, 'a scope for calls was given'],
    [{ scopes: ['manage', 'call'] }, 'a scope for calls was given'],
    [{ products: ['absent'] }, 'this account has no product absent'],
  ] as const) {
    const answer = await sendExample(r, { as: market.owner, payload: { ...body, ...change } });
    assert.deepEqual(refusal(answer), [400, 'account.key_products']);
    assert.match(answer.error?.message ?? '', new RegExp(says));
  }
  const others = await sendExample(r, { as: market.other, payload: body });
  assert.match(others.error?.message ?? '', /this account has no product roses/);
});

test('the limit stays with the product: its key sees nothing of a new product of the same name', async () => {
  const { souk, owner } = market;
  const send = async (method: 'POST' | 'GET' | 'DELETE', url: string, headers: object, payload?: object) =>
    souk.app.inject({ method, url, headers: { ...headers }, ...(payload ? { payload } : {}) });
  const create = async () =>
    (await send('POST', '/api/products', owner, { type: 'model-package', slug: 'lilies' })).json<{
      id: string;
    }>().id;
  const first = await create();
  const made = await send('POST', '/api/account/keys', owner, {
    name: 'lilies',
    products: [first],
    abilities: ['edit'],
  });
  const headers = { authorization: `Bearer ${made.json<{ key: string }>().key}` };
  assert.equal((await send('GET', `/api/products/${first}`, headers)).statusCode, 200);
  assert.equal((await send('DELETE', `/api/products/${first}`, headers)).statusCode, 204);
  const second = await create();
  assert.equal((await send('GET', `/api/products/${second}`, headers)).statusCode, 404);
  await send('DELETE', `/api/products/${second}`, owner);
});
