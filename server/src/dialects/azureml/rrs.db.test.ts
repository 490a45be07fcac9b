import assert from 'node:assert/strict';
import { test } from 'node:test';
import { until } from '../../../test/gateway.ts';
import { irisCall, testWebServices } from '../../../test/webservices.ts';
import { json, rows, sql } from '../../platform/db.ts';

const market = await testWebServices();
market.startNode();
const { db, buyer, own, services, execute } = market;
const { service, key } = await market.deploy();
await market.answering(service, key);

interface Failure {
  error: { code: string; message: string; details: { code: string; message: string }[] };
}
const failure = async (answer: Response) => {
  const { error } = (await answer.json()) as Failure;
  return [answer.status, error.code, error.details[0]?.code];
};
const refused = async (body: unknown, how: Parameters<typeof execute>[3] = {}) =>
  failure(await execute(service, key, body, how));
const table = (ColumnNames: string[], ...Values: unknown[][]) => ({
  Inputs: { input1: { ColumnNames, Values } },
});
const names = irisCall.Inputs.input1.ColumnNames;

test('columns, types and sample rows are inferred from the model and its page', async () => {
  const { schema, wire, state } = await services.get(buyer.accountId, service.id);
  assert.deepEqual(schema.input.columns[0], { name: 'features_1', type: 'Double' });
  assert.deepEqual(
    schema.output.columns.map((c) => `${c.name} ${c.type}`),
    ['label String', 'probabilities_1 Double', 'probabilities_2 Double', 'probabilities_3 Double'],
  );
  assert.deepEqual(schema.sampleRows[0], ['5.5', '3.5', '1.3', '0.2']);
  assert.deepEqual(schema.sampleAnswer[0], ['setosa', '0.991533', '0.008467', '0']);
  assert.deepEqual([wire.format, state], ['csv', 'Succeeded']);
});

test('the column form is answered as a DataTable of text; column types only with details', async () => {
  const answer = await execute(service, key, irisCall);
  assert.equal(answer.status, 200);
  assert.ok(answer.headers.get('x-ms-request-id'));
  const { Results } = (await answer.json()) as {
    Results: { output1: { type: string; value: Record<string, unknown> } };
  };
  const { type, value } = Results.output1;
  assert.deepEqual([type, value.ColumnTypes], ['DataTable', ['String', 'Double', 'Double', 'Double']]);
  const cells = value.Values as string[][];
  assert.deepEqual(
    cells.map((r) => r[0]),
    ['setosa', 'versicolor', 'virginica'],
  );
  assert.ok(cells.every((r) => r.every((c) => typeof c === 'string')));
  const plain = await execute(service, key, irisCall, { query: 'api-version=2.0' });
  assert.ok(!(await plain.text()).includes('ColumnTypes'));
});

test('the swagger form takes and answers names and values', async () => {
  const body = {
    Inputs: { input1: [{ features_4: '0.2', features_1: 5.5, features_2: '3.5', features_3: '1.3' }] },
  };
  const answer = await execute(service, key, body, { query: 'api-version=2.0&format=swagger' });
  const { Results } = (await answer.json()) as { Results: { output1: Record<string, string>[] } };
  assert.equal(Results.output1[0]?.label, 'setosa');
  assert.match(Results.output1[0]?.probabilities_1 ?? '', /^0\.99/);
});

test('keys go as Bearer in any case, or as Basic; a charset in Content-Encoding is tolerated', async () => {
  const headers = { authorization: `bearer ${service.endpoints[0] ? key : ''}`, 'content-encoding': 'UTF-8' };
  assert.equal((await execute(service, key, irisCall, { headers })).status, 200);
  const basic = { authorization: `Basic ${Buffer.from(`any:${key}`).toString('base64')}` };
  assert.equal((await execute(service, key, irisCall, { headers: basic })).status, 200);
});

test('columns go by name: another order is the same call', async () => {
  const turned = table([...names].reverse(), ['0.2', '1.3', '3.5', '5.5']);
  const answer = (await (await execute(service, key, turned)).json()) as {
    Results: { output1: { value: { Values: string[][] } } };
  };
  assert.equal(answer.Results.output1.value.Values[0]?.[0], 'setosa');
});

