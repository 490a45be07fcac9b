import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceFailure, ServiceOperation, ServiceSection } from '@souk/contract';
import { type CallOptions, callOperation, publicOperation, type ServiceFetch } from './services.call.ts';

const score: ServiceOperation = {
  name: 'Score',
  kind: 'both',
  parameters: [
    { name: 'age', type: 'Edm.Int32' },
    { name: 'job', type: 'Edm.String', nullable: true, lengthMax: 20 },
    { name: 'unit', type: 'Edm.String', default: 'eur', values: ['eur', 'usd'] },
  ],
  columns: [
    { name: 'Scored_Labels', title: 'Scored Labels', type: 'Edm.String' },
    { name: 'p', type: 'Edm.Double', path: '$.probability' },
  ],
  collection: true,
  request: {
    method: 'POST',
    path: 'v2/score?unit={unit}&job={job}',
    body: '{"age": {age}, "note": "for {job}", "secret": "s3cret"}',
  },
  response: { format: 'json', rows: '$.rows[*]' },
};
const service: ServiceSection = {
  url: 'https://svc.example/root/',
  authentication: { scheme: 'header', headerName: 'Authorization', credentialId: 'crd_1' },
  operations: [score],
};

interface Asked {
  url: string;
  method: string;
  headers: Record<string, string>;
  body?: string;
}
/** A service that notes what it is asked, and answers in turn. */
function serviceOf(
  ...answers: (Response | Error | ((init: { signal: AbortSignal }) => Promise<Response>))[]
) {
  const asked: Asked[] = [];
  let turn = 0;
  const fetch: ServiceFetch = async (url, { signal, redirect, ...init }) => {
    assert.equal(redirect, 'manual');
    asked.push({ url, ...init });
    const answer = answers[Math.min(turn++, answers.length - 1)];
    if (answer instanceof Error) throw answer;
    if (typeof answer === 'function') return answer({ signal });
    return answer?.clone() ?? new Response('{}');
  };
  return { asked, fetch };
}
const json = (value: unknown, status = 200) => Response.json(value, { status });
const xml = (text: string) => new Response(text, { headers: { 'content-type': 'application/xml' } });

const call = (
  operation: ServiceOperation,
  args: Record<string, unknown>,
  fetch: ServiceFetch,
  more: Partial<CallOptions & { service: ServiceSection }> = {},
) => callOperation(more.service ?? service, operation, args, { credential: 'Bearer key', fetch, ...more });

async function failure(promise: Promise<unknown>): Promise<ServiceFailure> {
  const error = await promise.then(
    () => undefined,
    (e: unknown) => e as ServiceFailure,
  );
  assert.equal(error?.name, 'ServiceFailure', String(error));
  return error as ServiceFailure;
}
const change = (over: Partial<ServiceOperation>): ServiceOperation => ({ ...score, ...over });

test('values go into path, query and body each in its own writing, and the answer’s rows come back typed', async () => {
  const { asked, fetch } = serviceOf(json({ rows: [{ 'Scored Labels': '>50K', probability: 0.7 }] }));
  const answer = await call(score, { age: '39', job: 'a "b" & c?' }, fetch, { buyerId: 'byr_1' });
  assert.deepEqual(answer, { rows: [{ Scored_Labels: '>50K', p: 0.7 }], more: false, absent: [] });
  const [one] = asked;
  assert.equal(one?.url, 'https://svc.example/root/v2/score?unit=eur&job=a%20%22b%22%20%26%20c%3F');
  assert.deepEqual(JSON.parse(one?.body ?? ''), { age: 39, note: 'for a "b" & c?', secret: 's3cret' });
  assert.deepEqual(
    [one?.headers.authorization, one?.headers['souk-buyer'], one?.headers['content-type']],
    ['Bearer key', 'byr_1', 'application/json'],
  );
});

test('what is not given and need not be is left out of the query', async () => {
  const { asked, fetch } = serviceOf(json({ rows: [] }));
  await call(score, { age: 1, unit: 'usd' }, fetch);
  assert.equal(asked[0]?.url, 'https://svc.example/root/v2/score?unit=usd');
});

test('a caller’s mistake is named before the service is asked', async () => {
  const { asked, fetch } = serviceOf(json({}));
  for (const [args, code, target] of [
    [{ job: 'x' }, 'service.parameter_missing', 'age'],
    [{ age: null }, 'service.parameter_missing', 'age'],
    [{ age: 'C' }, 'service.wrong_type', 'age'],
    [{ age: 1.5 }, 'service.wrong_type', 'age'],
    [{ age: 2 ** 31 }, 'service.wrong_type', 'age'],
    [{ age: 1, job: 7 }, 'service.wrong_type', 'job'],
    [{ age: 1, job: 'x'.repeat(21) }, 'service.value_too_long', 'job'],
    [{ age: 1, unit: 'gbp' }, 'service.value_not_allowed', 'unit'],
    [{ age: 1, colour: 'red' }, 'service.unknown_parameter', 'colour'],
  ] as const) {
    const error = await failure(call(score, args, fetch));
    assert.deepEqual([error.status, error.code, error.target], [400, code, target]);
  }
  assert.equal(asked.length, 0);
});

