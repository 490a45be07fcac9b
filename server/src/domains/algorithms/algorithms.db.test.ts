import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { test } from 'node:test';
import type { Algorithm, Finding, TrainingProfile, TrainingSpecification } from '@souk/contract';
import { trainer, trainerArchive, trainerProfile, trainerSpecification } from '../../../test/algorithms.ts';
import { testDatabase } from '../../../test/database.ts';
import { modelParts, tarOf } from '../../../test/models.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import { folders } from '../../platform/config.ts';
import { rows, sql } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { newVerdicts } from '../models/index.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newTrials, processBackend, type TrainingBackend } from '../runtime/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import { algorithmRoutes, newAlgorithmsService, newCheck, newSampleTraining } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database, { SOUK_REGIONS: 'souk-home-1,souk-home-2' });
const { loader, start } = await modelParts(platform);
const recording = { ...defaultPolicies, scannerMissing: 'record' as 'record' | 'hold' };
let policies = recording;
const uploads = newUploadsService(platform);
const real = processBackend();
let unavailable: string | null = null;
const backend: TrainingBackend = {
  ...real,
  unavailable: async () => unavailable ?? (await real.unavailable()),
  run: (run) => real.run(run),
};
const limits = { timeMs: 6000, diskBytesMax: 20_000_000, logBytesMax: 500_000, processesMax: 40 };
const needs = {
  verdicts: newVerdicts(platform, loader),
  start,
  trials: newTrials(start),
  backend: () => backend,
  image: async () => undefined,
  train: newSampleTraining(platform, { backend: () => backend, limits }),
  signal: new AbortController().signal,
  policies: async () => policies,
  lift: async (_accountId: string, _sha256: string, findings: readonly Finding[]) => findings,
};
const check = newCheck(platform, needs);
const algorithms = newAlgorithmsService(platform, {
  finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
  productNaming: async (_reader, _accountId, arn) =>
    arn.endsWith('/used') ? { slug: 'trainer' } : undefined,
  image: async () => undefined,
  policies: async () => policies,
});
const { send } = testServer(platform, algorithmRoutes(algorithms));
const publisher = await testMember(db);
const stranger = await testMember(db);
let names = 0;

async function uploaded(content: Buffer): Promise<string> {
  const { sha256, sizeBytes } = await platform.blobs.put(content);
  const id = newId('upl');
  await sql`insert into uploads (id, account_id, file_name, purpose, size_bytes, offset_bytes, state, sha256, expires_at)
    values (${id}, ${publisher.accountId}, 'trainer.tar', 'model', ${sizeBytes}, ${sizeBytes}, 'complete', ${sha256}, now() + interval '7 days')`.execute(
    db,
  );
  return id;
}

interface Given {
  readonly archive?: Buffer;
  readonly name?: string;
  readonly specification?: Partial<TrainingSpecification>;
  readonly profile?: Partial<TrainingProfile>;
  readonly more?: object;
}
async function post(given: Given = {}) {
  return send(publisher, {
    method: 'POST',
    url: '/api/algorithms',
    payload: {
      name: given.name ?? `trainer-${++names}`,
      uploadId: await uploaded(given.archive ?? (await trainerArchive())),
      trainingSpecification: { ...trainerSpecification, ...given.specification },
      validationSpecification: { validationProfiles: [{ ...trainerProfile, ...given.profile }] },
      ...given.more,
    },
  });
}
const get = async (name: string) =>
  (await send(publisher, { method: 'GET', url: `/api/algorithms/${name}` })).json<Algorithm>();

/** Registers and checks; gives the algorithm as its publisher reads it. */
async function checked(given: Given = {}): Promise<Algorithm> {
  const answer = await post(given);
  assert.equal(answer.statusCode, 201, answer.body);
  const registered = answer.json<Algorithm>();
  await check(registered.id);
  return get(registered.name);
}
const codes = (findings: readonly Finding[]) => findings.map((f) => f.code);
const errors = (a: Algorithm) => codes(a.findings.filter((f) => f.severity === 'error'));
const profileWith = (training: Partial<TrainingProfile['training']>) => ({
  profile: { training: { ...trainerProfile.training, ...training } },
});
/** The example, with another program in place of its own. */
const program = (script: string) => tarOf({ train: script });
const python = (script: string) => program(`#!/usr/bin/env python3\n${script}\n`);
const noMetrics = { metricDefinitions: [], supportedTuningJobObjectiveMetrics: [] };

