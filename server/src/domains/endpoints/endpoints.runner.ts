import { type Db, inTx, type Tx } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import type { Notifications } from '../../platform/notify.ts';
import type { RunningModel, StartServable } from '../runtime/index.ts';
import type { InstanceNews } from './endpoints.instances.sql.ts';
import * as store from './endpoints.instances.sql.ts';
import { newInstanceLogs } from './endpoints.logs.ts';
import { type InstanceRun, startInstance } from './endpoints.run.ts';
import type { InstanceToRun } from './endpoints.ts';

const pollMs = 3000;
const beatMs = 10_000;
/** Gateways hear of an instance that is to go within this, and send it nothing new. */
const noticeMs = 1500;
/** The longest answer that a gateway lets stream. */
const drainMsMax = 9 * 60_000;
const writeAgainMs = 500;

/** Bills what truly runs; the part of the meter of instances that is needed here. */
export interface InstanceMeter {
  begin(
    tx: Tx,
    run: {
      subscriptionId: string;
      use: 'realtime';
      instanceType: string;
      instances: number;
      resource: { kind: 'endpoint'; id: string; name: string };
    },
  ): Promise<string>;
  beat(ids: readonly string[]): Promise<void>;
  end(tx: Tx, id: string): Promise<void>;
}

export interface EndpointRunnerOptions {
  readonly db: Db;
  readonly notifications: Notifications;
  readonly log: Log;
  readonly node: string;
  readonly start: StartServable;
  readonly meter: InstanceMeter;
}

export interface EndpointRunner {
  stop(): Promise<void>;
}

interface Held {
  readonly run: InstanceRun;
  meterId: string | null;
  draining: boolean;
}

/**
 * Runs the instances of this node: what is stored says which there should be, and what becomes of them is stored. It goes by what it
 * holds in memory while the database is away.
 */