test('a pattern that would keep a backtracking engine busy for ever is answered at once', async () => {
  const operation = change({
    parameters: [{ name: 'age', type: 'Edm.String', pattern: '^(a+)+$' }],
    request: { method: 'GET', path: 'x?a={age}' },
  });
  const error = await failure(call(operation, { age: `${'a'.repeat(5000)}b` }, serviceOf(json({})).fetch));
  assert.equal(error.code, 'service.value_not_allowed');
});

test('a value in the path stays where it was put', async () => {
  const operation = change({
    parameters: [{ name: 'age', type: 'Edm.String' }],
    request: { method: 'GET', path: 'people/{age}/score' },
  });
  const { asked, fetch } = serviceOf(json({ rows: [] }));
  await call(operation, { age: '../../admin?x=1#y' }, fetch);
  assert.equal(asked[0]?.url, 'https://svc.example/root/people/..%2F..%2Fadmin%3Fx%3D1%23y/score');
  for (const age of ['..', '.', '%2e%2e'])
    for (const encodeParameterValues of age.startsWith('%') ? [false] : [true, false]) {
      const loose = { ...operation, request: { ...operation.request, encodeParameterValues } };
      assert.equal((await failure(call(loose, { age }, fetch))).code, 'service.value_in_path', age);
    }
  const kept = { ...operation, request: { ...operation.request, encodeParameterValues: false } };
  await call(kept, { age: 'a%20b/..%2f..%5c\\c?d' }, fetch);
  assert.equal(asked[1]?.url, 'https://svc.example/root/people/a%20b%2F..%252f..%255c%5Cc%3Fd/score');
});

test('no value begins a header of its own', async () => {
  const operation = change({
    parameters: [{ name: 'age', type: 'Edm.String' }],
    request: { method: 'GET', path: 'x', headers: [{ name: 'X-Age', value: 'is {age}' }] },
  });
  const { asked, fetch } = serviceOf(json({ rows: [] }));
  assert.equal(
    (await failure(call(operation, { age: '1\r\nX-Evil: 1' }, fetch))).code,
    'service.value_in_header',
  );
  await call(operation, { age: '1' }, fetch);
  assert.equal(asked[0]?.headers['x-age'], 'is 1');
});

test('credentials go where the scheme says: header, query or Basic', async () => {
  const get = change({ parameters: [], request: { method: 'GET', path: 'x?a=1' } });
  const { asked, fetch } = serviceOf(json({ rows: [] }));
  for (const authentication of [
    { scheme: 'query', parameterName: 'api-key' },
    { scheme: 'basic', userName: 'me' },
    { scheme: 'none' },
  ] as const)
    await call(get, {}, fetch, { service: { ...service, authentication }, credential: 'k&1' });
  assert.equal(asked[0]?.url, 'https://svc.example/root/x?a=1&api-key=k%261');
  assert.equal(asked[1]?.headers.authorization, `Basic ${Buffer.from('me:k&1').toString('base64')}`);
  assert.equal(asked[2]?.headers.authorization, undefined);
});

test('rows of XML are found by XPath, with namespaces, attributes and values from the root', async () => {
  const operation = change({
    parameters: [{ name: 'age', type: 'Edm.String' }],
    request: { method: 'POST', path: 'soap', bodyFormat: 'xml', body: '<a>{age}</a>' },
    response: { format: 'xml', rows: '/s:all/s:row', namespaces: [{ prefix: 's', uri: 'urn:s' }] },
    columns: [
      { name: 'id', type: 'Edm.Int64', path: '@id' },
      { name: 'name', type: 'Edm.String', path: 's:name' },
      { name: 'at', type: 'Edm.DateTimeOffset', path: '/s:all/@at' },
      { name: 'price', type: 'Edm.Decimal', nullable: true },
      { name: 'tag', type: 'Edm.String', collection: true },
    ],
  });
  const { asked, fetch } = serviceOf(
    xml(
      `<?xml version="1.0"?><all xmlns="urn:s" at="2026-11-21T10:00:00"><row id="9007199254740993"><name>A &amp; B</name><price>1.10</price><tag>x</tag><tag>y</tag></row><row id="2"><name/></row></all>`,
    ),
  );
  const { rows } = await call(operation, { age: '<b>&' }, fetch);
  assert.equal(asked[0]?.body, '<a>&lt;b&gt;&amp;</a>');
  assert.deepEqual(rows, [
    { id: '9007199254740993', name: 'A & B', at: '2026-11-21T10:00:00.000Z', price: '1.10', tag: ['x', 'y'] },
    { id: 2, name: '', at: '2026-11-21T10:00:00.000Z', price: null, tag: [] },
  ]);
});

