import type { Plan, PlanChoice, SubscriptionPlan } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail, SoukError } from '../../platform/errors.ts';
import { amountOf } from '../../platform/money.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { newPlanCodes } from './plans.codes.ts';
import { cycleAt, firstTerms, hourOf, stepTo } from './plans.rules.ts';
import * as store from './plans.sql.ts';
import type { PlanStep } from './plans.ts';

/** What somebody may choose from. */
export interface OfferedPlans {
  readonly productId: string;
  readonly revisionId: string;
  readonly name: string;
  readonly categories: readonly string[];
  /** Those that the caller sees. */
  readonly plans: readonly Plan[];
  /** Those that a promotion code opens. */
  readonly hiddenPlans: readonly Plan[];
  /** The caller publishes the product: it needs no code to try its own. */
  readonly own: boolean;
}

export interface PlanNeeds {
  /** What the caller may see of a product; refuses with `catalog.missing`. */
  offer(
    caller: Caller,
    publisher: string,
    product: string,
    slot: 'preview' | 'live' | undefined,
  ): Promise<OfferedPlans>;
  /** Refuses what the account's own rules or budgets do not allow. */
  admit(
    tx: Tx,
    caller: Member,
    wanted: { productId: string; name: string; categories: readonly string[]; plan: Plan },
  ): Promise<void>;
  /** The subscription has another plan from now on, with its history. */
  setPlan(
    tx: Tx,
    subscriptionId: string,
    plan: Plan,
    by: string,
    details: Record<string, unknown>,
  ): Promise<void>;
}

export type Plans = ReturnType<typeof newPlans>;

