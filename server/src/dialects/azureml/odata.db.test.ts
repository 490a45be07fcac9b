import assert from 'node:assert/strict';
import { test } from 'node:test';
import { testWebServices } from '../../../test/webservices.ts';

const market = await testWebServices();
market.startNode();
const { service, key } = await market.deploy();
await market.answering(service, key);
const root = `${market.gatewayUrl()}/odata/workspaces/${service.workspace}/services/${service.endpoints[0]?.id}`;
const basic = { authorization: `Basic ${Buffer.from(`anybody:${key}`).toString('base64')}` };
const bearer = { authorization: `Bearer ${key}` };
const values = 'features_1=5.5,features_2=3.5,features_3=1.3,features_4=0.2';

test('OData: service document and metadata, with Basic or Bearer', async () => {
  const document = await fetch(root, { headers: basic });
  assert.deepEqual([document.status, document.headers.get('odata-version')], [200, '4.0']);
  const metadata = await fetch(`${root}/$metadata`, { headers: bearer });
  assert.match(metadata.headers.get('content-type') ?? '', /application\/xml/);
  assert.match(await metadata.text(), /<Function Name="Score"/);
});

test('OData: Score as a function, as an action, and of many rows in one call', async () => {
  const one = await fetch(`${root}/Score(${values})`, { headers: basic });
  assert.equal(one.status, 200);
  const answer = (await one.json()) as Record<string, unknown>;
  assert.deepEqual([answer.label, typeof answer.probabilities_1], ['setosa', 'number']);
  const rowOf = (list: number[]) => Object.fromEntries(list.map((v, i) => [`features_${i + 1}`, v]));
  const post = (path: string, body: unknown) =>
    fetch(`${root}/${path}`, {
      method: 'POST',
      headers: { ...bearer, 'content-type': 'application/json' },
      body: JSON.stringify(body),
    });
  const action = await post('Score', rowOf([5.5, 3.5, 1.3, 0.2]));
  assert.equal(((await action.json()) as { label: string }).label, 'setosa');
  const batch = await post('ScoreBatch', {
    rows: [rowOf([5.5, 3.5, 1.3, 0.2]), rowOf([6.3, 2.9, 5.6, 1.8])],
  });
  const { value } = (await batch.json()) as { value: { label: string }[] };
  assert.deepEqual(
    value.map((v) => v.label),
    ['setosa', 'virginica'],
  );
});

test('OData: what is wrong is an OData error, with the request id', async () => {
  const refused = async (path: string, headers: Record<string, string> = bearer) => {
    const answer = await fetch(`${root}/${path}`, { headers });
    assert.ok(answer.headers.get('x-ms-request-id'));
    const { error } = (await answer.json()) as { error: { code: string; message: string } };
    assert.ok(error.message);
    return [answer.status, error.code];
  };
  assert.deepEqual(await refused('', { authorization: 'Bearer souk_wrong' }), [401, 'Unauthorized']);
  assert.deepEqual(await refused(`Score(${values.replace('5.5', "'x'")})`), [400, 'odata.wrong_type']);
  assert.deepEqual(await refused('Score(features_1=5.5)'), [400, 'odata.missing_parameter']);
  assert.deepEqual(await refused('Nothing'), [404, 'odata.not_found']);
});

test('OData: a page of another origin may ask first, without a key, and reads what it needs of the answer', async () => {
  const headers = { origin: 'https://page.example', 'access-control-request-method': 'POST' };
  const asked = await fetch(`${root}/Score`, { method: 'OPTIONS', headers });
  assert.equal(asked.status, 204);
  assert.equal(asked.headers.get('access-control-allow-origin'), '*');
  assert.match(asked.headers.get('access-control-allow-methods') ?? '', /\bPOST\b/);
  assert.match(asked.headers.get('access-control-allow-headers') ?? '', /authorization/);
  const answer = await fetch(`${root}/Score(${values})`, { headers: { ...bearer, origin: headers.origin } });
  assert.match(answer.headers.get('access-control-expose-headers') ?? '', /x-ms-request-id/);
});

test('OData: who may try again is told when, as over request-response', async () => {
  market.hold.instead = (outgoing) => void outgoing.destroy();
  const answer = await fetch(`${root}/Score(${values})`, { headers: bearer });
  market.hold.instead = undefined;
  const { error } = (await answer.json()) as { error: { code: string } };
  assert.deepEqual([answer.status, error.code, answer.headers.get('retry-after')], [500, 'ModelFailed', '1']);
});
