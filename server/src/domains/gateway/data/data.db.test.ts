import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import { Agent, request } from 'undici';
import { testDatabase } from '../../../../test/database.ts';
import { listening, startGateway, testFolder, until } from '../../../../test/gateway.ts';
import { insertDataService } from '../../../../test/market.ts';
import { startODataBackend } from '../../../../test/odata-backend.ts';
import { newSealer } from '../../../platform/seal.ts';

const { pool, url: databaseUrl } = await testDatabase();
const backend = await startODataBackend();
const sealKeyHex = 'ab'.repeat(32);
const sealer = newSealer(Buffer.from(sealKeyHex, 'hex'));
const sealed = (id: string, secret: string) => sealer.seal(secret, `service_credentials:${id}`);
const url = `${backend.root}/`;
const header = { scheme: 'header', headerName: 'X-Api-Key', credentialId: 'crd_1' };
const plain = await insertDataService(pool, {
  number: 1,
  section: { url, isOData: true, authentication: header },
  sealed: sealed('crd_1', 'hush!'),
});
const metered = await insertDataService(pool, {
  number: 2,
  section: {
    url,
    isOData: true,
    authentication: { scheme: 'query', parameterName: 'apikey', credentialId: 'crd_2' },
    transactions: { recordsPerTransaction: 10 },
    corsOrigins: ['https://app.example'],
    queryKeyAllowed: true,
  },
  sealed: sealed('crd_2', 'hush!'),
  transactionsPerMonth: 8,
  buyerOf: plain,
});
const basic = await insertDataService(pool, {
  number: 3,
  section: {
    url,
    isOData: true,
    authentication: { scheme: 'basic', userName: 'souk', credentialId: 'crd_3' },
    corsOrigins: ['*'],
  },
  sealed: sealed('crd_3', 'hush!'),
  buyerOf: plain,
});
const unset = await insertDataService(pool, {
  number: 4,
  section: { url, isOData: true, authentication: header },
  buyerOf: plain,
});
const inside = await insertDataService(pool, {
  number: 5,
  section: { url: 'http://10.1.2.3/svc', isOData: true },
  buyerOf: plain,
});
const away = await insertDataService(pool, {
  number: 6,
  section: { url: 'http://127.0.0.1:9/svc', isOData: true },
  buyerOf: plain,
});
const slow = await insertDataService(pool, {
  number: 7,
  section: { url, isOData: true, timeoutMs: 800 },
  buyerOf: plain,
});
const counted = await insertDataService(pool, {
  number: 9,
  section: { url, isOData: true },
  transactionsPerMonth: 1000,
  buyerOf: plain,
});
const drafted = await insertDataService(pool, {
  number: 10,
  section: { url, isOData: true, corsOrigins: ['https://live.example'] },
  buyerOf: plain,
});
await pool.query(
  `insert into revisions (id, product_id, number, document, sha256, created_by) values ('rev_draft', $1, 2, $2, $3, 'test')`,
  [
    drafted.productId,
    JSON.stringify({
      versions: [{ number: 'v1', state: 'listed' }],
      service: { url, isOData: true, corsOrigins: ['https://draft.example'], queryKeyAllowed: true },
    }),
    '1'.repeat(64),
  ],
);
await pool.query("update products set preview_revision_id = 'rev_draft', test_accounts = $2 where id = $1", [
  drafted.productId,
  [plain.buyerAccountId],
]);
const elsewhere: IncomingHttpHeaders[] = [];
const other = await listening((incoming, outgoing) => {
  elsewhere.push(incoming.headers);
  outgoing.writeHead(200, { 'content-type': 'application/json' }).end('{"value":[]}');
});
const number = { name: 'n', type: 'Edm.Int32' };
const operation = (name: string, path: string) => ({
  name,
  kind: 'both',
  parameters: [number],
  columns: [
    { name: 'Id', type: 'Edm.Int32', key: true },
    { name: 'Name', type: 'Edm.String' },
  ],
  collection: true,
  request: { method: 'GET', path },
  response: { format: 'json', rows: '$.value[*]' },
});
const described = await insertDataService(pool, {
  number: 8,
  section: {
    url,
    authentication: { scheme: 'header', headerName: 'X-Api-Key', credentialId: 'crd_8' },
    operations: [
      operation('List', 'Things={n}'),
      operation('Deny', 'Status={n}'),
      { ...operation('Dear', 'Gzip={n}'), transactions: 4 },
      operation('Page', 'Html={n}'),
      operation('Wait', 'Hang={n}'),
    ],
    timeoutMs: 2000,
  },
  sealed: sealed('crd_8', 'hush!'),
  transactionsPerMonth: 1000,
  buyerOf: plain,
});
const dataDir = testFolder();
const gateway = await startGateway(
  { databaseUrl, dataDir, sealKeyHex, outboundAllow: ['127.0.0.1'], dataAnswerBytesMax: 3_000_000 },
  'node',
);
const bun = await startGateway(
  { databaseUrl, sealKeyHex, outboundAllow: ['127.0.0.1'], dataAnswerBytesMax: 3_000_000 },
  'bun',
);
const agent = new Agent();
interface Answer {
  readonly status: number;
  readonly headers: Headers;
  readonly bytes: Buffer;
  readonly text: string;
  readonly json: Record<string, unknown> & { readonly error?: { code: string; message: string } };
}
interface Options {
  readonly method?: string;
  readonly headers?: Record<string, string>;
  readonly body?: string;
  readonly of?: typeof plain;
  readonly at?: string;
  readonly key?: string | null;
}

