import assert from 'node:assert/strict';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import { testEndpoints } from '../../../test/endpoints.ts';
import { listening, until } from '../../../test/gateway.ts';
import { rows, sql } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import { newOutbound } from '../../platform/outbound.ts';
import { newFiles, newLocations } from '../files/index.ts';
import { captureJob } from './captures.jobs.ts';
import { newInferences } from './inferences.service.ts';
import { startInferences } from './inferences.worker.ts';

const market = await testEndpoints();
const { db, buyer, platform, behaviours, create, becomes } = market;
const { accountId } = buyer;
const files = newFiles(platform, {
  quotaBytes: async () => 1e9,
  finishedUpload: async () => Promise.reject(new Error('nobody uploads here')),
  unusedUploads: async () => [],
});
const locations = newLocations(platform, files, async () => undefined);
const inferences = newInferences(platform, locations);
const outbound = newOutbound({ outboundAllow: ['127.0.0.0/8'] });
const newWorker = () => startInferences({ ...platform, locations, outbound });
let worker = newWorker();
after(() => worker.stop());
market.startNode();

const read = async (uri: string) => (await buffer(await locations.open(accountId, uri))).toString();
const ended = (name: string, id: string) =>
  until(`${id} has ended`, async () => {
    const now = await inferences.get(accountId, name, id);
    return now.endedAt ? now : undefined;
  });
const codeOf = async (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: unknown) => (error instanceof SoukError ? error.code : String(error)),
  );
const used = async () => (await market.usage(buyer, market.subscriptionId)).total;

await create('later');
await becomes('later', 'is in service', (e) => e.state === 'InService');

test('an inference is answered into the account’s files, calls back, and is counted once', async () => {
  const heard: unknown[] = [];
  let refusals = 1;
  const { port } = await listening(async (incoming, outgoing) => {
    const body = JSON.parse((await buffer(incoming)).toString()) as unknown;
    // The first attempt is refused, and made again.
    outgoing.statusCode = refusals-- > 0 ? 503 : 200;
    if (outgoing.statusCode === 200) heard.push(body);
    outgoing.end();
  });
  const begun = await inferences.start(buyer, 'later', {
    body: '1,2,3\n',
    contentType: 'text/csv',
    inferenceId: 'one',
    callbackUrl: `http://127.0.0.1:${port}/done`,
  });
  assert.equal(begun.id, 'one');
  // The worker may be as quick as the answer.
  assert.ok(['Pending', 'InProgress', 'Completed'].includes(begun.state), begun.state);
  const done = await ended('later', 'one');
  assert.deepEqual([done.state, done.attempts, done.failure], ['Completed', 1, null]);
  assert.equal(done.outputLocation, `souk://${accountId}/inferences/later/one.out`);
  assert.match(await read(done.outputLocation), /"model":"iris-1.0.0"/);
  assert.equal(await used(), 1);
  await until('the first callback was refused', async () => refusals <= 0);
  await sql`update endpoint_inferences set callback_at = now()`.execute(db);
  await until('it called back', async () => heard.length > 0);
  assert.deepEqual(heard, [
    { inferenceId: 'one', state: 'Completed', outputLocation: done.outputLocation, failure: null },
  ]);
  await until('it is delivered', async () => {
    const { callback } = await inferences.get(accountId, 'later', 'one');
    return callback?.state === 'delivered' && callback.attempts === 2;
  });
});

test('the input may be a file, and the answer goes where it was asked to go', async () => {
  await inferences.start(buyer, 'later', {
    inputLocation: `souk://${accountId}/inferences/later/one.out`,
    outputLocation: `souk://${accountId}/mine/answer.json`,
    inferenceId: 'two',
  });
  assert.equal((await ended('later', 'two')).state, 'Completed');
  assert.match(await read(`souk://${accountId}/mine/answer.json`), /iris/);
});

test('what cannot be is refused by name before anything starts, or fails with the reason', async () => {
  const start = (more: object) => codeOf(inferences.start(buyer, 'later', more));
  assert.equal(await start({}), 'inference.one_input');
  assert.equal(await start({ body: 'x', inputLocation: `souk://${accountId}/x` }), 'inference.one_input');
  assert.equal(await start({ body: 'x', inferenceId: 'one' }), 'inference.id_taken');
  assert.equal(await start({ body: 'x', outputLocation: 'ftp://x/y' }), 'location.invalid');
  assert.equal(await start({ inputLocation: 'souk://999999999999/secret' }), 'location.foreign');
  assert.equal(await codeOf(inferences.start(buyer, 'absent', { body: 'x' })), 'endpoint.missing');
  assert.equal(await codeOf(inferences.get(accountId, 'later', 'none')), 'inference.missing');
  const stranger = await market.member();
  assert.equal(await codeOf(inferences.get(stranger.accountId, 'later', 'one')), 'endpoint.missing');
  await inferences.start(buyer, 'later', {
    inputLocation: `souk://${accountId}/nothing`,
    inferenceId: 'no-file',
  });
  const failed = await ended('later', 'no-file');
  assert.deepEqual([failed.state, failed.failure?.includes('nothing')], ['Failed', true]);
});

