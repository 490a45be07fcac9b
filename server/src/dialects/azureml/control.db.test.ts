import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { test } from 'node:test';
import { testAzureMl } from '../../../test/azureml.ts';
import { hashApiKey, newApiKey } from '../../platform/api-keys.ts';
import { rows, sql } from '../../platform/db.ts';

const market = await testAzureMl();
market.startNode();
const { db, buyer, own, put, text, send, until, url } = market;
const { service, key } = await market.deploy();
await market.answering(service, key);
const endpoint = service.endpoints[0];
assert.ok(endpoint);
const base = `/workspaces/${service.workspace}/services/${endpoint.id}`;
const csv = `features_4,features_1,features_2,features_3
0.2,5.5,3.5,1.3
1,4.9,2.4,3.3
1.8,6.3,2.9,5.6
`;
/** Where names without a place are. */
const store = (path: string, content: string) => put(endpoint.folder + path, content);
await store('in/iris.csv', csv);

interface Status {
  StatusCode: string;
  Details: string | null;
  Results: Record<string, { RelativeLocation: string; BaseLocation: string; SasBlobToken: string }> | null;
}
const refused = async (answer: Response) => {
  const { error } = (await answer.json()) as { error: { code: string; details: { code: string }[] } };
  return [answer.status, error.code, error.details[0]?.code];
};
const submit = (body: unknown, version = '?api-version=2.0') =>
  send('POST', `${base}/jobs${version}`, key, body);
async function run(body: unknown): Promise<Status & { id: string }> {
  const submitted = await submit(body);
  assert.equal(submitted.status, 200);
  const id = (await submitted.json()) as string;
  assert.match(id, /^[0-9a-f]{32}$/);
  assert.equal((await send('POST', `${base}/jobs/${id}/start?api-version=2.0`, key)).status, 204);
  const status = await until(
    `job ${id} is over`,
    async () => {
      const now = (await (await send('GET', `${base}/jobs/${id}?api-version=2.0`, key)).json()) as Status;
      return ['NotStarted', 'Running'].includes(now.StatusCode) ? undefined : now;
    },
    30_000,
  );
  return { id, ...status };
}

test('a batch job waits for its start, and writes rows in the order of its input with a link to read them', async () => {
  const submitted = await submit({
    Inputs: { input1: { RelativeLocation: '/in/iris.csv' } },
    Outputs: {
      output1: {
        ConnectionString: `DefaultEndpointsProtocol=https;AccountName=${buyer.accountId};AccountKey=x`,
        RelativeLocation: 'out/iris.csv',
      },
    },
  });
  const id = (await submitted.json()) as string;
  const status = async () =>
    (await (await send('GET', `${base}/jobs/${id}?api-version=2.0`, key)).json()) as Status;
  assert.equal((await status()).StatusCode, 'NotStarted');
  assert.equal((await send('POST', `${base}/jobs/${id}/start?api-version=2.0`, key)).status, 204);
  const again = await send('POST', `${base}/jobs/${id}/start?api-version=2.0`, key);
  assert.deepEqual(await refused(again), [400, 'InvalidOperation', 'CannotStartJob']);
  const over = await until(
    'it is over',
    async () => {
      const now = await status();
      return now.StatusCode === 'Finished' ? now : undefined;
    },
    30_000,
  );
  const written = (await text(`${endpoint.folder}out/iris.csv`)).trim().split('\n');
  assert.deepEqual(
    written.map((l) => l.split(',')[0]),
    ['label', 'setosa', 'versicolor', 'virginica'],
  );
  const link = over.Results?.output1;
  assert.ok(link);
  const read = await fetch(link.BaseLocation + link.RelativeLocation + link.SasBlobToken);
  assert.equal((await read.text()).trim(), written.join('\n'));
  const other = await fetch(
    link.BaseLocation + link.RelativeLocation.replace('out/', 'in/') + link.SasBlobToken,
  );
  assert.equal(other.status, 401);
  market.time.addMs = 56 * 60_000;
  assert.equal((await fetch(link.BaseLocation + link.RelativeLocation + link.SasBlobToken)).status, 401);
  market.time.addMs = 0;
  const counted = await rows<{ records: number }>(
    db,
    sql`select records from usage_batches where node = ${`webservice-job.${id}`}`,
  );
  assert.equal(counted.length, 1);
});