test('what is wrong in a call has the class, the code and the place of the vendor', async () => {
  const row = ['5.5', '3.5', '1.3', '0.2'];
  const bad = (code: string, c = 'BadUserArgument') => [400, c, code];
  assert.deepEqual(await refused(table(names, row.slice(1))), bad('InputParseError'));
  assert.deepEqual(await refused(table(names, ['x', ...row.slice(1)])), bad('InputParseError'));
  assert.deepEqual(await refused(table(names, [null, ...row.slice(1)])), bad('InputParseError'));
  assert.deepEqual(await refused(table(names, [{}, ...row.slice(1)])), bad('InputParseError'));
  assert.deepEqual(await refused(table(['nope', ...names.slice(1)], row)), bad('InputMismatchError'));
  assert.deepEqual(await refused(table(names.slice(1), row.slice(1))), bad('InputMismatchError'));
  assert.deepEqual(await refused(table([...names, 'features_1'], [...row, '1'])), bad('InputMismatchError'));
  assert.deepEqual(
    await refused(table(names, ...Array.from({ length: 1001 }, () => row))),
    bad('InputMismatchError'),
  );
  assert.deepEqual(await refused(table(names)), bad('InputMismatchError'));
  assert.deepEqual(await refused({ ...irisCall, GlobalParameters: { x: 1 } }), bad('UnexpectedParameter'));
  const argument = (code: string) => bad(code, 'BadArgument');
  assert.deepEqual(await refused({ Inputs: { input2: [] } }), argument('InvalidInputNames'));
  assert.deepEqual(await refused({}), argument('MissingRequestInput'));
  assert.deepEqual(await refused(''), argument('RequestIsEmpty'));
  assert.deepEqual(await refused('{'), argument('RequestBodyInvalid'));
  assert.deepEqual(await refused('[1]'), argument('RequestBodyInvalid'));
  assert.deepEqual(
    await refused({ Inputs: { input1: { ColumnNames: names, Values: [1] } } }),
    argument('RequestBodyInvalid'),
  );
  assert.deepEqual(await refused(irisCall, { query: 'details=true' }), argument('BadVersionCall'));
  assert.deepEqual(
    await refused(irisCall, { headers: { 'content-encoding': 'gzip' } }),
    argument('RequestBodyInvalid'),
  );
  const answer = await execute(service, key, table(names, row, ['1', '2', 'three', '4']));
  const { error } = (await answer.json()) as Failure;
  assert.match(
    error.details[0]?.message ?? '',
    /input1: row 2, column "features_3" \(Double\): "three" is no number/,
  );
});

test('a wrong key, no key and a deleted endpoint are told apart, as JSON', async () => {
  const unauthorized = [401, 'Unauthorized', 'ScoreRequestUnauthorized'];
  assert.deepEqual(await failure(await execute(service, 'souk_wrong', irisCall)), unauthorized);
  assert.deepEqual(await refused(irisCall, { headers: { authorization: '' } }), unauthorized);
  const gone = { ...service, endpoints: [{ ...service.endpoints[0], id: 'f'.repeat(32) }] } as typeof service;
  assert.deepEqual(await failure(await execute(gone, key, irisCall)), [
    404,
    'NotFound',
    'WebServiceNotFound',
  ]);
});

test('one key is regenerated while the other works, and the old one is refused', async () => {
  const { primaryKey, secondaryKey } = await own.regenerate(buyer, service.id, 'default', 'secondary');
  assert.equal(primaryKey, null);
  await until('the new key works', async () => (await execute(service, secondaryKey ?? '', irisCall)).ok);
  assert.equal((await execute(service, key, irisCall)).status, 200);
  const again = await own.regenerate(buyer, service.id, 'default', 'secondary');
  await until(
    'the old key is refused',
    async () => (await execute(service, secondaryKey ?? '', irisCall)).status === 401,
  );
  assert.notEqual(again.secondaryKey, secondaryKey);
  const kept = JSON.stringify(await rows(db, sql`select * from web_service_endpoints`));
  assert.ok(!kept.includes(key) && !kept.includes(again.secondaryKey ?? ''));
});

test('an endpoint of its own has keys and a throttle of its own: more calls at once are refused with 503', async () => {
  const made = await own.create(buyer, service.id, {
    name: 'customer1',
    maxConcurrentCalls: 4,
    logging: 'Error',
  });
  const now = await services.get(buyer.accountId, service.id);
  const one = { endpoint: now.endpoints.findIndex((e) => e.name === 'customer1') };
  const ownKey = made.keys.primaryKey ?? '';
  await until('it answers', async () => (await execute(now, ownKey, irisCall, one)).ok);
  assert.deepEqual(await failure(await execute(now, key, irisCall, one)), [
    401,
    'Unauthorized',
    'ScoreRequestUnauthorized',
  ]);
  const release = Promise.withResolvers<void>();
  market.hold.until = release.promise;
  const under = [1, 2, 3, 4].map(() => execute(now, ownKey, irisCall, one));
  await until('four are under way', () => Promise.resolve(market.hold.waiting === 4));
  const answer = await execute(now, ownKey, irisCall, one);
  assert.equal(answer.headers.get('retry-after'), '1');
  const { error } = (await answer.clone().json()) as Failure;
  assert.deepEqual(await failure(answer), [503, 'ServiceUnavailable', 'RequestThrottled']);
  assert.match(error.details[0]?.message ?? '', /customer1 takes 4 calls/);
  release.resolve();
  market.hold.until = undefined;
  assert.deepEqual(
    (await Promise.all(under)).map((a) => a.status),
    [200, 200, 200, 200],
  );
  await execute(now, ownKey, '{', one);
  const { items } = await until('failures are logged, and nothing else', async () => {
    const log = await own.log(buyer.accountId, service.id, 'customer1');
    return log.items.length >= 2 ? log : undefined;
  });
  assert.deepEqual(items.map((i) => i.status).sort(), [400, 503]);
  const traffic = await until('the chart has the calls', async () => {
    const found = await services.traffic(buyer.accountId, service.id, 5);
    return found.minutes.some((m) => m.endpoint === 'customer1' && m.throttled > 0) ? found : undefined;
  });
  assert.ok(traffic.minutes.some((m) => m.endpoint === 'default' && m.failed > 0));
});

