import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { request as httpRequest } from 'node:http';
import { test } from 'node:test';
import { testDatabase } from '../../../test/database.ts';
import { type Runtime, startGateway, startModel, until } from '../../../test/gateway.ts';
import { insertMarket } from '../../../test/market.ts';
import { hashApiKey, newApiKey } from '../../platform/api-keys.ts';

const { pool, url: databaseUrl } = await testDatabase();
const model = await startModel();
const market = await insertMarket(pool, { addresses: [model.address], number: 1 });
const other = await insertMarket(pool, { addresses: [model.address], number: 2 });
const keyOf = async (values: { scopes?: string; expires?: string; revoked?: boolean }) => {
  const key = newApiKey();
  await pool.query(
    `insert into api_keys (id, account_id, person_id, name, key_sha256, hint, scopes, expires_at, revoked_at)
     select $1, account_id, person_id, 'test', $2, 'test', $3, $4, $5 from api_keys where id = $6`,
    [
      `key_${randomBytes(4).toString('hex')}`,
      hashApiKey(key),
      values.scopes ?? '{call}',
      values.expires ?? null,
      values.revoked ? new Date() : null,
      market.keyId,
    ],
  );
  return key;
};
const keys = {
  revoked: await keyOf({ revoked: true }),
  expired: await keyOf({ expires: '2020-01-01T00:00:00Z' }),
  ending: await keyOf({ expires: '2100-01-01T00:00:00Z' }),
  withoutScope: await keyOf({ scopes: '{manage}' }),
  unknown: newApiKey(),
};
const base = `/call/${market.publisher}/${market.product}`;
const ofOther = `/call/${other.publisher}/${other.product}`;

interface Options {
  readonly path?: string;
  readonly method?: string;
  readonly key?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
}

