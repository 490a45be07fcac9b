import { type BodyOf, type Budget, governanceLimits, type governanceOperations } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { isPositiveAmount, minorUnits, percentOf } from '../../platform/money.ts';
import { audit } from '../audit/index.ts';
import { totals } from '../billing/index.ts';
import { resume, suspend } from '../subscriptions/index.ts';
import * as store from './governance.budgets.sql.ts';
import type { GovernanceContext, GovernancePlatform } from './governance.context.ts';
import { memberEmail, subscriptionsOf } from './governance.policy.sql.ts';
import { covers, stateOf, stoppedBy, stops, thresholdReached } from './governance.rules.ts';
import type { BudgetRow, SubscriptionFacts } from './governance.ts';

const hold = { code: 'budget.exceeded', by: 'system:governance' } as const;
const warnAtDefault = [50, 80, 100];

interface Measured {
  readonly budget: BudgetRow;
  readonly spent: string;
  readonly covered: readonly (SubscriptionFacts & { readonly infrastructure: boolean })[];
}

export function newBudgets({ db, events }: GovernancePlatform, context: GovernanceContext) {
  /** Each budget with what is spent of it this month: the sum of the lines of the invoice so far that it covers. */
  async function measure(from: typeof db, accountId: string): Promise<Measured[]> {
    const budgets = await store.listBudgets(from, accountId);
    const [subscriptions, invoice] = await Promise.all([
      subscriptionsOf(from, accountId),
      context.invoice(accountId, context.month()),
    ]);
    const facts = new Map(subscriptions.map((s) => [s.id, s]));
    return budgets.map((budget) => {
      const lines = invoice.lines.filter((l) => {
        const s = facts.get(l.subscriptionId);
        return l.currency === budget.currency && s !== undefined && covers(budget, s);
      });
      const zero = (0).toFixed(minorUnits(budget.currency));
      return {
        budget,
        spent: totals(lines)[0]?.amount ?? zero,
        covered: subscriptions
          .filter((s) => covers(budget, s))
          .map((s) => ({
            ...s,
            infrastructure: lines.some((l) => l.subscriptionId === s.id && l.payee === 'operator'),
          })),
      };
    });
  }

  /**
   * Warns, stops and lets go on, for one account, from what is spent now. Repeating it changes nothing; that is how a new month, a
   * higher budget and a removed one let go on what was stopped.
   */
  async function evaluate(accountId: string): Promise<void> {
    const month = context.month();
    await inTx(db, async (tx) => {
      await store.lockBudgets(tx, accountId);
      const measured = await measure(tx, accountId);
      const stopping = new Map<string, BudgetRow>();
      for (const { budget, spent, covered } of measured) {
        const stopped = stops(budget, spent);
        await store.setStopped(tx, budget.id, stopped ? month : null);
        if (stopped)
          for (const s of covered)
            if (stoppedBy(budget, s) && !stopping.has(s.id)) stopping.set(s.id, budget);
        await warn(tx, accountId, budget, spent, month);
      }
      for (const s of await subscriptionsOf(tx, accountId)) {
        const budget = stopping.get(s.id);
        if (budget && !s.stopped) {
          await suspend(tx, events, s.id, { ...hold, reason: reasonOf(budget, month) });
          await audit(tx, hold.by, 'budget.stopped', s.id, { budget: budget.id }, { accountId });
        } else if (!budget && s.stopped) {
          await resume(tx, events, s.id, hold);
          await audit(tx, hold.by, 'budget.resumed', s.id, {}, { accountId });
        }
      }
    });
  }

  async function warn(tx: Tx, accountId: string, budget: BudgetRow, spent: string, month: string) {
    const threshold = thresholdReached(budget, spent);
    if (threshold === undefined) return;
    const news = { budgetId: budget.id, month, amount: budget.amount, threshold };
    if (!(await store.isNews(tx, news))) return;
    await events.publish(tx, {
      type: 'budget.reached',
      subject: budget.id,
      accountId,
      data: {
        name: nameOf(budget),
        month,
        spent,
        amount: budget.amount,
        currency: budget.currency,
        threshold,
        stopped: stops(budget, spent),
      },
    });
  }

  const view = ({ budget: b, spent, covered }: Measured): Budget => ({
    id: b.id,
    scope: b.scope,
    subject: b.name,
    amount: b.amount,
    currency: b.currency,
    warnAt: [...b.warnAt],
    hardStop: b.hardStop,
    month: context.month(),
    spent,
    percent: percentOf(spent, b.amount),
    state: stateOf(b, spent),
    suspended: covered.filter((s) => s.stopped && stoppedBy(b, s)).length,
    createdBy: b.createdBy,
    createdAt: b.createdAt.toISOString(),
  });

  const list = async (accountId: string): Promise<Budget[]> => (await measure(db, accountId)).map(view);
  const get = async (accountId: string, id: string): Promise<Budget> =>
    (await list(accountId)).find((b) => b.id === id) ?? fail('governance.budget_missing');

  async function create(
    caller: Member,
    given: BodyOf<typeof governanceOperations.createBudget>,
  ): Promise<Budget> {
    const { accountId } = caller;
    const { currency } = given;
    requireAmount(given.amount, currency);
    const subject = await subjectOf(caller, given);
    if ((await store.listBudgets(db, accountId)).length >= governanceLimits.budgets)
      fail('governance.budget_limit', { max: governanceLimits.budgets });
    const id = newId('bud');
    try {
      await inTx(db, async (tx) => {
        await store.insertBudget(tx, {
          id,
          accountId,
          scope: given.scope,
          subject,
          amount: given.amount,
          currency,
          warnAt: given.warnAt ?? warnAtDefault,
          hardStop: given.hardStop,
          by: caller.email,
          at: context.now(),
        });
        await audit(tx, caller, 'budget.created', id, { ...given });
      });
    } catch (error) {
      if (violated(error) !== 'budgets_one_for_each') throw error;
      fail('governance.budget_exists', {
        subject: given.product ?? given.member ?? 'the account',
        currency,
      });
    }
    await evaluate(accountId);
    return get(accountId, id);
  }

  async function subjectOf(
    caller: Member,
    { scope, product, member }: BodyOf<typeof governanceOperations.createBudget>,
  ): Promise<string> {
    if (scope === 'account') return '';
    const [publisher = '', slug = ''] = (product ?? '').split('/');
    const found =
      scope === 'product'
        ? await context.productId(caller, publisher, slug)
        : await memberEmail(db, caller.accountId, member ?? '');
    return (
      found ??
      fail('governance.subject_missing', {
        subject: `${scope} ${(scope === 'product' ? product : member) ?? '(none named)'}`,
      })
    );
  }

  async function update(
    caller: Member,
    id: string,
    given: BodyOf<typeof governanceOperations.updateBudget>,
  ): Promise<Budget> {
    const { accountId } = caller;
    const before =
      (await store.listBudgets(db, accountId)).find((b) => b.id === id) ?? fail('governance.budget_missing');
    const after = { ...before, ...given };
    requireAmount(after.amount, before.currency);
    await inTx(db, async (tx) => {
      if (!(await store.updateBudget(tx, id, after))) fail('governance.budget_missing');
      await audit(tx, caller, 'budget.changed', id, { from: before.amount, ...given });
    });
    await evaluate(accountId);
    return get(accountId, id);
  }

  async function remove(caller: Member, id: string): Promise<void> {
    await inTx(db, async (tx) => {
      if (!(await store.removeBudget(tx, caller.accountId, id))) fail('governance.budget_missing');
      await audit(tx, caller, 'budget.removed', id, {});
    });
    await evaluate(caller.accountId);
  }

  return {
    list,
    create,
    update,
    remove,
    evaluate,
    /** Every account that has budgets; one that fails does not keep the others waiting. */
    async evaluateAll(onFailure: (accountId: string, error: Error) => void): Promise<void> {
      for (const { id } of await store.accountsWithBudgets(db))
        await evaluate(id).catch((error: Error) => onFailure(id, error));
    },
  };
}

function requireAmount(amount: string, currency: string): void {
  if (!isPositiveAmount(amount, currency))
    fail('governance.amount_invalid', { amount, currency, digits: minorUnits(currency) });
}

const nameOf = (b: BudgetRow) =>
  b.scope === 'account' ? 'the budget of the account' : `the budget for ${b.scope} ${b.name ?? b.subject}`;

/** A sentence for whoever calls: it is the answer to each call. */
function reasonOf(b: BudgetRow, month: string): string {
  const next = new Date(`${month}-01T00:00:00Z`);
  next.setUTCMonth(next.getUTCMonth() + 1);
  return `In ${month} ${nameOf(b)}, ${b.amount} ${b.currency}, is spent; calls go on from ${next.toISOString().slice(0, 10)} (UTC), or when an admin of your account raises it.`;
}
