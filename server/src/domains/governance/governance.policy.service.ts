import {
  type BodyOf,
  Category,
  type Governance,
  type GovernanceRule,
  type governanceOperations,
  type Plan,
  productTypes,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { audit } from '../audit/index.ts';
import { stoppingBudget } from './governance.budgets.sql.ts';
import type { GovernanceContext, GovernancePlatform } from './governance.context.ts';
import * as store from './governance.policy.sql.ts';
import { takeApproval } from './governance.requests.sql.ts';
import { currencyOf, decide, isPaid, sentenceOf } from './governance.rules.ts';
import { noRules, type Rule, type RuleBook, type SubscriptionFacts, type Wanted } from './governance.ts';

const categories: readonly string[] = Category.enum;

export function newPolicy({ db }: GovernancePlatform, context: GovernanceContext) {
  const bookOf = async (accountId: string) => (await store.findBook(db, accountId)) ?? noRules;

  /** What the rules say of subscriptions that are there. */
  function judge(book: RuleBook, accountId: string, s: SubscriptionFacts) {
    const verdict = decide(book, { ...s, price: isPaid(s.plan) ? 'paid' : 'free' }, accountId);
    return { ...verdict, outside: verdict.effect === 'deny' };
  }

  async function view(accountId: string): Promise<Governance> {
    const [book, subscriptions] = await Promise.all([
      bookOf(accountId),
      store.subscriptionsOf(db, accountId),
    ]);
    return {
      version: book.version,
      default: book.default,
      contact: book.contact,
      rules: book.rules.map(({ kind, value, effect, note }) => ({
        kind,
        value,
        effect,
        ...(note ? { note } : {}),
      })),
      updatedBy: book.updatedBy,
      updatedAt: book.updatedAt?.toISOString() ?? null,
      outside: subscriptions.filter((s) => s.state !== 'ended' && judge(book, accountId, s).outside).length,
    };
  }

  async function put(
    caller: Member,
    given: BodyOf<typeof governanceOperations.putGovernance>,
  ): Promise<Governance> {
    const { accountId } = caller;
    const before = await bookOf(accountId);
    const rules: Omit<Rule, 'value'>[] = [];
    const seen = new Set<string>();
    for (const [i, rule] of given.rules.entries()) {
      const subject = await subjectOf(caller, before, rule);
      if (seen.has(`${rule.kind} ${subject}`))
        fail('governance.duplicate_rule', { subject: `${rule.kind} ${rule.value}`, position: i + 1 });
      seen.add(`${rule.kind} ${subject}`);
      rules.push({ kind: rule.kind, subject, effect: rule.effect, note: rule.note ?? '' });
    }
    await inTx(db, async (tx) => {
      const more = {
        default: given.default,
        contact: given.contact.trim(),
        by: caller.email,
        at: context.now(),
      };
      if (!(await store.putBook(tx, accountId, given.version, more, rules)))
        fail('governance.changed_meanwhile', {
          version: (await store.findBook(tx, accountId))?.version ?? 0,
        });
      await audit(tx, caller, 'governance.changed', accountId, {
        version: given.version + 1,
        default: given.default,
        ...difference(before.rules, given.rules),
      });
    });
    return view(accountId);
  }

  /** What a name means. One that stood in the rules before keeps its meaning, though the product may be hidden by now. */
  async function subjectOf(
    caller: Member,
    before: RuleBook,
    { kind, value }: GovernanceRule,
  ): Promise<string> {
    const kept = before.rules.find((r) => r.kind === kind && r.value === value);
    const [publisher = '', product = ''] = value.split('/');
    const subject =
      kept?.subject ??
      (kind === 'product'
        ? await context.productId(caller, publisher, product)
        : kind === 'publisher'
          ? await context.publisherAccountId(caller, value)
          : (kind === 'category' ? categories : kind === 'type' ? productTypes : ['free', 'paid']).find(
              (known) => known === value,
            ));
    return subject ?? fail('governance.subject_missing', { subject: `${kind} ${value}` });
  }

  /**
   * Refuses a subscription that the rules or a spent budget do not allow, in the transaction that makes it: rules that change
   * meanwhile wait until it is made. Uses up an approval where one is needed; who may approve needs none.
   */
  async function admit(
    tx: Tx,
    caller: Member,
    wanted: { productId: string; name: string; categories: readonly string[]; plan: Plan },
  ): Promise<void> {
    const { accountId } = caller;
    const product = await store.productFacts(tx, wanted.productId);
    if (!product || product.publisherAccountId === accountId) return;
    const book = (await store.findBook(tx, accountId, true)) ?? noRules;
    const verdict = judgeWanted(book, accountId, { ...wanted, ...product });
    const [name, rule] = [wanted.name, sentenceOf(verdict)];
    if (verdict.effect === 'deny')
      fail('governance.denied', { product: name, rule, ask: await context.ask(accountId, book) });
    if (verdict.effect === 'request' && !context.isAdmin(caller)) {
      const approval = await takeApproval(tx, {
        accountId,
        personId: caller.personId,
        productId: wanted.productId,
        planId: wanted.plan.id ?? '',
        now: context.now(),
      });
      if (!approval)
        fail('governance.approval_needed', { product: name, rule, ask: await context.ask(accountId, book) });
    }
    if (!isPaid(wanted.plan)) return;
    const currency = currencyOf(wanted.plan);
    const budget = await stoppingBudget(tx, {
      accountId,
      productId: wanted.productId,
      member: caller.email,
      currency,
      month: context.month(),
    });
    if (budget)
      fail('governance.budget_spent', {
        budget: `${budget.name ?? 'of the account'}, ${budget.amount} ${currency}`,
        currency,
        ask: await context.ask(accountId, book),
      });
  }

  const judgeWanted = (book: RuleBook, accountId: string, w: Wanted) =>
    decide(book, { ...w, price: isPaid(w.plan) ? 'paid' : 'free' }, accountId);

  return { view, put, admit, bookOf, judge, judgeWanted };
}
export type Policy = ReturnType<typeof newPolicy>;

type Named = Pick<GovernanceRule, 'kind' | 'value' | 'effect'>;
const words = ({ kind, value, effect }: Named) => `${kind} ${value}: ${effect}`;

function difference(before: readonly Named[], after: readonly Named[]) {
  const [old, now] = [new Set(before.map(words)), new Set(after.map(words))];
  return { added: [...now].filter((r) => !old.has(r)), removed: [...old].filter((r) => !now.has(r)) };
}
