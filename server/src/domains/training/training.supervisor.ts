import { inTx } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Meter } from '../instances/index.ts';
import * as lease from './training.lease.sql.ts';
import { type Held, type JobRunner, Lost, Wait } from './training.run.ts';
import * as store from './training.sql.ts';

const leaseMs = 30_000;
const renewEveryMs = 4000;
const lookEveryMs = 2000;
const onClusterUsual = 64;
/** After something broke on our side, or cannot be done now. */
const againMs = 15_000;

export interface SupervisorOptions {
  readonly run: JobRunner;
  readonly meter: Pick<Meter, 'beat'>;
  /** How many trainings of this computer at a time. */
  readonly jobsAtOnce: number;
  /** Those of a cluster wait in its queue, for hours perhaps, and take no places from those of this computer. */
  readonly onClusterAtOnce?: number;
  /** Moves tunings on: starts their next trainings, ends them. */
  tunings(): Promise<void>;
}

export interface Supervisor {
  /** Ends what cannot outlive this process; the next takes it up. */
  stop(): Promise<void>;
  readonly owner: string;
}

interface Running extends Held {
  readonly stopping: AbortController;
  readonly ending: AbortController;
  readonly onCluster: boolean;
  done: Promise<void>;
}

/**
 * Runs the trainings of buyers in this process. They take hours, so they are no jobs of the job runner, whose few places everything else
 * needs: each is claimed by a lease in its row, renewed while it runs. Who is killed renews no more, and the next takes over.
 */
export function startSupervisor(platform: Platform, options: SupervisorOptions): Supervisor {
  const { db, log, config, notifications } = platform;
  const processName = `${config.nodeName}/training`;
  const owner = `${processName}#${newId('own')}`;
  const running = new Map<string, Running>();
  let stopped = false;
  let looking: Promise<void> | undefined;
  let lookAgain = false;
  let begun = false;
  let renewedAt = performance.now();

  function look(): void {
    if (stopped) return;
    lookAgain = true;
    looking ??= (async () => {
      while (lookAgain && !stopped) {
        lookAgain = false;
        await claim().catch((error: Error) =>
          log.warn({ err: error.message }, 'no training could be claimed'),
        );
        await options
          .tunings()
          .catch((error: Error) => log.warn({ err: error.message }, 'tunings could not be moved on'));
      }
    })().finally(() => {
      looking = undefined;
    });
  }

  async function claim(): Promise<void> {
    if (!begun) {
      // One process of a name at a time: what an earlier one held is free at once, not when its lease is over.
      await inTx(db, (tx) => lease.releaseOfProcess(tx, processName));
      begun = true;
    }
    await take(false, options.jobsAtOnce);
    await take(true, options.onClusterAtOnce ?? onClusterUsual);
  }

  async function take(onCluster: boolean, most: number): Promise<void> {
    const places = most - [...running.values()].filter((r) => r.onCluster === onCluster).length;
    if (places <= 0) return;
    const claimed = await inTx(db, (tx) => lease.claim(tx, owner, places, leaseMs, onCluster));
    for (const { id } of claimed) if (!running.has(id)) begin(id, onCluster);
  }

  function begin(id: string, onCluster: boolean): void {
    const [stopping, ending] = [new AbortController(), new AbortController()];
    const held: Running = {
      id,
      owner,
      stopping,
      ending,
      onCluster,
      stop: stopping.signal,
      signal: ending.signal,
      meterId: null,
      runningSince: null,
      billedMs: 0,
      done: Promise.resolve(),
    };
    running.set(id, held);
    held.done = options
      .run(held)
      .catch((error: unknown) => after(held, error))
      .finally(() => {
        running.delete(id);
        look();
      });
  }

  async function after(held: Running, error: unknown): Promise<void> {
    if (error instanceof Lost || held.signal.aborted) return;
    const message =
      error instanceof Wait
        ? error.message
        : 'Something broke on our side. It is tried again by itself; you need not do anything.';
    if (!(error instanceof Wait))
      log.error({ err: error, trainingJob: held.id }, 'a training failed on our side');
    await inTx(db, async (tx) => {
      const j = await store.lock(tx, held.id);
      if (!j || j.leaseOwner !== owner) return;
      if (j.statusMessage !== message)
        await store.move(tx, j, { secondary: 'Pending', message }, owner).catch(() => undefined);
      await lease.rest(tx, held.id, owner, againMs);
    }).catch(() => undefined);
  }

  async function renew(): Promise<void> {
    const held = [...running.values()];
    if (held.length === 0) {
      renewedAt = performance.now();
      return;
    }
    const ours = await inTx(db, (tx) =>
      lease.renew(
        tx,
        owner,
        held.map((h) => ({
          id: h.id,
          billableMs: h.runningSince === null ? h.billedMs : h.billedMs + performance.now() - h.runningSince,
        })),
        leaseMs,
      ),
    );
    renewedAt = performance.now();
    for (const h of held) {
      const mine = ours.find((o) => o.id === h.id);
      // Ended by itself a moment ago, or another's: either way there is nothing for us to write any more.
      if (!mine && running.has(h.id)) h.ending.abort();
      if (mine?.stopRequested) h.stopping.abort();
    }
    await options.meter.beat(held.flatMap((h) => (h.meterId ? [h.meterId] : [])));
  }

  let renewing: Promise<void> = Promise.resolve();
  const renewTimer = setInterval(() => {
    renewing = renewing.then(renew).catch((error: Error) => {
      log.warn({ err: error.message }, 'the leases of trainings could not be renewed');
      // Longer than a lease without the database: another may have taken them, and two must not train the same.
      if (performance.now() - renewedAt > leaseMs) for (const h of running.values()) h.ending.abort();
    });
  }, renewEveryMs);
  const lookTimer = setInterval(look, lookEveryMs);
  const unlisten = notifications.listen('souk_training', (payload) => {
    const h = payload === null ? undefined : running.get(payload);
    if (h) void stopIfAsked(h);
    else look();
  });
  async function stopIfAsked(h: Running): Promise<void> {
    if (h.stopping.signal.aborted) return;
    const j = await store.find(db, h.id).catch(() => undefined);
    if (j?.stopRequestedAt) h.stopping.abort();
    // Trials of a tuning that grow may be worse than most by now.
    if (j?.tuningJobId) look();
  }
  look();

  return {
    owner,
    async stop() {
      stopped = true;
      clearInterval(renewTimer);
      clearInterval(lookTimer);
      unlisten();
      const held = [...running.values()];
      for (const h of held) h.ending.abort();
      await Promise.all([...held.map((h) => h.done), looking, renewing]);
      await inTx(db, (tx) => lease.release(tx, owner)).catch(() => undefined);
    },
  };
}