/** As it comes over the wire: nothing is unpacked, no redirect followed. */
async function ask(path: string, options: Options = {}): Promise<Answer> {
  const { of = plain, at = gateway.url, key = plain.apiKey } = options;
  const answer = await request(`${at}/data/${of.publisher}/${of.product}/v1${path}`, {
    dispatcher: agent,
    method: (options.method ?? 'GET') as 'GET',
    headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), ...options.headers },
    body: options.body ?? null,
  });
  const bytes = Buffer.from(await answer.body.arrayBuffer());
  const headers = new Headers();
  for (const [name, value] of Object.entries(answer.headers)) headers.set(name, String(value));
  const text = (headers.get('content-encoding') === 'gzip' ? gunzipSync(bytes) : bytes).toString();
  const isJson = /json/.test(headers.get('content-type') ?? '');
  return { status: answer.statusCode, headers, bytes, text, json: isJson ? JSON.parse(text) : {} };
}
const codeOf = async (path: string, options: Options = {}) => {
  const answer = await ask(path, options);
  return [answer.status, answer.json.error?.code ?? null];
};
/** The answer begins, and ends without its end: nobody may take it for whole. */
async function breaksOff(path: string, { of = plain, at = gateway.url }: Options) {
  const answer = await request(`${at}/data/${of.publisher}/${of.product}/v1${path}`, {
    dispatcher: agent,
    headers: { authorization: `Bearer ${plain.apiKey}` },
  });
  assert.equal(answer.statusCode, 200, path);
  await assert.rejects(answer.body.arrayBuffer(), /closed|terminated|aborted|reset|invalid/i, path);
}
const last = () => backend.seen.at(-1) ?? assert.fail('nothing was asked');
const publicRoot = `http://souk.example/data/${plain.publisher}/${plain.product}/v1`;

test('the services are read', async () => {
  for (const at of [gateway, bun])
    await until('the snapshot', async () => (await fetch(`${at.url}/gateway/healthz`)).ok);
});

