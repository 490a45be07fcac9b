import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import type { ErrorBody } from '@souk/contract';
import { doubled } from '../../../test/batch-model.ts';
import { testTransforming } from '../../../test/transforming.ts';
import { rows, sql } from '../../platform/db.ts';

const market = await testTransforming();
const { model, db } = market;
const supervisor = market.transforms.run(market.times);
test.after(() => supervisor.stop());
test.beforeEach(() => {
  model.answer = doubled;
  model.parameters = undefined;
  model.calls.length = 0;
  model.inFlightMax = 0;
  model.starts.length = 0;
});

const rowsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${from + i},1`).join('\n');
const sumsOf = (count: number, from = 0) =>
  Array.from({ length: count }, (_, i) => `${(from + i + 1) * 2}\n`).join('');
const code = (answer: { json(): unknown }) => (answer.json() as ErrorBody).error.code;

test('X becomes X.out, in order, below the output; a manifest says what became of each', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', `${rowsOf(1000)}\n`);
  await b.put('in/deep/b.csv', rowsOf(3, 50));
  await b.put('in/empty.csv', '\n');
  await b.put('other.csv', '1,1');
  const job = await b.run();
  assert.deepEqual([job.state, job.failure, job.stage], ['Completed', null, 'Ended']);
  assert.equal(await b.read('out/a.csv.out'), sumsOf(1000));
  assert.equal(await b.read('out/deep/b.csv.out'), sumsOf(3, 50));
  assert.equal(await b.read('out/empty.csv.out'), '');
  assert.equal(await b.read('out/other.csv.out'), undefined);
  assert.deepEqual(job.progress.files, { total: 3, done: 3, failed: 0 });
  assert.equal(job.progress.rows, 1003);
  assert.equal(job.progress.inputBytes.read, job.progress.inputBytes.total);
  assert.equal(job.manifestUri, b.uri(`out/${job.name}.manifest.json`));
  const manifest = JSON.parse((await b.read(`out/${job.name}.manifest.json`)) ?? '') as {
    files: { input: string; state: string; rows: number; sha256: string }[];
  };
  assert.deepEqual(
    manifest.files.map((f) => [f.input, f.state, f.rows]),
    [
      [b.uri('in/a.csv'), 'done', 1000],
      [b.uri('in/deep/b.csv'), 'done', 3],
      [b.uri('in/empty.csv'), 'done', 0],
    ],
  );
  assert.equal(manifest.files[0]?.sha256, createHash('sha256').update(sumsOf(1000)).digest('hex'));
  assert.equal(model.calls.length, 2, 'several records go in one call');
  assert.equal(await b.usage(), 2, 'and every answered call is counted');
});

test('one file is meant by its name; a manifest names files behind a prefix', async () => {
  const b = await market.buyer();
  await b.put('x.csv', '1,1');
  await b.put('x.csv2', '2,2');
  const job = await b.run({ input: { uri: b.uri('x.csv') } });
  assert.deepEqual([job.progress.files.total, await b.read('out/x.csv.out')], [1, '4\n']);
  await b.put('list.json', JSON.stringify([{ prefix: b.uri('') }, 'x.csv2']));
  const listed = await b.run({ input: { uri: b.uri('list.json'), dataType: 'ManifestFile' } });
  assert.deepEqual([listed.state, await b.read('out/x.csv2.out')], ['Completed', '8\n']);
  for (const bad of ['{}', 'no json', JSON.stringify([{ prefix: b.uri('') }, 'absent.csv'])]) {
    await b.put('list.json', bad);
    const refused = await b.run({ input: { uri: b.uri('list.json'), dataType: 'ManifestFile' } });
    assert.equal(refused.failure?.code, 'transform.manifest_invalid', bad);
  }
});

test('the job’s settings are stronger than the model’s, and those than the defaults', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', rowsOf(6));
  const byDefault = await b.run();
  assert.deepEqual(byDefault.effective, {
    batchStrategy: 'MultiRecord',
    maxPayloadInMB: 6,
    maxConcurrentTransforms: 1,
    source: 'default',
  });
  model.parameters = { MaxConcurrentTransforms: 8, BatchStrategy: 'SINGLE_RECORD', MaxPayloadInMB: 20 };
  const byModel = await b.run();
  assert.deepEqual(byModel.effective, {
    batchStrategy: 'SingleRecord',
    maxPayloadInMB: 20,
    maxConcurrentTransforms: 5,
    source: 'model',
  });
  model.calls.length = 0;
  const byJob = await b.run({
    batchStrategy: 'MultiRecord',
    maxConcurrentTransforms: 2,
    environment: { LEVEL: '9' },
  });
  assert.deepEqual(byJob.effective, {
    batchStrategy: 'MultiRecord',
    maxPayloadInMB: 20,
    maxConcurrentTransforms: 2,
    source: 'job',
  });
  assert.deepEqual(model.starts.at(-1)?.environment, {
    LEVEL: '9',
    SAGEMAKER_BATCH: 'true',
    SAGEMAKER_BATCH_STRATEGY: 'MULTI_RECORD',
    SAGEMAKER_MAX_CONCURRENT_TRANSFORMS: '2',
    SAGEMAKER_MAX_PAYLOAD_IN_MB: '6',
  });
});

test('calls go side by side as far as is allowed, over all instances, and answers keep their order', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', rowsOf(40));
  // The later a record the earlier its answer, so that order is not by chance.
  model.answer = async (call) => {
    await new Promise((go) => setTimeout(go, 40 - call.number));
    doubled(call);
  };
  const job = await b.run({
    batchStrategy: 'SingleRecord',
    maxConcurrentTransforms: 3,
    transformResources: { instanceType: 'ml.m5.large', instanceCount: 2 },
  });
  assert.equal(job.state, 'Completed');
  assert.equal(await b.read('out/a.csv.out'), sumsOf(40));
  assert.ok(model.inFlightMax > 1 && model.inFlightMax <= 6, `${model.inFlightMax} at once`);
  assert.equal(model.starts.length, 2);
  assert.equal(await b.usage(), 40);
});

test('gzip is unpacked; a header goes with every call; payloads hold what they may', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv.gz', gzipSync(`${rowsOf(100)}\n`));
  const packed = await b.run({ input: { compressionType: 'Gzip' } });
  assert.deepEqual([packed.failure, await b.read('out/a.csv.gz.out')], [null, sumsOf(100)]);
  await b.put('head/a.csv', `one,two\n${rowsOf(3)}\n`);
  model.calls.length = 0;
  model.answer = (call) => doubled({ ...call, body: call.body.subarray('one,two\n'.length) });
  await b.run({
    input: { uri: b.uri('head/'), contentType: 'text/csv; header=present' },
    batchStrategy: 'SingleRecord',
  });
  assert.deepEqual(
    model.calls.map((c) => c.body.toString()),
    ['one,two\n0,1\n', 'one,two\n1,1\n', 'one,two\n2,1\n'],
  );
  model.answer = doubled;
  model.calls.length = 0;
  const long = Array.from({ length: 40 }, (_, i) => `${i},${'1'.padStart(100_000, '0')}`).join('\n');
  await b.put('long/a.csv', long);
  const job = await b.run({ input: { uri: b.uri('long/') }, maxPayloadInMB: 1 });
  assert.equal(await b.read('out/a.csv.out'), sumsOf(40));
  assert.equal(job.progress.rows, 40);
  for (const { body } of model.calls) assert.ok(body.length <= 1024 * 1024, `${body.length}`);
  assert.equal(model.calls.length, 4);
});

test('what is streamed is sent as it is, of any size; RecordIO stays framed', async () => {
  const b = await market.buyer();
  const blob = Buffer.alloc(3_000_000, 7);
  await b.put('in/image.bin', blob);
  model.answer = ({ body, response }) => void response.writeHead(200).end(`${body.length}`);
  const input = { contentType: 'application/octet-stream', splitType: 'None' } as const;
  const whole = await b.run({ input, maxPayloadInMB: 0 });
  assert.deepEqual([whole.failure, await b.read('out/image.bin.out')], [null, '3000000']);
  const record = Buffer.from([0x0a, 0x23, 0xd7, 0xce, 4, 0, 0, 0, 1, 2, 3, 4]);
  await b.put('rio/a.rec', Buffer.concat([record, record]));
  model.calls.length = 0;
  await b.run({
    input: { uri: b.uri('rio/'), contentType: 'application/x-recordio-protobuf', splitType: 'RecordIO' },
    batchStrategy: 'SingleRecord',
    output: { assembleWith: 'Line' },
  });
  assert.deepEqual(
    model.calls.map((c) => c.body),
    [record, record],
  );
  assert.equal(await b.read('out/a.rec.out'), '12\n12\n');
});

test('filters choose what the model sees and what is kept; a join puts input and answer together', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', 'id1,"a, b",1,2\nid2,c,3,4\n');
  const joined = await b.run({
    dataProcessing: { inputFilter: '$[2:]', joinSource: 'Input', outputFilter: '$[0,1,4]' },
  });
  assert.deepEqual([joined.failure, await b.read('out/a.csv.out')], [null, 'id1,"a, b",6\nid2,c,14\n']);
  assert.equal(model.calls[0]?.body.toString(), '1,2\n3,4\n');
  await b.put('json/a.jsonl', '{"id":"x","row":[1,2]}\n{"id":"y","row":[3,4]}\n');
  model.answer = ({ body, response }) => {
    const lines = body.toString().split('\n').filter(Boolean);
    const answers = lines.map((l) =>
      JSON.stringify({ sum: (JSON.parse(l) as number[]).reduce((n, x) => n + x) }),
    );
    response.writeHead(200, { 'content-type': 'application/jsonlines' }).end(`${answers.join('\n')}\n`);
  };
  const input = { uri: b.uri('json/'), contentType: 'application/jsonlines' };
  const json = await b.run({ input, dataProcessing: { inputFilter: '$.row', joinSource: 'Input' } });
  assert.deepEqual(
    [json.failure, await b.read('out/a.jsonl.out')],
    [
      null,
      '{"id":"x","row":[1,2],"SageMakerOutput":{"sum":3}}\n{"id":"y","row":[3,4],"SageMakerOutput":{"sum":7}}\n',
    ],
  );
  await b.run({ input, dataProcessing: { inputFilter: '$.row', outputFilter: '$.sum' } });
  assert.equal(await b.read('out/a.jsonl.out'), '3\n7\n');
});

test('a file that fails is told with its place; the others are written, and the job is Failed', async () => {
  const b = await market.buyer();
  await b.put('in/1.csv', '1,2\n3,4\n');
  await b.put('in/2.csv', '1,2\n3,4,5\n');
  await b.put('in/3.csv', '5,6\n');
  const job = await b.run();
  assert.deepEqual([job.state, job.failure?.code], ['Failed', 'transform.files_failed']);
  assert.deepEqual(job.progress.files, { total: 3, done: 2, failed: 1 });
  const [, second] = await b.filesOf(job.name);
  assert.equal(second?.failure?.code, 'transform.ragged_csv');
  assert.match(second?.failure?.message ?? '', /^Line 2 of .*in\/2\.csv has 3 columns; the first has 2\.$/);
  assert.deepEqual([await b.read('out/1.csv.out'), await b.read('out/3.csv.out')], ['6\n14\n', '22\n']);
  assert.equal(await b.read('out/2.csv.out'), undefined, 'never partial');
  assert.equal(await b.usage(), 2, 'calls of the failed file are not counted');
});

test('bad input ends in its own code', async () => {
  const b = await market.buyer();
  const fails = async (content: string | Buffer, wanted: Parameters<typeof b.run>[0]) => {
    await b.put('bad/file', content);
    const job = await b.run({ ...wanted, input: { uri: b.uri('bad/'), ...wanted?.input } });
    assert.equal(job.state, 'Failed');
    return (await b.filesOf(job.name))[0]?.failure?.code;
  };
  const binary = { contentType: 'application/octet-stream' };
  const zeros = gzipSync(Buffer.alloc(8_000_000), { level: 9 });
  const bomb = Buffer.concat(Array.from({ length: 40 }, () => zeros));
  assert.equal(await fails('1,2\n', { input: { compressionType: 'Gzip' } }), 'transform.not_gzip');
  assert.equal(
    await fails(gzipSync(rowsOf(9)).subarray(0, -3), { input: { compressionType: 'Gzip' } }),
    'transform.gzip_cut_off',
  );
  assert.equal(
    await fails(bomb, {
      input: { ...binary, compressionType: 'Gzip', splitType: 'None' },
      maxPayloadInMB: 0,
    }),
    'transform.gzip_bomb',
  );
  assert.equal(
    await fails(`1,${'x'.repeat(1_100_000)}\n`, { maxPayloadInMB: 1 }),
    'transform.record_too_large',
  );
  assert.equal(
    await fails(Buffer.alloc(1_100_000), { input: { ...binary, splitType: 'None' }, maxPayloadInMB: 1 }),
    'transform.file_too_large',
  );
  assert.equal(await fails('1,"2\n', {}), 'transform.csv_quotes');
  assert.equal(
    await fails('abcdefghijkl', { input: { ...binary, splitType: 'RecordIO' } }),
    'transform.record_io_broken',
  );
  assert.equal(
    await fails('abcdefghijklmnop', { input: { ...binary, splitType: 'TFRecord' } }),
    'transform.tf_record_broken',
  );
  const lines = { contentType: 'application/jsonlines' };
  assert.equal(
    await fails('{"a":\n', { input: lines, dataProcessing: { inputFilter: '$.a' } }),
    'transform.not_json',
  );
  assert.equal(
    await fails('{"b":1}\n', { input: lines, dataProcessing: { inputFilter: '$.a' } }),
    'transform.filter_found_nothing',
  );
  assert.equal(await b.usage(), 0);
});

test('a model that refuses, fails, hangs, breaks off or answers something else is told by name', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', rowsOf(4));
  const fails = async (wanted: Parameters<typeof b.run>[0] = {}) => {
    const job = await b.run({
      ...wanted,
      modelClientConfig: {
        invocationsTimeoutInSeconds: 1,
        invocationsMaxRetries: 1,
        ...wanted.modelClientConfig,
      },
    });
    return (await b.filesOf(job.name))[0]?.failure;
  };
  model.answer = ({ response }) => void response.writeHead(422).end('row 2 has no species');
  const refused = await fails();
  assert.equal(refused?.code, 'transform.model_refused');
  assert.match(refused?.message ?? '', /records 1 to 4 of .* with 422: row 2 has no species/);
  assert.equal(model.calls.length, 1, 'what is wrong is not sent again');
  model.answer = ({ response }) => void response.writeHead(500).end('boom');
  assert.equal((await fails())?.code, 'transform.model_failed');
  assert.equal(model.calls.length, 3, 'what may pass is sent again, as often as the job allows');
  model.answer = () => undefined;
  assert.equal(
    (await fails({ modelClientConfig: { invocationsMaxRetries: 0 } }))?.code,
    'transform.model_timeout',
  );
  model.answer = ({ response }) => void response.socket?.destroy();
  assert.equal((await fails())?.code, 'transform.model_closed');
  model.answer = ({ response }) => void response.writeHead(200, { 'content-type': 'text/csv' }).end('1\n');
  const other = await fails({ dataProcessing: { joinSource: 'Input' } });
  assert.match(other?.message ?? '', /answered 1 records where it was sent 4/);
  model.answer = (call) => (call.number % 2 ? void call.response.writeHead(503).end() : doubled(call));
  model.calls.length = 0;
  assert.equal(await fails(), null, 'a second attempt that is answered is enough');
  assert.equal(await b.usage(), 1);
});

test('what does not go together is refused before anything is started', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', '1,1');
  const foreign = await market.buyer();
  await foreign.put('in/a.csv', '1,1');
  const refused = async (wanted: Parameters<typeof b.create>[0]) => code(await b.create(wanted));
  assert.equal(await refused({ input: { uri: b.uri('absent/') } }), 'transform.no_input');
  assert.equal(await refused({ input: { uri: foreign.uri('in/') } }), 'location.foreign');
  assert.equal(await refused({ output: { uri: foreign.uri('out/') } }), 'location.foreign');
  assert.equal(await refused({ input: { uri: '/etc/passwd' } }), 'location.invalid');
  assert.equal(await refused({ output: { uri: 's3://bucket/out' } }), 'location.no_credentials');
  assert.equal(await refused({ model: { subscriptionId: foreign.subscriptionId } }), 'subscription.missing');
  assert.equal(
    await refused({ transformResources: { instanceType: 'ml.p5.48xlarge' } }),
    'transform.instance_type_unsupported',
  );
  assert.equal(
    await refused({ maxPayloadInMB: 30, maxConcurrentTransforms: 4 }),
    'transform.too_much_in_flight',
  );
  for (const path of ['features', '$[', '$[?@.a]', '$..a'])
    assert.equal(await refused({ dataProcessing: { inputFilter: path } }), 'transform.json_path', path);
  for (const wanted of [
    { maxPayloadInMB: 0 },
    { input: { contentType: 'image/png' }, dataProcessing: { joinSource: 'Input' } },
    { input: { splitType: 'None' }, dataProcessing: { inputFilter: '$[0]' } },
    { input: { contentType: 'application/json' }, batchStrategy: 'MultiRecord' },
    { input: { splitType: 'TFRecord' }, dataProcessing: { outputFilter: '$[0]' } },
  ] as const)
    assert.equal(await refused(wanted), 'transform.processing_unsupported', JSON.stringify(wanted));
  assert.equal(
    await refused({ environment: Object.fromEntries(Array.from({ length: 17 }, (_, i) => [`V${i}`, ''])) }),
    'request.invalid',
  );
  const name = await b.begin();
  const again = await market.send(b.who, {
    method: 'POST',
    url: '/api/transform-jobs',
    payload: { ...b.request(), name },
  });
  assert.equal(code(again), 'transform.name_taken');
  await b.ended(name);
  const other = await market.send(foreign.who, { method: 'GET', url: `/api/transform-jobs/${name}` });
  assert.equal(code(other), 'transform.missing');
});

test('whoever began a job is told how it ended; what was done is on record', async () => {
  const b = await market.buyer();
  await b.put('in/a.csv', '1,1');
  const job = await b.run();
  await market.work();
  await market.transforms.subscribers[0]?.handle(
    (
      await rows<never>(
        db,
        sql`select id, type, subject, account_id as "accountId", data, created_at as at from outbox where subject = ${job.id}`,
      )
    )[0] as never,
  );
  assert.equal((await market.mailsTo(b.who)).at(-1), `${job.name}: completed`);
  const events = await rows<{ event: string; to: string }>(
    db,
    sql`select event, to_state as "to" from transform_history where job_id = ${job.id} order by id`,
  );
  assert.deepEqual(
    events.map((e) => `${e.event} ${e.to}`),
    ['created InProgress', 'completed Completed'],
  );
});