test('an output without a name gets one of its own; a result is the input of the next job', async () => {
  const first = await run({
    Inputs: { input1: { RelativeLocation: `souk://${buyer.accountId}/${endpoint.folder}in/iris.csv` } },
  });
  assert.equal(first.StatusCode, 'Finished', String(first.Details));
  const result = first.Results?.output1;
  assert.match(
    result?.RelativeLocation ?? '',
    new RegExp(`^souk/web-services/${service.id}/${endpoint.id}/${first.id}\\.csv$`),
  );
  // Its columns are not the input's: what matters is that it was read.
  const next = await run({ Input: result });
  assert.match(next.Details ?? '', /InputMismatchError: input1: there is no column "label"/);
});

test('what is wrong in a file ends the job with the line; nothing is written and nothing is counted', async () => {
  const failing = async (name: string, content: string | null) => {
    if (content !== null) await store(name, content);
    const { id, StatusCode, Details } = await run({ Inputs: { input1: { RelativeLocation: name } } });
    assert.equal(StatusCode, 'Failed');
    assert.deepEqual(
      await rows(db, sql`select 1 from usage_batches where node = ${`webservice-job.${id}`}`),
      [],
    );
    return Details ?? '';
  };
  assert.match(
    await failing('in/ragged.csv', `${csv}1,2\n`),
    /InputParseError: input1: line 5 has 2 values.*All rows must have the same number of elements/,
  );
  assert.match(
    await failing('in/words.csv', csv.replace('4.9', 'x')),
    /line 3, column "features_1" \(Double\): "x" is no number.*requestId = /,
  );
  assert.match(
    await failing('in/quote.csv', `${csv}"1,2\n`),
    /InputParseError: Line 5: a quoted field is not closed/,
  );
  assert.match(await failing('in/empty.csv', ''), /InputParseError: The input file is empty/);
  assert.match(await failing('in/absent.csv', null), /location\.missing/);
});

test('a job that cannot be is refused when it is submitted, with the code of the vendor', async () => {
  const bad = (code: string) => [400, 'BadArgument', code];
  const input = { RelativeLocation: 'in/iris.csv' };
  const of = async (body: unknown, version?: string) => refused(await submit(body, version));
  assert.deepEqual(await of({}), bad('BatchJobInputsNotSpecified'));
  assert.deepEqual(await of({ Input: input, Inputs: { input1: input } }), bad('DuplicateInputInBatchCall'));
  assert.deepEqual(
    await of({ Inputs: { input1: input, input2: input } }),
    bad('BatchJobInputsTooManySpecified'),
  );
  assert.deepEqual(await of({ Inputs: { other: input } }), bad('InvalidInputNames'));
  assert.deepEqual(
    await of({ Inputs: { input1: input }, Outputs: { Output1: input } }),
    bad('InvalidOutputOverrideName'),
  );
  assert.deepEqual(await of({ Inputs: { input1: {} } }), bad('MissingInputBlobInformation'));
  assert.deepEqual(
    await of({ Inputs: { input1: { RelativeLocation: 'in/iris.exe' } } }),
    bad('InvalidBlobExtension'),
  );
  assert.deepEqual(
    await of({ Inputs: { input1: { RelativeLocation: `${'x'.repeat(1100)}.csv` } } }),
    bad('BlobNameTooLong'),
  );
  assert.deepEqual(
    await of({ Inputs: { input1: { ...input, ConnectionString: 'AccountName=999999999999' } } }),
    bad('InvalidBlobConnectionString'),
  );
  assert.deepEqual(
    await of({ Inputs: { input1: { ...input, BaseLocation: 'https://evil.example/' } } }),
    bad('InputBlobRelativeLocationInvalid'),
  );
  assert.deepEqual(
    await of({ Inputs: { input1: { RelativeLocation: 'souk://999999999999/a.csv' } } }),
    bad('InvalidBlob'),
  );
  assert.deepEqual(await of({ Inputs: { input1: { RelativeLocation: '../a.csv' } } }), bad('InvalidBlob'));
  assert.deepEqual(await of({ Inputs: { input1: input }, GlobalParameters: { x: 1 } }), [
    400,
    'BadUserArgument',
    'UnexpectedParameter',
  ]);
  assert.deepEqual(await of({ Inputs: { input1: input } }, ''), bad('BadVersionCall'));
  assert.deepEqual(await of('{'), bad('RequestBodyInvalid'));
  assert.deepEqual(await refused(await send('GET', `${base}/jobs/${'0'.repeat(32)}?api-version=2.0`, key)), [
    404,
    'NotFound',
    'JobNotFound',
  ]);
  assert.deepEqual(await refused(await send('POST', `${base}/jobs?api-version=2.0`, 'souk_x', {})), [
    401,
    'Unauthorized',
    'ScoreRequestUnauthorized',
  ]);
});

