import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type OperationId, operations } from '@souk/contract';
import type { Route } from '../../server/src/platform/http.ts';
import { type Answer, every, exampleOf, market, refusal, routes, sendExample } from './routes.walk.ts';

const ids = (words: string) => {
  const list = words.split(/\s+/).filter(Boolean);
  for (const id of list) assert.ok(id in operations, id);
  return list;
};
/** What visitors may do; a policy that opens more, or less, must be meant. */
const open = ids(`
  reportLeakedKey signUp signIn signOut requestPasswordReset completePasswordReset getSession listSignInProviders
  startSignInWithProvider finishSignInWithProvider getInvitation getMedia getPipeline searchCatalog
  getCatalogProduct getServiceHealth getMlBom getSample getStatement getSigningKey getPublisherPage tryProduct listInstanceTypes
  listRegions listReviews listPublicQuestions`);
/** What a viewer may do besides. */
const viewed = ids(`
  switchAccount createAccount getAccess getAccount listMembers listInvitations acceptInvitation listModelPackages
  getModelPackage listOwnServers listImages getImage getImageBom listAlgorithms getAlgorithm getPublisher getPublisherStanding listProducts getProduct getDraft getApplied planDraft getDraftDiff listSubmissions getSubmission
  followSubmission getSubmissionDiff listMyData listSubscriptions getSubscription getSnippets getUsage
  listTrainingJobs listTrainable getTrainingJob followTrainingJob getTrainingLog listTuningJobs getTuningJob
  listRunning listSubscriptionRunning listBuyers listPlanCodes getSubscriptionPlan exportBuyers getRemoval exportSubscription getPriceChanges getSubscriptionPrices
  listNotifications markNotificationsRead
  listEndpoints getEndpoint getEndpointTraffic listEndpointEvents
  listWebServices getWebService getWebServiceTraffic listWebServiceJobs
  listDisputes getDispute listExceptions listComments listVersions
  listProductReviews listQuestions getQuestion reportFeedback getGovernance getVerdict listAccessRequests`);
/** What a key without the scope `manage` may do: calls, which the gateway answers, and what it takes to find out what to call. */
const callable = ids(`
  getSession listSignInProviders getInvitation getMedia getPipeline searchCatalog getCatalogProduct
  getMlBom getServiceHealth getSample getStatement getSigningKey getPublisherPage listReviews listPublicQuestions
  startInference listInferences getInference`);
const has = (list: readonly string[], r: Route) => list.includes(r.operation.id);
const withParams = routes.filter((r) => r.operation.params);

const guarded = routes.filter((r) => !has(open, r));
every('without credentials everything but what visitors may do is 401', guarded, async (r) => {
  assert.deepEqual(refusal(await sendExample(r, { as: {} })), [401, 'request.unauthenticated']);
});

test('what visitors may do is tried as one', () => {
  for (const id of open) if (id !== 'getSession') assert.equal(exampleOf(id).as, market.visitor, id);
});

every('a key that is none is 401 everywhere: who sends one means it', routes, async (r) => {
  const a = await sendExample(r, { as: { authorization: 'Bearer souk_0000' } });
  assert.deepEqual(refusal(a), [401, 'account.key_malformed']);
});

every(
  'a viewer is refused what viewers may not do',
  routes.filter((r) => !has(open, r) && !has(viewed, r)),
  async (r) => {
    assert.deepEqual(refusal(await sendExample(r, { as: market.viewer })), [403, 'request.forbidden']);
  },
);

every(
  'a viewer may read',
  routes.filter((r) => has(viewed, r) && r.operation.method === 'GET'),
  async (r) => {
    const { status, error } = await sendExample(r, { as: market.viewer });
    // Where there is nothing to read, that is what a viewer is told too.
    assert.equal(status === 200 ? undefined : error?.code, exampleOf(r.operation.id).answers);
  },
);

every(
  'a key for calls is refused everything else',
  routes.filter((r) => !has(callable, r)),
  async (r) => {
    assert.deepEqual(refusal(await sendExample(r, { as: market.callKey })), [403, 'request.forbidden']);
  },
);

