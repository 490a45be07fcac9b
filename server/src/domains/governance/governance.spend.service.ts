import {
  type GovernedSubscription,
  governanceLimits,
  type governanceOperations,
  type InvoiceLine,
  type QueryOf,
  type Spend,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { audit } from '../audit/index.ts';
import { totals } from '../billing/index.ts';
import type { GovernanceContext, GovernancePlatform } from './governance.context.ts';
import type { Policy } from './governance.policy.service.ts';
import * as store from './governance.policy.sql.ts';
import { sentenceOf } from './governance.rules.ts';
import type { SubscriptionFacts } from './governance.ts';

/** What was spent, told in other groups than an invoice's: every figure is the sum of lines that invoices have. */
export function newSpend({ db }: GovernancePlatform, context: GovernanceContext, policy: Policy) {
  async function subscriptions(
    caller: Member,
    { outside }: QueryOf<typeof governanceOperations.listGovernedSubscriptions>,
  ): Promise<GovernedSubscription[]> {
    const { accountId } = caller;
    const [book, list, invoice] = await Promise.all([
      policy.bookOf(accountId),
      store.subscriptionsOf(db, accountId),
      context.invoice(accountId),
    ]);
    return list
      .filter((s) => s.state !== 'ended')
      .map((s) => {
        const verdict = policy.judge(book, accountId, s);
        return {
          subscriptionId: s.id,
          publisher: s.publisher,
          product: s.product,
          title: s.title,
          planId: s.plan.id ?? '',
          state: s.state,
          member: s.member,
          costCentre: s.costCentre,
          since: s.since.toISOString(),
          spentThisMonth: totals(invoice.lines.filter((l) => l.subscriptionId === s.id)),
          effect: verdict.effect,
          rule: verdict.rule ? sentenceOf(verdict) : null,
          outside: verdict.outside,
        };
      })
      .filter((s) => outside === undefined || s.outside === outside);
  }

  async function spend(
    caller: Member,
    { from, to = context.month(), by = 'product' }: QueryOf<typeof governanceOperations.getSpend>,
  ): Promise<Spend> {
    const months = monthsBetween(from ?? to, to);
    if (months.length === 0 || months.length > governanceLimits.spendMonths)
      fail('request.invalid', {
        problem: `from must be at or before to, and not more than ${governanceLimits.spendMonths} months`,
      });
    const facts = new Map((await store.subscriptionsOf(db, caller.accountId)).map((s) => [s.id, s]));
    const groups = new Map<string, { label: string; lines: InvoiceLine[] }>();
    const lines: InvoiceLine[] = [];
    for (const month of months)
      for (const line of (await context.invoice(caller.accountId, month)).lines) {
        const { key, label } = keyOf[by](line, month, facts.get(line.subscriptionId));
        const group = groups.get(key) ?? { label, lines: [] };
        groups.set(key, group);
        group.lines.push(line);
        lines.push(line);
      }
    return {
      from: months[0] ?? to,
      to,
      by,
      rows: [...groups]
        .map(([key, group]) => ({
          key,
          label: group.label,
          quantity: group.lines.reduce((n, l) => n + (l.unit === 'hour' ? 0 : l.quantity), 0),
          // What the marketplace asks for the same seconds is a line of its own.
          instanceSeconds: group.lines.reduce(
            (n, l) => n + (l.unit === 'hour' && l.payee === 'publisher' ? l.quantity : 0),
            0,
          ),
          subscriptions: new Set(group.lines.map((l) => l.subscriptionId)).size,
          totals: totals(group.lines),
        }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
      totals: totals(lines),
    };
  }

  async function putCostCentre(caller: Member, subscriptionId: string, label: string | null): Promise<void> {
    if (!(await store.ownsSubscription(db, caller.accountId, subscriptionId)))
      fail('subscription.missing', { subscriptionId });
    await inTx(db, async (tx) => {
      await store.setCostCentre(tx, caller.accountId, subscriptionId, label?.trim() ?? null);
      await audit(tx, caller, 'subscription.cost-centre', subscriptionId, { label });
    });
  }

  return { subscriptions, spend, putCostCentre };
}

type Key = (
  line: InvoiceLine,
  month: string,
  s: SubscriptionFacts | undefined,
) => { key: string; label: string };
const keyOf: Readonly<Record<Spend['by'], Key>> = {
  product: (line, _month, s) => ({
    key: s ? `${s.publisher}/${s.product}` : line.productTitle,
    label: line.productTitle,
  }),
  member: (_line, _month, s) => ({ key: s?.member ?? '', label: s?.member ?? 'unknown' }),
  month: (_line, month) => ({ key: month, label: month }),
  'cost-centre': (_line, _month, s) => ({
    key: s?.costCentre ?? '',
    label: s?.costCentre ?? 'without a label',
  }),
};

/** Months from the first to the last, as `2026-11`; one more than are allowed at most, so that the caller sees that it is too long. */
function monthsBetween(from: string, to: string): string[] {
  const months: string[] = [];
  for (
    let at = new Date(`${from}-01T00:00:00Z`);
    at <= new Date(`${to}-01T00:00:00Z`) && months.length <= governanceLimits.spendMonths;
    at = new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1))
  )
    months.push(at.toISOString().slice(0, 7));
  return months;
}
