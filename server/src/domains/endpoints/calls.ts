import type { Db } from '../../platform/db.ts';
import { callInstance, type InferenceAnswer, unitsUsed } from './inferences.call.ts';
import * as store from './inferences.sql.ts';

/** It answers no call now; `wait` where a later try may find it. */
export class NotServing extends Error {
  readonly wait: boolean;
  constructor(reason: string, wait: boolean) {
    super(reason);
    this.wait = wait;
  }
}

export interface EndpointAnswer extends InferenceAnswer {
  readonly subscriptionId: string;
  readonly version: string;
  /** What it costs where it is good. */
  readonly units: number;
}

export type EndpointCaller = ReturnType<typeof newEndpointCaller>;

/**
 * Calls endpoints from the control plane, as the gateway would: wakes them, keeps to their concurrency, their plan and their limits. What
 * a call costs is written by who made it, with what it was for.
 */
export function newEndpointCaller(db: Db, name: string) {
  const calls = new Map<string, { endpointId: string; count: number }>();
  const report = () =>
    store.reportInFlight(
      db,
      name,
      [...calls].map(([instance_id, c]) => ({ endpoint_id: c.endpointId, instance_id, calls: c.count })),
    );

  return async function call(
    endpointId: string,
    { headers, body }: { readonly headers: Readonly<Record<string, string>>; readonly body: Buffer },
  ): Promise<EndpointAnswer> {
    const now = await store.servingNow(db, endpointId);
    if (!now || now.state === 'Deleting') throw new NotServing('The endpoint behind it was deleted.', false);
    const { subscriptionId, version, settings } = now;
    if (now.state === 'Failed' || now.state === 'OutOfService' || !subscriptionId || !version)
      throw new NotServing(now.reason ?? `The endpoint behind it is ${now.state}.`, now.state === 'Creating');
    if (!now.subscriptionActive) throw new NotServing('Its subscription is not active.', false);
    if (!now.quotaLeft) throw new NotServing('The plan’s units of this month are used up.', false);
    if (now.asleep) await store.wake(db, endpointId);
    if (body.length > settings.payloadBytesMax)
      throw new NotServing(`The endpoint takes ${settings.payloadBytesMax} bytes a call.`, false);
    const instance = now.instances
      .map((i) => ({ ...i, load: Math.max(i.calls, calls.get(i.id)?.count ?? 0) }))
      .filter((i) => i.load < settings.concurrency)
      .sort((a, b) => a.load - b.load)[0];
    if (!instance)
      throw new NotServing(
        now.instances.length > 0 ? 'All of its places are taken.' : 'Its instances are being started.',
        true,
      );
    const own = calls.get(instance.id) ?? { endpointId, count: 0 };
    calls.set(instance.id, own);
    own.count++;
    void report().catch(() => {});
    try {
      const timeoutMs = settings.timeoutSeconds * 1000;
      const answer = await callInstance(instance.address, { headers, body, timeoutMs });
      return { ...answer, subscriptionId, version, units: unitsUsed(answer.metering) };
    } finally {
      if (--own.count === 0) calls.delete(instance.id);
      if (calls.size === 0) void report().catch(() => {});
    }
  };
}
