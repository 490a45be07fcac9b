import { existsSync, rmSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SoukError } from '../../../platform/errors.ts';
import { ping } from '../ping.ts';
import type { RunEnd, RunningModel } from '../runtime.ts';
import { ownFolder } from '../served-child.ts';
import { LogTail } from './log-tail.ts';
import { type Plan, type Served, type ServedEnd, servingFiles } from './placement.ts';
import { type Cluster, type ClusterJob, hopeless, isAlive } from './slurm-commands.ts';
import { type NearEnd, openNearEnd } from './tunnel.ts';

export interface Following {
  /** Of the job on the cluster. */
  readonly name: string;
  readonly index: number;
  readonly top: string;
  readonly cluster: Cluster;
  readonly pollMs: number;
  readonly socketDir: string;
  readonly onLog?: (line: string) => void;
  readonly times?: Partial<FollowTimes>;
  /** Finds it or submits it; true where it was found. */
  place(): Promise<boolean>;
  /** Nobody here holds it any more; `left`: it goes on. */
  gone(left: boolean): Promise<void>;
}

interface FollowTimes {
  /** From the first tries to reach a node that serves. */
  readonly reachMs: number;
  /** From the beginning of its job until the model answers there; the node itself is stricter, unless it hangs. */
  readonly beginMs: number;
}
const timesUsual: FollowTimes = { reachMs: 2 * 60_000, beginMs: 45 * 60_000 };

const askSlurmEveryPolls = 5;
const logBytesMax = 20_000_000;
/** A job that Slurm no longer knows may have written its end to a folder that a slow network brings late. */
const goneTimesMax = 3;
/** Often enough for the leash; also shows a node that no longer answers. */
const pingEveryMs = 10_000;
const stateLooksMax = 40;
const placeAgainMs = 15_000;
/** Between its being asked to end and its cancellation; a container has 30 s. */
const graceMs = 40_000;
/** After that it is the cluster's. */
const stopMsMax = 120_000;