test('a good algorithm is scanned, trained with its sample, and the model that it makes answers', async () => {
  const a = await checked({ name: 'good' });
  assert.equal(a.status, 'Completed', JSON.stringify([a.findings, a.log, a.validationStatuses]));
  assert.equal(a.arn, `arn:aws:sagemaker:souk-home-1:${publisher.accountId}:algorithm/good`);
  assert.deepEqual(a.program, { entry: 'train', interpreter: 'node' });
  assert.deepEqual(
    [...a.imageScanStatuses, ...a.validationStatuses].map((s) => [s.name, s.status]),
    [
      ['package-scan', 'Completed'],
      ['sample-training', 'Completed'],
      ['trained-model', 'Completed'],
    ],
  );
  const [loss, accuracy] = a.trial?.metrics ?? [];
  assert.deepEqual([loss?.name, loss?.count, loss?.series.length], ['train:loss', 20, 20]);
  assert.ok((loss?.last ?? 1) < (loss?.first ?? 0), 'the loss falls');
  assert.ok((accuracy?.last ?? 0) > 0.7);
  assert.equal(a.trial?.measured.length, 1);
  assert.ok((a.trial?.measured[0]?.calls ?? 0) > 0);
  assert.deepEqual(
    a.trial?.onnx?.outputs.map((o) => o.name),
    ['label', 'probabilities'],
  );
  assert.match(a.trial?.sandbox ?? '', /^bubblewrap/);
  assert.match(a.log.at(-1) ?? '', /^epoch=20 /);
  // Where nothing is said, every type of the marketplace; written down, so that it stays as it was registered.
  assert.ok((a.trainingSpecification.supportedTrainingInstanceTypes?.length ?? 0) > 0);
  assert.deepEqual(
    (await readdir(folders(platform.config.dataDir).work)).filter((name) => name.startsWith('training_')),
    [],
    'the work folder is gone',
  );
});

test('the same sample trains the same model, digest for digest', async () => {
  const [a, b] = [await checked(), await checked()];
  assert.equal(a.trial?.model.sha256, b.trial?.model.sha256);
});

test('defaults fill what the sample leaves out, and every value reaches the program as text', async () => {
  const a = await checked({
    archive: await python(
      'import json,sys\nsys.exit(json.dumps(json.load(open("/opt/ml/input/config/hyperparameters.json")), sort_keys=True))',
    ),
    ...profileWith({ hyperParameters: { learning_rate: '0.5' } }),
  });
  assert.match(a.log.join('\n'), /\{"epochs": "200", "label_column": "last", "learning_rate": "0.5"\}/);
});

test('sample data may lie in the archive, as a folder or a file', async () => {
  const archive = await trainerArchive({ 'sample/a.csv': trainer.table });
  for (const archivePath of ['sample', 'sample/a.csv'])
    assert.equal(
      (await checked({ archive, ...profileWith({ channels: [{ channelName: 'train', archivePath }] }) }))
        .status,
      'Completed',
    );
  const gone = await checked({
    archive,
    ...profileWith({ channels: [{ channelName: 'train', archivePath: 'elsewhere' }] }),
  });
  assert.deepEqual([gone.status, errors(gone)], ['Failed', ['training.sample_missing']]);
});

test('binary sample data come as base64', async () => {
  const a = await checked({
    archive: await python('import sys\nsys.exit(repr(open("/opt/ml/input/data/train/x","rb").read()))'),
    ...profileWith({ channels: [{ channelName: 'train', files: [{ name: 'x', base64: 'AP8B' }] }] }),
  });
  assert.match(a.log.join('\n'), /b'\\x00\\xff\\x01'/);
});

test('a training that fails is refused with its exit code and what it wrote to the failure file', async () => {
  const a = await checked({
    ...profileWith({ channels: [{ channelName: 'train', files: [{ name: 'a.csv', text: 'x\n' }] }] }),
  });
  assert.deepEqual([a.status, errors(a)], ['Failed', ['training.failed']]);
  assert.match(a.failureReason ?? '', /exit code 1.*a\.csv: needs a header line/);
  assert.match(a.log.join('\n'), /needs a header line/);
});

