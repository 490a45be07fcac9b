import type { Plan, PlanPriceChange, Policies, PriceChanges, SubscriptionPrices } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { increaseFrom, kindOf, type Parts, type Step, samePrice, stepAt, stepsTo } from './prices.rules.ts';
import * as store from './prices.sql.ts';

export interface PriceNeeds {
  policies(): Promise<Policies>;
}

/** Subscribers of a plan who pay the same now and are told the same of what comes. */
interface Cohort {
  readonly ids: string[];
  readonly current: Parts;
  readonly coming: readonly Step[];
}

const partsOf = (plan: Plan | undefined): Parts => plan?.parts ?? [];
const currencyOf = (plan: Plan | undefined) => plan?.currency ?? 'USD';

export type Prices = ReturnType<typeof newPrices>;

export function newPrices({ db, events, clock }: Platform, needs: PriceNeeds) {
  const noticeDays = async () => (await needs.policies()).notice.priceIncreaseDays;

  /** A popular product has a hundred thousand subscribers and a handful of cohorts: what is decided is decided for these. */
  async function cohorts(reader: Db, productId: string, at: Date): Promise<Map<string, Cohort[]>> {
    const [payers, rows] = [await store.payers(reader, productId), await store.ofProduct(reader, productId)];
    const steps = Map.groupBy(rows, (r) => r.subscriptionId);
    const byPlan = new Map<string, Map<string, Cohort>>();
    for (const { id, planId, parts } of payers) {
      const own = steps.get(id) ?? [];
      const current = stepAt(own, at)?.parts ?? parts;
      const coming = own.filter((s) => s.from > at).map((s) => ({ from: s.from, parts: s.parts }));
      const key = JSON.stringify([current, coming]);
      const plan = byPlan.get(planId) ?? new Map<string, Cohort>();
      byPlan.set(planId, plan);
      const cohort = plan.get(key) ?? { ids: [], current, coming };
      plan.set(key, cohort);
      cohort.ids.push(id);
    }
    return new Map([...byPlan].map(([planId, list]) => [planId, [...list.values()]]));
  }

  /**
   * A revision goes live, in the transaction that moves the slot: what it changes about prices begins or is announced with it. A
   * plan whose price stands as it stood changes nothing for anybody, also not what was announced or taken back before.
   */
  async function released(tx: Tx, productId: string, revisionId: string): Promise<void> {
    const plans = await store.plansOfRelease(tx, productId, revisionId);
    const changedPlans = (plans?.after ?? []).filter((plan) => {
      const before = plans?.before?.find((b) => b.id === plan.id);
      return before && !samePrice(partsOf(before), partsOf(plan));
    });
    if (!plans || changedPlans.length === 0) return;
    const [at, days] = [clock.now(), await noticeDays()];
    const found = await cohorts(tx, productId, at);
    let told = 0;
    const kept: string[] = [];
    for (const plan of changedPlans)
      for (const { ids, current, coming } of found.get(plan.id) ?? []) {
        const steps = stepsTo(partsOf(plan), current, coming, at, days);
        const dropped = await store.dropComing(tx, ids, at, 'system:pipeline');
        for (const step of steps) await store.insert(tx, ids, { ...step, revisionId, announcedAt: at });
        if (steps.length > 0) told += ids.length;
        else if (dropped > 0) kept.push(...ids);
      }
    if (kept.length > 0) await tellKept(tx, productId, plans.accountId, kept);
    if (told === 0) return;
    await events.publish(tx, {
      type: 'prices.changed',
      subject: productId,
      accountId: plans.accountId,
      data: { revisionId, at: at.toISOString() },
    });
    await audit(
      tx,
      'system:pipeline',
      'product.prices-changed',
      productId,
      { revisionId, plans: changedPlans.map((p) => p.id), subscribers: told },
      { accountId: plans.accountId },
    );
  }

  const tellKept = (tx: Tx, productId: string, accountId: string, subscriptionIds: readonly string[]) =>
    events.publish(tx, { type: 'prices.kept', subject: productId, accountId, data: { subscriptionIds } });

  async function changes(caller: Member, productId: string): Promise<PriceChanges> {
    const plans =
      (await store.plansOf(db, caller.accountId, productId)) ??
      fail('product.missing', { product: productId });
    const [at, days] = [clock.now(), await noticeDays()];
    const [found, rows] = [await cohorts(db, productId, at), await store.ofProduct(db, productId)];
    return {
      noticeDays: days,
      increasesFrom: increaseFrom(at, days).toISOString(),
      plans: plans.draft.map((plan) =>
        planChange(
          plan,
          plans.live?.find((p) => p.id === plan.id),
          found.get(plan.id) ?? [],
          at,
          days,
        ),
      ),
      announced: announced(
        rows,
        await store.payers(db, productId),
        [...(plans.live ?? []), ...plans.draft],
        at,
      ),
    };
  }

  async function cancel(caller: Member, productId: string, planId: string): Promise<PriceChanges> {
    await changes(caller, productId);
    await inTx(db, async (tx) => {
      const at = clock.now();
      const ids = ((await cohorts(tx, productId, at)).get(planId) ?? [])
        .filter((c) => c.coming.length > 0)
        .flatMap((c) => c.ids);
      if (!(await store.dropComing(tx, ids, at, caller.email))) fail('price.nothing_announced', { planId });
      await tellKept(tx, productId, caller.accountId, ids);
      await audit(tx, caller, 'product.price-change-cancelled', productId, {
        planId,
        subscribers: ids.length,
      });
    });
    return changes(caller, productId);
  }

  async function ofSubscription(caller: Member, id: string): Promise<SubscriptionPrices> {
    const { plan } =
      (await store.subscription(db, caller.accountId, id)) ??
      fail('subscription.missing', { subscriptionId: id });
    const [steps, at] = [await store.ofSubscription(db, id), clock.now()];
    const now = stepAt(steps, at);
    return {
      subscriptionId: id,
      planId: plan.id,
      currency: currencyOf(plan),
      accepted: partsOf(plan),
      now: now?.parts ?? partsOf(plan),
      steps: steps.map((s) => ({
        from: s.from.toISOString(),
        parts: s.parts,
        kind: s.kind,
        announcedAt: s.announcedAt.toISOString(),
        revision: s.revision,
        when: s.from > at ? 'coming' : s === now ? 'now' : 'before',
      })),
    };
  }

  return {
    released,
    changes,
    cancel,
    ofSubscription,
    /** For invoices: what each subscription of an account cost, from when on, where it is not what was accepted. */
    ofAccount: (accountId: string) => store.ofAccount(db, accountId),
  };
}

