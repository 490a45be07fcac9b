import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { operations, type ServiceSection } from '@souk/contract';
import { localService, serviceMarket } from '../../../test/service-market.ts';
import { row, sql } from '../../platform/db.ts';

const metadata = `<?xml version="1.0" encoding="utf-8"?>
<edmx:Edmx Version="4.0" xmlns:edmx="http://docs.oasis-open.org/odata/ns/edmx"><edmx:DataServices><Schema Namespace="Flats" xmlns="http://docs.oasis-open.org/odata/ns/edm">
<ComplexType Name="Price"><Property Name="price" Type="Edm.Double" Nullable="false"/><Property Name="currency" Type="Edm.String"/></ComplexType>
<Function Name="Estimate"><Parameter Name="rooms" Type="Edm.Int32"/><ReturnType Type="Collection(Flats.Price)"/></Function>
<EntityContainer Name="C"><FunctionImport Name="Estimate" Function="Flats.Estimate"/></EntityContainer></Schema></edmx:DataServices></edmx:Edmx>`;

const market = await serviceMarket();
const owner = await market.publisher('flats');
let key = 'Bearer right';
const asked: string[] = [];
const service = await localService((request, response) => {
  asked.push(`${request.method} ${request.url}`);
  const path = request.url ?? '';
  const json = (value: unknown, status = 200) =>
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(value));
  if (path.startsWith('/away'))
    return response.writeHead(302, { location: 'http://169.254.169.254/latest/' }).end();
  if (path.startsWith('/bomb'))
    return response
      .writeHead(200, { 'content-encoding': 'gzip' })
      .end(gzipSync(Buffer.alloc(60_000_000, 32)));
  if (path.startsWith('/open')) return json({ rows: [{ price: 1 }] });
  if (request.headers.authorization !== key) return response.writeHead(401).end();
  if (path.endsWith('/$metadata'))
    return response.writeHead(200, { 'content-type': 'application/xml' }).end(metadata);
  if (path.startsWith('/odata/Estimate'))
    return json({ '@odata.context': 'x', value: [{ price: 12.5, currency: 'EUR' }] });
  if (path.startsWith('/rest')) return json({ rows: [{ price: 12.5, 'Scored Labels': 'dear' }] });
  return json({ nothing: true }, 404);
});
const authentication = { scheme: 'header', headerName: 'Authorization' } as const;
const odata = (path = '/odata'): ServiceSection => ({
  url: `${service.url}${path}`,
  authentication,
  isOData: true,
  sample: { operation: 'Estimate(rooms=3)' },
});
const rest = (path = '/rest'): ServiceSection => ({
  url: service.url,
  authentication,
  operations: [
    {
      name: 'Estimate',
      kind: 'function',
      parameters: [{ name: 'rooms', type: 'Edm.Int32' }],
      columns: [
        { name: 'price', type: 'Edm.Double' },
        { name: 'label', title: 'Scored Labels', type: 'Edm.String' },
      ],
      collection: true,
      request: { method: 'GET', path: `${path}?rooms={rooms}&provider=secret-part` },
      response: { format: 'json', rows: '$.rows[*]' },
    },
  ],
  sample: { operation: 'Estimate', arguments: { rooms: 3 } },
});
let products = 0;
async function productWith(section: ServiceSection, secret: string | null = 'Bearer right') {
  const productId = await market.product(owner, `flats-${++products}`, section);
  if (secret !== null)
    await owner.ok(operations.putServiceCredential, { params: { productId }, body: { secret } });
  return productId;
}
const tested = (productId: string) => owner.ok(operations.testConnection, { params: { productId } });
const seen = async (section: ServiceSection, secret: string | null = 'Bearer right') => {
  const { ok, steps, findings } = await tested(await productWith(section, secret));
  return { ok, failed: steps.find((s) => s.state === 'failed')?.step, code: findings[0]?.code, steps };
};

test('a new web service has the category of machine learning, a header to sign in with, and no versions', async () => {
  const made = await owner.ok(operations.createProduct, { body: { type: 'web-service', slug: 'fresh' } });
  const draft = await owner.ok(operations.getDraft, { params: { productId: made.id } });
  assert.deepEqual(draft.document, {
    listing: { categories: ['Machine Learning'] },
    service: { authentication },
  });
  const sections = draft.completeness.map((c) => c.section);
  assert.ok(sections.includes('service') && !sections.includes('versions'));
});

