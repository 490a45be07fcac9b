import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type FoundPodman, findPodman } from '../../../platform/podman.ts';
import { findSandbox } from '../../../platform/sandbox.ts';
import { containerBackend } from '../container/container-backend.ts';
import { removeContainersLeft } from '../container/leftovers.ts';
import { startModelServer } from '../onnx-backend.ts';
import { programBackend } from '../process/program-serving.ts';
import type { RunningModel } from '../runtime.ts';
import { type Plan, type Served, type ServedEnd, servingFiles } from './placement.ts';
import { openFarEnd } from './tunnel.ts';

const logBytesMax = 20_000_000;
const leashLookMs = 1000;

/** Which job of the cluster this is, and where. */
export interface NodeJob {
  readonly jobId: string;
  readonly node: string;
}

/** Serves on this node until it ends, is stopped, or nobody has called for a while. */
export async function serveOnNode(here: NodeJob, top: string, index: number): Promise<void> {
  const folder = join(top, servingFiles.folder(index));
  if (!claimed(join(folder, servingFiles.claim), here.jobId)) return;
  const plan = JSON.parse(readFileSync(join(top, servingFiles.plan), 'utf8')) as Plan;
  const local = mkdtempSync(join(tmpdir(), 'souk-'));
  const say = logTo(join(folder, servingFiles.log));
  let end: ServedEnd;
  try {
    end = await serve(plan, here.node, folder, local, say);
  } catch (error) {
    end = { kind: 'not-ready', reason: (error as Error).message };
  } finally {
    rmSync(local, { recursive: true, force: true });
  }
  whole(join(folder, servingFiles.ended), end);
}

async function serve(
  plan: Plan,
  node: string,
  folder: string,
  local: string,
  say: (line: string) => void,
): Promise<ServedEnd> {
  let asked = '';
  let stop: () => void = () => undefined;
  const end = (why: string) => {
    asked ||= why;
    stop();
  };
  // scancel, or the time limit of the cluster.
  process.on('SIGTERM', () => end('stopped'));
  const started = await startHere(plan, node, local, say);
  if ('lacks' in started) return started;
  const { running } = started;
  const far = await openFarEnd(
    'unix' in running.address ? running.address.unix : '',
    Buffer.from(plan.key, 'hex'),
  );
  let stopping: Promise<void> | undefined;
  stop = () => {
    stopping ??= running.stop();
  };
  if (asked) stop();
  let leash: NodeJS.Timeout | undefined;
  const ready = running.ready.then(
    () => {
      const { pid, sandbox } = running;
      whole(join(folder, servingFiles.where), {
        ...far.where,
        node,
        pid,
        sandbox,
      } satisfies Served);
      const since = performance.now();
      leash = setInterval(() => {
        if (performance.now() - Math.max(since, far.heardAt()) > plan.leashMs)
          end(`nobody had called it for ${Math.round(plan.leashMs / 1000)} s`);
      }, leashLookMs);
    },
    () => undefined,
  );
  const { kind, reason } = await running.exited;
  clearInterval(leash);
  // The cluster's signal goes to all of the job, and what it ended may be heard of first.
  if (!asked) await sleep(100);
  await Promise.all([ready, stopping]);
  await far.close();
  return asked ? { kind: 'stopped', reason: asked } : { kind, reason };
}

type Started = { readonly running: RunningModel } | (ServedEnd & { readonly lacks: object });

async function startHere(
  plan: Plan,
  node: string,
  local: string,
  say: (line: string) => void,
): Promise<Started> {
  const { servable, instance, environment } = plan;
  const request = {
    name: plan.name,
    servable,
    instance,
    environment,
    onLog: say,
    ...(plan.startTimeoutMs === undefined ? {} : { startTimeoutMs: plan.startTimeoutMs }),
    ...(plan.model === null ? {} : { unpacked: plan.model }),
  };
  const packagePath = async () => plan.model ?? '';
  if (servable.kind === 'container') {
    const podman = await podmanOfNode(plan.nodeFolder);
    if ('missing' in podman)
      return { kind: 'not-ready', reason: podman.missing, lacks: { what: 'containers', node } };
    const backend = containerBackend({
      podman: async () => podman,
      archive: async () => ({ path: plan.image ?? '' }),
      packagePath,
      socketDir: local,
    });
    return { running: await backend.start(request) };
  }
  const sandbox = await findSandbox();
  if (sandbox.kind === 'none')
    return { kind: 'not-ready', reason: sandbox.reason, lacks: { what: 'sandbox', node } };
  if (servable.kind === 'process') {
    const backend = programBackend({
      packagePath,
      programPath: async () => plan.program ?? '',
      socketDir: local,
      sandbox: async () => sandbox,
    });
    return { running: await backend.start(request) };
  }
  if (servable.kind !== 'onnx') throw new Error(`a node does not serve ${servable.kind}`);
  const server = startModelServer({
    models: [{ name: servable.modelName, path: plan.model ?? '' }],
    batching: servable.batching,
    memoryBytesMax: instance.memoryMb * 1024 * 1024,
    threads: Math.max(1, Math.floor(instance.cpus)),
    bodyBytesMax: plan.bodyBytesMax,
    ...(plan.startTimeoutMs === undefined ? {} : { readyTimeoutMs: plan.startTimeoutMs }),
    socketDir: local,
    sandbox,
    log: (_level, message) => say(message),
  });
  return {
    running: {
      pid: server.pid,
      address: server.address,
      sandbox: `bubblewrap ${sandbox.version}`,
      ready: server.ready,
      exited: server.exited.then((e) => ({
        kind: e.reason,
        reason: e.reason === 'memory' || e.message ? e.message : `${e.reason} (${e.signal ?? e.code})`,
      })),
      stop: async () => void (await server.stop()),
    },
  };
}

/** With a store of images that stays on the node; what a killed job left there is ended. */
export async function podmanOfNode(nodeFolder: string): Promise<FoundPodman> {
  try {
    mkdirSync(nodeFolder, { recursive: true, mode: 0o700 });
  } catch (error) {
    return { missing: `there is no room for images: ${(error as Error).message}` };
  }
  const podman = await findPodman(nodeFolder);
  if (!('missing' in podman)) await removeContainersLeft(podman).catch(() => undefined);
  return podman;
}

/** Of two jobs that were submitted for the same, because Souk was killed between, the second ends at once. */
function claimed(claim: string, own: string): boolean {
  const mark = join(claim, 'job');
  try {
    mkdirSync(claim);
  } catch {
    return existsSync(mark) && readFileSync(mark, 'utf8') === own;
  }
  writeFileSync(mark, own);
  return true;
}

/** Seen whole or not at all by whoever looks from another computer. */
function whole(path: string, content: object): void {
  writeFileSync(`${path}.part`, JSON.stringify(content), { mode: 0o600 });
  renameSync(`${path}.part`, path);
}

export function logTo(path: string, bytesMax = logBytesMax): (line: string) => void {
  let bytes = 0;
  return (line) => {
    bytes += line.length + 1;
    if (bytes <= bytesMax) appendFileSync(path, `${line}\n`);
  };
}