for (const [runtime, at] of [
  ['node', gateway.url],
  ['bun', bun.url],
] as const) {
  test(`${runtime}: an answer comes with Souk’s addresses; the service gets its publisher’s credential and no key of a buyer`, async () => {
    const answer = await ask('/Things?%24top=-1&$filter=Name%20eq%20%27a%26b%27', {
      at,
      headers: { cookie: 'session=1', 'x-api-key': plain.apiKey, prefer: 'odata.maxpagesize=2' },
    });
    assert.equal(answer.status, 200, answer.text);
    assert.equal(answer.json['@odata.context'], `${publicRoot}/$metadata#Things`);
    assert.match(String(answer.json['@odata.nextLink']), new RegExp(`^${publicRoot}/Things\\?`));
    assert.equal(answer.headers.get('odata-version'), '4.0');
    assert.equal(answer.headers.get('x-souk-transactions'), '1');
    const { url: seen, headers } = last();
    assert.equal(seen, '/svc/Things?%24top=-1&$filter=Name%20eq%20%27a%26b%27');
    assert.equal(headers['x-api-key'], 'hush!');
    assert.equal(headers.prefer, 'odata.maxpagesize=2');
    assert.match(String(headers['souk-buyer']), /^[0-9a-f]{32}$/);
    assert.doesNotMatch(JSON.stringify(headers), /souk_|cookie|authorization/);
  });

  test(`${runtime}: chunked, packed and cut answers come whole, with what they cost`, async () => {
    for (const path of ['/Chunked', '/Gzip', '/Deflate']) {
      const answer = await ask(path, { at });
      assert.equal(answer.status, 200, path);
      assert.equal(answer.headers.get('content-encoding'), null, path);
      assert.equal(answer.json['@odata.context'], `${publicRoot}/$metadata#Things`, path);
      assert.equal(answer.headers.get('x-souk-transactions'), '1');
    }
    const packed = await ask('/Gzip=300', { at, headers: { 'accept-encoding': 'br, gzip;q=0.5' } });
    assert.equal(packed.headers.get('content-encoding'), 'gzip');
    assert.equal(packed.json['@odata.context'], `${publicRoot}/$metadata#Things`);
    assert.equal(packed.headers.get('x-souk-transactions'), '3');
    assert.equal(last().headers['accept-encoding'], 'gzip');
  });

  test(`${runtime}: a long answer is passed on as it comes, up to the limit and no further`, async () => {
    const answer = await ask('/Many=2000', { at });
    assert.equal((answer.json.value as unknown[]).length, 2000);
    assert.equal(answer.headers.get('x-souk-transactions'), null);
    await breaksOff('/Many=4000', { at });
    await breaksOff('/Bomb=20000000', { at });
    assert.deepEqual(await codeOf('/Huge', { at }), [502, 'data.service_too_large']);
  });

  test(`${runtime}: each way to fail has its own code, and costs nothing`, async () => {
    for (const [path, status, code] of [
      ['/Html', 502, 'data.service_nonsense'],
      ['/Broken', 502, 'data.service_nonsense'],
      ['/NoType', 502, 'data.service_nonsense'],
      ['/NotHttp', 502, 'data.service_nonsense'],
      ['/CutGzip', 502, 'data.service_nonsense'],
      ['/Status=401', 502, 'data.service_refused_souk'],
      ['/Status=403', 502, 'data.service_refused_souk'],
      ['/Status=500', 502, 'data.service_failed'],
      ['/Busy', 503, 'data.service_busy'],
      ['/Refused=400', 400, 'BadColumn'],
      ['/Refused=501', 501, 'BadColumn'],
      ['/PackedRefusal=1', 400, 'BadColumn'],
      ['/PackedRefusal=1000000', 400, 'data.refused'],
      ['/RefusedPlain=404', 404, 'data.refused'],
      ['/Reset', 502, 'data.service_nonsense'],
      ['/Redirect=http%3A%2F%2F10.0.0.1%2F', 503, 'data.not_set_up'],
      ['/Redirect=http%3A%2F%2F169.254.169.254%2F', 503, 'data.not_set_up'],
    ] as const) {
      const answer = await ask(path, { at });
      assert.deepEqual([answer.status, answer.json.error?.code ?? null], [status, code], path);
      assert.equal(answer.headers.get('x-souk-transactions'), '0', path);
      assert.ok(answer.headers.get('content-language'), path);
      assert.doesNotMatch(answer.text, /hush|stack|secret|10\.0\.0\.1/, path);
    }
    const late = await ask('/Hang', { at, of: slow });
    assert.deepEqual([late.status, late.json.error?.code], [504, 'data.service_slow']);
    const metrics = await (await fetch(`${at}/gateway/metrics`)).text();
    assert.match(
      metrics,
      /calls_total\{product="flowers-7\/iris-classifier",version="v1",status="504"\} 1\n/,
    );
    await breaksOff('/Drip', { at, of: slow });
    assert.equal((await ask('/Busy', { at })).headers.get('retry-after'), '7');
    await ask('/Things', { at });
  });
}

