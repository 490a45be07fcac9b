import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { SoukError } from '../../../platform/errors.ts';
import { type Following, followServed } from './follow-served.ts';
import { type Plan, type Served, servingFiles } from './placement.ts';
import type { ClusterJob } from './slurm-commands.ts';
import { openFarEnd, openNearEnd } from './tunnel.ts';

const root = mkdtempSync(join(tmpdir(), 'sk-'));
after(() => rmSync(root, { recursive: true, force: true }));
let made = 0;

/** What a cluster may do that a real one on this computer cannot be brought to: its answers are the test's. */
async function follow(jobs: () => ClusterJob[], more: Partial<Following> = {}, where?: Served) {
  const top = join(root, `${++made}`);
  mkdirSync(join(top, 's1'), { recursive: true });
  writeFileSync(
    join(top, servingFiles.plan),
    JSON.stringify({ key: '00'.repeat(32) } satisfies Partial<Plan>),
  );
  if (where) writeFileSync(join(top, 's1', servingFiles.where), JSON.stringify(where));
  const cancelled: string[] = [];
  const said: string[] = [];
  const running = await followServed({
    name: 'souk-x',
    index: 1,
    top,
    cluster: {
      submit: () => Promise.reject(new Error('nobody submits here')),
      jobs: async () => jobs(),
      cancel: async (id) => void cancelled.push(id),
      ask: async () => undefined,
      partitions: async () => [],
    },
    pollMs: 5,
    socketDir: join(root, 'sockets'),
    onLog: (line) => said.push(line),
    place: async () => false,
    gone: async () => undefined,
    ...more,
  });
  return { end: await running.exited, cancelled, said };
}
const job =
  (state: string, reason = '') =>
  (): ClusterJob[] => [{ jobId: '7_1', index: 1, state, reason }];

test('what the cluster takes away is displaced, and may be submitted again; what it ends for good is not', async () => {
  for (const state of ['NODE_FAIL', 'PREEMPTED', 'BOOT_FAIL'])
    assert.equal((await follow(job(state))).end.displaced, true, state);
  const codes = [];
  for (const state of ['CANCELLED', 'TIMEOUT']) codes.push((await follow(job(state))).end.error?.code);
  assert.deepEqual(codes, ['cluster.cancelled', 'cluster.time_limit']);
  assert.equal((await follow(job('OUT_OF_MEMORY'))).end.kind, 'memory');
  const silent = (await follow(() => [])).end;
  assert.match(silent.reason, /without a word .Slurm does not know it any more/);
  assert.equal(silent.displaced, undefined);
  // It served before Souk was restarted, perhaps for hours.
  assert.equal((await follow(() => [], { place: async () => true })).end.displaced, true);
});

test('a job that would wait for ever is cancelled and told by its reason', async () => {
  const { end, cancelled } = await follow(job('PENDING', 'BadConstraints'));
  assert.deepEqual([end.error?.code, cancelled], ['cluster.too_large', ['7_1']]);
});

test('a controller that is away is waited for; what it refuses then ends the wait', async () => {
  let asked = 0;
  const { end, said } = await follow(job('PENDING'), {
    place: async () => {
      if (++asked < 3) throw new SoukError('cluster.unreachable', { problem: 'it restarts' });
      throw new SoukError('cluster.refused', { problem: 'no' });
    },
  });
  assert.deepEqual(
    [asked, end.error?.code, said[0]],
    [3, 'cluster.refused', '(The cluster does not answer: it restarts)'],
  );
});

test('a node that serves and cannot be reached is given up with a code of its own, and told once', async () => {
  const closed = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => closed.once('listening', resolve));
  const { port } = closed.address() as { port: number };
  await new Promise((resolve) => closed.close(resolve));
  const where = { addresses: ['127.0.0.1'], port, node: 'n9', pid: 1, sandbox: '' };
  const { end, cancelled, said } = await follow(job('RUNNING'), { times: { reachMs: 100 } }, where);
  assert.deepEqual([end.error?.code, cancelled, said.length], ['cluster.node_unreachable', ['7_1'], 1]);
  assert.match(end.reason, /The node n9 .* ECONNREFUSED/);
});

test('a node that hangs is given up', async () => {
  const { end, cancelled } = await follow(job('RUNNING'), { times: { beginMs: 20 } });
  assert.deepEqual([end.kind, cancelled], ['not-ready', ['7_1']]);
});

test('a tunnel is open to who knows the key, and to nobody else', async () => {
  const unix = join(root, 'model');
  const model = createServer((caller) => caller.on('data', (d) => caller.end(`heard ${d}`))).listen(unix);
  const key = Buffer.alloc(32, 1);
  const far = await openFarEnd(unix, key);
  await assert.rejects(openNearEnd(join(root, 'wrong'), far.where, Buffer.alloc(32, 2)), /SSL/);
  const near = await openNearEnd(join(root, 'near'), far.where, key);
  const said = await new Promise<string>((resolve) => {
    const caller = connect(join(root, 'near'), () => caller.write('x'));
    caller.on('data', (d) => resolve(String(d)));
  });
  assert.equal(said, 'heard x');
  near.close();
  await far.close();
  model.close();
});