test('a key of the endpoint reaches its folder only; a key of the account the other files too', async () => {
  await sql`update api_keys set scopes = '{manage,call}' where account_id = ${buyer.accountId}`.execute(db);
  await put('customers.csv', 'kept');
  const mine = { RelativeLocation: 'in/iris.csv' };
  const theirs = { RelativeLocation: `souk://${buyer.accountId}/customers.csv` };
  const reading = { Inputs: { input1: theirs } };
  const writing = { Inputs: { input1: mine }, Outputs: { output1: theirs } };
  for (const body of [reading, writing])
    assert.deepEqual(await refused(await submit(body)), [400, 'BadArgument', 'InvalidBlob']);
  const up = { RelativeLocation: `${endpoint.folder}../../../customers.csv` };
  assert.deepEqual(await refused(await submit({ Inputs: { input1: mine }, Outputs: { output1: up } })), [
    400,
    'BadArgument',
    'InvalidBlob',
  ]);
  assert.equal(await text('customers.csv'), 'kept');
  const owner = await send('POST', `${base}/jobs?api-version=2.0`, market.apiKey, writing);
  assert.equal(owner.status, 200, await owner.clone().text());
  const id = (await owner.json()) as string;
  assert.equal((await send('DELETE', `${base}/jobs/${id}`, market.apiKey)).status, 204);
  const calling = newApiKey();
  await sql`insert into api_keys (id, account_id, person_id, name, key_sha256, hint, scopes)
    values ('key_calling', ${buyer.accountId}, ${buyer.personId}, 'calls', ${hashApiKey(calling)}, 'calls', '{call}')`.execute(
    db,
  );
  const narrow = await send('POST', `${base}/jobs?api-version=2.0`, calling, writing);
  assert.deepEqual(await refused(narrow), [401, 'Unauthorized', 'ScoreRequestUnauthorized']);
});

test('the owner sees the jobs of each endpoint, newest first, with what was read and written and why one failed', async () => {
  const { items } = await own.jobs(buyer.accountId, service.id, 'default');
  assert.deepEqual(
    items.map((j) => j.createdAt),
    items
      .map((j) => j.createdAt)
      .sort()
      .reverse(),
  );
  const failed = items.find((j) => j.input.endsWith('in/ragged.csv'));
  assert.deepEqual([failed?.state, failed?.rows, failed?.startedAt === null], ['Failed', 0, false]);
  assert.match(failed?.failure ?? '', /line 5 has 2 values/);
  const done = items.find((j) => j.output.endsWith('out/iris.csv'));
  assert.deepEqual([done?.state, done?.rows, done?.failure], ['Finished', 3, null]);
  await own.create(buyer, service.id, { name: 'idle' });
  assert.deepEqual(await own.jobs(buyer.accountId, service.id, 'idle'), { items: [] });
  await own.remove(buyer, service.id, 'idle');
  await assert.rejects(own.jobs(buyer.accountId, service.id, 'nobody'), {
    code: 'web_service.endpoint_missing',
  });
});