export function startEndpointRunner(options: EndpointRunnerOptions): EndpointRunner {
  const { db, log, node, meter } = options;
  const held = new Map<string, Held>();
  const ends = new Set<Promise<void>>();
  const logs = newInstanceLogs(db, log);
  let closed = false;

  async function reconcile() {
    if (closed) return;
    await store.claim(db, node);
    const known = await store.forNode(db, node);
    if (closed) return;
    const ids = new Set(known.map((i) => i.id));
    // Another node has taken it, after it had not heard of us for long.
    for (const [id, h] of held) if (!ids.has(id)) track(drop(id, h));
    for (const i of known) {
      const h = held.get(i.id);
      if (i.desired === 'running') {
        if (!h) hold(i);
      } else if (!h) await inTx(db, (tx) => store.remove(tx, i.id, node));
      else if (!h.draining) {
        h.draining = true;
        track(drain(i, h));
      }
    }
  }

  function hold(i: InstanceToRun) {
    const line = (level: 'info' | 'warn' | 'error', text: string) =>
      logs.add({ endpointId: i.endpointId, instanceId: i.id, at: new Date(), level, text });
    const run = startInstance({
      instance: i,
      start: options.start,
      onLog: line,
      ready: (running) => becameReady(i, running),
      down: (failure) => write(i, { state: 'down', address: null, pid: null, failure, ended: 1 }),
    });
    held.set(i.id, { run, meterId: null, draining: false });
    line(
      'info',
      `starting on ${node}: ${i.instanceType}, ${i.cpus} ${i.cpus === 1 ? 'CPU' : 'CPUs'}, ${i.memoryMb} MB`,
    );
  }

  function becameReady(i: InstanceToRun, { address, pid }: RunningModel) {
    write(i, { state: 'ready', address, pid, ended: 0 });
  }

  /** Nothing new comes, what is under way is finished, then it ends. */
  async function drain(i: InstanceToRun, h: Held) {
    const wasUp = h.run.isUp();
    if (wasUp) {
      write(i, { state: 'draining', address: null, pid: null, ended: 0 });
      await pause(noticeMs);
      for (const until = Date.now() + drainMsMax; Date.now() < until && !closed; ) {
        const calls = await store.callsOf(db, i.endpointId, i.id).catch(() => 1);
        if (calls === 0) break;
        await pause(500);
      }
    }
    await h.run.end();
    for (let done = false; !done && !closed; )
      try {
        await inTx(db, async (tx) => {
          if (h.meterId) await meter.end(tx, h.meterId);
          await store.remove(tx, i.id, node);
        });
        done = true;
      } catch (error) {
        log.warn({ err: (error as Error).message }, 'the end of an instance could not be written yet');
        await pause(writeAgainMs);
      }
    held.delete(i.id);
  }

  async function drop(id: string, h: Held) {
    held.delete(id);
    await h.run.end();
  }

  function track(work: Promise<void>) {
    const tracked: Promise<void> = work
      .catch((error: Error) => log.error({ err: error.message }, 'an instance did not end in order'))
      .finally(() => ends.delete(tracked));
    ends.add(tracked);
  }

  const unwritten = new Map<string, Omit<InstanceNews, 'meterId'>>();
  /** Keeps news until the database takes them; what comes meanwhile takes their place. */
  function write(i: InstanceToRun, news: Omit<InstanceNews, 'meterId'>) {
    const before = unwritten.get(i.id);
    unwritten.set(i.id, { ...news, ended: news.ended + (before?.ended ?? 0) });
    if (!before) void writeOut(i);
  }
  async function writeOut(i: InstanceToRun) {
    for (let n = unwritten.get(i.id); n && !closed; n = unwritten.get(i.id)) {
      const news = n;
      try {
        await inTx(db, (tx) => writeOnce(tx, i, news));
        const now = unwritten.get(i.id);
        if (!now || now === news) unwritten.delete(i.id);
        else unwritten.set(i.id, { ...now, ended: now.ended - news.ended });
      } catch (error) {
        log.warn({ err: (error as Error).message }, 'the state of an instance could not be written yet');
        await pause(writeAgainMs);
      }
    }
  }

  /** Its state, and the meter with it: what answers is billed, and nothing else. */
  async function writeOnce(tx: Tx, i: InstanceToRun, news: Omit<InstanceNews, 'meterId'>) {
    const h = held.get(i.id);
    if (!h) return;
    let { meterId } = h;
    if (news.state === 'ready' && !meterId)
      meterId = await meter.begin(tx, {
        subscriptionId: i.subscriptionId,
        use: 'realtime',
        instanceType: i.instanceType,
        instances: 1,
        resource: { kind: 'endpoint', id: i.endpointId, name: i.endpointName },
      });
    if (news.state === 'down' && meterId) {
      await meter.end(tx, meterId);
      meterId = null;
    }
    await store.write(tx, i.id, node, { ...news, meterId });
    h.meterId = meterId;
  }

  async function beat() {
    if (closed) return;
    const metered = [...held.values()].flatMap((h) => (h.meterId && h.run.isUp() ? [h.meterId] : []));
    await store.beat(db, node);
    if (metered.length > 0) await meter.beat(metered);
  }

  let working = store.resetNode(db, node).catch(() => {});
  let queued = false;
  const again = () => {
    if (queued) return;
    queued = true;
    working = working.then(() => {
      queued = false;
      return reconcile().catch((error: Error) =>
        log.warn({ err: error.message }, 'instances could not be read; what runs goes on'),
      );
    });
  };
  const stopListening = options.notifications.listen('souk_endpoints', again);
  const timers = [
    setInterval(again, pollMs),
    setInterval(
      () =>
        void beat().catch((error: Error) => log.warn({ err: error.message }, 'no sign of life was taken')),
      beatMs,
    ),
  ];
  again();

  return {
    async stop() {
      closed = true;
      for (const t of timers) clearInterval(t);
      stopListening();
      await working;
      const meters = [...held.values()].flatMap((h) => h.meterId ?? []);
      for (const [id, h] of held) track(drop(id, h));
      await Promise.all(ends);
      await inTx(db, async (tx) => {
        for (const id of meters) await meter.end(tx, id);
      }).catch((error: Error) =>
        log.warn({ err: error.message }, 'meters were not ended: they end at their last sign of life'),
      );
      await logs.close();
    },
  };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
