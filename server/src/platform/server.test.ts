import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import type { ErrorBody, Operation } from '@souk/contract';
import { Type } from 'typebox';
import { newAuthorizer, visitor } from './authorize.ts';
import { openDatabase, sql } from './db.ts';
import { fail } from './errors.ts';
import { may, type Route } from './http.ts';
import { newLog } from './log.ts';
import { newMetrics } from './metrics.ts';
import { buildServer } from './server.ts';

const log = newLog('test', 'silent');
const nowhere = openDatabase('postgres://souk:x@127.0.0.1:1/souk', log);
const thrown: Record<string, () => unknown> = {
  declared: () => fail('product.slug_taken', { slug: 'iris' }),
  limited: () => fail('request.limited', { seconds: 7 }),
  away: () => sql`select 1`.execute(nowhere.db),
  unknown: () => {
    throw new Error('password=hunter2 at 10.0.0.7');
  },
  misshapen: () => ({ name: 7 }),
  good: () => ({ name: 'x' }),
};
const operation = (more: Partial<Operation> & Pick<Operation, 'id' | 'path'>): Operation =>
  ({
    method: 'GET',
    tag: 'test',
    summary: 'x',
    output: null,
    errors: ['product.slug_taken', 'request.limited'],
    ...more,
  }) as Operation;
const routes: Route[] = [
  ...Object.entries(thrown).map(([name, run]) => ({
    operation: operation({ id: name, path: `/${name}`, output: Type.Object({ name: Type.String() }) }),
    who: may('catalog:read'),
    handle: async () => run(),
  })),
  {
    operation: operation({
      id: 'post',
      path: '/post',
      method: 'POST',
      body: Type.Object(
        { name: Type.String({ maxLength: 5 }), n: Type.Optional(Type.Integer()) },
        { additionalProperties: false },
      ),
    }),
    who: may('catalog:read'),
    handle: async () => undefined,
  },
  {
    operation: operation({
      id: 'query',
      path: '/query/:id',
      params: Type.Object({ id: Type.String({ pattern: '^[a-z]+$' }) }),
      query: Type.Object(
        { limit: Type.Optional(Type.Integer({ maximum: 10 })) },
        { additionalProperties: false },
      ),
    }),
    who: may('catalog:read'),
    handle: async () => undefined,
  },
  {
    operation: operation({ id: 'members', path: '/members' }),
    who: may('product:edit'),
    handle: async () => undefined,
  },
];
const app = buildServer({
  routes,
  authorizer: newAuthorizer(),
  placeOf: async (_, { id }) => ({ type: 'Account', id, products: [] }),
  authenticate: async () => visitor,
  log,
  metrics: newMetrics(),
  bodySizeBytesMax: 1000,
  origins: [],
  checkAnswers: true,
});
after(async () => {
  await app.close();
  await nowhere.close();
});
const get = async (url: string) => {
  const answer = await app.inject({ method: 'GET', url });
  return {
    status: answer.statusCode,
    headers: answer.headers,
    text: answer.body,
    error: answer.json<ErrorBody>().error,
  };
};
const post = async (payload: string | object, type = 'application/json') => {
  const answer = await app.inject({
    method: 'POST',
    url: '/post',
    payload: typeof payload === 'string' ? payload : JSON.stringify(payload),
    headers: { 'content-type': type },
  });
  return { status: answer.statusCode, error: answer.body ? answer.json<ErrorBody>().error : undefined };
};

test('a declared error is answered with its code, its sentence, a remedy and where to read on', async () => {
  const { status, error } = await get('/declared');
  assert.deepEqual(
    [status, error.code, error.kind, error.params],
    [409, 'product.slug_taken', 'conflict', { slug: 'iris' }],
  );
  assert.match(error.message, /iris/);
  assert.ok(error.remedy.length > 5);
  assert.match(error.docs ?? '', /^\/docs\/errors#/);
});

test('a database that is away is 503 and said to be worth another attempt, never a mistake of the caller or of ours', async () => {
  const { status, error, text } = await get('/away');
  assert.deepEqual([status, error.code, error.kind], [503, 'system.unavailable', 'unavailable']);
  assert.doesNotMatch(text, /127\.0\.0\.1|ECONNREFUSED/);
});

test('what nobody declared is 500 and says nothing of our insides', async () => {
  for (const name of ['/unknown', '/misshapen']) {
    const { status, error, text } = await get(name);
    assert.deepEqual([status, error.code], [500, 'system.internal'], name);
    assert.doesNotMatch(text, /hunter2|10\.0\.0\.7|schema|stack/, name);
  }
  assert.equal((await get('/good')).status, 200);
});

test('who must wait is told how long, in the body and in the header for programs', async () => {
  const { status, headers, error } = await get('/limited');
  assert.deepEqual([status, headers['retry-after'], error.params.seconds], [429, '7', 7]);
});

test('every answer carries the id under which the log has it, the caller’s own where that is harmless', async () => {
  const { headers, error } = await get('/declared');
  assert.equal(headers['x-request-id'], error.requestId);
  assert.match(error.requestId ?? '', /^[\w-]{8,}$/);
  const own = await app.inject({
    method: 'GET',
    url: '/good',
    headers: { 'x-request-id': 'trace-12345678' },
  });
  assert.equal(own.headers['x-request-id'], 'trace-12345678');
  const odd = await app.inject({ method: 'GET', url: '/good', headers: { 'x-request-id': 'a b<script>' } });
  assert.notEqual(odd.headers['x-request-id'], 'a b<script>');
});

test('what is sent wrongly is refused with a finding for each field', async () => {
  const { status, error } = await post({ name: 'too long', n: '1', more: true });
  assert.deepEqual([status, error?.code], [400, 'request.invalid']);
  assert.deepEqual(error?.findings?.map((f) => f.pointer).sort(), ['/body/more', '/body/n', '/body/name']);
  for (const wrong of ['{', '', 'null', '[]', '"x"'])
    assert.equal((await post(wrong)).error?.code, 'request.invalid', wrong);
  assert.equal((await post({ name: 'x' })).status, 200);
  assert.equal((await get('/query/abc?limit=11')).error.code, 'request.invalid');
  assert.equal((await get('/query/abc?limit=ten')).error.code, 'request.invalid');
  assert.equal((await get('/query/abc?other=1')).error.code, 'request.invalid');
  assert.equal((await get('/query/ABC')).error.code, 'request.invalid');
  assert.equal((await get('/query/%E0%A4%A')).status, 400);
  assert.equal((await app.inject({ method: 'GET', url: '/query/abc?limit=10' })).statusCode, 200);
});

test('a body that is too large, of another type, or sent where none is taken, is refused', async () => {
  const large = await post({ name: 'x'.repeat(2000) });
  assert.deepEqual(
    [large.status, large.error?.code, large.error?.params.limitBytes],
    [413, 'request.too_large', 1000],
  );
  assert.equal(
    (await post('name=x', 'application/x-www-form-urlencoded')).error?.code,
    'request.unsupported_media_type',
  );
});

test('what does not exist, and what a visitor may not do, is said so in the same form', async () => {
  const missing = await get('/none?secret=1');
  assert.deepEqual(
    [missing.status, missing.error.code, missing.error.params.path],
    [404, 'request.unknown_route', '/none'],
  );
  assert.deepEqual(
    [(await get('/members')).status, (await get('/members')).error.code],
    [401, 'request.unauthenticated'],
  );
});