const refusals: readonly [string, string, Given, RegExp?][] = [
  ['never ends', 'training.time_exceeded', { archive: await python('import time\ntime.sleep(60)') }],
  ['floods the log', 'training.log_exceeded', { archive: await python('while True: print("x"*100)') }],
  [
    'fills the disk',
    'training.disk_exceeded',
    { archive: await python('f=open("/opt/ml/model/x","wb")\nwhile True: f.write(b"x"*1000000)') },
  ],
  [
    'forks without end',
    'training.processes_exceeded',
    { archive: await program('#!/bin/bash\nwhile true; do sleep 20 & done\n') },
  ],
  ['leaves nothing', 'training.model_missing', { archive: await python('print("done")') }],
  [
    'says that it failed although it ended well',
    'training.failed',
    { archive: await python('open("/opt/ml/output/failure","w").write("no data")') },
    /exit code 0.*no data/,
  ],
  [
    'leaves a link to another file',
    'training.model_link',
    { archive: await python('import os\nos.symlink("/etc/passwd","/opt/ml/model/model.onnx")') },
  ],
  [
    'leaves a pipe',
    'training.model_link',
    { archive: await python('import os\nos.mkfifo("/opt/ml/model/model.onnx")') },
  ],
  [
    'leaves a model that is none',
    'package.model_missing',
    { archive: await python('open("/opt/ml/model/weights.bin","w").write("x")') },
    /In the model that the sample training made/,
  ],
  [
    'leaves a pickle',
    'unsafe.pickle',
    {
      archive: await python(
        'import pickle\npickle.dump({"a": [1,2,3], "b": object}, open("/opt/ml/model/model.pkl","wb"))',
      ),
    },
  ],
];
for (const [what, code, given, words] of refusals)
  test(`a training that ${what} is refused`, async () => {
    const a = await checked({ ...given, specification: noMetrics });
    assert.equal(a.status, 'Failed', JSON.stringify(a.validationStatuses));
    assert.ok(errors(a).includes(code), `${errors(a)}`);
    if (words) assert.match(a.findings.map((f) => f.message).join('\n'), words);
  });

test('a training that takes too much memory is refused, and the instance type is named', async () => {
  await sql`insert into instance_types (name, cpus, memory_mb, backend, price_per_hour, currency, enabled) values ('ml.tiny', 1, 128, 'onnx', 0, 'USD', true)`.execute(
    db,
  );
  const a = await checked({
    archive: await python(
      'x=bytearray(300000000)\nfor i in range(0,len(x),4096): x[i]=1\nimport time\ntime.sleep(9)',
    ),
    specification: { ...noMetrics, supportedTrainingInstanceTypes: ['ml.tiny'] },
  });
  await sql`delete from instance_types where name = 'ml.tiny'`.execute(db);
  assert.deepEqual(errors(a), ['training.memory_exceeded']);
  assert.match(a.failureReason ?? '', /ml\.tiny has \(128 MB\)/);
});

test('declared metrics that never appear, or are no numbers, are refused by name', async () => {
  const a = await checked({
    specification: {
      metricDefinitions: [
        { name: 'f1', regex: 'f1=([0-9.]+)' },
        { name: 'loss', regex: '(train_loss)=' },
        { name: 'good', regex: 'train_loss=(.*?) ' },
      ],
      supportedTuningJobObjectiveMetrics: [],
    },
  });
  assert.deepEqual(errors(a), ['training.metric_missing', 'training.metric_not_number']);
  assert.match(a.findings.map((f) => f.message).join(), /f1 never appeared.*loss finds “train_loss”/);
});

test('a model that answers in another form than the profile shows is refused', async () => {
  const a = await checked({
    profile: { expected: { contentType: 'application/json', body: '{"species":["a"]}' } },
  });
  assert.ok(errors(a).includes('validation.field_missing'), `${errors(a)}`);
  assert.deepEqual(
    a.validationStatuses.map((s) => s.status),
    ['Completed', 'Failed'],
  );
});

const programs: readonly [string, string, Record<string, string>][] = [
  ['without train', 'training.entry_missing', { 'main.py': 'print(1)' }],
  [
    'with two trains, none at the top',
    'training.entry_ambiguous',
    { 'a/train': '#!/bin/sh\n', 'b/train': '#!/bin/sh\n' },
  ],
  ['whose train says nothing', 'training.entry_not_script', { train: 'print(1)\n' }],
  ['for an interpreter that is not here', 'training.interpreter_unknown', { train: '#!/usr/bin/perl\n' }],
  [
    'with line endings of Windows',
    'training.line_endings',
    { train: '#!/usr/bin/env python3\r\nprint(1)\r\n' },
  ],
  ['with a compiled library', 'unsafe.executable', { train: '#!/bin/sh\n', 'lib.so': '\x7fELF' }],
  ['with a secret', 'secret.cloud_key', { train: '#!/bin/sh\n# AKIAQ3EGRIFKZ2N7XWTB\n' }],
];
for (const [what, code, files] of programs)
  test(`a program ${what} is refused before it runs`, async () => {
    const a = await checked({ archive: await tarOf(files) });
    assert.deepEqual([a.status, errors(a), a.log], ['Failed', [code], []]);
    assert.equal(a.validationStatuses[0]?.status, 'NotStarted');
  });