test('Test Connection passes each step of an OData service, and says what it offers', async () => {
  const { ok, steps, operations: offered, rows } = await tested(await productWith(odata()));
  assert.deepEqual([ok, offered, rows], [true, ['Estimate'], [{ price: 12.5, currency: 'EUR' }]]);
  assert.deepEqual(
    steps.map((s) => `${s.step} ${s.state}`),
    [
      'resolved ok',
      'allowed ok',
      'connected ok',
      'tls not-run',
      'credentials ok',
      'metadata ok',
      'sample ok',
    ],
  );
  assert.ok(steps.filter((s) => s.state === 'ok').every((s) => s.ms !== null));
});

test('Test Connection passes a described service', async () => {
  const { ok, steps, rows } = await tested(await productWith(rest()));
  assert.deepEqual([ok, rows], [true, [{ price: 12.5, label: 'dear' }]]);
  assert.ok(steps.some((s) => s.step === 'operations' && s.state === 'ok'));
});

test('each thing that keeps a service from being called fails in its own step with its own code', async () => {
  const found: unknown[] = [];
  for (const [section, secret] of [
    [odata(), null],
    [odata(), 'Bearer wrong'],
    [{ ...odata(), authentication: { scheme: 'none' } }, null],
    [{ ...odata(), url: 'http://10.0.0.1/odata' }, 'Bearer right'],
    [{ ...odata(), url: 'http://nowhere.invalid/odata' }, 'Bearer right'],
    [odata('/away'), 'Bearer right'],
    [odata('/bomb'), 'Bearer right'],
    [odata('/open'), 'Bearer right'],
    [{ ...odata(), sample: { operation: 'Nothing' } }, 'Bearer right'],
    [rest('/none'), 'Bearer right'],
    [rest('/away'), 'Bearer right'],
    [rest('/bomb'), 'Bearer right'],
  ] as const) {
    const { failed, code, steps } = await seen(section as ServiceSection, secret);
    found.push([failed, code]);
    const at = steps.findIndex((s) => s.state === 'failed');
    assert.ok(steps[at]?.remedy, JSON.stringify([section, steps]));
    assert.ok(
      steps.slice(at + 1).every((s) => s.state !== 'ok'),
      code,
    );
  }
  assert.deepEqual(found, [
    ['credentials', 'connection.credential_missing'],
    ['credentials', 'connection.credentials_refused'],
    ['credentials', 'connection.credentials_needed'],
    ['connected', 'connection.url_invalid'],
    ['resolved', 'connection.unresolved'],
    ['connected', 'connection.redirected'],
    ['connected', 'connection.too_large'],
    ['metadata', 'connection.metadata_unreadable'],
    ['sample', 'connection.sample_refused'],
    ['sample', 'connection.sample_nothing_found'],
    ['sample', 'connection.sample_redirected'],
    ['sample', 'connection.too_large'],
  ]);
});

test('a credential is sealed, goes to the server that it was given for, and comes back nowhere', async () => {
  const productId = await productWith(odata());
  const params = { productId };
  for (const [body, code] of [
    [{ secret: 'Bearer a\r\nX-Evil: 1' }, 'service.credential_invalid'],
    [{ secret: '' }, 'service.credential_invalid'],
  ] as const)
    assert.equal(await owner.refused(operations.putServiceCredential, { params, body }), code);
  const draft = await owner.ok(operations.getDraft, { params });
  const id = draft.document.service?.authentication?.credentialId ?? '';
  const kept = await row<{ sealed: string }>(
    market.database.db,
    sql`select sealed from service_credentials where id = ${id}`,
  );
  assert.ok(kept && !kept.sealed.includes('right'));
  const everything = JSON.stringify([
    draft,
    await owner.ok(operations.getProduct, { params }),
    await owner.ok(operations.listAudit, { query: { limit: 200 } }),
  ]);
  assert.ok(everything.includes('credential-given') && !everything.includes('Bearer right'));
  // Changed in place: nothing has to be released for a new key to work.
  await owner.ok(operations.putServiceCredential, { params, body: { secret: 'Bearer wrong' } });
  assert.equal((await tested(productId)).findings[0]?.code, 'connection.credentials_refused');
  const again = await owner.ok(operations.putServiceCredential, {
    params,
    body: { secret: 'Bearer right', draftOnly: true },
  });
  assert.notEqual(again.credentialId, id);
  // Another server is not sent it, and another product cannot name it.
  await market.edit(owner, productId, (d) => ({
    ...d,
    service: { ...d.service, url: 'http://127.0.0.1:9/odata' },
  }));
  const elsewhere = await tested(productId);
  assert.match(elsewhere.findings[0]?.message ?? '', /was given for/);
  const thief = await productWith(
    { ...odata(), authentication: { ...authentication, credentialId: again.credentialId } },
    null,
  );
  assert.equal((await tested(thief)).findings[0]?.code, 'connection.credential_missing');
  const copied = await owner.ok(operations.copyProduct, { params, body: { slug: 'flats-copy' } });
  const copy = await owner.ok(operations.getDraft, { params: { productId: copied.id } });
  assert.equal(copy.document.service?.authentication?.credentialId, undefined);
});