test('a service that is described by its operations is OData for buyers, with the same key, balance and errors', async () => {
  const from = { of: described };
  const told = (a: Answer) => [
    a.status,
    a.headers.get('x-souk-transactions'),
    a.headers.get('x-souk-balance-used'),
  ];
  for (const at of [gateway.url, bun.url]) {
    const metadata = await ask('/$metadata', { ...from, at });
    assert.deepEqual([metadata.status, metadata.headers.get('x-souk-transactions')], [200, '0']);
    assert.match(metadata.text, /Namespace="flowers_8\.iris_classifier"/);
    const list = await ask('/List(n=3)', { ...from, at });
    assert.equal(list.status, 200, list.text);
    assert.deepEqual(
      (list.json.value as { Id: number; Name: string }[]).map((row) => [row.Id, row.Name]),
      [
        [0, 'thing 0'],
        [1, 'thing 1'],
        [2, 'thing 2'],
      ],
    );
    assert.equal(last().headers['x-api-key'], 'hush!');
    assert.match(String(last().headers['souk-buyer']), /^[0-9a-f]{32}$/);
    assert.doesNotMatch(JSON.stringify(last().headers), /souk_/);
  }
  const before = Number((await ask('/', from)).headers.get('x-souk-balance-used'));
  assert.deepEqual(told(await ask('/Dear(n=1)', from)), [200, '4', String(before + 4)]);
  assert.deepEqual(told(await ask("/List(n='x')", from)), [400, '0', String(before + 4)]);
  const posted = await ask('/List', {
    ...from,
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: '{"n":2}',
  });
  assert.equal(posted.status, 200, posted.text);
  assert.equal((posted.json.value as unknown[]).length, 2);
  for (const [path, status, code] of [
    ['/Deny(n=401)', 502, 'data.service_refused_souk'],
    ['/Deny(n=503)', 503, 'data.service_busy'],
    ['/Deny(n=500)', 502, 'data.service_failed'],
    ['/Page(n=1)', 502, 'data.service_nonsense'],
    ['/Wait(n=1)', 504, 'data.service_slow'],
  ] as const) {
    const answer = await ask(path, from);
    assert.deepEqual([answer.status, answer.json.error?.code], [status, code], answer.text);
    assert.equal(answer.headers.get('x-souk-transactions'), '0');
    assert.doesNotMatch(answer.text, /hush/);
  }
});

test('keys: missing, malformed, unknown; in any form that clients know, and in the query only where that is allowed', async () => {
  const basicKey = (user: string) => `Basic ${Buffer.from(`${user}:${plain.apiKey}`).toString('base64')}`;
  assert.deepEqual(await codeOf('/Things', { key: null }), [401, 'call.key_missing']);
  assert.deepEqual(await codeOf('/Things', { key: 'souk_x' }), [401, 'call.key_malformed']);
  // Clients that wait for a challenge, as those of .NET do, send Basic only where it is named; a page's script is not to make a
  // browser ask for a password.
  const challenge = async (headers: Record<string, string> = {}) =>
    (await ask('/Things', { key: null, headers })).headers.get('www-authenticate');
  assert.match(String(await challenge()), /^Bearer, Basic realm=/);
  assert.equal(await challenge({ 'sec-fetch-mode': 'cors' }), 'Bearer');
  assert.match((await fetch(`${gateway.url}/data/`)).headers.get('www-authenticate') ?? '', /Bearer/);
  for (const user of ['', 'AccountKey', 'me@example.com'])
    assert.deepEqual(await codeOf('/Things', { headers: { authorization: basicKey(user) }, key: null }), [
      200,
      null,
    ]);
  assert.deepEqual(await codeOf('/Things', { headers: { 'x-api-key': plain.apiKey }, key: null }), [
    200,
    null,
  ]);
  assert.deepEqual(await codeOf(`/Things?key=${plain.apiKey}`, { key: null }), [401, 'call.key_missing']);
  await ask(`/Things?a=1&key=${plain.apiKey}`);
  assert.equal(last().url, '/svc/Things?a=1');
  assert.deepEqual(await codeOf(`/?key=${plain.apiKey}`, { key: null, of: metered }), [200, null]);
  assert.deepEqual(await codeOf('/?key=souk_nothing', { key: null, of: metered }), [
    401,
    'call.key_malformed',
  ]);
});

