import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, suite, test } from 'node:test';
import { slurmMissing, startCluster, type TestCluster } from '../../../../test/slurm.ts';
import type { Podman } from '../../../platform/podman.ts';
import { findSandbox } from '../../../platform/sandbox.ts';
import { podmanForTests } from '../container/testing.ts';
import { identityModel, modelFolder } from '../model-server/testing.ts';
import { callModel } from '../runtime.call.ts';
import type { RunningModel } from '../runtime.ts';
import type { Servable, ServeRequest } from '../servable.ts';
import { killAll, servingSuite } from '../serving.suite.ts';
import { slurmBackend } from '../training/slurm/slurm-backend.ts';
import { runOf } from '../training/training.suite.ts';
import { podmanOfNode } from './node-serving.ts';
import type { SlurmSettings } from './slurm.ts';
import { echoServable, servingForTests } from './testing.ts';

const sandbox = await findSandbox();
const missing = sandbox.kind === 'none' ? sandbox.reason : slurmMissing();
let running: TestCluster | undefined;
if (missing === null) running = await startCluster();
after(() => running?.stop());
const settings: SlurmSettings = {
  folder: running?.folder ?? mkdtempSync(join(tmpdir(), 'no-cluster-')),
  partition: null,
  account: null,
  network: 'none',
  hostsMax: 1,
  environment: running?.env ?? {},
};
const podman = missing === null ? await podmanForTests() : { skip: missing };
if (!('skip' in podman)) after(podman.close);
/** An image as Souk hands it over: a file. */
async function archiveOf(id: string): Promise<{ path: string }> {
  assert.ok(!('skip' in podman));
  const path = join(podman.dataDir, `${id.replace(/\W/g, '-')}.oci`);
  if (!existsSync(path))
    await podman.podman.run(['save', '--quiet', '--format', 'oci-archive', '--output', path, id]);
  return { path };
}
const nodeFolder = mkdtempSync(join(tmpdir(), 'souk-node-'));
after(() => {
  rmSync(nodeFolder, { recursive: true, force: true });
});
const settingsOfNode = { ...settings, nodeFolder };
const market = servingForTests(settingsOfNode, { archive: archiveOf });
after(market.close);
const over = new AbortController();
after(() => over.abort());

let ids = 0;
const places = new WeakMap<RunningModel, string>();
async function begin(request: Partial<ServeRequest> = {}): Promise<RunningModel> {
  const placement = { id: `p${process.pid}-${++ids}`, index: 1, count: 1 };
  const one = await market.begin({ placement, ...request });
  places.set(one, join(settings.folder, 'serving', (request.placement ?? placement).id));
  return one;
}
/** The process on the node, which a test cannot ask for otherwise. */
const servedPid = (one: RunningModel) =>
  (JSON.parse(readFileSync(join(places.get(one) ?? '', 's1', 'where.json'), 'utf8')) as { pid: number }).pid;

servingSuite({
  kind: 'slurm',
  missing,
  concurrency: 5,
  start: (model) => begin({ servable: echoServable(model === 'broken' ? 'empty' : 'model') }),
  eat: { contentType: 'application/json', body: 'eat' },
  slow: { contentType: 'application/json', body: '{"instances":[[0.125,1]]}', holds: /0\.125/ },
  crash: (one) => killAll(servedPid(one)),
});

test('an ONNX package is served by a node with Souk’s own model server, of which nothing is installed there', {
  skip: missing !== null,
}, async () => {
  const running = await begin({
    servable: { kind: 'onnx', packageSha256: '0'.repeat(64), modelName: 'echo', batching: null },
    unpacked: join(modelFolder({ echo: identityModel(1, ['N', 2]) }), 'echo'),
    instance: { name: 'ml.cluster.large', cpus: 1, memoryMb: 1000, backend: 'slurm' },
  });
  await running.ready;
  const answer = await callModel(running.address, {
    path: '/invocations',
    contentType: 'text/csv',
    accept: 'text/csv',
    body: '1,2\n3,4.5\n',
    timeoutMs: 30_000,
  });
  assert.deepEqual([answer.status, answer.body.toString('utf8')], [200, '1,2\n3,4.5\n']);
  await running.stop();
});