test('what fetches from the network is warned of, with its line', async () => {
  const a = await checked({
    archive: await program('#!/bin/sh\necho hello\npip install numpy\n'),
    specification: noMetrics,
  });
  const warning = a.findings.find((f) => f.code === 'training.network');
  assert.deepEqual([warning?.severity, warning?.file, warning?.line], ['warning', 'train', 3]);
});

test('without a sandbox an algorithm waits and says so; when there is one, it goes on', async () => {
  unavailable = 'bubblewrap is not installed';
  const a = await checked();
  assert.deepEqual([a.status, a.validationStatuses[0]?.status], ['InProgress', 'InProgress']);
  assert.match(
    a.validationStatuses[0]?.failureReason ?? '',
    /no sandbox to train in \(bubblewrap is not installed\)/,
  );
  unavailable = null;
  await check(a.id);
  assert.equal((await get(a.name)).status, 'Completed');
});

test('the operator’s policy keeps programs from running, and refuses new ones', async () => {
  const answer = await post();
  policies = { ...recording, programTraining: 'off' };
  try {
    const { id, name } = answer.json<Algorithm>();
    await check(id);
    const waiting = await get(name);
    assert.equal(waiting.status, 'InProgress');
    assert.match(
      waiting.validationStatuses[0]?.failureReason ?? '',
      /operator does not let training programs run/,
    );
    const refused = await post();
    assert.deepEqual([refused.statusCode, refused.json().error.code], [403, 'algorithm.training_off']);
  } finally {
    policies = recording;
  }
});

test('without a virus scanner a program is not started where the policy says hold', async () => {
  policies = { ...recording, scannerMissing: 'hold' };
  try {
    const a = await checked({ archive: await python('print("never")') });
    assert.deepEqual([a.status, a.log], ['InProgress', []]);
    assert.match(a.imageScanStatuses[0]?.failureReason ?? '', /Waits for the marketplace’s virus scanner/);
  } finally {
    policies = recording;
  }
});

const ownServer = {
  train: '#!/bin/sh\necho \'{"factor":3}\' > /opt/ml/model/weights.json\n',
  serve: `#!/usr/bin/env node
const { factor } = JSON.parse(require('node:fs').readFileSync('/opt/ml/model/weights.json', 'utf8'));
const server = require('node:http').createServer(async (request, response) => {
  if (request.url === '/ping') return response.end();
  if (request.url !== '/invocations') return response.writeHead(404).end();
  let body = '';
  for await (const part of request) body += part;
  const predictions = JSON.parse(body).instances.map((row) => row.map((n) => n * factor));
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ predictions }));
});
server.listen(8080);
process.on('SIGTERM', () => server.close(() => process.exit(0)));
`,
};
const ownAnswers: Given = {
  specification: noMetrics,
  profile: {
    input: { contentType: 'application/json', body: '{"instances":[[1,2]]}' },
    expected: { contentType: 'application/json', body: '{"predictions":[[3,6]]}' },
  },
};

test('what is no ONNX model is served by the algorithm’s own program, only for publishers whom the operator names', async () => {
  const archive = await tarOf(ownServer);
  const refused = await checked({ archive, ...ownAnswers });
  assert.deepEqual(
    [refused.status, errors(refused)],
    ['Failed', ['package.model_missing', 'training.serve_not_open']],
  );
  const [, finding] = refused.findings.filter((f) => f.severity === 'error');
  assert.match(finding?.remedy ?? '', /model\.onnx, .*container image.*programServing/);

  policies = { ...recording, programServing: { accounts: [publisher.accountId] } };
  try {
    const a = await checked({ archive, ...ownAnswers });
    assert.equal(a.status, 'Completed', JSON.stringify([a.findings, a.log]));
    assert.equal(a.trial?.onnx, null);
    assert.ok((a.trial?.measured[0]?.calls ?? 0) > 0, 'it was called and measured');
    const resource = await algorithms.resource(publisher.accountId, a.arn);
    assert.deepEqual(resource?.served, {
      kind: 'process',
      packageSha256: a.trial?.model.sha256,
      programSha256: resource?.archiveSha256,
      entry: 'serve',
      interpreter: 'node',
      args: [],
      environment: {},
    });

    const silent = await checked({ archive: await tarOf({ train: ownServer.train }), ...ownAnswers });
    assert.deepEqual(errors(silent), ['package.model_missing', 'training.serve_missing']);
    const broken = await checked({
      archive: await tarOf({ ...ownServer, serve: '#!/bin/sh\necho no such model >&2\nexit 3\n' }),
      ...ownAnswers,
    });
    assert.deepEqual(errors(broken), ['container.not_ready']);
    const said = broken.findings.find((f) => f.severity === 'error');
    assert.match(said?.message ?? '', /no such model/);
    assert.doesNotMatch(`${said?.message} ${said?.remedy}`, /container|image/);
    const text = await checked({ archive: await tarOf({ ...ownServer, serve: 'notes' }), ...ownAnswers });
    assert.deepEqual(codes(text.findings), [
      'training.entry_not_script',
      'package.model_missing',
      'training.serve_missing',
    ]);
  } finally {
    policies = recording;
  }
});