test('global parameters fill a column or are told to the model; a column may have a default, be hidden and be renamed', async () => {
  const { schema } = service;
  const columns = schema.input.columns.map((c, i) => ({
    ...c,
    name: ['sepal length', 'sepal-width', 'petal length', 'petal width'][i] ?? '',
  }));
  const [a, b, c, d] = columns;
  assert.ok(a && b && c && d);
  await services.update(buyer, service.id, {
    schema: {
      ...schema,
      input: {
        name: 'input1',
        columns: [a, { ...b, default: '3.5', hidden: true }, { ...c, default: '1.3' }, d],
      },
      output: {
        name: 'output1',
        columns: schema.output.columns.map((o, i) => (i > 1 ? { ...o, hidden: true } : o)),
      },
      parameters: [
        { name: 'petal', type: 'Double', column: 'petal width' },
        { name: 'trace', type: 'String', default: '' },
      ],
    },
  });
  const ask = (GlobalParameters: Record<string, unknown>) =>
    execute(service, key, {
      Inputs: { input1: { ColumnNames: ['sepal length'], Values: [['5.5']] } },
      GlobalParameters,
    });
  const answer = await until('the new columns hold', async () => {
    const given = await ask({ petal: 0.2, trace: 'a b' });
    return given.ok ? given : undefined;
  });
  const { Results } = (await answer.json()) as {
    Results: { output1: { value: { ColumnNames: string[]; Values: string[][] } } };
  };
  assert.deepEqual(Results.output1.value.ColumnNames, ['label', 'probabilities_1']);
  assert.equal(Results.output1.value.Values[0]?.[0], 'setosa');
  assert.equal(market.told.at(-1)?.attributes, 'trace=a%20b');
  assert.deepEqual(await failure(await ask({})), [400, 'BadUserArgument', 'MissingRequiredGlobalParameters']);
  assert.deepEqual(await failure(await ask({ petal: 'wide' })), [
    400,
    'BadUserArgument',
    'UserParameterInvalid',
  ]);
  await services.update(buyer, service.id, { schema });
  await market.answering(service, key);
});

/** Calls that the model answered and callers were not given. */
let unusable = 0;

test('an answer is held up to a limit: a model that never ends takes no more, and the call is refused', async () => {
  market.hold.instead = (outgoing) => {
    outgoing.writeHead(200, { 'content-type': 'text/csv' });
    const piece = Buffer.alloc(1_000_000, '1\n');
    const pour = () => {
      while (!outgoing.destroyed) if (!outgoing.write(piece)) return void outgoing.once('drain', pour);
    };
    pour();
  };
  const answer = await execute(service, key, irisCall);
  market.hold.instead = undefined;
  unusable++;
  assert.deepEqual(await failure(answer), [413, 'MemoryQuotaViolation', 'OutOfMemoryLimit']);
});

test('a model that answers other columns than declared is a conflict, not rows with the wrong names, and is not billed', async () => {
  await sql`update web_services set schema = jsonb_set(schema, '{output,columns}', (schema -> 'output' -> 'columns') - 3) where id = ${service.id}`.execute(
    db,
  );
  const answer = await until('it is told', async () => {
    const given = await execute(service, key, irisCall);
    return given.ok ? undefined : given;
  });
  unusable++;
  assert.deepEqual(await failure(answer), [409, 'Conflict', 'ModelOutputMetadataMismatch']);
  const counted = await until('all calls are counted', async () => {
    const [found] = await rows<{ units: number; failed: number }>(
      db,
      sql`select coalesce(sum(quantity), 0)::int as units, coalesce(sum(server_errors), 0)::int as failed
        from usage_records where subscription_id = ${market.subscriptionId}`,
    );
    return found && found.units + found.failed >= market.told.length ? found : undefined;
  });
  assert.deepEqual(counted, { units: market.told.length - unusable, failed: unusable });
  await sql`update web_services set schema = ${json(service.schema)} where id = ${service.id}`.execute(db);
  await market.answering(service, key);
});

test('the form of the page asks without a key, and is metered', async () => {
  const rowOf = Object.fromEntries(names.map((n, i) => [n, ['5.5', '3.5', '1.3', '0.2'][i] ?? null]));
  const answer = await market.trial(buyer, service.id, { rows: [rowOf] });
  assert.deepEqual([answer.columns[0], answer.rows[0]?.[0]], [{ name: 'label', type: 'String' }, 'setosa']);
  const counted = await rows(db, sql`select * from usage_batches where node like 'wst_%'`);
  assert.equal(counted.length, 1);
  const bad = market.trial(buyer, service.id, { rows: [{ ...rowOf, features_1: 'x' }] });
  await assert.rejects(bad, { code: 'web_service.call_refused' });
});