test('an answer of 400 is final and costs nothing; one of 500 is tried again', async () => {
  const before = await used();
  let asked = 0;
  behaviours.set('1.1.0', {
    handle: (incoming, outgoing) =>
      incoming.resume().once('end', () => {
        outgoing.statusCode = ++asked === 1 ? 400 : asked === 2 ? 500 : 200;
        outgoing.end('words of the model');
      }),
  });
  await create('moody', { version: '1.1.0' });
  await becomes('moody', 'is in service', (e) => e.state === 'InService');
  await inferences.start(buyer, 'moody', { body: 'x', inferenceId: 'bad' });
  const bad = await ended('moody', 'bad');
  assert.deepEqual([bad.state, bad.failure], ['Failed', 'The model answered 400: words of the model']);
  assert.equal(await used(), before);
  await inferences.start(buyer, 'moody', { body: 'x', inferenceId: 'again' });
  const again = await ended('moody', 'again');
  assert.deepEqual([again.state, again.attempts, asked], ['Completed', 2, 3]);
  assert.equal(await used(), before + 1);
});

test('calls are captured into the account’s files when it asks for that, and only then', async () => {
  const location = `souk://${accountId}/captured/`;
  await create('kept', { capture: { percent: 100, requests: true, answers: false, location } });
  await becomes('kept', 'is in service', (e) => e.state === 'InService');
  await until('it is called', async () => (await market.call('kept', { body: '7,8,9' })).ok);
  await until('the call is on its way', async () => {
    const queued = await rows(db, sql`select from endpoint_captures`);
    return queued.length > 0;
  });
  const job = captureJob(platform, locations);
  const run = () => job.run({}, { attempt: 1, attemptsMax: 1, signal: new AbortController().signal });
  await run();
  await run();
  const written: string[] = [];
  for await (const { uri } of locations.list(accountId, location)) written.push(uri);
  assert.equal(written.length, 1);
  const [line] = (await read(written[0] ?? ''))
    .trim()
    .split('\n')
    .map((l) => JSON.parse(l) as Record<string, unknown>);
  assert.deepEqual(line?.request, { contentType: 'text/csv', encoding: 'text', body: '7,8,9' });
  assert.deepEqual([line?.status, line?.version, line?.answer], [200, '1.0.0', undefined]);
  const { id } = await market.update('kept', { capture: null });
  await until('the gateway has heard', async () => {
    await sql`delete from endpoint_captures where endpoint_id = ${id}`.execute(db);
    return (await market.call('kept')).ok;
  });
  await run();
  assert.deepEqual(await rows(db, sql`select from endpoint_captures`), []);
  const nothing = { percent: 5, requests: false, answers: false, location };
  assert.equal(await codeOf(market.update('kept', { capture: nothing })), 'endpoint.capture_nothing');
});

test('an inference wakes an endpoint that sleeps', async () => {
  await create('sleeper', { idleMinutes: 1 });
  const { id } = await becomes('sleeper', 'is in service', (e) => e.state === 'InService');
  await sql`update endpoints set busy_at = now() - interval '2 minutes' where id = ${id}`.execute(db);
  await becomes('sleeper', 'sleeps', (e) => e.asleep && e.instances.length === 0);
  await inferences.start(buyer, 'sleeper', { body: 'x', inferenceId: 'wake' });
  assert.equal((await ended('sleeper', 'wake')).state, 'Completed');
});

test('what a killed worker had begun is taken up by the next, and counted once', async () => {
  const before = await used();
  await worker.stop();
  // As it stands when a worker was killed between the answer and its transaction.
  await inferences.start(buyer, 'later', { body: 'x', inferenceId: 'orphan' });
  await sql`update endpoint_inferences set state = 'InProgress', lease = 'gone', leased_until = now() - interval '1 second' where id = 'orphan'`.execute(
    db,
  );
  worker = newWorker();
  const second = newWorker();
  assert.equal((await ended('later', 'orphan')).state, 'Completed');
  await second.stop();
  assert.equal(await used(), before + 1);
  const batches = await rows(db, sql`select from usage_batches where node like 'inference.%orphan'`);
  assert.equal(batches.length, 1);
});