test('what is none, and what leaves the root, is refused before anybody is asked', async () => {
  const before = backend.seen.length;
  const other = { ...plain, product: 'nothing' };
  assert.deepEqual(await codeOf('/Things', { of: other }), [403, 'call.not_subscribed']);
  assert.deepEqual(await codeOf('/Things', { method: 'DELETE' }), [405, 'data.method']);
  assert.deepEqual(await codeOf('/$batch', { method: 'POST', body: 'x' }), [501, 'data.batch']);
  for (const path of [
    '/..%2fadmin',
    '/a/..%5Cadmin',
    '/%252e%252e%252fadmin',
    '/a%2F..%2Fb',
    '/..;/admin',
    '/a/..;x=1/b',
    '/%2e%2e%3b/admin',
  ])
    assert.deepEqual(await codeOf(path), [400, 'data.path_invalid'], path);
  assert.deepEqual(await codeOf(`/Things?${'x'.repeat(65_537)}`), [414, 'data.query_too_long']);
  assert.equal(backend.seen.length, before);
  const long = `/Things?$filter=${'x'.repeat(65_000)}`;
  assert.deepEqual(await codeOf(long), [200, null]);
  assert.equal(last().url, `/svc${long}`);
  assert.deepEqual(await codeOf(long, { at: bun.url }), [200, null]);
  for (const [path, status] of [
    [`/data/${plain.publisher}/${plain.product}/v2/Things`, 404],
    ['/data/x', 404],
  ] as const)
    assert.equal((await fetch(gateway.url + path)).status, status);
});

test('a service that cannot be called as it is set up says so to buyers, and why to its publisher', async () => {
  assert.deepEqual(await codeOf('/Things', { of: unset }), [503, 'data.not_set_up']);
  assert.deepEqual(await codeOf('/Things', { of: inside }), [503, 'data.not_set_up']);
  assert.deepEqual(await codeOf('/Things', { of: away }), [502, 'data.service_down']);
  const told = await until('the reports', async () => {
    const { rows } = await pool.query<{ product_id: string; detail: string }>(
      'select product_id, detail from service_failures where product_id in ($1, $2) order by 1',
      [unset.productId, inside.productId],
    );
    return rows.length === 2 && rows;
  });
  assert.match(told[0]?.detail ?? '', /credential is missing/);
  assert.match(told[1]?.detail ?? '', /10\.1\.2\.3, which is private.*SOUK_OUTBOUND_ALLOW/);
});

test('each publisher knows a buyer by another name', async () => {
  const names = new Set<unknown>();
  for (const market of [plain, metered, basic]) {
    await ask('/$metadata', { of: market });
    names.add(last().headers['souk-buyer']);
  }
  assert.equal(names.size, 3);
  await ask('/$metadata', { at: bun.url });
  assert.ok(names.has(last().headers['souk-buyer']), 'the same on each node');
  await ask('/$metadata', { of: basic });
  assert.equal(last().headers.authorization, `Basic ${Buffer.from('souk:hush!').toString('base64')}`);
});

