import assert from 'node:assert/strict';
import { test } from 'node:test';
import { errorRegistry, type OperationId, operations } from '@souk/contract';
import { every, exampleOf, known, pointers, refusal, routes, sendExample } from './routes.walk.ts';

const withBody = routes.filter((r) => r.operation.body);
const withParams = routes.filter((r) => r.operation.params);

test('every operation of the contract has a route, every route an operation, each once', () => {
  assert.deepEqual(routes.map((r) => r.operation.id).sort(), Object.keys(operations).sort());
  for (const { operation: o } of routes) {
    const own = operations[o.id as OperationId];
    assert.deepEqual([o.method, o.path, o.id], [own.method, own.path, own.id]);
    for (const code of o.errors) assert.ok(code in errorRegistry, `${o.id} declares ${code}`);
  }
});

every('an unknown field of a body is 400, with a finding that points to it', withBody, async (r) => {
  const body = exampleOf(r.operation.id).body as object;
  const a = await sendExample(r, { payload: { ...body, surprise: 1 } });
  assert.deepEqual(refusal(a), [400, 'request.invalid']);
  assert.deepEqual(pointers(a), ['/body/surprise']);
});

every('a body that is no object, or malformed, is 400', withBody, async (r) => {
  for (const payload of ['{"a": ', '[]', '"text"', '', '1'])
    assert.deepEqual(
      refusal(await sendExample(r, { payload, headers: { 'content-type': 'application/json' } })),
      [400, 'request.invalid'],
      payload,
    );
});

every('a body in another form is 415', withBody, async (r) => {
  for (const type of [
    'text/plain',
    'application/octet-stream',
    'application/xml',
    'application/x-www-form-urlencoded',
    'multipart/form-data; boundary=x',
  ])
    assert.deepEqual(
      refusal(await sendExample(r, { payload: 'a=b', headers: { 'content-type': type } })),
      [415, 'request.unsupported_media_type'],
      type,
    );
});

every(
  'bytes are taken as application/octet-stream only',
  routes.filter((r) => r.operation.bodyType),
  async (r) => {
    for (const type of ['application/json', 'text/plain'])
      assert.deepEqual(
        refusal(await sendExample(r, { payload: '{}', headers: { 'content-type': type } })),
        [415, 'request.unsupported_media_type'],
        type,
      );
  },
);

every('an oversized body is 413', withBody, async (r) => {
  const sizeBytes = (r.bodySizeBytesMax ?? 4 * 1024 * 1024) + 1;
  const a = await sendExample(r, {
    payload: Buffer.alloc(sizeBytes, 32),
    headers: { 'content-type': 'application/json' },
  });
  assert.deepEqual(refusal(a), [413, 'request.too_large']);
});

const bodyless = routes.filter(
  (r) => !r.operation.body && !r.operation.bodyType && r.operation.method !== 'GET',
);
every('an operation without a body refuses one', bodyless, async (r) => {
  assert.deepEqual(refusal(await sendExample(r, { payload: { surprise: 1 } })), [400, 'request.invalid']);
});

const closedQuery = routes.filter((r) => r.operation.id !== 'finishSignInWithProvider');
every('an unknown query parameter is 400, with a finding that points to it', closedQuery, async (r) => {
  const query = { ...(exampleOf(r.operation.id).query as object), surprise: 'x' };
  const a = await sendExample(r, { query });
  assert.deepEqual(refusal(a), [400, 'request.invalid']);
  assert.deepEqual(pointers(a), ['/query/surprise']);
});

every(
  'a path parameter of the wrong form is 400, with a finding that points to it',
  withParams,
  async (r) => {
    for (const name of Object.keys(exampleOf(r.operation.id).params as object)) {
      const params = { ...(exampleOf(r.operation.id).params as object), [name]: '*'.repeat(300) };
      const a = await sendExample(r, { params });
      assert.deepEqual(refusal(a), [400, 'request.invalid']);
      assert.ok(pointers(a).includes(`/params/${name}`), JSON.stringify(pointers(a)));
    }
  },
);

const paged = routes.filter(
  (r) => 'cursor' in ((r.operation.query as { properties?: object })?.properties ?? {}),
);
every('a cursor that no list gave is no fault of ours', paged, async (r) => {
  for (const cursor of ['nonsense', '-1', "'", '9'.repeat(40), '%00', '\u0000']) {
    const a = await sendExample(r, { query: { cursor } });
    assert.ok(a.status < 500, `${JSON.stringify(cursor)} answers ${a.status} ${a.body}`);
  }
});

every(
  'what is right is answered as the contract says, or refused as it says',
  Object.keys(known).map((id) => routes.find((r) => r.operation.id === id) ?? assert.fail(id)),
  async (r) => {
    const { answers } = exampleOf(r.operation.id);
    const a = await sendExample(r);
    if (answers) {
      assert.equal(a.error?.code, answers, a.body);
      assert.ok((r.operation.errors as readonly string[]).includes(answers), `${answers} is not declared`);
    } else assert.equal(a.status, r.operation.status ?? 200, a.body);
  },
);