/** One model on the cluster, from its place in the queue to its end. */
export async function followServed(f: Following): Promise<RunningModel> {
  const { folder: socketFolder, unix } = ownFolder(f.socketDir);
  const folder = join(f.top, servingFiles.folder(f.index));
  const tail = new LogTail(join(folder, servingFiles.log), logBytesMax, (lines) => {
    for (const line of lines) f.onLog?.(line);
  });
  const woken = new AbortController();
  let wish: 'stop' | 'leave' | undefined;
  let near: NearEnd | undefined;
  let wasReady = false;
  let found = false;
  const times = { ...timesUsual, ...f.times };
  /** While its node serves and cannot be reached. */
  let unreached: { readonly since: number; readonly error: SoukError } | undefined;
  const ready = Promise.withResolvers<void>();
  // Callers that only look at `exited` must not be ended by a rejection that nobody awaits.
  ready.promise.catch(() => undefined);

  async function follow(): Promise<RunEnd> {
    let placed = false;
    while (!placed) {
      if (wish) return stopped;
      try {
        found = await f.place();
        placed = true;
      } catch (error) {
        // It may pass; whatever else it says does not.
        if (!(error instanceof SoukError) || error.code !== 'cluster.unreachable') throw error;
        f.onLog?.(`(${error.message})`);
        await pause(Math.min(placeAgainMs, f.pollMs * 15));
      }
    }
    let gone = 0;
    let cancelled = false;
    let queued = false;
    let runsSince: number | undefined;
    let pingedAt = performance.now();
    const since = performance.now();
    let stopAt = 0;
    for (let poll = 0; ; poll++) {
      const end = await read<ServedEnd>(join(folder, servingFiles.ended));
      await tail.poll(end !== undefined);
      if (end) return await ended(end);
      if (wish === 'leave') return stopped;
      if (wish === 'stop') {
        stopAt ||= performance.now();
        const late = performance.now() - stopAt > graceMs;
        if (!cancelled || late) cancelled = await cancelOwn(late).catch(() => cancelled);
        if (performance.now() - stopAt > stopMsMax) return stopped;
      }
      if (!near) await reach();
      const now = performance.now();
      if (unreached && now - unreached.since > times.reachMs) return await given(failed(unreached.error));
      if (!near && runsSince !== undefined && now - runsSince > times.beginMs)
        return await given({ kind: 'not-ready', reason: 'its node did not serve it in time' });
      if (poll % askSlurmEveryPolls === 0 || cancelled) {
        // A controller that is away says nothing about the job.
        const own = await ownJobs().catch(() => undefined);
        const alive = own?.filter((j) => isAlive(j.state));
        if (!queued && alive?.some((j) => j.state === 'PENDING')) {
          queued = true;
          f.onLog?.('(it waits in the queue of the cluster)');
        }
        if (alive?.some((j) => j.state === 'RUNNING')) runsSince ??= performance.now();
        const never = alive && hopeless(alive);
        if (never) return await given(failed(never));
        gone = own === undefined || alive?.length ? 0 : gone + 1;
        if (gone > (cancelled ? 0 : goneTimesMax)) {
          const late = await read<ServedEnd>(join(folder, servingFiles.ended));
          return late ? await ended(late) : vanished(own?.at(-1)?.state);
        }
      }
      if (near && performance.now() - pingedAt > pingEveryMs) {
        pingedAt = performance.now();
        void ping(unix);
      }
      const quick = performance.now() - since < 5000 || cancelled;
      await pause(quick ? Math.min(100, f.pollMs) : f.pollMs);
    }
  }

  /** A wish ends it, once. */
  const pause = (ms: number) =>
    sleep(ms, undefined, wish ? {} : { signal: woken.signal }).catch(() => undefined);

  async function reach(): Promise<void> {
    const where = await read<Served>(join(folder, servingFiles.where));
    const plan = where && (await read<Plan>(join(f.top, servingFiles.plan)));
    if (!where || !plan) return;
    try {
      near = await openNearEnd(unix, where, Buffer.from(plan.key, 'hex'));
    } catch (problem) {
      const { message } = problem as Error;
      const error = new SoukError('cluster.node_unreachable', { node: where.node, problem: message });
      if (!unreached) f.onLog?.(`(${error.message})`);
      unreached = { since: unreached?.since ?? performance.now(), error };
      return;
    }
    unreached = undefined;
    sandbox = `${where.sandbox}, Slurm (${where.node})`;
    wasReady = true;
    ready.resolve();
  }

  const ownJobs = async (): Promise<ClusterJob[]> =>
    (await f.cluster.jobs(f.name)).filter((j) => j.index === f.index);

  /** Given up: nothing of it may go on. */
  async function given(end: RunEnd): Promise<RunEnd> {
    await cancelOwn(true).catch(() => undefined);
    return end;
  }

  /** Once it is over also for Slurm, which says only then why. */
  async function stateAtEnd(): Promise<string | undefined> {
    for (let looks = 0; looks < stateLooksMax; looks++) {
      const last = (await ownJobs().catch(() => [])).at(-1);
      if (last && !isAlive(last.state)) return last.state;
      await pause(f.pollMs);
    }
    return undefined;
  }

  /** What waits is cancelled; what runs is asked first, since a cancellation takes the model from under its calls. */
  async function cancelOwn(late: boolean): Promise<boolean> {
    for (const { jobId, state } of await ownJobs()) {
      if (!isAlive(state)) continue;
      if (state === 'RUNNING' && !late) await f.cluster.ask(jobId);
      else await f.cluster.cancel(jobId);
    }
    return true;
  }

  async function ended({ kind, reason, lacks }: ServedEnd): Promise<RunEnd> {
    if (lacks?.what === 'containers')
      return failed(new SoukError('cluster.no_containers', { node: lacks.node, problem: reason }));
    if (lacks?.what === 'sandbox')
      return failed(new SoukError('cluster.no_sandbox', { node: lacks.node, problem: reason }));
    if (wish === 'stop') return stopped;
    // Asked to end, and not by us: by the time limit of its partition, by scancel, or for want of calls while Souk was away.
    if (kind === 'stopped')
      return (await stateAtEnd()) === 'CANCELLED'
        ? failed(new SoukError('cluster.cancelled'))
        : displaced(reason);
    return { kind: kind === 'not-ready' && wasReady ? 'crashed' : kind, reason };
  }

  function vanished(state: string | undefined): RunEnd {
    if (wish === 'stop') return stopped;
    const kind = wasReady ? 'crashed' : 'not-ready';
    if (state === 'OUT_OF_MEMORY')
      return { kind: 'memory', reason: 'the cluster ended it for want of memory' };
    if (state === 'TIMEOUT' || state === 'DEADLINE')
      return wasReady
        ? displaced('its time on the cluster was over')
        : failed(new SoukError('cluster.time_limit', { problem: 'it ended before the model answered.' }));
    if (state === 'NODE_FAIL' || state === 'PREEMPTED' || state === 'BOOT_FAIL')
      return displaced(
        state === 'PREEMPTED' ? 'the cluster gave its place to another job' : 'its node failed',
      );
    if (state === 'CANCELLED') return failed(new SoukError('cluster.cancelled'));
    const reason = `its job ended without a word (${state ?? 'Slurm does not know it any more'})`;
    // It may have served for hours before we came.
    return found && !wasReady ? displaced(reason) : { kind, reason };
  }
  const displaced = (reason: string): RunEnd => ({
    kind: wasReady ? 'crashed' : 'not-ready',
    reason,
    displaced: true,
  });
  const failed = (error: SoukError): RunEnd => ({
    kind: wasReady ? 'crashed' : 'not-ready',
    reason: error.message,
    error,
  });

  let sandbox = 'Slurm';
  const exited = follow()
    .catch((error: unknown): RunEnd => {
      if (error instanceof SoukError) return failed(error);
      return { kind: wasReady ? 'crashed' : 'not-ready', reason: (error as Error).message };
    })
    .then(async (end) => {
      near?.close();
      rmSync(socketFolder, { recursive: true, force: true });
      await f.gone(wish === 'leave' && end === stopped).catch(() => undefined);
      ready.reject(end.error ?? new Error(end.reason));
      return end;
    });
  const wished = async (next: 'stop' | 'leave') => {
    wish ??= next;
    woken.abort();
    await exited;
  };
  return {
    // Of another computer.
    pid: -1,
    address: { unix },
    get sandbox() {
      return sandbox;
    },
    ready: ready.promise,
    exited,
    stop: () => wished('stop'),
    leave: () => wished('leave'),
  };
}

const stopped: RunEnd = { kind: 'stopped', reason: 'stopped' };

async function read<T>(path: string): Promise<T | undefined> {
  if (!existsSync(path)) return undefined;
  try {
    return JSON.parse(await readFile(path, 'utf8')) as T;
  } catch {
    return undefined;
  }
}