test('transactions are counted by rows and told with each answer; metadata is free; the last one ends them', async () => {
  const told = (a: Answer) => [
    a.status,
    a.headers.get('x-souk-transactions'),
    a.headers.get('x-souk-balance-used'),
    a.headers.get('x-souk-balance-remaining'),
  ];
  const from = { of: metered };
  assert.deepEqual(told(await ask('/', from)), [200, '0', '0', '8']);
  assert.match((await ask('/', from)).text, /"url":"http:\/\/souk\.example\/data\//);
  const metadata = await ask('/$metadata', from);
  assert.match(metadata.text, /xmlns:x="http:\/\/souk\.example\/data\//);
  assert.deepEqual(told(await ask('/Things=25', from)), [200, '3', '3', '5']);
  assert.equal(last().url, '/svc/Things=25?apikey=hush!');
  assert.deepEqual(told(await ask('/Things=0', from)), [200, '1', '4', '4']);
  assert.deepEqual(told(await ask('/Refused=400', from)), [400, '0', '4', '4']);
  const things = await ask('/Chunked=1&apikey=mine', from);
  assert.doesNotMatch(things.text, /apikey|hush/);
  assert.deepEqual(told(things), [200, '1', '5', '3']);
  assert.deepEqual(told(await ask('/Nothing', { ...from, method: 'POST', body: '{}' })), [
    204,
    '1',
    '6',
    '2',
  ]);
  const made = await ask('/Made', { ...from, method: 'POST', body: '{"a":1}' });
  assert.match(made.headers.get('location') ?? '', /^http:\/\/souk\.example\/data\/.*\/v1\/Things\(1\)$/);
  assert.equal(last().body, '{"a":1}');
  assert.deepEqual(told(await ask('/Things', from)), [200, '1', '8', '0']);
  const refused = await ask('/Things', from);
  assert.deepEqual([refused.status, refused.json.error?.code], [429, 'data.quota_exhausted']);
  assert.ok(Number(refused.headers.get('retry-after')) > 0);
  assert.match(
    refused.json.error?.message ?? '',
    /renewed at 20.*larger plan on http:\/\/souk\.example\/products/,
  );
  assert.equal((await ask('/$metadata', from)).status, 200);
  await until('the transactions are in the database', async () => {
    const { rows } = await pool.query<{ units: number; dimension: string }>(
      'select dimension, sum(quantity)::int as units from usage_records where subscription_id = $1 group by 1',
      [metered.subscriptionId],
    );
    return rows.length === 1 && rows[0]?.dimension === 'transactions' && rows[0].units === 8;
  });
});

test('the list of one’s data services says the balance that is enforced, and needs a key', async () => {
  const list = (key: string) =>
    fetch(`${gateway.url}/data/`, { headers: { authorization: `Bearer ${key}` } });
  const { value } = (await (await list(plain.apiKey)).json()) as {
    value: { publisher: string; serviceRoot: string; balance: { used: number; remaining: number } | null }[];
  };
  const one = value.find((v) => v.publisher === metered.publisher);
  assert.deepEqual([one?.balance?.used, one?.balance?.remaining], [8, 0]);
  assert.equal(one?.serviceRoot, `http://souk.example/data/${metered.publisher}/${metered.product}/v1/`);
  assert.equal(value.find((v) => v.publisher === plain.publisher)?.balance, null);
  assert.equal((await list('souk_x')).status, 401);
});

test('pages of the origins that the publisher names may call, and no others', async () => {
  const preflight = (of: typeof plain, origin: string) =>
    ask('/Things', { of, method: 'OPTIONS', key: null, headers: { origin } });
  const good = await preflight(metered, 'https://app.example');
  assert.deepEqual(
    [good.status, good.headers.get('access-control-allow-origin')],
    [204, 'https://app.example'],
  );
  assert.match(good.headers.get('access-control-allow-headers') ?? '', /authorization/);
  const bad = await preflight(metered, 'https://evil.example');
  assert.deepEqual(
    [bad.status, bad.json.error?.code, bad.headers.get('access-control-allow-origin')],
    [403, 'data.origin_refused', null],
  );
  assert.equal((await preflight(plain, 'https://app.example')).status, 403);
  const called = await ask('/$metadata', { of: basic, headers: { origin: 'https://any.example' } });
  assert.equal(called.headers.get('access-control-allow-origin'), '*');
  const refused = await ask('/Things', { of: metered, headers: { origin: 'https://app.example' } });
  assert.equal(refused.headers.get('access-control-allow-origin'), 'https://app.example');
  assert.equal((await ask('/$metadata')).headers.get('access-control-allow-origin'), null);
});

test('what is opened in a browser runs nothing on Souk’s own origin', async () => {
  const check = (headers: Headers, what: string) => {
    assert.equal(headers.get('x-content-type-options'), 'nosniff', what);
    assert.equal(headers.get('content-security-policy'), "sandbox; default-src 'none'", what);
  };
  for (const at of [gateway.url, bun.url]) {
    for (const type of ['image/svg+xml', 'application/xml', 'text/xml']) {
      const answer = await ask(`/Type=${encodeURIComponent(type)}`, { at });
      assert.deepEqual([answer.status, answer.headers.get('content-type')], [200, type]);
      check(answer.headers, type);
    }
    for (const type of ['text/javascript', 'application/x-ecmascript', 'application/xhtml+xml'])
      assert.deepEqual(await codeOf(`/Type=${encodeURIComponent(type)}`, { at }), [
        502,
        'data.service_nonsense',
      ]);
    check((await ask('/Many=200', { at })).headers, 'a long answer');
    check((await ask('/List(n=1)', { at, of: described })).headers, 'a described service');
    check((await ask('/Things', { at, key: null })).headers, 'an error');
    check((await ask('/Things', { at, of: basic, method: 'OPTIONS' })).headers, 'before a call');
    check((await fetch(`${at}/data/`)).headers, 'the list');
  }
});

test('one buyer cannot shut a service for all with web pages, redirects and malformed answers', async () => {
  const failures = [
    ['GET', '/Html'],
    ['GET', '/Broken'],
    ['GET', '/CutGzip'],
    ['GET', '/NoType'],
    ['POST', '/Redirect=%2Fsvc%2FThings'],
    ['GET', '/Redirect=http%3A%2F%2F10.0.0.1%2F'],
    ['GET', '/Redirect=http%3A%2F%2F127.0.0.1%3A9%2F'],
    ['GET', '/Redirect=file%3A%2F%2F%2F'],
  ] as const;
  for (const [method, path] of failures)
    for (let i = 0; i < 5; i++) {
      const answer = await ask(path, { method, of: counted });
      assert.match(String(answer.json.error?.code), /service_nonsense|not_set_up|service_down/, path);
    }
  assert.equal((await ask('/Things', { of: counted })).status, 200);
});

test('where a redirect leads elsewhere, neither the credential nor the buyer’s id goes along', async () => {
  const to = encodeURIComponent(`http://127.0.0.1:${other.port}/x`);
  assert.equal((await ask(`/Redirect=${to}`)).status, 200);
  const [headers] = elsewhere;
  assert.ok(headers?.via);
  assert.deepEqual([headers['x-api-key'], headers['souk-buyer']], [undefined, undefined]);
});

test('only reading what there is costs nothing, and not more than a few times at once', async () => {
  const cost = async (path: string, options: Options = {}) => {
    const answer = await ask(path, { of: counted, ...options });
    return [answer.status, answer.headers.get('x-souk-transactions')];
  };
  for (const path of ['', '/', '/?$format=json', '/$metadata', '/$metadata?$format=xml'])
    assert.deepEqual(await cost(path), [200, '0'], path);
  assert.deepEqual(await cost('/?$filter=a'), [200, '1']);
  assert.deepEqual(await cost('/', { method: 'POST', body: '{}' }), [200, '1']);
  const before = backend.seen.length;
  const leaving = new AbortController();
  backend.mood = '/svc/Hang';
  const url = `${gateway.url}/data/${counted.publisher}/${counted.product}/v1/$metadata`;
  const headers = { authorization: `Bearer ${plain.apiKey}` };
  const waiting = Array.from({ length: 8 }, () =>
    assert.rejects(fetch(url, { headers, signal: leaving.signal }), { name: 'AbortError' }),
  );
  await until('eight are with the service', async () => backend.seen.length === before + 8);
  assert.deepEqual(await codeOf('/$metadata', { of: counted }), [429, 'data.too_many_free']);
  backend.mood = '';
  leaving.abort();
  await Promise.all(waiting);
  await until('they are over', async () => (await ask('/$metadata', { of: counted })).status === 200);
});

test('a call that would be refused is refused before its body has come', async () => {
  const { publisher, product } = metered;
  const status = await new Promise((resolve, reject) => {
    const headers = { authorization: `Bearer ${plain.apiKey}`, 'content-length': '100000' };
    const asking = httpRequest(`${gateway.url}/data/${publisher}/${product}/v1/Things`, {
      method: 'POST',
      headers,
    });
    asking.on('response', (answer) => {
      resolve(answer.statusCode);
      asking.destroy();
    });
    asking.on('error', reject);
    asking.write('{');
  });
  assert.equal(status, 429);
});

test('what a draft allows is nothing of what is live, until the caller is the one who tests it', async () => {
  const from = { of: drafted };
  const inQuery = { of: drafted, key: null };
  const originOf = async (origin: string) =>
    (await ask('/$metadata', { ...from, headers: { origin } })).headers.get('access-control-allow-origin');
  const withKey = `/$metadata?key=${plain.apiKey}`;
  assert.deepEqual(await codeOf(withKey, inQuery), [401, 'call.key_missing']);
  assert.equal(await originOf('https://draft.example'), null);
  assert.equal(await originOf('https://live.example'), 'https://live.example');
  await pool.query("update subscriptions set slot = 'preview', revision_id = 'rev_draft' where id = $1", [
    drafted.subscriptionId,
  ]);
  await until('the preview', async () => (await ask(withKey, inQuery)).status === 200);
  assert.equal(await originOf('https://draft.example'), 'https://draft.example');
  assert.equal(await originOf('https://live.example'), null);
});

test('what a service says of itself stays there', async () => {
  const answer = await ask('/Cookie');
  for (const name of ['set-cookie', 'server', 'x-internal'])
    assert.equal(answer.headers.get(name), null, name);
});

test('a request that comes back to Souk is stopped', async () => {
  await ask('/Things');
  const { via } = last().headers;
  assert.deepEqual(await codeOf('/Things', { headers: { via: String(via) } }), [508, 'data.loop']);
});

test('a service that fails five times in a row rests, and buyers are told how long', async () => {
  backend.mood = '/svc/Reset';
  const codes = new Set<unknown>();
  for (let i = 0; i < 5; i++) codes.add((await codeOf('/Things', { of: basic }))[1]);
  assert.deepEqual([...codes], ['data.service_nonsense']);
  const before = backend.seen.length;
  const resting = await ask('/Things', { of: basic });
  assert.deepEqual([resting.status, resting.json.error?.code], [503, 'data.resting']);
  assert.ok(Number(resting.headers.get('retry-after')) > 0);
  assert.equal(backend.seen.length, before);
  backend.mood = '';
});

test('a product that was suspended, and a credential that was changed, count at once', async () => {
  await pool.query("update service_credentials set sealed = $1 where id = 'crd_1'", [sealed('crd_1', 'new')]);
  await until('the new credential', async () => {
    await ask('/Things');
    return last().headers['x-api-key'] === 'new';
  });
  await pool.query(
    "update subscriptions set state = 'suspended', suspended_reason = 'not paid.' where id = $1",
    [plain.subscriptionId],
  );
  const answer = await until('the suspension', async () => {
    const one = await ask('/Things');
    return one.status === 403 && one;
  });
  assert.equal(answer.json.error?.code, 'call.suspended');
});

test('credentials are sealed in what the gateway keeps on disk', () => {
  const kept = readFileSync(join(dataDir, 'gateway-snapshot.json'), 'utf8');
  assert.match(kept, /"sealed":\{"crd_2":"v1\./);
  assert.doesNotMatch(kept, /hush/);
});