test('Test Connection warns of a service that answers the sample without the credential too', async () => {
  const { ok, findings } = await tested(await productWith(rest('/open')));
  assert.deepEqual(
    [ok, findings.map((f) => [f.code, f.severity])],
    [true, [['connection.open_to_all', 'warning']]],
  );
  assert.deepEqual((await tested(await productWith(rest()))).findings, []);
});

test('a service URL with a password is not called, and Test Connection shows no credential', async () => {
  for (const section of [odata(), rest()]) {
    const way = { authentication: { scheme: 'query', parameterName: 'apikey' } } as const;
    const productId = await productWith({ ...section, ...way }, 'hidden-key');
    await market.edit(owner, productId, (d) => ({
      ...d,
      service: { ...d.service, url: (d.service?.url ?? '').replace('//', '//user:hidden-word@') },
    }));
    const before = asked.length;
    const told = await tested(productId);
    assert.deepEqual([told.ok, told.findings[0]?.code], [false, 'connection.url_credentials']);
    assert.doesNotMatch(JSON.stringify(told), /hidden/);
    assert.equal(asked.length, before);
  }
});

test('a credential for another place of the request leaves what is live with its own', async () => {
  const productId = await productWith(rest());
  const params = { productId };
  const section = async () => (await owner.ok(operations.getDraft, { params })).document.service;
  const sealedOf = async (id: string) =>
    (
      await row<{ sealed: string }>(
        market.database.db,
        sql`select sealed from service_credentials where id = ${id}`,
      )
    )?.sealed;
  const live = (await section())?.authentication?.credentialId ?? '';
  const sealed = await sealedOf(live);
  const sent = await owner.ok(operations.submitProduct, { params, body: {} });
  await market.edit(owner, productId, (d) => ({
    ...d,
    service: { ...d.service, authentication: { scheme: 'query', parameterName: 'key', credentialId: live } },
  }));
  // Fit for a query, and in a header the beginning of another.
  const given = await owner.ok(operations.putServiceCredential, {
    params,
    body: { secret: 'x\u010aX-Evil: 1' },
  });
  assert.notEqual(given.credentialId, live);
  assert.equal((await section())?.authentication?.credentialId, given.credentialId);
  assert.ok(sealed);
  assert.equal(await sealedOf(live), sealed);
  await owner.ok(operations.cancelSubmission, { params: { submissionId: sent.id } });
});

test('Test Connection has a limit for each account', async () => {
  const busy = await market.publisher('busy');
  const productId = await market.product(busy, 'nowhere', {});
  for (let i = 0; i < 60; i++) {
    const { findings } = await busy.ok(operations.testConnection, { params: { productId } });
    assert.equal(findings[0]?.code, 'connection.url');
  }
  assert.equal(await busy.refused(operations.testConnection, { params: { productId } }), 'request.limited');
});

test('what is no web service has no credential and no connection', async () => {
  const made = await owner.ok(operations.createProduct, { body: { type: 'model-package', slug: 'a-model' } });
  const params = { productId: made.id };
  assert.equal(await owner.refused(operations.testConnection, { params }), 'service.not_a_service');
  assert.equal(
    await owner.refused(operations.putServiceCredential, { params, body: { secret: 'x' } }),
    'service.not_a_service',
  );
  const other = await market.person('other');
  const mine = { productId: await productWith(odata()) };
  assert.equal(await other.refused(operations.testConnection, { params: mine }), 'product.missing');
  assert.equal(
    await other.refused(operations.putServiceCredential, { params: mine, body: { secret: 'x' } }),
    'product.missing',
  );
});