/** The same place with the name of something that does not exist. */
const absent = (params: object) =>
  Object.fromEntries(
    Object.entries(params).map(([name, value]) => {
      const text = String(value);
      // These two name somebody else, who is not what is asked for.
      if (name === 'publisher' || name === 'accountId') return [name, text];
      if (/^[0-9a-f]{64}$/.test(text)) return [name, 'f'.repeat(64)];
      return [name, text.includes('_') ? `${text.slice(0, 4)}${'0'.repeat(text.length - 4)}` : 'absent'];
    }),
  );
/** The answer without what differs between any two answers: the request’s id, and the name that was asked for. */
const words = (a: Answer, params: object) =>
  Object.values(params).reduce<string>(
    (text, value) => text.replaceAll(String(value), '<name>'),
    JSON.stringify([a.status, { ...a.error, requestId: null }]),
  );
/** What is put under a name of one's own choice is one's own: what another account has under it makes no difference. */
const ownNames = ids('putBucket');
const owned = withParams.filter((r) => !has(open, r) && !has(ownNames, r));

every('to a member of another account what exists looks like what does not', owned, async (r) => {
  const params = exampleOf(r.operation.id).params as object;
  const there = await sendExample(r, { as: market.other, params: { ...params } });
  const missing = await sendExample(r, { as: market.other, params: absent(params) });
  assert.ok(there.status === 404 || there.status === 403, `answers ${there.status}: ${there.body}`);
  assert.equal(words(there, params), words(missing, absent(params)));
});

every(
  'a preview that one is not invited to looks like nothing, to visitors and members alike',
  routes.filter((r) => r.operation.path.startsWith('/api/catalog/products/:')),
  async (r) => {
    const params = { ...(exampleOf(r.operation.id).params as object), product: 'hidden' };
    for (const as of [market.other, market.visitor]) {
      const there = await sendExample(r, { as, params });
      assert.deepEqual(refusal(there), [404, 'catalog.missing']);
      const nowhere = { ...params, product: 'absent' };
      assert.equal(words(there, params), words(await sendExample(r, { as, params: nowhere }), nowhere));
    }
  },
);

test('what belongs to another account cannot be named in a body either', async () => {
  const { ids, other } = market;
  const as = async (id: OperationId, payload: object) =>
    refusal(
      await sendExample(routes.find((r) => r.operation.id === id) ?? assert.fail(id), { as: other, payload }),
    );
  const eula = { planId: 'free', eulaSha256: '0'.repeat(64), acceptEula: true };
  const model = exampleOf('createModelPackage').body as object;
  assert.deepEqual(await as('createModelPackage', { ...model, uploadId: ids.uploadId }), [
    404,
    'upload.missing',
  ]);
  assert.deepEqual(
    await as('putPublisher', { slug: 'mine', displayName: 'Mine', logoSha256: ids.logoSha256 }),
    [404, 'blob.missing'],
  );
  assert.deepEqual(await as('putPublisher', { slug: 'flowers', displayName: 'Mine' }), [
    409,
    'publisher.slug_taken',
  ]);
  assert.deepEqual(await as('subscribe', { publisher: 'flowers', product: 'hidden', ...eula }), [
    404,
    'catalog.missing',
  ]);
});

const changing = routes.filter((r) => r.operation.method !== 'GET');
every('a change that relies on a cookie is refused from another site', changing, async (r) => {
  const { cookie = '' } = market.ownerCookie;
  for (const from of [
    { origin: 'https://evil.example' },
    { origin: 'null' },
    { 'sec-fetch-site': 'cross-site' },
    { 'sec-fetch-site': 'same-site' },
  ]) {
    const a = await sendExample(r, { as: { cookie, ...from } });
    const forbidden = /^(review|operator)|:(moderate|take-down|verify|reveal)$/.test(r.who.action);
    assert.deepEqual(
      refusal(a),
      [403, forbidden ? 'request.forbidden' : 'request.cross_site'],
      JSON.stringify(from),
    );
  }
});
