import { randomUUID } from 'node:crypto';
import { inTx } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import * as store from './transforms.sql.ts';
import { NotMine, StopAsked, type WorkerNeeds, work } from './transforms.worker.ts';

export interface SupervisorTimes {
  /** How long a job is its worker's after a sign of life. */
  readonly leaseMs: number;
  /** Between two signs of life, and two looks at what the job should be doing. */
  readonly renewMs: number;
  readonly pollMs: number;
}
const standard: SupervisorTimes = { leaseMs: 30_000, renewMs: 4000, pollMs: 3000 };
/** A job that ended so many workers does not get another. */
const takenMax = 8;

/**
 * Runs transform jobs in this process, some at a time. A job is hours long, so it is no background job: it is taken by a lease, and one
 * whose worker was killed is taken again where it stands.
 */
export function startTransforms(
  platform: Platform,
  needs: WorkerNeeds,
  {
    atOnce = 2,
    onClusterAtOnce = 32,
    times = standard,
  }: { atOnce?: number; onClusterAtOnce?: number; times?: SupervisorTimes } = {},
) {
  const { db, config, log, notifications } = platform;
  const node = config.nodeName.replaceAll('/', '-');
  const worker = `${node}/${randomUUID()}`;
  const running = new Map<
    string,
    { readonly abort: AbortController; readonly done: Promise<void>; readonly onCluster: boolean }
  >();
  let closed = false;
  // What an earlier process of this node had: it is gone, and its jobs need not wait for their lease.
  let looking: Promise<void> = inTx(db, (tx) => store.release(tx, node)).catch(() => undefined);

  async function look() {
    await take(false, atOnce);
    // They may wait for hours in the queue of the cluster, and would keep those of this computer from their places.
    await take(true, onClusterAtOnce);
  }

  async function take(onCluster: boolean, most: number) {
    while (!closed && [...running.values()].filter((r) => r.onCluster === onCluster).length < most) {
      const job = await inTx(db, (tx) => store.claim(tx, worker, times.leaseMs, onCluster));
      if (!job) return;
      const abort = new AbortController();
      const done = keep(job, abort).finally(() => {
        running.delete(job.id);
        again();
      });
      running.set(job.id, { abort, done, onCluster });
    }
  }

  async function keep(job: store.Claimed, abort: AbortController): Promise<void> {
    const { id } = job;
    if (job.state === 'Stopping') abort.abort(new StopAsked());
    if (job.taken > takenMax) abort.abort(new SoukError('system.internal'));
    let until = performance.now() + times.leaseMs;
    let checkedAt = performance.now();
    const renew = async () => {
      const asked = performance.now();
      try {
        const mine = await inTx(db, (tx) => store.renew(tx, id, worker, times.leaseMs));
        if (!mine) return abort.abort(new NotMine());
        until = asked + times.leaseMs;
        if (mine.state === 'Stopping') return abort.abort(new StopAsked());
        if (asked - checkedAt < times.renewMs / 2) return;
        checkedAt = asked;
        await needs.mayRun(job.accountId, job.model);
      } catch (error) {
        if (error instanceof SoukError) abort.abort(lost(error));
        else if (performance.now() > until) abort.abort(new NotMine());
      }
    };
    const timer = setInterval(() => void renew(), times.renewMs);
    const unlisten = notifications.listen('souk_transform_stop', (heard) => {
      if (heard === null || heard === id) void renew();
    });
    try {
      await work(
        platform,
        { ...needs, mayRun: (...of) => needs.mayRun(...of).catch(rethrowLost) },
        job,
        worker,
        abort.signal,
      );
    } catch (error) {
      // Ours to try again, by whoever takes it next; the lease runs out, or is given back when we end in order.
      if (!(error instanceof NotMine))
        log.warn({ err: (error as Error).message, job: id }, 'a transform job was interrupted; it goes on');
      await inTx(db, (tx) =>
        closed ? store.giveBack(tx, id, worker) : store.pauseAfterFault(tx, id, worker),
      ).catch(() => undefined);
    } finally {
      clearInterval(timer);
      unlisten();
    }
  }

  function again() {
    looking = looking
      .then(look)
      .catch((error: Error) => log.warn({ err: error.message }, 'transform jobs could not be looked for'));
  }
  const unlisten = notifications.listen('souk_transform', () => again());
  const timer = setInterval(again, times.pollMs);
  again();

  return {
    /** Gives its jobs back; what they were in the middle of is begun anew elsewhere. */
    async stop(): Promise<void> {
      closed = true;
      clearInterval(timer);
      unlisten();
      await looking;
      for (const { abort } of running.values()) abort.abort(new NotMine());
      await Promise.all([...running.values()].map((r) => r.done));
    },
  };
}

const lost = (error: SoukError) =>
  error.code.startsWith('subscription.')
    ? new SoukError('transform.subscription_lost', { reason: error.message })
    : error;
const rethrowLost = (error: unknown): never => {
  throw error instanceof SoukError ? lost(error) : error;
};