test('entities, document types and endless nesting in XML are refused', async () => {
  const operation = change({
    parameters: [],
    request: { method: 'GET', path: 'x' },
    response: { format: 'xml', rows: '/a' },
    columns: [{ name: 'b', type: 'Edm.String' }],
  });
  for (const text of [
    '<!DOCTYPE a [<!ENTITY x "y"><!ENTITY z "&x;&x;">]><a><b>&z;</b></a>',
    '<!DOCTYPE a SYSTEM "file:///etc/passwd"><a/>',
    `${'<a>'.repeat(100_000)}${'</a>'.repeat(100_000)}`,
    '<a><b></a>',
    'not xml',
    '',
  ])
    assert.equal(
      (await failure(call(operation, {}, serviceOf(xml(text)).fetch))).code,
      'service.answer_unreadable',
      text.slice(0, 40),
    );
});

test('CSV is read by its header, quotes and all', async () => {
  const operation = change({
    parameters: [],
    request: { method: 'GET', path: 'x' },
    response: { format: 'csv' },
  });
  operation.columns = [
    { name: 'Scored_Labels', title: 'Scored Labels', type: 'Edm.String' },
    { name: 'p', type: 'Edm.Double', path: 'probability' },
  ];
  const { rows } = await call(
    operation,
    {},
    serviceOf(new Response('Scored Labels,probability\r\n"a, ""b""\n",0.5\r\nc,\r\n')).fetch,
  );
  assert.deepEqual(rows, [
    { Scored_Labels: 'a, "b"\n', p: 0.5 },
    { Scored_Labels: 'c', p: null },
  ]);
  const ragged = await failure(call(operation, {}, serviceOf(new Response('a,b\n1\n')).fetch));
  assert.match(ragged.message, /row 1 has 1 fields, the header has 2/);
});

test('rows that are lists have columns by position; a path to one list means its items', async () => {
  const operation = change({
    parameters: [],
    request: { method: 'GET', path: 'x' },
    response: { format: 'json', rows: '$.Results.output1.value.Values' },
    columns: [
      { name: 'a', type: 'Edm.Int32' },
      { name: 'b', type: 'Edm.String' },
    ],
  });
  const { rows } = await call(
    operation,
    {},
    serviceOf(json({ Results: { output1: { value: { Values: [['1', 'x']] } } } })).fetch,
  );
  assert.deepEqual(rows, [{ a: 1, b: 'x' }]);
});

test('an answer that is not what was described is the service’s failure, and says which column', async () => {
  const get = change({ parameters: [], request: { method: 'GET', path: 'x' } });
  for (const [answer, target] of [
    [new Response('<html>'), undefined],
    [json({ rows: [{ probability: 'high' }] }), 'p'],
    [json({ rows: [{ probability: { a: 1 } }] }), 'p'],
  ] as const) {
    const error = await failure(call(get, {}, serviceOf(answer).fetch));
    assert.deepEqual([error.status, error.code, error.target], [502, 'service.answer_unreadable', target]);
  }
  const { absent } = await call(get, {}, serviceOf(json({ rows: [{ probability: 1 }] })).fetch);
  assert.deepEqual(absent, ['Scored_Labels']);
});

test('the first condition that matches makes an answer an error, with good status or bad', async () => {
  const errors = [
    { match: '$[?@.code == "E7"]', status: 422, message: 'No such job.' },
    { match: '$.error', status: 502, message: 'It failed.' },
  ];
  const get = change({
    parameters: [],
    request: { method: 'GET', path: 'x' },
    response: { format: 'json', rows: '$.rows', errors },
  });
  for (const [answer, status, message] of [
    [json({ error: { code: 'E7' } }), 422, 'No such job.'],
    [json({ error: 'x' }, 400), 502, 'It failed.'],
  ] as const) {
    const error = await failure(call(get, {}, serviceOf(answer).fetch));
    assert.deepEqual([error.status, error.code, error.message], [status, 'service.declared_error', message]);
  }
});