suite('an image on a cluster', { skip: 'skip' in podman && podman.skip, concurrency: 3 }, () => {
  const image =
    'skip' in podman
      ? Promise.resolve('')
      : podman.image(`
if [ "$1" = train ]; then
  echo "trains with $SCALE on $(cat /opt/ml/input/data/train/a.csv)"; echo m > /opt/ml/model/m; exit \${CODE:-0}
fi
mkdir /tmp/www; : > /tmp/www/ping; echo "{\\"MaxPayloadInMB\\": 7, \\"scale\\": \\"$SCALE\\"}" > /tmp/www/execution-parameters
trap 'exit 0' TERM
httpd -f -p 8080 -h /tmp/www & wait`);
  const servable = async (): Promise<Servable> => ({
    kind: 'container',
    imageDigest: await image,
    packageSha256: null,
    environment: { SCALE: 'two' },
  });

  test('is handed over as a file, served by the podman of its node, and ends when it is stopped', async () => {
    const running = await begin({ servable: await servable() });
    await running.ready;
    assert.match(running.sandbox, /podman .* Slurm \(n[12]\)/);
    const answer = await callModel(running.address, {
      path: '/execution-parameters',
      method: 'GET',
      timeoutMs: 30_000,
    });
    assert.deepEqual(JSON.parse(answer.body.toString('utf8')), { MaxPayloadInMB: 7, scale: 'two' });
    await running.stop();
    assert.equal((await running.exited).kind, 'stopped');
    const left = await ((await podmanOfNode(nodeFolder)) as Podman).run([
      'ps',
      '--quiet',
      '--filter',
      'label=souk.keeper',
    ]);
    assert.ok(!left.includes('\n'), left);
  });

  test('trains there too: its log, its model and its end are those of a training here', async () => {
    const subject = {
      root: settings.folder,
      backend: slurmBackend({ settings: settingsOfNode, archive: archiveOf, pollMs: 100 }),
    };
    const train = async (environment: Record<string, string>) => {
      const { run, lines } = runOf(
        {
          ...subject,
          kind: 'slurm',
          missing: null,
          program: () => ({ kind: 'container', imageDigest: '', environment }),
        },
        '',
      );
      const end = await subject.backend.run({
        ...run,
        program: { kind: 'container', imageDigest: await image, environment },
        signal: over.signal,
      });
      return { end, lines };
    };
    const [trained, failed] = await Promise.all([train({ SCALE: 'one' }), train({ CODE: '3' })]);
    assert.deepEqual([trained.end.kind, trained.end.exitCode], ['completed', 0], trained.lines.join('\n'));
    assert.deepEqual(trained.lines, ['trains with one on 1,2']);
    assert.equal(readFileSync(join(trained.end.modelFolder, 'm'), 'utf8'), 'm\n');
    assert.deepEqual([failed.end.kind, failed.end.exitCode], ['failed', 3]);
  });

  test('is refused with words by a node that cannot run it', async () => {
    const bare = servingForTests({ ...settings, nodeFolder: '/dev/null/nowhere' }, { archive: archiveOf });
    const running = await bare.begin({ servable: await servable() });
    await assert.rejects(running.ready);
    const { error } = await running.exited;
    assert.equal(error?.code, 'cluster.no_containers');
    assert.match(
      error?.message ?? '',
      /The node n[12] of the cluster cannot run container images: there is no room/,
    );
    await bare.close();
    const backend = slurmBackend({
      settings: { ...settings, nodeFolder: '/dev/null/nowhere' },
      archive: archiveOf,
      pollMs: 100,
    });
    const { run } = runOf(
      {
        kind: 'slurm',
        missing: null,
        root: settings.folder,
        backend,
        program: () => ({ kind: 'container', imageDigest: '', environment: {} }),
      },
      '',
    );
    await assert.rejects(
      backend.run({ ...run, program: { kind: 'container', imageDigest: await image, environment: {} } }),
      { code: 'cluster.no_containers' },
    );
  });
});
