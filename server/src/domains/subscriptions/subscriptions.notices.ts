import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import * as store from './subscriptions.sql.ts';

export type Notify = (tx: Tx, news: News) => Promise<unknown>;

/**
 * Tells both sides that a subscription began, was suspended, goes on or ended: the subscriber's people also by mail, the
 * publisher's in the application only, where a popular product does not fill mailboxes.
 */
export function subscriptionSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'subscription-notices',
      types: ['subscription.started', 'subscription.ended'],
      async handle({ id, type, subject, data }) {
        const s = await store.newsOf(db, subject);
        if (!s) return;
        const started = type === 'subscription.started';
        const plan = s.planName ?? s.planId;
        const source = `event:${id}`;
        const why = typeof data.reason === 'string' ? `${data.reason} ` : '';
        await inTx(db, async (tx) => {
          await notify(tx, {
            accountId: s.accountId,
            roles: ['admin', 'buyer', 'finance'],
            title: started ? `Subscribed to ${s.title}` : `The subscription to ${s.title} ended`,
            text: started
              ? `${s.acceptedBy} accepted the plan ${plan} and the licence agreement. Its page has calls that are ready to paste.`
              : `${why}Calls are refused from now on. What was used until now stays on the invoice.`,
            link: `/subscriptions/${subject}`,
            source,
            mail: true,
          });
          await notify(tx, {
            accountId: s.publisherAccountId,
            roles: ['admin', 'publisher'],
            title: started ? `${s.accountName} subscribed to ${s.title}` : `${s.accountName} left ${s.title}`,
            text: `Plan ${plan}, version ${s.version}${s.slot === 'preview' ? ', in preview' : ''}.`,
            link: `/publish/products/${s.productId}/customers`,
            source,
          });
        });
      },
    },
    {
      name: 'subscription-holds',
      types: ['subscription.suspended', 'subscription.resumed', 'subscription.moved'],
      async handle({ id, type, subject, data }) {
        const s = await store.newsOf(db, subject);
        if (!s) return;
        await inTx(db, (tx) =>
          notify(tx, {
            accountId: s.accountId,
            roles: ['admin', 'buyer', 'finance'],
            ...standingNews(type, s.title, data),
            link: `/subscriptions/${subject}`,
            source: `event:${id}`,
            mail: true,
          }),
        );
      },
    },
  ];
}

function standingNews(
  type: string,
  title: string,
  data: Record<string, unknown>,
): Pick<News, 'title' | 'text'> {
  if (type === 'subscription.suspended')
    return {
      title: `The subscription to ${title} is suspended`,
      text: `${data.reason} Calls are refused until this is settled.`,
    };
  if (type === 'subscription.resumed')
    return { title: `The subscription to ${title} goes on`, text: 'Calls are answered again.' };
  return {
    title: `Calls of ${title} now reach version ${data.to}`,
    text: `The subscription follows the latest version and left ${data.from}. Choose a version on its page to stay with one.`,
  };
}