test('a job is cancelled before its start, and never runs', async () => {
  const id = (await (
    await submit({ Inputs: { input1: { RelativeLocation: 'in/iris.csv' } } })
  ).json()) as string;
  assert.equal((await send('DELETE', `${base}/jobs/${id}`, key)).status, 204);
  const status = (await (await send('GET', `${base}/jobs/${id}?api-version=2.0`, key)).json()) as Status;
  assert.equal(status.StatusCode, 'Cancelled');
  assert.deepEqual(await refused(await send('POST', `${base}/jobs/${id}/start?api-version=2.0`, key)), [
    400,
    'InvalidOperation',
    'CannotStartJob',
  ]);
});

test('endpoints are managed with a key of the account, or the endpoint’s own for itself alone', async () => {
  const manage = `/workspaces/${service.workspace}/webservices`;
  await sql`update api_keys set scopes = '{manage,call}' where account_id = ${buyer.accountId}`.execute(db);
  const [listed] = (await (await send('GET', manage, market.apiKey)).json()) as Record<string, unknown>[];
  assert.deepEqual(
    [listed?.Id, listed?.DefaultEndpointName, listed?.EndpointCount],
    [service.id, 'default', 1],
  );
  const at = `${manage}/${service.id}/endpoints`;
  const made = await send('PUT', `${at}/client7`, market.apiKey, {
    Description: 'For client 7',
    ThrottleLevel: 'High',
    MaxConcurrentCalls: 50,
  });
  assert.equal(made.status, 201);
  const { PrimaryKey, MaxConcurrentCalls, HelpLocation } = (await made.json()) as Record<string, string>;
  assert.equal(MaxConcurrentCalls, 50);
  assert.equal((await fetch(`${HelpLocation}/score`)).status, 200);
  assert.deepEqual(await refused(await send('PUT', `${at}/client7`, market.apiKey, {})), [
    409,
    'Conflict',
    'BadParameterValue',
  ]);
  assert.deepEqual(await refused(await send('PUT', `${at}/Client-8`, market.apiKey, {})), [
    400,
    'BadArgument',
    'BadParameterValue',
  ]);
  const mine = PrimaryKey ?? '';
  const changed = (await (
    await send('PATCH', `${at}/client7`, mine, { DiagnosticsTraceLevel: 'All' })
  ).json()) as Record<string, unknown>;
  assert.deepEqual(
    [changed.DiagnosticsTraceLevel, changed.PrimaryKey, changed.Description],
    ['All', null, 'For client 7'],
  );
  assert.deepEqual(await refused(await send('PATCH', `${at}/client7`, mine, { MaxConcurrentCalls: 201 })), [
    400,
    'BadArgument',
    'WebServiceConcurrentRequestRequirementInvalid',
  ]);
  const management = [401, 'Unauthorized', 'ManagementRequestUnauthorized'];
  assert.deepEqual(await refused(await send('GET', `${at}/default`, mine)), management);
  assert.deepEqual(await refused(await send('GET', manage, mine)), management);
  assert.deepEqual(await refused(await send('GET', manage, '')), management);
  assert.deepEqual(
    await refused(await send('GET', manage.replace(service.workspace, '0'.repeat(32)), market.apiKey)),
    management,
  );
  assert.equal((await send('POST', `${at}/client7/refresh`, mine, { OverwriteResources: true })).status, 304);
  assert.deepEqual(await refused(await send('PATCH', `${at}/client7`, mine, { Resources: [] })), [
    400,
    'InvalidOperation',
    'IncompatibleModel',
  ]);
  assert.equal((await send('DELETE', `${at}/client7`, market.apiKey)).status, 204);
  assert.equal((await own.find(buyer.accountId, service.id, 'default')).endpoint.name, 'default');
});

