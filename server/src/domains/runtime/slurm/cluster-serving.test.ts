import { mkdtempSync, readFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after } from 'node:test';
import { slurmMissing, startCluster, type TestCluster } from '../../../../test/slurm.ts';
import { findSandbox } from '../../../platform/sandbox.ts';
import { processTree } from '../memory-limit.ts';
import type { RunningModel } from '../runtime.ts';
import type { ServeRequest } from '../servable.ts';
import { servingSuite } from '../serving.suite.ts';
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
const market = servingForTests(settings);
after(market.close);

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
  crash: (one) => {
    for (const pid of processTree(servedPid(one)).reverse()) process.kill(pid, 'SIGKILL');
  },
});
