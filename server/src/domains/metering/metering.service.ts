import { instanceOf, type Plan, type Usage } from '@souk/contract';
import { inSnapshot } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { type Bucket, type monthOf, type UsageRecord, usageRows, windowOf } from './metering.rules.ts';
import * as store from './metering.sql.ts';

type Window = { from?: string; to?: string; bucket?: Bucket };

export interface MeteringNeeds {
  plan(accountId: string, subscriptionId: string): Promise<Plan | undefined>;
  ownsProduct(accountId: string, productId: string): Promise<boolean>;
}

export type Metering = ReturnType<typeof newMetering>;

export function newMetering({ db, clock }: Platform, needs: MeteringNeeds) {
  const answer = (
    records: readonly UsageRecord[],
    w: ReturnType<typeof windowOf>,
    quota: Usage['quota'],
  ): Usage => ({
    from: new Date(w.from).toISOString(),
    to: new Date(w.to).toISOString(),
    bucket: w.bucket,
    rows: usageRows(records, w.from, w.to, w.bucket),
    total: records.reduce((n, r) => n + (instanceOf(r.dimension) ? 0 : r.quantity), 0),
    instanceSeconds: records.reduce((n, r) => n + (instanceOf(r.dimension) ? r.quantity : 0), 0),
    quota,
  });

  async function quotaOf(subscriptionId: string): Promise<Usage['quota']> {
    const quota = await store.quota(db, subscriptionId, clock.now());
    return quota
      ? { ...quota, since: quota.since.toISOString(), resetsAt: quota.resetsAt.toISOString() }
      : null;
  }

  async function ofSubscription(accountId: string, subscriptionId: string, given: Window): Promise<Usage> {
    if (!(await needs.plan(accountId, subscriptionId))) fail('subscription.missing', { subscriptionId });
    const w = windowOf(given, clock.now());
    const quota = await quotaOf(subscriptionId);
    return answer(await store.ofSubscription(db, subscriptionId, new Date(w.from), new Date(w.to)), w, quota);
  }

  async function ofProduct(accountId: string, productId: string, given: Window): Promise<Usage> {
    if (!(await needs.ownsProduct(accountId, productId))) fail('product.missing', { product: productId });
    const w = windowOf(given, clock.now());
    return answer(await store.ofProduct(db, productId, new Date(w.from), new Date(w.to)), w, null);
  }

  return {
    /** The month's quota of a subscription and what is used of it; null where its plan has none. */
    quotaOf: async (accountId: string, subscriptionId: string): Promise<Usage['quota']> =>
      (await needs.plan(accountId, subscriptionId)) ? quotaOf(subscriptionId) : null,
    ofSubscription,
    ofProduct,
    /** What is on an invoice, as it was at one moment: else seconds would be at the plan's price and not yet at the marketplace's. */
    ofAccount: (accountId: string, month: ReturnType<typeof monthOf>) =>
      inSnapshot(db, async (tx) => ({
        usage: await store.ofAccount(tx, accountId, month),
        instances: await store.infrastructureOfAccount(tx, accountId, month),
      })),
  };
}