test('swagger and help pages are public, and sample rows can be kept from them', async () => {
  const swagger = (await (await fetch(`${url}${base}/swagger.json`)).json()) as {
    swagger: string;
    info: Record<string, string>;
    paths: Record<string, unknown>;
    definitions: Record<string, { example?: unknown; properties?: Record<string, unknown> }>;
  };
  assert.deepEqual([swagger.swagger, swagger.info['x-endpoint-name']], ['2.0', 'default']);
  assert.match(Object.keys(swagger.paths)[1] ?? '', /\/execute\?/);
  assert.deepEqual(swagger.definitions.input1Item?.properties?.features_1, {
    type: 'number',
    format: 'double',
  });
  assert.ok(swagger.definitions.ExecutionRequest?.example);
  const help = await fetch(endpoint.urls.help.replace(/^https?:\/\/[^/]+/, url));
  const page = await help.text();
  assert.match(help.headers.get('content-security-policy') ?? '', /default-src 'none'/);
  for (const word of [
    'Request URI',
    'OData endpoint address',
    'probabilities_3',
    'InputParseError',
    'RequestThrottled',
    'code-snippet-r',
    '5.5',
  ])
    assert.ok(page.includes(word), word);
  await own.update(buyer, service.id, 'default', { sampleData: false });
  const without = await (await fetch(endpoint.urls.help.replace(/^https?:\/\/[^/]+/, url))).text();
  assert.ok(!without.includes('5.5'));
  await own.update(buyer, service.id, 'default', { sampleData: true });
  assert.equal(
    (
      await fetch(
        `${url}/apihelp/workspaces/${service.workspace}/webservices/${service.id}/endpoints/nobody/score`,
      )
    ).status,
    404,
  );
});

/** Code as it stands on a page, for a person who copies it. */
async function snippet(address: string, language: string): Promise<string> {
  const page = await (await fetch(address.replace(/^https?:\/\/[^/]+/, url))).text();
  const [, code = ''] =
    new RegExp(`id="code-snippet-${language}"><pre[^>]*><code>([\\s\\S]*?)</code>`).exec(page) ?? [];
  const words: Record<string, string> = { lt: '<', gt: '>', quot: '"', amp: '&' };
  return code.replaceAll(/&(lt|gt|quot|amp);/g, (_, w: string) => words[w] ?? '');
}

function output(command: string, args: readonly string[], input: string): Promise<string> {
  const child = spawn(command, args, {
    env: { ...process.env, API_KEY: key },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  const parts: Buffer[] = [];
  child.stdout.on('data', (b: Buffer) => parts.push(b));
  child.stderr.on('data', (b: Buffer) => parts.push(b));
  child.stdin.end(input);
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(Buffer.concat(parts).toString('utf8')));
  });
}
const runs = {
  curl: (code: string) => output('bash', ['-s'], code),
  python: (code: string) => output('python3', ['-'], code),
  typescript: (code: string) => output(process.execPath, ['--input-type=module-typescript', '-'], code),
};

for (const [language, start] of Object.entries(runs))
  test(`the code in ${language} on the help pages runs as it is pasted`, async () => {
    const rrs = (await snippet(endpoint.urls.help, language)).replaceAll(url, market.gatewayUrl());
    assert.match(await start(rrs), /setosa[\s\S]*versicolor[\s\S]*virginica/);
    await store('input.csv', csv);
    const bes = await snippet(endpoint.urls.batchHelp, language);
    assert.match(
      await start(bes),
      language === 'curl' ? /"StatusCode":"Finished"/ : /label,probabilities_1[\s\S]*setosa[\s\S]*virginica/,
    );
  });
