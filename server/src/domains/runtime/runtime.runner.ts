import type { Db } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import type { Notifications } from '../../platform/notify.ts';
import { type Run, startRun } from './runtime.run.ts';
import * as store from './runtime.sql.ts';
import type { DeploymentRow, RunningModel } from './runtime.ts';
import type { StartServable } from './servable.ts';

const pollMs = 5000;
/** Callers in flight on the old process finish before it is stopped. */
const drainMs = 2000;
const writeAgainMs = 500;

export interface RunnerOptions {
  readonly db: Db;
  readonly notifications: Notifications;
  readonly log: Log;
  readonly node: string;
  readonly start: StartServable;
}

export interface Runner {
  stop(): Promise<void>;
  /** Resolves when everything that should run is ready, or after `timeoutMs`. */
  settled(timeoutMs: number): Promise<void>;
}

/** What runs for a deployment: its generation of now, and the one before until that is replaced. */
interface Held {
  readonly current: Run;
  replaced: Run | undefined;
}

/**
 * Keeps what runs equal to what should run: starts, restarts after a crash, replaces on a new generation (the old one answers
 * until the new one is ready), stops. It goes by what it holds in memory when the database is away, so models keep running and
 * restarting meanwhile.
 */
export function startRunner(options: RunnerOptions): Runner {
  const { db, log, node } = options;
  const held = new Map<string, Held>();
  const ends = new Set<Promise<void>>();
  let closed = false;

  async function reconcile() {
    if (closed) return;
    await store.claim(db, node);
    const known = await store.forNode(db, node);
    if (closed) return;
    const wanted = known.filter((d) => d.desired === 'running');
    const ids = new Set(wanted.map((d) => d.id));
    for (const id of [...held.keys()]) if (!ids.has(id)) remove(id);
    // Written before the process has ended, so that nobody is sent to it while it finishes what it has begun.
    for (const d of known)
      if (d.desired === 'stopped' && d.state !== 'stopped')
        write(d.id, { state: 'stopped', addresses: [], pid: null });
    for (const d of wanted) if (held.get(d.id)?.current.deployment.generation !== d.generation) replace(d);
  }

  function replace(d: DeploymentRow) {
    const before = held.get(d.id);
    // One that has not become ready itself gives way at once; the one that it was to replace goes on answering.
    const serving = before?.current.isUp() ? before.current : before?.replaced;
    for (const run of [before?.current, before?.replaced]) if (run && run !== serving) end(run);
    const current: Run = startRun({
      ...options,
      deployment: d,
      ready: (running, restarted) => becameReady(d.id, current, running, restarted),
      down: (reason) => wentDown(d.id, current, reason),
    });
    held.set(d.id, { current, replaced: serving });
  }

  function remove(id: string) {
    const h = held.get(id);
    held.delete(id);
    for (const run of [h?.current, h?.replaced]) if (run) end(run);
  }

  function end(run: Run) {
    const ended: Promise<void> = run.end().finally(() => ends.delete(ended));
    ends.add(ended);
  }

  function becameReady(id: string, run: Run, { address, pid, sandbox }: RunningModel, restarted: boolean) {
    const h = held.get(id);
    if (!h || (h.current !== run && h.replaced !== run)) return;
    write(id, { state: 'ready', addresses: [address], pid, sandbox, restarts: restarted ? 1 : 0 });
    if (h.current !== run || !h.replaced) return;
    const old = h.replaced;
    h.replaced = undefined;
    drains.set(
      old,
      setTimeout(() => {
        drains.delete(old);
        end(old);
      }, drainMs),
    );
  }
  const drains = new Map<Run, NodeJS.Timeout>();

  function wentDown(id: string, run: Run, failure: string) {
    const h = held.get(id);
    if (closed || !h || (h.current !== run && h.replaced !== run)) return;
    // While the other one answers, its address is the one that callers need.
    if ((h.current === run ? h.replaced : h.current)?.isUp()) write(id, { failure });
    else write(id, { state: 'down', addresses: [], pid: null, failure });
  }

  type Unwritten = store.DeploymentState & { readonly restarts: number };
  const unwritten = new Map<string, Unwritten>();
  /** Keeps a state until the database takes it; what comes meanwhile is added to it. */
  function write(id: string, state: store.DeploymentState) {
    const before = unwritten.get(id);
    unwritten.set(id, { ...before, ...state, restarts: (before?.restarts ?? 0) + (state.restarts ?? 0) });
    if (!before) void writeOut(id);
  }
  async function writeOut(id: string) {
    for (let s = unwritten.get(id); s && !closed; s = unwritten.get(id))
      try {
        await store.writeState(db, id, node, s);
        const now = unwritten.get(id);
        if (!now || now === s) unwritten.delete(id);
        else unwritten.set(id, { ...now, restarts: now.restarts - s.restarts });
      } catch (error) {
        log.warn({ err: (error as Error).message }, 'the state of a deployment could not be written yet');
        await new Promise((resolve) => setTimeout(resolve, writeAgainMs));
      }
  }

  let working = store.resetNode(db, node).catch(() => {});
  const again = () => {
    working = working
      .then(reconcile)
      .catch((error: Error) =>
        log.warn({ err: error.message }, 'deployments could not be read; what runs goes on'),
      );
  };
  const stopListening = options.notifications.listen('souk_runtime', again);
  const timer = setInterval(again, pollMs);
  again();

  return {
    async settled(timeoutMs) {
      await working;
      const until = Date.now() + timeoutMs;
      while (Date.now() < until && [...held.values()].some((h) => !h.current.isUp()))
        await new Promise((resolve) => setTimeout(resolve, 20));
    },
    async stop() {
      closed = true;
      clearInterval(timer);
      stopListening();
      for (const drain of drains.values()) clearTimeout(drain);
      await working;
      for (const run of drains.keys()) end(run);
      for (const { current, replaced } of held.values())
        for (const run of [current, replaced]) if (run) end(run);
      await Promise.all(ends);
    },
  };
}
