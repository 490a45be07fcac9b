import { inTx, type Tx } from '../../platform/db.ts';
import type { DomainEvent, Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';

export type Notify = (tx: Tx, news: News) => Promise<unknown>;

/** Tells admins what waits for them, members what was decided, and admins and finance what a budget reached; all by mail too. */
export function governanceSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'governance-notices',
      types: Object.keys(notices),
      async handle(event) {
        const notice = notices[event.type]?.(event);
        if (notice)
          await inTx(db, (tx) => notify(tx, { ...notice, mail: true, source: `event:${event.id}` }));
      },
    },
  ];
}

const text = (e: DomainEvent, name: string) => String(e.data[name] ?? '');
const account = (e: DomainEvent) => e.accountId ?? '';

const notices: Readonly<Record<string, (e: DomainEvent) => Omit<News, 'source' | 'mail'>>> = {
  'access.requested': (e) => ({
    accountId: account(e),
    roles: ['admin'],
    title: `${text(e, 'by')} asks for ${text(e, 'product')}`,
    text: `Plan ${text(e, 'planId')}. ${text(e, 'reason')}`,
    link: '/account/governance/requests',
  }),
  'access.decided': (e) => ({
    accountId: account(e),
    personId: text(e, 'personId'),
    roles: [],
    title: `${text(e, 'title')}: ${text(e, 'state')} by ${text(e, 'by')}`,
    text: e.data.expiresAt
      ? `${text(e, 'reason')} Subscribe before ${text(e, 'expiresAt').slice(0, 10)}.`
      : text(e, 'reason'),
    link: `/products/${text(e, 'product')}`,
  }),
  'budget.reached': (e) => ({
    accountId: account(e),
    roles: ['admin', 'finance'],
    title: `${text(e, 'threshold')} % of ${text(e, 'name')} is reached`,
    text: `${text(e, 'spent')} of ${text(e, 'amount')} ${text(e, 'currency')} in ${text(e, 'month')}.${
      e.data.stopped
        ? ' Priced subscriptions that it covers are suspended until next month, or until it is raised.'
        : ''
    }`,
    link: '/account/budgets',
  }),
};