export function newPlans(platform: Platform, needs: PlanNeeds) {
  const { db, clock, events } = platform;
  const codes = newPlanCodes(platform);

  /** The plan that is meant, and the use of the code that it needs. A plan that is hidden is there only with its code. */
  async function chosen(
    caller: Caller,
    offer: Pick<OfferedPlans, 'productId' | 'name' | 'plans' | 'hiddenPlans' | 'own'>,
    planId: string,
    code: string | undefined,
  ): Promise<{ plan: Plan; take(tx: Tx): Promise<void> }> {
    const nothing = { take: async () => {} };
    const shown = offer.plans.find((p) => p.id === planId);
    if (shown && (!shown.promotionCode || offer.own)) return { plan: shown, ...nothing };
    if (code === undefined)
      return fail(shown ? 'plan.code_needed' : 'subscription.plan_missing', {
        product: offer.name,
        planId,
        plans: offer.plans.map((p) => p.id).join(', '),
      });
    const known = await codes.check(caller, offer.productId, offer.name, code);
    const [plan] = codes.opened([...offer.plans, ...offer.hiddenPlans], known).filter((p) => p.id === planId);
    if (!plan) return fail('plan.code_wrong', { product: offer.name });
    return { plan, take: (tx) => codes.use(tx, known) };
  }

  /** The first terms of a subscription that has just been made, in its transaction. */
  async function begin(
    tx: Tx,
    s: {
      subscriptionId: string;
      accountId: string;
      productId: string;
      revisionId: string;
      plan: Plan;
      by: string;
    },
  ): Promise<void> {
    const at = clock.now();
    const trial = s.plan.trial ? await store.startTrial(tx, { ...s, at }) : false;
    const before = await store.before(tx, s.accountId, s.productId, s.subscriptionId);
    const units = await unitsOfHour(tx, s, s.plan, at);
    await store.insert(tx, s.subscriptionId, {
      ...firstTerms(s.plan, at, before, trial, units),
      revisionId: s.revisionId,
      credit: null,
      by: s.by,
      at,
      appliedAt: at,
    });
  }

  const unitsOfHour = (tx: Tx, s: { accountId: string; productId: string }, plan: Plan, at: Date) =>
    plan.quota
      ? store.unitsOfHour(tx, { ...s, dimension: plan.quota.dimension, hour: hourOf(at) })
      : Promise.resolve(0);

  const own = async (caller: Member, id: string) =>
    (await store.find(db, caller.accountId, id)) ?? fail('subscription.missing', { subscriptionId: id });

  async function of(caller: Member, id: string): Promise<SubscriptionPlan> {
    const s = await own(caller, id);
    const at = s.endedAt ?? clock.now();
    const [terms, next] = [await store.at(db, id, at), await store.coming(db, id, at)];
    if (!terms) return fail('subscription.missing', { subscriptionId: id });
    const cycle = cycleAt(terms.cycleFrom, at);
    const trying = terms.trialUntil !== null && terms.trialUntil > at && s.state !== 'ended';
    return {
      subscriptionId: id,
      plan: terms.plan,
      since: terms.validFrom.toISOString(),
      cycle: { from: cycle.start.toISOString(), to: cycle.end.toISOString() },
      trial:
        trying && terms.trialUntil
          ? {
              until: terms.trialUntil.toISOString(),
              days: Math.floor((terms.trialUntil.getTime() - at.getTime()) / 86_400_000),
            }
          : null,
      next:
        next && s.state !== 'ended'
          ? { plan: next.plan, at: next.validFrom.toISOString(), by: next.by }
          : null,
      choices: s.state === 'ended' ? [] : await choices(caller, s, terms, at),
    };
  }

  async function choices(
    caller: Member,
    s: store.Subscribed,
    terms: Parameters<typeof stepTo>[0],
    at: Date,
  ): Promise<PlanChoice[]> {
    const { plans } = await needs
      .offer(caller, s.publisher, s.product, s.slot)
      .catch((error: unknown) =>
        error instanceof SoukError && error.code === 'catalog.missing'
          ? { plans: [] }
          : Promise.reject(error),
      );
    const mayTry = !(await store.hadTrial(db, s.accountId, s.productId));
    return plans
      .filter((p) => p.id !== terms.plan.id)
      .map((plan) => choiceView(stepTo(terms, plan, at, { mayTry })));
  }

  async function change(
    caller: Member,
    id: string,
    given: { planId: string; code?: string },
  ): Promise<SubscriptionPlan> {
    const s = await own(caller, id);
    if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt?.toISOString() ?? '' });
    const offer = await needs.offer(caller, s.publisher, s.product, s.slot);
    const { plan, take } = await chosen(caller, offer, given.planId, given.code);
    await inTx(db, async (tx) => {
      const at = clock.now();
      const locked = await store.lock(tx, id);
      if (!locked || locked.state === 'ended') fail('subscription.ended', { endedAt: '' });
      await store.writeFirst(tx, id);
      const terms = (await store.at(tx, id, at)) ?? fail('subscription.missing', { subscriptionId: id });
      if (terms.plan.id === plan.id) fail('plan.same', { planId: plan.id });
      await needs.admit(tx, caller, {
        productId: offer.productId,
        name: offer.name,
        categories: offer.categories,
        plan,
      });
      await take(tx);
      await store.dropComing(tx, id, at, caller.email);
      const step = stepTo(terms, plan, at, {
        hourUnits: await unitsOfHour(tx, s, plan, at),
        mayTry: !(await store.hadTrial(tx, s.accountId, s.productId)),
      });
      // Not where a trial goes on, which is the same one.
      if (step.newCycle && step.trialUntil) await store.startTrial(tx, { ...s, subscriptionId: id, at });
      const now = step.when === 'now';
      await store.insert(tx, id, {
        ...step,
        revisionId: offer.revisionId,
        by: caller.email,
        at,
        appliedAt: now ? at : null,
      });
      const told = { from: terms.plan.id, to: plan.id, at: step.validFrom.toISOString() };
      if (now) {
        await store.dropPrices(tx, id, step.validFrom, caller.email);
        await needs.setPlan(tx, id, plan, caller.email, told);
      }
      await tell(tx, now ? 'subscription.plan-changed' : 'subscription.plan-coming', s, told);
      await audit(tx, caller, 'subscription.plan-changed', id, told);
    });
    return of(caller, id);
  }

  async function keep(caller: Member, id: string): Promise<SubscriptionPlan> {
    const s = await own(caller, id);
    if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt?.toISOString() ?? '' });
    await inTx(db, async (tx) => {
      await store.lock(tx, id);
      if (!(await store.dropComing(tx, id, clock.now(), caller.email))) fail('plan.nothing_coming');
      await audit(tx, caller, 'subscription.plan-kept', id, {});
    });
    return of(caller, id);
  }

  const tell = (tx: Tx, type: string, s: store.Subscribed, data: Record<string, unknown>) =>
    events.publish(tx, {
      type,
      subject: s.id,
      accountId: s.accountId,
      data: { productId: s.productId, ...data },
    });

  /** What the clock has brought: plans that begin, trials that are over. Each in a transaction of its own, and once. */
  async function tick(): Promise<void> {
    const at = clock.now();
    for (const { id, subscriptionId } of await store.due(db, at))
      await inTx(db, async (tx) => {
        const s = await store.lock(tx, subscriptionId);
        const was = s && s.state !== 'ended' ? await store.takeDue(tx, id, at) : undefined;
        if (!s || !was) return;
        const told = { to: was.plan.id, at: was.validFrom.toISOString() };
        await needs.setPlan(tx, subscriptionId, was.plan, was.by, told);
        await tell(tx, 'subscription.plan-changed', s, told);
        await audit(tx, 'system:plans', 'subscription.plan-begun', subscriptionId, told, {
          accountId: s.accountId,
        });
      });
    for (const { id, subscriptionId } of await store.overTrials(db, at))
      await inTx(db, async (tx) => {
        const s = await store.lock(tx, subscriptionId);
        if (!s || s.state === 'ended' || !(await store.takeConverted(tx, id, at))) return;
        await tell(tx, 'subscription.trial-over', s, {});
        await audit(
          tx,
          'system:plans',
          'subscription.trial-over',
          subscriptionId,
          {},
          { accountId: s.accountId },
        );
      });
  }

  return {
    codes,
    chosen,
    begin,
    of,
    change,
    keep,
    tick,
    /** For invoices. */
    ofAccount: (accountId: string) => store.ofAccount(db, accountId),
    /** The plans of a product that a promotion code opens. */
    open: async (
      caller: Caller,
      publisher: string,
      product: string,
      slot: 'preview' | 'live' | undefined,
      code: string,
    ) => {
      const offer = await needs.offer(caller, publisher, product, slot);
      const known = await codes.check(caller, offer.productId, offer.name, code);
      const plans = codes.opened([...offer.plans, ...offer.hiddenPlans], known);
      // A code of a plan that this slot does not have opens nothing here.
      return plans.length > 0 ? { plans } : fail('plan.code_wrong', { product: offer.name });
    },
  };
}

const choiceView = (step: PlanStep): PlanChoice => ({
  plan: step.plan,
  when: step.when,
  at: step.validFrom.toISOString(),
  newCycle: step.newCycle,
  trialUntil: step.trialUntil?.toISOString() ?? null,
  credit: step.credit
    ? {
        amount: amountOf(step.credit.hours, step.credit.fee, step.credit.currency, step.credit.of),
        currency: step.credit.currency,
      }
    : null,
});