function planChange(
  plan: Plan,
  live: Plan | undefined,
  cohorts: readonly Cohort[],
  at: Date,
  days: number,
): PlanPriceChange {
  const after = partsOf(plan);
  const kind = live ? kindOf(partsOf(live), after) : 'new';
  return {
    planId: plan.id,
    name: plan.name ?? plan.id,
    currency: currencyOf(plan),
    before: live ? partsOf(live) : null,
    after,
    kind,
    existing: cohorts.map(({ ids, current, coming }) => ({
      subscribers: ids.length,
      now: current,
      steps: kind === 'same' || kind === 'new' ? [] : stepsTo(after, current, coming, at, days).map(stepView),
    })),
  };
}

const stepView = (s: Step & { kind: 'decrease' | 'increase' }) => ({ ...s, from: s.from.toISOString() });

function announced(
  rows: readonly store.StepRow[],
  payers: readonly { id: string; planId: string }[],
  plans: readonly Plan[],
  at: Date,
): PriceChanges['announced'] {
  const planOf = new Map(payers.map((p) => [p.id, p.planId]));
  const groups = Map.groupBy(
    rows.filter((r) => r.from > at),
    (r) => JSON.stringify([planOf.get(r.subscriptionId), r.from, r.revision, r.parts]),
  );
  return [...groups.values()]
    .flatMap((group) => {
      const [first] = group;
      const planId = first && planOf.get(first.subscriptionId);
      return first && planId
        ? [
            {
              planId,
              currency: currencyOf(plans.find((p) => p.id === planId)),
              subscribers: group.length,
              revision: first.revision,
              announcedAt: first.announcedAt.toISOString(),
              from: first.from.toISOString(),
              parts: first.parts,
            },
          ]
        : [];
    })
    .toSorted((a, b) => a.from.localeCompare(b.from) || a.planId.localeCompare(b.planId));
}
