import { type Plan, unitWord } from '@souk/contract';
import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import * as store from './plans.notices.sql.ts';
import { hasFee } from './plans.rules.ts';

type Notify = (tx: Tx, news: News) => Promise<unknown>;

const buyers = { roles: ['admin', 'buyer', 'finance'], mail: true } as const;
const dayMs = 24 * 3_600_000;

const dateTime = (at: Date | string) => `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
const count = (n: number) => n.toLocaleString('en');
const nameOf = (plan: Plan) => plan.name ?? plan.id;

export type PlanNotices = ReturnType<typeof newPlanNotices>;

/** What is told by the clock: how much of a month is used, and that a trial ends. Each once, in the transaction that remembers it. */
export function newPlanNotices({ db, clock }: Pick<Platform, 'db' | 'clock'>, notify: Notify) {
  async function quotas(): Promise<void> {
    const at = clock.now();
    // Usage of an hour arrives within seconds, from a gateway that was cut off a little later.
    for (const q of await store.nearLimit(db, at, new Date(at.getTime() - 3 * 3_600_000))) {
      const full = q.used >= q.units;
      await inTx(db, async (tx) => {
        const told = { subscriptionId: q.subscriptionId, about: q.since, at };
        // Who is at the end already is not told afterwards that it comes near.
        const near = await store.take(tx, { ...told, kind: 'quota-80' });
        if (!(full ? await store.take(tx, { ...told, kind: 'quota-100' }) : near)) return;
        await notify(tx, {
          ...buyers,
          accountId: q.accountId,
          title: full
            ? `${q.title}: the month’s ${unitWord(q.dimension)}s are used up`
            : `${q.title}: ${Math.floor((q.used * 100) / q.units)} % of the month’s ${unitWord(q.dimension)}s are used`,
          text: quotaText(q, full),
          link: `/subscriptions/${q.subscriptionId}#plan`,
          source: `quota:${q.subscriptionId}:${q.since.toISOString()}:${full ? 100 : 80}`,
        });
      });
    }
  }

  async function trials(): Promise<void> {
    const at = clock.now();
    for (const t of await store.endingTrials(db, at, new Date(at.getTime() + 7 * dayMs))) {
      const last = t.until.getTime() - at.getTime() <= dayMs;
      await inTx(db, async (tx) => {
        const told = { subscriptionId: t.subscriptionId, about: t.until, at };
        const first = await store.take(tx, { ...told, kind: 'trial-7' });
        if (!(last ? await store.take(tx, { ...told, kind: 'trial-1' }) : first)) return;
        await notify(tx, {
          ...buyers,
          accountId: t.accountId,
          title: `${t.title}: the free month ends on ${dateTime(t.until).slice(0, 10)}`,
          text: `On ${dateTime(t.until)} the plan ${nameOf(t.plan)} begins to cost ${costText(t.plan)}. If that is not for you, cancel or choose another plan before: the free month then costs nothing.`,
          link: `/subscriptions/${t.subscriptionId}#plan`,
          source: `trial:${t.subscriptionId}:${t.until.toISOString()}:${last ? 1 : 7}`,
        });
      });
    }
  }

  return {
    async tell(): Promise<void> {
      await quotas();
      await trials();
    },
  };
}

function quotaText(q: store.QuotaNow, full: boolean): string {
  const word = unitWord(q.dimension);
  const used = `${count(q.used)} of ${count(q.units)} ${word}s of the plan ${nameOf(q.plan)} are used.`;
  const price = (q.plan.parts ?? []).find((p) => p.kind === 'usage' && p.dimension === q.dimension);
  const beyond = q.hard
    ? full
      ? 'Calls are refused until then. A larger plan holds at once.'
      : 'Beyond them calls are refused. A larger plan holds at once.'
    : `Each ${word} beyond them costs ${price?.kind === 'usage' ? price.pricePerUnit : '0'} ${q.plan.currency ?? 'USD'}.`;
  return `${used} The next month begins on ${dateTime(q.resetsAt)}. ${beyond}`;
}

function costText(plan: Plan): string {
  const currency = plan.currency ?? 'USD';
  return (plan.parts ?? [])
    .map((p) =>
      p.kind === 'recurring'
        ? `${p.amount} ${currency} a month`
        : `${p.pricePerUnit} ${currency} per ${p.unit ?? unitWord(p.dimension)}`,
    )
    .join(' and ');
}

/** Both sides hear of another plan: the subscriber by mail, the publisher in the application. */
export function planSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'plan-notices',
      types: ['subscription.plan-changed', 'subscription.plan-coming', 'subscription.trial-over'],
      async handle({ id, type, subject, data }) {
        const s = await store.newsOf(db, subject);
        if (!s) return;
        const source = `event:${id}`;
        await inTx(db, async (tx) => {
          await notify(tx, {
            ...buyers,
            accountId: s.accountId,
            ...planNews(type, s.title, s.plan, data),
            link: `/subscriptions/${subject}#plan`,
            source,
          });
          if (type === 'subscription.plan-changed')
            await notify(tx, {
              accountId: s.publisherAccountId,
              roles: ['admin', 'publisher'],
              title: `${s.accountName} changed the plan of ${s.title}`,
              text: `To ${nameOf(s.plan)}${typeof data.from === 'string' ? `, from ${data.from}` : ''}.`,
              link: `/publish/products/${s.productId}/customers`,
              source,
            });
        });
      },
    },
  ];
}

function planNews(
  type: string,
  title: string,
  plan: Plan,
  data: Record<string, unknown>,
): Pick<News, 'title' | 'text'> {
  if (type === 'subscription.trial-over')
    return {
      title: `${title}: the free month is over`,
      text: `The plan ${nameOf(plan)} costs ${costText(plan)} from now on.${hasFee(plan) ? ' The fee of the first month is on the next invoice.' : ''}`,
    };
  if (type === 'subscription.plan-coming')
    return {
      title: `${title}: another plan comes`,
      text: `The plan ${data.to} takes the place of ${data.from} on ${dateTime(String(data.at))}, when the month that is paid ends. Until then everything stays; it can be taken back on the page of the subscription.`,
    };
  return {
    title: `${title}: the plan is ${nameOf(plan)} now`,
    text: 'Its quota and prices hold from the hour that has begun.',
  };
}
