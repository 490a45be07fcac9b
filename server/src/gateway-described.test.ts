import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ServiceOperation, ServiceSection } from '@souk/contract';
import { type Breaker, newBreaker } from './domains/gateway/data/breaker.ts';
import { newDescribedData } from './domains/gateway/data/data.described.ts';
import { newFlights } from './domains/gateway/data/data.flight.ts';
import type { AskService, ServiceRequest } from './domains/gateway/data/service-client.ts';
import type { Deadline, PlaneParts, ServiceRecord } from './domains/gateway/index.ts';
import { newDescribedServices } from './gateway-described.ts';

const list: ServiceOperation = {
  name: 'List',
  kind: 'both',
  parameters: [{ name: 'n', type: 'Edm.Int32' }],
  columns: [{ name: 'Id', type: 'Edm.Int32', key: true }],
  collection: true,
  request: { method: 'GET', path: 'list?n={n}' },
  response: { format: 'json', rows: '$[*]' },
};
const paged: ServiceOperation = {
  ...list,
  name: 'Pages',
  parameters: [],
  request: { method: 'GET', path: 'pages?skip={$skip}&take={$take}' },
  paging: { kind: 'skip-take', sizeMax: 1 },
};
const section: ServiceSection = {
  url: 'https://svc.example/',
  authentication: { scheme: 'header', headerName: 'X-Key', credentialId: 'crd_1' },
  operations: [list, paged],
};

/** The data path of described services, over a service that answers with these texts; what is no text is thrown. */
function plane(answer: (request: ServiceRequest, deadline: Deadline) => string, credential = 'hush!') {
  const asked: ServiceRequest[] = [];
  const deadlines: Deadline[] = [];
  const counted: number[] = [];
  const clock = { now: 0 };
  const breaker: Breaker = newBreaker(() => clock.now);
  const ask: AskService = async (request, deadline) => {
    asked.push(request);
    const body = new TextEncoder().encode(answer(request, deadline));
    return { status: 200, headers: new Map<string, string>(), body, url: request.url };
  };
  const newDeadline = () => {
    const deadline: Deadline = { ended: undefined, onEnd: undefined, extend() {}, remove() {} };
    deadlines.push(deadline);
    return deadline;
  };
  const parts = {
    limits: { enter: () => undefined, leave() {} },
    metrics: { answered() {}, refused() {} },
    settings: { publicUrl: 'https://souk.example', payloadBytesMax: 1000 },
    sync: { usage: { pendingUnits: () => 0 } },
    count: async (...[, , , units]: Parameters<PlaneParts['count']>) => void counted.push(units),
    refuse: (code: string, params: object) =>
      Response.json({ error: { code, message: JSON.stringify(params) } }, { status: 503 }),
    newDeadline,
  } as unknown as PlaneParts;
  const flights = newFlights({ parts, breaker, reports: { failed() {}, flush: async () => {} } });
  const service: ServiceRecord = {
    productId: 'prd_1',
    publisherId: 'acc_1',
    publisher: 'flowers',
    product: 'iris',
    slot: 'live',
    accounts: [],
    section,
    sealed: {},
    credentialOrigin: null,
  };
  const handle = newDescribedData({
    flights,
    ask,
    newDeadline,
    credentialOf: () => assert.fail('not asked for'),
    openSecret: () => credential,
    buyerIdOf: () => 'buyer',
    answerBytesMax: 1_000_000,
    via: '1.1 souk',
    answerDescribed: newDescribedServices('ab'.repeat(32)),
  });
  const root = 'https://souk.example/data/flowers/iris/v1';
  async function call(path: string, method = 'GET') {
    const [rest = '', query = ''] = path.split('?');
    const flight = flights.begin(
      new Request(root + path, { method }),
      {
        path: { publisher: 'flowers', product: 'iris', name: 'flowers/iris', rest },
        service,
        entitlement: { accountId: 'acc_2', quota: null } as never,
        query,
        root,
        counts: !/^\/(\$metadata)?$/.test(rest),
      },
      'req_1',
    );
    const response = await handle(flight);
    const text = await response.text();
    const code = text.startsWith('{"error"')
      ? (JSON.parse(text) as { error: { code: string } }).error.code
      : '';
    return { status: response.status, code, text, cost: response.headers.get('x-souk-transactions') };
  }
  return { asked, deadlines, counted, breaker, clock, call };
}
const broken = () => {
  throw new Error('the connection broke');
};
const times = async (count: number, work: () => Promise<unknown>) => {
  for (let i = 0; i < count; i++) await work();
};

test('what Souk answers alone is no sign that the service works, costs nothing, and is answered while it rests', async () => {
  const { asked, breaker, call, counted } = plane(broken);
  const alone = async () => {
    const metadata = await call('/$metadata');
    assert.deepEqual([metadata.status, metadata.cost], [200, '0']);
    const head = await call('/List(n=1)', 'HEAD');
    assert.deepEqual([head.status, head.cost], [200, '0']);
  };
  await times(4, () => call('/List(n=1)'));
  await alone();
  assert.equal((await call("/List(n='x')")).status, 400);
  await call('/List(n=1)');
  assert.equal(breaker.resting(), 1, 'five failures of the service stand, whatever came between');
  const before = asked.length;
  await alone();
  assert.equal((await call('/List(n=1)')).code, 'data.resting');
  assert.equal(asked.length, before);
  assert.equal(
    counted.reduce((sum, units) => sum + units, 0),
    0,
  );
});

test('a refused value is not the call that tells whether a service works again', async () => {
  let works = false;
  const { breaker, call, clock, asked } = plane(() => (works ? '[{"Id":1}]' : broken()));
  await times(5, () => call('/List(n=1)'));
  clock.now = 10_000;
  const before = asked.length;
  assert.equal((await call("/List(n='x')")).status, 400);
  assert.deepEqual([breaker.resting(), asked.length], [1, before]);
  works = true;
  const good = await call('/List(n=1)');
  assert.deepEqual([good.status, good.cost, breaker.resting()], [200, '1', 0], good.text);
});

test('a credential that would begin a header of its own is not sent', async () => {
  const { asked, call } = plane(() => '[]', 'x\u010aX-Evil: 1');
  assert.equal((await call('/List(n=1)')).code, 'data.not_set_up');
  assert.equal(asked.length, 0);
});

test('all pages that one call reads have the time of one, and a call that ends so says nothing against the service', async () => {
  const { deadlines, breaker, call, asked } = plane(({ url }, deadline) => {
    const skip = Number(url.searchParams.get('skip'));
    if (skip < 3) return `[{"Id":${skip}}]`;
    Object.assign(deadline, { ended: 'time' });
    return broken();
  });
  await times(5, async () => assert.equal((await call('/Pages/$count')).code, 'data.service_slow'));
  assert.deepEqual(
    [deadlines.length, asked.length],
    [5, 20],
    'and nothing is asked again once the time is up',
  );
  assert.equal(breaker.resting(), 0);
});

test('all pages that one call reads are together no longer than one answer may be', async () => {
  const { asked, call } = plane(
    ({ url }) => `[{"Id":${url.searchParams.get('skip')}}]${' '.repeat(300_000)}`,
  );
  const answer = await call('/Pages/$count');
  assert.equal(answer.code, 'data.service_too_large', answer.text);
  assert.match(answer.text, /1000000/);
  assert.equal(asked.length, 4);
});