test('one is trained at a time; the other comes again', async () => {
  const registered = await Promise.all(
    [await post(), await post()].map(async (answer) => answer.json<Algorithm>()),
  );
  await Promise.all(registered.map((r) => check(r.id)));
  const states = await Promise.all(registered.map(async (r) => get(r.name)));
  const waiting = states.filter((s) => s.status === 'InProgress');
  assert.deepEqual(states.map((s) => s.status).sort(), ['Completed', 'InProgress']);
  assert.match(waiting[0]?.validationStatuses[0]?.failureReason ?? '', /Waits for its turn/);
  await check(waiting[0]?.id ?? '');
  assert.equal((await get(waiting[0]?.name ?? '')).status, 'Completed');
});

test('each bad description is refused with its own code, in one answer', async () => {
  const answer = await post({
    specification: { trainingChannels: [], supportedHyperParameters: [{ name: 'a b', type: 'Integer' }] },
  });
  const { error } = answer.json<{ error: { code: string; findings: Finding[] } }>();
  assert.deepEqual([answer.statusCode, error.code], [400, 'algorithm.specification_invalid']);
  assert.deepEqual(
    ['algorithm.channel_missing', 'algorithm.hyperparameter_name'].filter(
      (c) => !codes(error.findings).includes(c),
    ),
    [],
  );
});

test('names, regions, instance types and uploads that are not there are refused by name', async () => {
  const refused = async (given: Given, status: number, code: string) => {
    const answer = await post(given);
    assert.deepEqual([answer.statusCode, answer.json().error.code], [status, code]);
  };
  await refused({ name: 'good' }, 409, 'algorithm.name_taken');
  await refused({ more: { region: 'mars-1' } }, 400, 'algorithm.unknown_region');
  await refused(
    { specification: { supportedTrainingInstanceTypes: ['ml.p99'] } },
    400,
    'algorithm.unknown_instance_type',
  );
  await refused({ more: { uploadId: newId('upl') } }, 404, 'upload.missing');
  const elsewhere = await post({ name: 'good', more: { region: 'souk-home-2' } });
  assert.equal(elsewhere.statusCode, 201);
});

test('algorithms belong to their account; one that a product uses, or that is under way, stays', async () => {
  for (const method of ['GET', 'DELETE'] as const)
    assert.equal(
      (await send(stranger, { method, url: '/api/algorithms/good' })).json().error.code,
      'algorithm.missing',
    );
  const remove = (name: string) => send(publisher, { method: 'DELETE', url: `/api/algorithms/${name}` });
  await checked({ name: 'used' });
  assert.equal((await remove('used')).json().error.code, 'algorithm.in_use');
  const pending = (await post()).json<Algorithm>();
  assert.equal((await remove(pending.name)).json().error.code, 'algorithm.not_finished');
  assert.equal((await remove('good')).statusCode, 204);
  assert.equal((await remove('good')).json().error.code, 'algorithm.missing');
});

test('the list is by newest, by state and by name, and has no sample data', async () => {
  const list = async (query: string) =>
    (await send(publisher, { method: 'GET', url: `/api/algorithms?${query}` })).json<{
      items: Algorithm[];
      nextCursor: string | null;
    }>();
  const first = await list('limit=2');
  assert.equal(first.items.length, 2);
  assert.ok(first.nextCursor);
  assert.deepEqual(
    (await list('nameContains=USED')).items.map((a) => a.name),
    ['used'],
  );
  assert.ok((await list('status=Failed')).items.every((a) => a.status === 'Failed'));
  assert.ok(!('validationSpecification' in (first.items[0] ?? {})));
});

test('the publisher is told when the checks have ended, once for each end', async () => {
  const counts = await rows<{ type: string; subjects: number; events: number }>(
    db,
    sql`select type, count(distinct subject)::int as subjects, count(*)::int as events from outbox where type like 'algorithm.%' group by type order by type`,
  );
  assert.deepEqual(
    counts.map((c) => [c.type, c.events === c.subjects]),
    [
      ['algorithm.completed', true],
      ['algorithm.failed', true],
    ],
  );
});
