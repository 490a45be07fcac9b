import type { Running } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { type PricedSubscription, runningThings, together } from './instances.rules.ts';
import * as store from './instances.sql.ts';
import type { StopReason, Workload } from './instances.ts';

export interface InstanceNeeds {
  /** Those of all domains. Compose fills the list while it builds them. */
  readonly workloads: readonly Workload[];
}

export type Instances = ReturnType<typeof newInstances>;

export function newInstances({ db, clock }: Platform, { workloads }: InstanceNeeds) {
  async function running(subscriptions: readonly PricedSubscription[]): Promise<Running> {
    const ids = subscriptions.map((s) => s.id);
    const works = await Promise.all(
      workloads.map(async (w) => (await w.running(db, ids)).map((work) => ({ ...work, kind: w.kind }))),
    );
    const [runs, prices] = [await store.open(db, ids), await store.infrastructurePrices(db, clock.now())];
    const items = runningThings(
      works.flat(),
      runs,
      new Map(subscriptions.map((s) => [s.id, s])),
      new Map(prices.map((p) => [p.instanceType, { pricePerHour: p.pricePerHour, currency: p.currency }])),
    );
    return { items, perHour: together(items.flatMap((i) => i.perHour)) };
  }

  const ofAccount = async (accountId: string): Promise<Running> =>
    running(await store.priced(db, accountId, null, clock.now()));

  const ofSubscription = async (accountId: string, id: string): Promise<Running> => {
    const own = await store.priced(db, accountId, id, clock.now());
    return own.length > 0 ? running(own) : fail('subscription.missing', { subscriptionId: id });
  };

  async function stopOne(caller: Member, kind: string, id: string): Promise<void> {
    const { items } = await ofAccount(caller.accountId);
    const workload = workloads.find((w) => w.kind === kind);
    if (!workload || !items.some((i) => i.kind === kind && i.id === id))
      fail('instance.running_missing', { kind, id });
    await workload.stopOne(id, {
      cause: 'asked',
      code: 'instance.stopped',
      reason: `${caller.email} stopped it.`,
      by: caller.email,
    });
    await inTx(db, (tx) => audit(tx, caller, 'running.stopped', id, { kind }));
  }

  /** Makes what runs agree with its subscription as it stands now, however often and however late this is called. */
  async function follow(subscriptionId: string): Promise<void> {
    const s = await store.standing(db, subscriptionId);
    if (!s) return;
    if (s.state === 'active') {
      for (const w of workloads) await w.resume?.(subscriptionId);
      return;
    }
    const why: StopReason = {
      cause: s.state === 'suspended' ? 'suspended' : s.code === null ? 'cancelled' : 'ended',
      code: s.code ?? 'subscription.cancelled',
      reason: s.reason ?? 'The subscription was cancelled.',
      by: 'system:instances',
    };
    for (const w of workloads) await w.stop(subscriptionId, why);
  }

  return {
    ofAccount,
    ofSubscription,
    stopOne,
    follow,
    /** A version can no longer be called: what runs it under subscriptions stops. The others of its product go on. */
    async stopVersion(productId: string, version: string, why: StopReason): Promise<void> {
      const ids = await store.subscriptionsOf(db, productId);
      for (const w of workloads)
        for (const work of await w.running(db, ids))
          if (work.version === version) await w.stopOne(work.id, why);
    },
    /** Instances that still give signs of life though their subscription is over or held: stopped again. */
    async followAstray(): Promise<void> {
      for (const { subscriptionId } of await store.astray(db)) await follow(subscriptionId);
    },
  };
}
