import { randomBytes } from 'node:crypto';
import { Readable } from 'node:stream';
import { inferenceLimits as limits } from '@souk/contract';
import { inTx } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import type { Outbound } from '../../platform/outbound.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Locations } from '../files/index.ts';
import { callInstance, type InferenceAnswer, unitsUsed } from './inferences.call.ts';
import * as store from './inferences.sql.ts';

const tickMs = 1000;
const renewMs = 10_000;
const atOnceMax = 16;
/** One that waits for an endpoint that takes no calls is given up after this. */
const patienceMs = 3_600_000;

type Claimed = store.InferenceRow & { readonly body: Buffer | null };

export interface InferenceWorkerOptions extends Pick<Platform, 'db' | 'notifications' | 'log' | 'clock'> {
  readonly locations: Pick<Locations, 'open' | 'stage'>;
  readonly outbound: Outbound;
}

/**
 * Works off asynchronous inferences: claims them by lease, so that one whose worker was killed is taken up by another. What an
 * inference wrote, that it is over, and what it costs are one transaction: it is answered and counted once.
 */
export function startInferences({
  db,
  notifications,
  log,
  clock,
  locations,
  outbound,
}: InferenceWorkerOptions) {
  const worker = `inferences.${randomBytes(6).toString('hex')}`;
  const underWay = new Set<Promise<void>>();
  /** Calls of this worker by instance, with its endpoint. */
  const calls = new Map<string, { endpointId: string; count: number }>();
  let closed = false;

  async function tick() {
    if (closed) return;
    const room = atOnceMax - underWay.size;
    if (room > 0) for (const f of await store.claim(db, worker, room)) track(work(f));
    for (const f of await store.claimCallbacks(db, 8)) track(callBack(f));
    if (calls.size > 0) await report();
  }

  const report = () =>
    store.reportInFlight(
      db,
      worker,
      [...calls].map(([instance_id, c]) => ({ endpoint_id: c.endpointId, instance_id, calls: c.count })),
    );

  async function work(f: Claimed): Promise<void> {
    const now = await store.servingNow(db, f.endpointId);
    if (!now || now.state === 'Deleting') return failed(f, 'The endpoint was deleted.');
    const late = clock.now().getTime() - f.createdAt.getTime() > patienceMs;
    if (now.state === 'Failed' || now.state === 'OutOfService' || !now.subscriptionId || !now.version) {
      if (late) return failed(f, `The endpoint is ${now.state}: ${now.reason ?? 'see its page'}`);
      return putBack(f, 5000, false);
    }
    if (!now.subscriptionActive) return failed(f, 'The subscription is not active.');
    if (!now.quotaLeft) return failed(f, 'The plan’s units of this month are used up.');
    if (now.asleep) await store.wake(db, f.endpointId);
    const instance = now.instances
      .map((i) => ({ ...i, load: Math.max(i.calls, calls.get(i.id)?.count ?? 0) }))
      .filter((i) => i.load < now.settings.concurrency)
      .sort((a, b) => a.load - b.load)[0];
    if (!instance)
      return late ? failed(f, 'No instance of the endpoint came free for an hour.') : putBack(f, 1000, false);
    enter(f.endpointId, instance.id);
    try {
      const body = f.body ?? (await inputOf(f, now.settings.payloadBytesMax));
      if (body === undefined) return;
      const headers: Record<string, string> = { 'content-type': f.contentType, accept: f.accept };
      headers['x-amzn-sagemaker-inference-id'] = f.id;
      if (f.customAttributes) headers['x-amzn-sagemaker-custom-attributes'] = f.customAttributes;
      const timeoutMs = now.settings.timeoutSeconds * 1000;
      const answer = await callInstance(instance.address, { headers, body, timeoutMs });
      await answered(f, answer, { subscriptionId: now.subscriptionId, version: now.version });
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      await again(f, `The instance did not answer: ${why}`);
    } finally {
      leave(instance.id);
    }
  }

  /** Undefined where it cannot be read; then it has been said. */
  async function inputOf(f: Claimed, bytesMax: number): Promise<Buffer | undefined> {
    try {
      const parts: Buffer[] = [];
      let bytes = 0;
      for await (const part of await locations.open(f.accountId, f.inputLocation ?? '')) {
        bytes += (part as Buffer).length;
        if (bytes > bytesMax) {
          await failed(f, `The input is larger than the endpoint’s limit of ${bytesMax} bytes.`);
          return undefined;
        }
        parts.push(part as Buffer);
      }
      return Buffer.concat(parts);
    } catch (error) {
      if (!(error instanceof SoukError)) throw error;
      await failed(f, error.message);
      return undefined;
    }
  }

  async function answered(
    f: Claimed,
    answer: InferenceAnswer,
    of: { subscriptionId: string; version: string },
  ): Promise<void> {
    const { status } = answer;
    const good = status >= 200 && status < 300;
    const at = clock.now();
    if (status >= 500) {
      await again(f, `The model answered ${status}: ${answer.body.toString('utf8').slice(0, 500)}`);
      return;
    }
    const failure = good
      ? null
      : `The model answered ${status}: ${answer.body.toString('utf8').slice(0, 500)}`;
    const { accountId, outputLocation } = f;
    const staged = good
      ? await locations.stage(accountId, outputLocation, Readable.from([answer.body]), answer.contentType)
      : undefined;
    await inTx(db, async (tx) => {
      if (!(await store.end(tx, f, worker, good ? 'Completed' : 'Failed', failure))) return;
      await staged?.commit(tx, f.createdBy);
      const units = good ? unitsUsed(answer.metering) : 0;
      await store.count(tx, f, { ...of, at, units, status });
    });
  }

  const failed = (f: Claimed, why: string) =>
    inTx(db, async (tx) => void (await store.end(tx, f, worker, 'Failed', why.slice(0, 1000))));

  const putBack = (f: Claimed, afterMs: number, counts: boolean) =>
    inTx(db, (tx) => store.putBack(tx, f, worker, afterMs, counts));

  async function again(f: Claimed, why: string): Promise<void> {
    if (f.attempts + 1 >= limits.attempts) return failed(f, why);
    await putBack(f, 1000 * 4 ** f.attempts, true);
  }

  async function callBack(f: store.InferenceRow): Promise<void> {
    const { id, state, outputLocation, failure } = f;
    let problem: string | null = null;
    try {
      const answer = await outbound.request({
        url: f.callbackUrl ?? '',
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ inferenceId: id, state, outputLocation, failure }),
        timeoutMs: 10_000,
        bodySizeBytesMax: 65_536,
      });
      if (answer.status >= 300) problem = `it answered ${answer.status}`;
    } catch (error) {
      problem = error instanceof Error ? error.message : String(error);
    }
    const last = f.callbackAttempts >= limits.callbackAttempts;
    const next = problem === null ? 'delivered' : last ? 'failed' : 'waiting';
    await inTx(db, (tx) => store.calledBack(tx, f, next, problem?.slice(0, 500) ?? null));
  }

  function enter(endpointId: string, instanceId: string) {
    calls.set(instanceId, { endpointId, count: (calls.get(instanceId)?.count ?? 0) + 1 });
    void report().catch(() => {});
  }
  function leave(instanceId: string) {
    const own = calls.get(instanceId);
    if (own && own.count > 1) calls.set(instanceId, { ...own, count: own.count - 1 });
    else calls.delete(instanceId);
    if (calls.size === 0) void report().catch(() => {});
  }

  function track(one: Promise<void>) {
    const tracked: Promise<void> = one
      .catch((error: Error) =>
        log.warn({ err: error.message }, 'an inference is tried again when its lease is over'),
      )
      .finally(() => {
        underWay.delete(tracked);
        lookAgain();
      });
    underWay.add(tracked);
  }

  let working = Promise.resolve();
  let queued = false;
  function lookAgain() {
    if (queued || closed) return;
    queued = true;
    working = working.then(() => {
      queued = false;
      return tick().catch((error: Error) =>
        log.warn({ err: error.message }, 'inferences could not be looked after; they wait'),
      );
    });
  }
  const stopListening = notifications.listen('souk_inferences', lookAgain);
  const timers = [
    setInterval(lookAgain, tickMs),
    setInterval(() => {
      if (underWay.size > 0) void store.renew(db, worker).catch(() => {});
    }, renewMs),
  ];
  lookAgain();

  return {
    async stop() {
      closed = true;
      for (const t of timers) clearInterval(t);
      stopListening();
      await working;
      await Promise.race([
        Promise.all(underWay),
        new Promise((resolve) => setTimeout(resolve, 5000).unref()),
      ]);
    },
  };
}