test('a status means the buyer’s mistake, the publisher’s or the service’s, and its words are not passed on', async () => {
  const post = change({ parameters: [] });
  post.request = { method: 'POST', path: 'x' };
  for (const [status, as, code] of [
    [400, 400, 'refused'],
    [401, 502, 'credentials_refused'],
    [404, 404, 'nothing_found'],
    [302, 502, 'redirected'],
    [429, 503, 'busy'],
    [500, 502, 'failed'],
    [503, 503, 'unavailable'],
  ] as const) {
    const { asked, fetch } = serviceOf(
      new Response('key Bearer key is wrong', { status, headers: { location: 'http://10.0.0.1/' } }),
    );
    const error = await failure(call(post, {}, fetch));
    assert.deepEqual([error.status, error.code, asked.length], [as, `service.${code}`, 1]);
    assert.ok(!error.message.includes('Bearer'));
  }
});

test('only reading is tried again', async () => {
  const good = json({ rows: [] });
  for (const [method, answers, calls, succeeds] of [
    ['GET', [new Error('reset'), good], 2, true],
    ['GET', [new Response('', { status: 503 }), good], 2, true],
    ['GET', [new Response('', { status: 500 }), good], 1, false],
    ['POST', [new Error('reset'), good], 1, false],
    ['GET', [new Error('reset')], 2, false],
  ] as const) {
    const { asked, fetch } = serviceOf(...answers);
    const given = call(change({ parameters: [], request: { method, path: 'x' } }), {}, fetch);
    if (succeeds) await given;
    else await failure(given);
    assert.equal(asked.length, calls, `${method} ${calls}`);
  }
});

test('an answer without end is cut off at the bound, and one that does not come at the time limit', async () => {
  const get = change({ parameters: [], request: { method: 'POST', path: 'x' } });
  let sent = 0;
  let closed = false;
  const endless = () =>
    Promise.resolve(
      new Response(
        new ReadableStream({
          pull: (c) => {
            sent += 65_536;
            c.enqueue(new Uint8Array(65_536));
          },
          cancel: () => {
            closed = true;
          },
        }),
      ),
    );
  const large = await failure(call(get, {}, serviceOf(endless).fetch, { answerSizeBytesMax: 1_000_000 }));
  assert.equal(large.code, 'service.answer_too_large');
  assert.ok(sent < 1_300_000 && closed);
  const never = ({ signal }: { signal: AbortSignal }) =>
    new Promise<Response>((_, reject) =>
      signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
    );
  const slow = await failure(
    call(get, {}, serviceOf(never).fetch, { service: { ...service, timeoutMs: 100 } }),
  );
  assert.deepEqual([slow.status, slow.code], [504, 'service.slow']);
  const gone = AbortSignal.abort();
  assert.equal(
    (await failure(call(get, {}, serviceOf(never).fetch, { signal: gone }))).code,
    'service.cancelled',
  );
});

test('pages are asked for in the service’s own way, and say whether more follow', async () => {
  const all = Array.from({ length: 7 }, (_, p) => ({ probability: p, 'Scored Labels': 'x' }));
  const paged: ServiceFetch = async (url) => {
    const q = new URL(url).searchParams;
    const size = Number(q.get('take') ?? q.get('size'));
    const from = q.has('skip') ? Number(q.get('skip')) : (Number(q.get('page')) - 1) * size;
    return json({ rows: all.slice(from, from + size) });
  };
  const ps = async (operation: ServiceOperation, skip?: number, top?: number) => {
    const { rows, more } = await call(operation, {}, paged, { skip, top });
    return [rows.map((r) => r.p), more];
  };
  const skipTake = change({
    parameters: [],
    request: { method: 'GET', path: 'x?skip={$skip}&take={$take}' },
    paging: { kind: 'skip-take', sizeMax: 3 },
  });
  assert.deepEqual(await ps(skipTake), [[0, 1, 2], true]);
  assert.deepEqual(await ps(skipTake, 5, 2), [[5, 6], false]);
  assert.deepEqual(await ps(skipTake, 1, 2), [[1, 2], true]);
  const pages = change({
    parameters: [],
    request: { method: 'GET', path: 'x?page={$page}&size={$size}' },
    paging: { kind: 'page-size', sizeMax: 3 },
  });
  assert.deepEqual(await ps(pages, 4), [[4, 5], true]);
  assert.deepEqual(await ps(pages, 6, 9), [[6], false]);
  const none = change({ parameters: [], request: { method: 'GET', path: 'x?skip=0&take=9' } });
  assert.deepEqual(await ps(none, 2, 3), [[2, 3, 4], true]);
});

test('buyers see an operation without how the service is asked', () => {
  const text = JSON.stringify(publicOperation(score));
  for (const hidden of ['s3cret', 'v2/score', 'probability', '$.rows'])
    assert.ok(!text.includes(hidden), hidden);
  assert.ok(text.includes('Scored Labels'));
});
