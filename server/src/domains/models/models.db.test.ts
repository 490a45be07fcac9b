import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { appendFile, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import type { ModelPackage, Policies, ValidationProfile } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { iris, modelParts, tarOf } from '../../../test/models.ts';
import { testMember, testPlatform, testServer } from '../../../test/platform.ts';
import type { Member } from '../../platform/authorize.ts';
import { folders } from '../../platform/config.ts';
import { rows, sql } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import { runJobs } from '../../platform/jobs.ts';
import { defaultPolicies } from '../operator/index.ts';
import { newTrials } from '../runtime/index.ts';
import { newUploadsService } from '../uploads/index.ts';
import {
  type CheckNeeds,
  ensureUnpacked,
  modelJobs,
  modelRoutes,
  newCheck,
  newModelsService,
  newVerdicts,
  removeLeftovers,
} from './index.ts';

const database = await testDatabase();
const { db, pool } = database;
const platform = testPlatform(database, { SOUK_REGIONS: 'souk-home-1,souk-home-2' });
const { loader, start } = await modelParts(platform);
let policies: Policies = {
  ...defaultPolicies,
  scannerMissing: 'record',
  triesPerDay: { visitor: 0, account: 0 },
};
const uploads = newUploadsService(platform);
const verdicts = newVerdicts(platform, loader);
const trials = newTrials(start);
const needs: CheckNeeds = {
  verdicts,
  start,
  trials,
  image: async () => undefined,
  server: async () => undefined,
  containersMissing: async () => null,
  policies: async () => policies,
  lift: async (_accountId, _sha256, findings) => findings,
};
const check = newCheck(platform, needs);
const models = newModelsService(platform, {
  finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
  image: async () => undefined,
  server: async () => undefined,
  productNaming: async (_reader, _accountId, arn) => (arn.endsWith('/used') ? { slug: 'iris' } : undefined),
});
const { send } = testServer(platform, modelRoutes(models));
const publisher = await testMember(db);
const told: { type: string; subject: string; data: Record<string, unknown> }[] = [];
platform.events.subscribe({
  name: 'test',
  types: ['model-package.completed', 'model-package.failed'],
  handle: async (event) => void told.push(event),
});

const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;
let names = 0;

/** A finished upload with this content. */
async function uploaded(content: Buffer, caller = publisher, purpose = 'model'): Promise<string> {
  const { sha256, sizeBytes } = await platform.blobs.put(content);
  const id = newId('upl');
  await sql`insert into uploads (id, account_id, file_name, purpose, size_bytes, offset_bytes, state, sha256, expires_at)
    values (${id}, ${caller.accountId}, 'model.tar', ${purpose}, ${sizeBytes}, ${sizeBytes}, 'complete', ${sha256}, now() + interval '7 days')`.execute(
    db,
  );
  return id;
}
type Profile = Pick<ValidationProfile, 'input' | 'expected'>;
const specification = (profile: Profile) => ({
  validationProfiles: [{ profileName: 'sample', ...profile }],
});
async function register(
  content: Buffer,
  more: { profile?: Profile; name?: string; caller?: Member; region?: string } = {},
): Promise<ModelPackage> {
  const caller = more.caller ?? publisher;
  const answer = await send(caller, {
    method: 'POST',
    url: '/api/model-packages',
    payload: {
      name: more.name ?? `package-${++names}`,
      uploadId: await uploaded(content, caller),
      validationSpecification: specification(more.profile ?? iris.json),
      ...(more.region ? { region: more.region } : {}),
    },
  });
  assert.equal(answer.statusCode, 201, answer.body);
  return answer.json<ModelPackage>();
}
const get = async (name: string, caller = publisher) =>
  (await send(caller, { method: 'GET', url: `/api/model-packages/${name}` })).json<ModelPackage>();
async function checked(content: Buffer, more: Parameters<typeof register>[1] = {}) {
  const { id, name } = await register(content, more);
  await check(id);
  return get(name);
}
const historyOf = async (id: string) =>
  (
    await rows<{ to: string }>(
      db,
      sql`select to_status as to from model_package_history where model_package_id = ${id} order by id`,
    )
  ).map((h) => h.to);
const eventsOf = (id: string) =>
  rows<{ type: string }>(db, sql`select type from outbox where subject = ${id}`).then((e) =>
    e.map((x) => x.type),
  );
const jobsOf = (id: string) =>
  rows<{ runAt: Date }>(
    db,
    sql`select run_at as "runAt" from graphile_worker.jobs where key = ${`model-package:${id}`}`,
  );
const folderOf = (sha256: string) => join(folders(platform.config.dataDir).packages, sha256);
const atWork = () => readdir(folders(platform.config.dataDir).work);

test('a good package is Completed: described, unpacked, told about, with its history', async () => {
  const registered = await register(iris.model, { name: 'iris-classifier-1' });
  assert.equal(
    registered.arn,
    `arn:aws:sagemaker:souk-home-1:${publisher.accountId}:model-package/iris-classifier-1`,
  );
  assert.deepEqual([registered.status, registered.imageScanStatuses[0]?.status], ['Pending', 'NotStarted']);
  assert.equal((await jobsOf(registered.id)).length, 1);
  await check(registered.id);
  const done = await get('iris-classifier-1');
  assert.deepEqual(
    [done.status, done.failureReason, done.imageScanStatuses[0]?.status, done.validationStatuses[0]?.status],
    ['Completed', null, 'Completed', 'Completed'],
  );
  assert.match(
    done.imageScanStatuses[0]?.failureReason ?? '',
    /Not scanned for malware: there is no scanner/,
  );
  assert.deepEqual(
    done.onnx?.inputs.map((i) => [i.name, i.type]),
    [['features', 'float32']],
  );
  assert.deepEqual(
    done.findings.filter((f) => f.severity === 'error'),
    [],
  );
  assert.deepEqual(await historyOf(done.id), ['Pending', 'InProgress', 'Completed']);
  assert.deepEqual(await eventsOf(done.id), ['model-package.completed']);
  assert.deepEqual(await readFile(join(folderOf(done.archive.sha256), 'model.onnx')), iris.model);
  assert.deepEqual(await atWork(), []);
  await check(done.id);
  assert.deepEqual(await historyOf(done.id), ['Pending', 'InProgress', 'Completed']);
});

test('CSV samples and archives work as JSON and bare models do', async () => {
  const done = await checked(await tarOf({ 'nested/iris.onnx': iris.model, 'README.md': 'Iris' }), {
    profile: iris.csv,
  });
  assert.equal(done.status, 'Completed', JSON.stringify(done.findings));
});

test('an answer of another form than expected fails the package and says where and what to do', async () => {
  const expected = { contentType: 'application/json', body: '{"label": ["setosa"], "probability": 1}' };
  const failed = await checked(iris.model, { profile: { ...iris.json, expected } });
  assert.deepEqual(
    [failed.status, failed.imageScanStatuses[0]?.status, failed.validationStatuses[0]?.status],
    ['Failed', 'Completed', 'Failed'],
  );
  const errors = failed.findings.filter((f) => f.severity === 'error');
  assert.deepEqual(errors.map((f) => f.code).sort(), ['validation.field_missing', 'validation.length']);
  assert.match(failed.failureReason ?? '', /\/probability is missing.*serve-model.*One more finding/s);
  assert.deepEqual(await eventsOf(failed.id), ['model-package.failed']);
  assert.deepEqual(await historyOf(failed.id), ['Pending', 'InProgress', 'Failed']);
});

test('a sample that the model refuses fails with the server’s own words', async () => {
  const input = { contentType: 'application/json', body: '{"features": [[1, 2]]}' };
  const failed = await checked(iris.model, { profile: { ...iris.json, input } });
  assert.equal(failed.status, 'Failed');
  assert.match(failed.failureReason ?? '', /answered the sample input with status 400: .*features/);
});

test('unsafe packages fail at the scan, are never run, and are not kept unpacked where they cannot be', async () => {
  const pickle = await checked(
    await tarOf({ 'model.onnx': iris.model, 'x.pkl': Buffer.from('\x80\x04}.', 'latin1') }),
  );
  assert.deepEqual([pickle.status, pickle.validationStatuses[0]?.status], ['Failed', 'NotStarted']);
  assert.ok(pickle.findings.some((f) => f.code === 'unsafe.pickle' && f.file === 'x.pkl'));
  assert.ok(pickle.failureReason);
  const noise = await checked(Buffer.from('this is no model at all, in no archive'));
  assert.equal(noise.status, 'Failed');
  await assert.rejects(readdir(folderOf(noise.archive.sha256)), { code: 'ENOENT' });
  const empty = await checked(await tarOf({ 'README.md': 'nothing else' }));
  assert.ok(empty.findings.some((f) => f.code === 'package.model_missing'));
  assert.deepEqual(await atWork(), []);
});

test('names that PostgreSQL cannot hold do not keep a package from its verdict', async () => {
  const failed = await checked(await tarOf({ 'model.onnx': iris.model, 'bad\u0001\ud800name.sh': 'echo' }));
  assert.equal(failed.status, 'Failed');
});

test('without a scanner the policy decides: the package waits with a message, and goes on by itself', async () => {
  policies = { ...policies, scannerMissing: 'hold' };
  const { id, name } = await register(iris.model);
  await check(id);
  const held = await get(name);
  assert.deepEqual(
    [held.status, held.failureReason, held.imageScanStatuses[0]?.status],
    ['InProgress', null, 'InProgress'],
  );
  assert.match(
    held.imageScanStatuses[0]?.failureReason ?? '',
    /Waits for .* virus scanner.*need not do anything/,
  );
  const [job] = await jobsOf(id);
  assert.ok(job && job.runAt.getTime() > Date.now() + 10_000);
  policies = { ...policies, scannerMissing: 'record' };
  await check(id);
  assert.equal((await get(name)).status, 'Completed');
});

test('what breaks on our side is not the publisher’s: it says so, is thrown for a repetition, and ends well then', async () => {
  const { id, name } = await register(iris.model);
  const broken = newCheck(platform, {
    ...needs,
    start: () => Promise.reject(new Error('the backend is away')),
  });
  await assert.rejects(broken(id), /the backend is away/);
  const waiting = await get(name);
  assert.deepEqual(
    [waiting.status, waiting.failureReason, waiting.validationStatuses[0]?.status],
    ['InProgress', null, 'InProgress'],
  );
  assert.match(waiting.validationStatuses[0]?.failureReason ?? '', /on our side/);
  assert.deepEqual(await eventsOf(id), []);
  await check(id);
  const done = await get(name);
  assert.deepEqual([done.status, done.validationStatuses[0]?.failureReason], ['Completed', null]);
});

test('a blob that is not what its name says is our fault, not a refusal', async () => {
  const { id, name, archive } = await register(
    await tarOf({ 'model.onnx': iris.model, 'NOTES.md': 'to be damaged' }),
  );
  await appendFile(await platform.blobs.pathOf(archive.sha256), 'x');
  await assert.rejects(check(id), { name: 'DigestMismatch' });
  assert.deepEqual([(await get(name)).status, (await get(name)).failureReason], ['InProgress', null]);
});

test('two runs of the same check at once move the package once', async () => {
  const { id } = await register(iris.model);
  await Promise.all([check(id), check(id)]);
  assert.deepEqual(await historyOf(id), ['Pending', 'InProgress', 'Completed']);
  assert.deepEqual(await eventsOf(id), ['model-package.completed']);
});

test('the same bytes are examined once, whoever registers them', async () => {
  const content = await tarOf({ 'model.onnx': iris.model, 'LICENSE.txt': 'examined once' });
  const other = await testMember(db);
  const first = await checked(content);
  const second = await checked(content, { caller: other, name: 'again' });
  assert.equal((await get('again', other)).status, 'Completed', second.name);
  const { sha256 } = first.archive;
  const kept = await rows(db, sql`select 1 from package_verdicts where archive_sha256 = ${sha256}`);
  assert.equal(kept.length, 1);
  assert.equal((await verdicts.of(sha256)).reused, true);
  assert.deepEqual((await verdicts.files(sha256)).map((f) => f.path).sort(), ['LICENSE.txt', 'model.onnx']);
});

test('killed in the middle: the next run ends rightly, and the next start removes what lay about', async () => {
  const { id, name } = await register(iris.model);
  await sql`update model_packages set status = 'InProgress', scan_status = 'Completed', validation_status = 'InProgress' where id = ${id}`.execute(
    db,
  );
  const { work } = folders(platform.config.dataDir);
  const dead = `package_node-1_${2 ** 22 + 1}_${randomUUID()}`;
  const ours = `package_node-1_${process.pid}_${randomUUID()}`;
  const living = `package_node-1_${process.ppid}_${randomUUID()}`;
  const elsewhere = `package_node-2_1_${randomUUID()}`;
  for (const folder of [dead, ours, living, elsewhere])
    await mkdir(join(work, folder, 'half'), { recursive: true });
  await removeLeftovers(platform.config);
  assert.deepEqual((await atWork()).sort(), [elsewhere, living].sort());
  for (const folder of [living, elsewhere]) await rm(join(work, folder), { recursive: true });
  await check(id);
  assert.equal((await get(name)).status, 'Completed');
});

test('what runs is what was certified: changed, missing and added files are mended from the blob', async () => {
  const done = await checked(await tarOf({ 'deep/m.onnx': iris.model, 'notes.txt': 'keep me' }));
  const { sha256 } = done.archive;
  const folder = folderOf(sha256);
  const place = join(folder, 'deep');
  assert.equal(await ensureUnpacked(platform, sha256), place);
  for (const harm of [
    () => writeFile(join(folder, 'notes.txt'), 'keep ME'),
    () => appendFile(join(place, 'm.onnx'), 'x'),
    () => rm(join(folder, 'notes.txt')),
    () => writeFile(join(place, 'extra.so'), 'x'),
    () => rm(folder, { recursive: true }),
  ]) {
    await harm();
    const [one, two] = await Promise.all([
      ensureUnpacked(platform, sha256),
      ensureUnpacked(platform, sha256),
    ]);
    assert.deepEqual([one, two], [place, place]);
    assert.deepEqual((await readdir(folder, { recursive: true })).sort(), [
      'deep',
      'deep/m.onnx',
      'notes.txt',
    ]);
    assert.deepEqual(await readFile(join(place, 'm.onnx')), iris.model);
    assert.equal(await readFile(join(folder, 'notes.txt'), 'utf8'), 'keep me');
  }
  await rm(folder, { recursive: true });
  await writeFile(
    await platform.blobs.pathOf(sha256),
    await tarOf({ 'deep/m.onnx': iris.model, 'notes.txt': 'forged' }),
  );
  await assert.rejects(ensureUnpacked(platform, sha256), /blob is damaged/);
  await assert.rejects(ensureUnpacked(platform, 'f'.repeat(64)), /was not certified here/);
  assert.deepEqual(await atWork(), []);
});

test('registration refuses what does not exist, and names what does', async () => {
  const uploadId = await uploaded(iris.model);
  const body = { name: 'wanted', uploadId, validationSpecification: specification(iris.json) };
  const post = (more: Record<string, unknown>, caller = publisher) =>
    send(caller, { method: 'POST', url: '/api/model-packages', payload: { ...body, ...more } });
  const region = await post({ region: 'us-east-1' });
  assert.equal(codeOf(region), 'model.unknown_region');
  assert.match(region.json().error.message, /souk-home-1, souk-home-2/);
  const inference = {
    supportedContentTypes: ['text/csv'],
    supportedResponseMIMETypes: ['text/csv'],
    supportedRealtimeInferenceInstanceTypes: ['ml.p99.huge'],
    supportedTransformInstanceTypes: ['ml.t3.medium'],
  };
  const instance = await post({ inferenceSpecification: inference });
  assert.equal(codeOf(instance), 'model.unknown_instance_type');
  assert.match(instance.json().error.message, /ml\.p99\.huge.*ml\.t3\.medium/);
  assert.equal(codeOf(await post({ uploadId: newId('upl') })), 'upload.missing');
  assert.equal(codeOf(await post({}, await testMember(db))), 'upload.missing');
  assert.equal(
    codeOf(await post({ uploadId: await uploaded(iris.model, publisher, 'media') })),
    'upload.missing',
  );
  await sql`update uploads set state = 'receiving', sha256 = null where id = ${uploadId}`.execute(db);
  assert.equal(codeOf(await post({})), 'upload.incomplete');
  for (const name of ['-x', 'x-', 'a_b', 'x'.repeat(64), ''])
    assert.equal(codeOf(await post({ name })), 'request.invalid', name);
  assert.equal(
    codeOf(await post({ validationSpecification: { validationProfiles: [] } })),
    'request.invalid',
  );
});

test('a name is taken once per account and region', async () => {
  const [one, two] = [await testMember(db), await testMember(db)];
  await register(iris.model, { name: 'taken', caller: one });
  await register(iris.model, { name: 'taken', caller: two });
  const there = await register(iris.model, { name: 'taken', caller: one, region: 'souk-home-2' });
  assert.match(there.arn, /:souk-home-2:/);
  const again = await send(one, {
    method: 'POST',
    url: '/api/model-packages',
    payload: {
      name: 'taken',
      uploadId: await uploaded(iris.model, one),
      validationSpecification: specification(iris.json),
    },
  });
  assert.deepEqual([again.statusCode, codeOf(again)], [409, 'model.name_taken']);
  const found = await send(one, { method: 'GET', url: '/api/model-packages/taken?region=souk-home-2' });
  assert.equal(found.json<ModelPackage>().id, there.id);
});

test('only finished packages that no product names can be deleted, and only by their owner', async () => {
  const caller = await testMember(db);
  const remove = (name: string, by = caller) =>
    send(by, { method: 'DELETE', url: `/api/model-packages/${name}` });
  const { id } = await register(iris.model, { name: 'used', caller });
  assert.equal(codeOf(await remove('used')), 'model.not_finished');
  await check(id);
  assert.equal(codeOf(await remove('used')), 'model.in_use');
  await check((await register(iris.model, { name: 'free', caller })).id);
  assert.equal(codeOf(await remove('free', publisher)), 'model.missing');
  assert.equal((await remove('free')).statusCode, 204);
  assert.equal(codeOf(await remove('free')), 'model.missing');
  assert.equal((await register(iris.model, { name: 'free', caller })).status, 'Pending');
});

test('lists are the account’s own, newest first, by name and status, page by page', async () => {
  const caller = await testMember(db);
  for (const name of ['list-a', 'list-b', 'LIST-c', 'else-1']) {
    await register(iris.model, { name, caller });
    await new Promise((resolve) => setTimeout(resolve, 2));
  }
  type Page = { items: ModelPackage[]; nextCursor: string | null };
  const list = async (query: string) =>
    (await send(caller, { method: 'GET', url: `/api/model-packages?${query}` })).json<Page>();
  assert.deepEqual(
    (await list('nameContains=list')).items.map((p) => p.name),
    ['LIST-c', 'list-b', 'list-a'],
  );
  assert.deepEqual((await list('status=Completed')).items, []);
  const first = await list('limit=3');
  const second = await list(`limit=3&cursor=${first.nextCursor}`);
  assert.deepEqual(
    [...first.items, ...second.items].map((p) => p.name),
    ['else-1', 'LIST-c', 'list-b', 'list-a'],
  );
  assert.equal(second.nextCursor, null);
});

test('products learn what the documents’ resources are', async () => {
  const done = await checked(iris.model);
  const { resources, regions } = await models.documentContext(publisher.accountId, {
    versions: [{ modelPackageArn: done.arn }, { modelPackageArn: `${done.arn}x` }, {}],
  });
  assert.deepEqual([...resources.keys()], [done.arn]);
  assert.deepEqual([resources.get(done.arn)?.status, regions], ['Completed', ['souk-home-1', 'souk-home-2']]);
  const stranger = await testMember(db);
  assert.equal(await models.resource(stranger.accountId, done.arn), undefined);
  assert.equal(
    (await models.resource(publisher.accountId, done.arn))?.validationProfile.profileName,
    'sample',
  );
});

test('the job runs what was registered, and what was forgotten is taken up again', async () => {
  const jobs = [...modelJobs(platform, check), ...platform.events.jobs(db)];
  const resume = jobs.find((j) => j.cron !== undefined);
  assert.ok(resume);
  const forgotten = await register(iris.model);
  await sql`select graphile_worker.remove_job(${`model-package:${forgotten.id}`})`.execute(db);
  await sql`update model_packages set updated_at = now() - interval '1 hour' where id = ${forgotten.id}`.execute(
    db,
  );
  await resume.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
  const fresh = await register(iris.model);
  const runner = await runJobs(pool, { definitions: jobs, log: platform.log, processName: 'test' });
  try {
    for (let i = 0; i < 400; i++) {
      if (told.some((e) => e.subject === fresh.id) && told.some((e) => e.subject === forgotten.id)) break;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  } finally {
    await runner.stop();
  }
  for (const { id, name } of [fresh, forgotten]) {
    assert.equal((await get(name)).status, 'Completed');
    assert.deepEqual(
      told.filter((e) => e.subject === id).map((e) => e.type),
      ['model-package.completed'],
    );
  }
});