test('a web service is published, reviewed by the operator, and subscribed to as version v1', async () => {
  const productId = await productWith(rest());
  const sent = await owner.ok(operations.submitProduct, { params: { productId }, body: {} });
  const previewed = await market.settled(owner, sent.id);
  const state = (s: typeof sent, name: string) => s.stages.find((x) => x.stage === name);
  assert.deepEqual(
    [previewed.state, previewed.stage],
    ['waiting', 'sign-off'],
    JSON.stringify(previewed.stages),
  );
  assert.deepEqual(
    previewed.stages.map((s) => s.stage),
    [
      'prerequisites',
      'connection',
      'certification',
      'trial-run',
      'packaging',
      'sign-off',
      'review',
      'release',
    ],
  );
  assert.ok(state(previewed, 'connection')?.evidence.some((e) => e.name === 'Sample call answered'));
  await owner.ok(operations.signOff, {
    params: { submissionId: sent.id },
    body: { revision: previewed.revision },
  });
  const reviewed = await market.settled(owner, sent.id);
  assert.deepEqual([reviewed.state, reviewed.stage], ['waiting', 'review']);
  const operator = await market.operator();
  await operator.ok(operations.reviewSubmission, {
    params: { submissionId: sent.id },
    body: { decision: 'approve', comment: 'Good.' },
  });
  const released = await market.settled(owner, sent.id);
  assert.equal(released.state, 'released', JSON.stringify(released.stages.at(-1)));

  const buyer = await market.person('buyer');
  const slug = `flats-${products}`;
  const page = await buyer.ok(operations.getCatalogProduct, {
    params: { publisher: 'flats', product: slug },
  });
  assert.deepEqual(
    [page.versions.map((v) => [v.number, v.state, v.choosable]), page.callPath, page.statement.verified],
    [[['v1', 'ready', true]], `/data/flats/${slug}/v1`, true],
  );
  assert.equal(page.versions[0]?.measured[0]?.calls, 8);
  assert.equal(page.service?.operations[0]?.columns[1]?.title, 'Scored Labels');
  assert.deepEqual(page.service?.sample?.rows, [{ price: 12.5, label: 'dear' }]);
  for (const hidden of ['secret-part', service.url, '$.rows'])
    assert.ok(!JSON.stringify(page).includes(hidden), hidden);

  const subscription = await buyer.ok(operations.subscribe, {
    body: {
      publisher: 'flats',
      product: slug,
      planId: 'free',
      eulaSha256: page.eula.sha256,
      acceptEula: true,
    },
  });
  assert.deepEqual([subscription.version, subscription.callPath], ['v1', page.callPath]);
  const snippets = await buyer.ok(operations.getSnippets, { params: { subscriptionId: subscription.id } });
  assert.ok(snippets.items.every((s) => s.code.includes(`/data/flats/${slug}/v1/Estimate?rooms=3`)));
  const entitled = await row<{ versions: string[] }>(
    market.database.db,
    sql`select versions from gateway_entitlements(${buyer.accountId})`,
  );
  assert.deepEqual(entitled?.versions, ['v1']);

  // A text calls the service no more; what is answered otherwise is refused.
  const calls = asked.length;
  await market.edit(owner, productId, (d) => ({
    ...d,
    listing: { ...d.listing, shortDescription: 'Says what flats cost.' },
  }));
  const text = await owner.ok(operations.submitProduct, { params: { productId }, body: {} });
  const carried = await market.settled(owner, text.id);
  assert.deepEqual(
    [state(carried, 'connection')?.state, state(carried, 'trial-run')?.state, asked.length],
    ['carried-over', 'carried-over', calls],
  );
  key = 'Bearer other';
  await owner.ok(operations.putServiceCredential, { params: { productId }, body: { secret: 'Bearer gone' } });
  await owner.ok(operations.cancelSubmission, { params: { submissionId: text.id } });
  const broken = await owner.ok(operations.submitProduct, { params: { productId }, body: {} });
  const refused = await market.settled(owner, broken.id);
  assert.deepEqual(
    [refused.state, state(refused, 'connection')?.findings[0]?.code],
    ['refused', 'connection.credentials_refused'],
  );
});
