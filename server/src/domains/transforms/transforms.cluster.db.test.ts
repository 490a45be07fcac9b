import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { suite, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { ErrorBody, TransformJob } from '@souk/contract';
import { slurmMissing, startCluster, type TestCluster } from '../../../test/slurm.ts';
import { testTransforming, until } from '../../../test/transforming.ts';
import { json, rows, sql } from '../../platform/db.ts';
import { findSandbox } from '../../platform/sandbox.ts';
import type { SlurmSettings } from '../runtime/slurm/slurm.ts';
import { slurmCommands } from '../runtime/slurm/slurm-commands.ts';
import { echoServable, servingForTests } from '../runtime/slurm/testing.ts';

const sandbox = await findSandbox();
const missing = sandbox.kind === 'none' ? sandbox.reason : slurmMissing();
if (missing !== null) console.log(`NOT RUN: batch on a cluster: ${missing}`);
let cluster: TestCluster | undefined;
if (missing === null) cluster = await startCluster();
test.after(() => cluster?.stop());
const settings: SlurmSettings = {
  folder: cluster?.folder ?? mkdtempSync(join(tmpdir(), 'no-cluster-')),
  partition: null,
  account: null,
  network: 'none',
  hostsMax: 1,
  environment: cluster?.env ?? {},
};
const serving = servingForTests(settings);
test.after(serving.close);
const market = await testTransforming({ cluster: serving });
const { db, platform } = market;
await sql`insert into instance_types (name, cpus, memory_mb, backend, price_per_hour, currency, enabled) values ('ml.cluster.small', 1, 256, 'slurm', 0, 'USD', true)`.execute(
  db,
);
await sql`update product_versions set servable = ${json(echoServable())},
  resource = jsonb_set(resource, '{inferenceSpecification,supportedTransformInstanceTypes}', '["ml.m5.large", "ml.cluster.small"]')`.execute(
  db,
);
let supervisor = market.transforms.run(market.times);
test.after(() => supervisor.stop());

type B = Awaited<ReturnType<typeof market.buyer>>;
const slow = '0.125,1\n';
const onCluster = (instanceCount = 1) => ({
  transformResources: { instanceType: 'ml.cluster.small', instanceCount },
  batchStrategy: 'SingleRecord' as const,
});
/** The second takes so long that it can be interrupted, however late it is looked at. */
async function twoFiles(b: B, rows: number) {
  await b.put('in/1.csv', '1,2\n3,4\n');
  await b.put('in/2.csv', slow.repeat(rows));
}
/** All that Slurm knows under the job's name: `4_1 RUNNING`. */
const tasks = ({ id }: Pick<TransformJob, 'id'>) =>
  execFileSync('squeue', ['--noheader', '--array', '--states=all', `--name=souk-${id}`, '--format=%i %T'], {
    env: { ...settings.environment },
    encoding: 'utf8',
  })
    .split('\n')
    .filter(Boolean)
    .sort();
const alive = (job: TransformJob) => tasks(job).filter((t) => /PENDING|RUNNING|COMPLETING/.test(t));
const ended = (job: TransformJob) =>
  until(
    async () => alive(job),
    (left) => left.length === 0,
  );
const inFirstOfSecondFile = (b: B, name: string) =>
  until(
    () => b.get(name),
    (job) => job.progress.files.done === 1 && job.progress.rows > 2,
  );

suite('a batch job on a cluster', { skip: missing !== null, concurrency: 3 }, () => {
  test('is one array of as many jobs as instances; each is metered from when it serves, and nothing is left', async () => {
    const b = await market.buyer();
    await twoFiles(b, 3);
    await b.put('in/3.csv', slow.repeat(3));
    const job = await b.run(onCluster(2));
    assert.deepEqual([job.state, job.failure], ['Completed', null], job.log.join('\n'));
    assert.deepEqual(
      [await b.read('out/1.csv.out'), await b.read('out/2.csv.out')],
      ['1,2\n3,4\n', slow.repeat(3)],
    );
    assert.equal(await b.usage(), 8);
    await ended(job);
    const [first = '', second = '', ...more] = tasks(job).map((t) => t.split(' ')[0] ?? '');
    assert.deepEqual([first.split('_')[1], second.split('_')[1], more], ['1', '2', []]);
    assert.equal(first.split('_')[0], second.split('_')[0], 'both are of one array');
    assert.equal(existsSync(join(settings.folder, 'serving', job.id)), false);
    const metered = await rows<{ instances: number; open: boolean }>(
      db,
      sql`select instances, ended_at is null as open from instance_runs where resource_id = ${job.id}`,
    );
    assert.ok(metered.length >= 1 && metered.length <= 2, JSON.stringify(metered));
    assert.ok(metered.every((m) => m.instances === 1 && !m.open));
  });

  test('is cancelled there when it is stopped, and keeps what was finished', async () => {
    const b = await market.buyer();
    await twoFiles(b, 100);
    const name = await b.begin(onCluster());
    await inFirstOfSecondFile(b, name);
    await market.send(b.who, { method: 'POST', url: `/api/transform-jobs/${name}/stop` });
    const job = await b.ended(name);
    assert.equal(job.state, 'Stopped');
    await ended(job);
    assert.deepEqual(
      [await b.read('out/1.csv.out'), await b.read('out/2.csv.out')],
      ['1,2\n3,4\n', undefined],
    );
  });

  test('goes on with another job of the cluster when its own is killed; finished files are not done again', async () => {
    const b = await market.buyer();
    await twoFiles(b, 10);
    const name = await b.begin(onCluster());
    const before = await inFirstOfSecondFile(b, name);
    const where = readFileSync(join(settings.folder, 'serving', before.id, 's1', 'where.json'), 'utf8');
    process.kill((JSON.parse(where) as { pid: number }).pid, 'SIGKILL');
    const job = await b.ended(name);
    assert.deepEqual([job.state, job.failure], ['Completed', null], job.log.join('\n'));
    assert.ok(job.log.some((line) => line.startsWith('(the model ended')));
    assert.deepEqual([await b.usage(), tasks(job).length], [12, 2]);
    assert.equal(await b.read('out/2.csv.out'), slow.repeat(10));
  });

  test('that somebody cancels on the cluster itself ends with that reason', async () => {
    const b = await market.buyer();
    await twoFiles(b, 100);
    const name = await b.begin(onCluster());
    const { id } = await inFirstOfSecondFile(b, name);
    execFileSync('scancel', [`--name=souk-${id}`], { env: { ...settings.environment } });
    const job = await b.ended(name);
    assert.deepEqual([job.state, job.failure?.code], ['Failed', 'cluster.cancelled'], job.log.join('\n'));
    assert.equal(await b.read('out/1.csv.out'), '1,2\n3,4\n');
  });
});

suite('Souk and its batch jobs on a cluster', { skip: missing !== null }, () => {
  test('after SIGKILL and an orderly restart: the same jobs are found again, none is lost or doubled, every file counts once', async () => {
    const b = await market.buyer();
    await twoFiles(b, 10);
    await b.put('in/3.csv', slow.repeat(10));
    await supervisor.stop();
    const name = await b.begin({ ...onCluster(2), maxConcurrentTransforms: 1 });
    const child = spawn(
      process.execPath,
      [
        fileURLToPath(new URL('../../../test/transforms-kill.child.ts', import.meta.url)),
        market.url,
        platform.config.dataDir,
        JSON.stringify(settings),
      ],
      { stdio: ['ignore', 'ignore', 'inherit'] },
    );
    const before = await inFirstOfSecondFile(b, name);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const first = alive(before);
    assert.equal(first.length, 2, 'they outlive Souk');
    supervisor = market.transforms.run(market.times);
    await until(
      () => b.get(name),
      (job) => job.progress.rows > 2 || job.endedAt !== null,
    );
    await supervisor.stop();
    supervisor = market.transforms.run(market.times);
    const job = await b.ended(name);
    assert.deepEqual([job.state, job.failure], ['Completed', null], job.log.join('\n'));
    assert.deepEqual(
      tasks(job).map((t) => t.split(' ')[0]),
      first.map((t) => t.split(' ')[0]),
    );
    assert.deepEqual([await b.usage(), await b.read('out/3.csv.out')], [22, slow.repeat(10)]);
    await ended(job);
    assert.deepEqual(readdirSync(join(settings.folder, 'serving')), []);
  });

  test('what was left on the cluster is cancelled there when the job is stopped while nobody works on it', async () => {
    const b = await market.buyer();
    await twoFiles(b, 100);
    const name = await b.begin(onCluster());
    const job = await b.get(name);
    await until(
      async () => alive(job),
      (left) => left.length === 1,
    );
    await supervisor.stop();
    assert.equal(alive(job).length, 1, 'it keeps its place');
    await market.send(b.who, { method: 'POST', url: `/api/transform-jobs/${name}/stop` });
    supervisor = market.transforms.run(market.times);
    assert.equal((await b.ended(name)).state, 'Stopped');
    await ended(job);
  });

  test('one that cannot take anything now is said when the job is created, with what would change it', async () => {
    const b = await market.buyer();
    await twoFiles(b, 1);
    const asked = async (given: Partial<SlurmSettings> | null) => {
      const one = servingForTests(given && { ...settings, ...given });
      const problem = await one.unavailable();
      await one.close();
      return problem?.code;
    };
    assert.deepEqual(
      [
        await asked(null),
        await asked({ partition: 'gpu' }),
        await asked({ folder: '/nonexistent' }),
        await asked({ environment: { PATH: '/nonexistent' } }),
        await asked({ environment: { ...settings.environment, SLURM_CONF: '/dev/null' } }),
        await asked({}),
      ],
      [
        'cluster.not_configured',
        'cluster.partition_unknown',
        'cluster.folder_unusable',
        'cluster.command_missing',
        'cluster.unreachable',
        undefined,
      ],
    );
    const down = (state: string) =>
      execFileSync('scontrol', ['update', 'NodeName=n1,n2', `State=${state}`, 'Reason=test'], {
        env: { ...settings.environment },
      });
    down('DOWN');
    const refused = await b.create(onCluster());
    down('RESUME');
    assert.equal(refused.json<ErrorBody>().error.code, 'cluster.nodes_down', refused.body);
    await until(
      () => serving.unavailable(),
      (problem) => problem === null,
    );
    await sql`update product_versions set servable = '{"kind": "remote", "serverId": "srv_1"}'`.execute(db);
    const elsewhere = await b.create(onCluster());
    await sql`update product_versions set servable = ${json(echoServable())}`.execute(db);
    assert.equal(elsewhere.json<ErrorBody>().error.code, 'cluster.model_elsewhere');
  });

  test('one that refuses a job, or would let it wait for ever, is told by its own code', async () => {
    const cluster = slurmCommands(settings.environment);
    const refused = async (...options: string[]) => {
      const submit = (args: readonly string[]) => cluster.submit([...options, ...args]);
      const one = servingForTests(settings, { cluster: { ...cluster, submit } });
      const memoryMb = options.length === 0 ? 900_000 : 128;
      const running = await one.begin({ instance: { name: 'ml.cluster.huge', cpus: 1, memoryMb } });
      await assert.rejects(running.ready);
      const { error } = await running.exited;
      await one.close();
      return error;
    };
    const [partition, tooLarge, time] = await Promise.all([
      refused('--partition=gpu'),
      refused(),
      refused('--partition=short', '--time=10'),
    ]);
    assert.deepEqual(
      [partition?.code, tooLarge?.code, time?.code],
      ['cluster.partition_unknown', 'cluster.too_large', 'cluster.time_limit'],
    );
    assert.equal(tooLarge?.params.instanceType, 'ml.cluster.huge');
  });
});