for (const runtime of ['bun', 'node'] as Runtime[]) {
  const gateway = await startGateway({ databaseUrl }, runtime);
  const call = ({ path = `${base}/invocations`, method = 'POST', key, headers, body }: Options = {}) =>
    fetch(gateway.url + path, {
      method,
      headers: {
        'content-type': 'application/json',
        authorization: `Bearer ${key ?? market.apiKey}`,
        ...headers,
      },
      ...(method === 'POST' ? { body: body ?? '{"instances":[]}' } : {}),
    });
  const codeOf = async (answer: Response) => {
    const body = (await answer.json()) as { error: { code: string; message: string; remedy: string } };
    assert.ok(body.error.message && body.error.remedy);
    return [answer.status, body.error.code];
  };
  await until('the snapshot is read', async () => (await fetch(`${gateway.url}/gateway/healthz`)).ok);

  test(`${runtime}: a call is answered by the model, and says which version and how many units`, async () => {
    const answer = await call({
      headers: { 'x-amzn-sagemaker-inference-id': 'i-1', cookie: 'secret', 'x-other': '1' },
    });
    assert.equal(answer.status, 200);
    assert.deepEqual(await answer.json(), { bytes: 16 });
    assert.equal(answer.headers.get('x-souk-version'), '1.0.0');
    assert.equal(answer.headers.get('x-souk-units'), '1');
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.ok(answer.headers.get('x-request-id'));
    const headers = model.seen.at(-1)?.headers ?? {};
    assert.equal(headers['content-type'], 'application/json');
    assert.equal(headers['x-amzn-sagemaker-inference-id'], 'i-1');
    // A model learns neither the key nor anything else that is not its business.
    for (const name of ['authorization', 'cookie', 'x-other', 'x-api-key'])
      assert.equal(headers[name], undefined, name);
  });

  test(`${runtime}: a key may come as Bearer, in X-Api-Key, or as the password of Basic`, async () => {
    const basic = `Basic ${Buffer.from(`me:${market.apiKey}`).toString('base64')}`;
    for (const headers of [{ authorization: basic }, { authorization: '', 'x-api-key': market.apiKey }])
      for (const again of [1, 2])
        assert.equal((await call({ headers })).status, 200, `${Object.keys(headers)} ${again}`);
    assert.equal((await call({ key: keys.ending })).status, 200);
  });

  test(`${runtime}: without a good key there is no call, and the answer says what is wrong with it`, async () => {
    const broken = `${market.apiKey.slice(0, 20)}${market.apiKey[20] === 'a' ? 'b' : 'a'}${market.apiKey.slice(21)}`;
    const before = model.seen.length;
    assert.deepEqual(await codeOf(await call({ headers: { authorization: '' } })), [401, 'call.key_missing']);
    assert.deepEqual(await codeOf(await call({ key: 'x' })), [401, 'call.key_malformed']);
    assert.deepEqual(await codeOf(await call({ key: broken })), [401, 'call.key_malformed']);
    for (const key of [keys.unknown, keys.revoked, keys.expired])
      assert.deepEqual(await codeOf(await call({ key })), [401, 'call.key_unknown']);
    assert.deepEqual(await codeOf(await call({ key: keys.withoutScope })), [403, 'call.key_scope']);
    const missing = await call({ headers: { authorization: '' } });
    assert.equal(missing.headers.get('www-authenticate'), 'Bearer');
    assert.equal(model.seen.length, before);
  });

  test(`${runtime}: an empty X-Api-Key never stands for a key that was seen before`, async () => {
    assert.equal((await call({ headers: { 'x-api-key': '' } })).status, 200);
    const answer = await call({ headers: { 'x-api-key': '', authorization: '' } });
    assert.deepEqual(await codeOf(answer), [401, 'call.key_missing']);
  });

  test(`${runtime}: a product of others and one that does not exist are refused in the same words`, async () => {
    const texts = await Promise.all(
      [ofOther, '/call/nobody/nothing'].map(async (path) => {
        const answer = await call({ path: `${path}/invocations` });
        assert.equal(answer.status, 403);
        const text = await answer.text();
        assert.match(text, /call\.not_subscribed/);
        return text.replaceAll(path.slice('/call/'.length), 'P').replace(/"requestId":"[^"]+"/, '');
      }),
    );
    assert.equal(texts[0], texts[1]);
  });

  test(`${runtime}: a version may be named; one that is not included is refused`, async () => {
    assert.equal((await call({ path: `${base}@1.0.0/invocations` })).status, 200);
    const answer = await call({ path: `${base}@9.9.9/invocations` });
    assert.deepEqual(await codeOf(answer), [404, 'call.version_not_allowed']);
  });

  test(`${runtime}: paths that models do not have never reach one`, async () => {
    const before = model.seen.length;
    for (const path of ['/', '/metrics', '/invocations/..%2f..%2fadmin', '/invocations/../../../other'])
      assert.deepEqual(await codeOf(await call({ path: base + path })), [404, 'call.unknown_path'], path);
    for (const path of [
      '/v2/models/another/infer',
      '/v2/repository/index',
      '/v2/models/iris/../another/infer',
    ])
      assert.equal((await call({ path: base + path })).status, 404, path);
    assert.equal(model.seen.length, before);
  });

  test(`${runtime}: looking at a model costs nothing`, async () => {
    for (const [path, method] of [
      ['/ping', 'GET'],
      ['/ping', 'HEAD'],
      ['/execution-parameters', 'GET'],
      ['/v2', 'GET'],
      ['/v2/models/iris', 'GET'],
      ['/v2/models/iris/ready', 'GET'],
    ] as const) {
      const answer = await call({ path: base + path, method });
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('x-souk-units'), null, path);
      await answer.arrayBuffer();
    }
    assert.deepEqual(await codeOf(await call({ path: `${base}/invocations`, method: 'GET' })), [
      404,
      'call.unknown_path',
    ]);
  });

  test(`${runtime}: errors under /v2 have the form of the Open Inference Protocol`, async () => {
    const answer = await call({ path: `${base}/v2/models/iris/infer`, key: keys.unknown });
    assert.equal(answer.status, 401);
    const body = (await answer.json()) as { error: string };
    assert.match(body.error, /^The API key is unknown, revoked or expired\. .*\[call\.key_unknown\]$/);
    assert.equal((await call({ path: `${base}/v2/models/iris/infer` })).headers.get('x-souk-units'), '1');
  });

  test(`${runtime}: a body over the limit is refused, whether it says its length or not`, async () => {
    const before = model.seen.length;
    const body = 'x'.repeat(1_000_001);
    const answer = await call({ body });
    assert.deepEqual(await codeOf(answer), [413, 'call.payload_too_large']);
    const chunked = await raw(gateway.url, body);
    assert.equal(chunked.status, 413);
    assert.match(chunked.body, /call\.payload_too_large/);
    assert.equal(model.seen.slice(before).filter((s) => s.bytes > 1_000_000).length, 0);
    assert.equal((await raw(gateway.url, 'x'.repeat(999_999))).body, '{"bytes":999999}');
    assert.equal((await call({ body: 'x'.repeat(1_000_000) })).status, 200);
  });

  test(`${runtime}: a short body that does not say its length reaches the model with one`, async () => {
    assert.equal((await raw(gateway.url, 'short')).body, '{"bytes":5}');
    assert.equal(model.seen.at(-1)?.chunked, false);
    assert.equal(model.seen.at(-1)?.headers['content-length'], '5');
  });

  test(`${runtime}: errors of a model pass through as they are, and cost nothing`, async () => {
    for (const status of [400, 404, 422, 500, 503]) {
      const answer = await call({ headers: { 'x-amzn-sagemaker-custom-attributes': `status=${status}` } });
      assert.equal(answer.status, status);
      assert.equal(await answer.text(), '{"bytes":16}');
      assert.equal(answer.headers.get('x-souk-error-source'), 'model');
      assert.equal(answer.headers.get('x-souk-units'), '0');
    }
  });

  test(`${runtime}: an answer without a body stays one`, async () => {
    const answer = await call({ headers: { 'x-amzn-sagemaker-custom-attributes': 'empty' } });
    assert.equal(answer.status, 204);
    assert.equal(await answer.text(), '');
    const head = await call({ path: `${base}/ping`, method: 'HEAD' });
    assert.equal(head.headers.get('content-length'), '11');
  });

  test(`${runtime}: a long answer comes whole`, async () => {
    const answer = await call({ headers: { 'x-amzn-sagemaker-custom-attributes': 'large=5000000' } });
    assert.equal((await answer.text()).length, 5_000_000);
    assert.equal(answer.headers.get('x-souk-units'), '1');
  });

  test(`${runtime}: a streamed answer arrives piece by piece, while the model still speaks`, async () => {
    const started = performance.now();
    const answer = await call({ headers: { 'x-amzn-sagemaker-custom-attributes': 'stream=5' } });
    assert.ok(answer.body);
    const arrivals: number[] = [];
    let text = '';
    for await (const chunk of answer.body) {
      text += Buffer.from(chunk).toString();
      arrivals.push(performance.now() - started);
    }
    assert.equal(text, 'data: 0\n\ndata: 1\n\ndata: 2\n\ndata: 3\n\ndata: 4\n\n');
    const [first = 0, last = 0] = [arrivals[0], arrivals.at(-1)];
    assert.ok(last - first > 250, `first after ${first} ms, last after ${last} ms`);
  });

  test(`${runtime}: a model that breaks off is told from an answer`, async () => {
    const short = await call({ headers: { 'x-amzn-sagemaker-custom-attributes': 'break' } });
    assert.deepEqual(await codeOf(short), [502, 'call.broke_off']);
    const streaming = await call({ headers: { 'x-amzn-sagemaker-custom-attributes': 'stream-break' } });
    await assert.rejects(streaming.text());
  });

  test(`${runtime}: three hundred slow calls are under way at the same time`, async () => {
    const headers = { 'x-amzn-sagemaker-custom-attributes': 'wait=2000' };
    const answers = await Promise.all(Array.from({ length: 300 }, () => call({ headers })));
    assert.deepEqual([...new Set(answers.map((a) => a.status))], [200]);
    assert.ok(model.mostAtOnce() >= 290, `${model.mostAtOnce()} at once`);
  });

  test(`${runtime}: a page of another origin may call`, async () => {
    const answer = await call({
      method: 'OPTIONS',
      headers: { authorization: '', origin: 'https://app.example' },
    });
    assert.equal(answer.status, 204);
    assert.equal(answer.headers.get('access-control-allow-origin'), '*');
    assert.match(answer.headers.get('access-control-allow-headers') ?? '', /authorization/);
    const refused = await call({ key: keys.unknown });
    assert.equal(refused.headers.get('access-control-allow-origin'), '*');
  });
}

/** A call whose body comes in pieces and does not say its length. */
function raw(url: string, body: string): Promise<{ status: number; body: string }> {
  return new Promise((resolve, reject) => {
    const request = httpRequest(
      `${url}${base}/invocations`,
      { method: 'POST', headers: { authorization: `Bearer ${market.apiKey}` }, agent: false },
      async (answer) => {
        let text = '';
        for await (const chunk of answer) text += String(chunk);
        resolve({ status: answer.statusCode ?? 0, body: text });
      },
    );
    request.on('error', reject);
    for (let at = 0; at < body.length; at += 100_000) request.write(body.slice(at, at + 100_000));
    request.end();
  });
}
