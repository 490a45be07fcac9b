import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { dayText } from './removals.rules.ts';
import * as store from './removals.sql.ts';
import type { RemovalRow } from './removals.ts';

type Notify = (tx: Tx, news: News) => Promise<unknown>;
type Words = Pick<News, 'title' | 'text'> & { readonly mail?: boolean; readonly link?: string };

interface Notice {
  readonly subscribers?: Words;
  readonly publisher?: Words;
  readonly operator?: Words;
}

/** Tells those who have a product, its publisher and the operator that it leaves, stays, is taken down or is back. */
export function removalSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'removal-notices',
      types: Object.keys(notices),
      async handle({ id, type, subject }) {
        const r = await store.find(db, subject);
        const notice = r && notices[type]?.(r);
        if (!r || !notice) return;
        const source = `event:${id}`;
        const { subscribers, publisher, operator } = notice;
        await inTx(db, async (tx) => {
          if (subscribers)
            for (const accountId of await store.subscribers(tx, r.productId))
              await notify(tx, {
                accountId,
                roles: ['admin', 'buyer', 'finance'],
                link: '/subscriptions',
                ...subscribers,
                source,
                mail: true,
              });
          if (publisher)
            await notify(tx, {
              accountId: r.accountId,
              roles: ['admin', 'publisher'],
              link: `/publish/products/${r.productId}`,
              ...publisher,
              source,
            });
          if (operator)
            await notify(tx, {
              accountId: 'operator',
              roles: ['operator-admin'],
              link: '/operate/removals',
              ...operator,
              source,
            });
        });
      },
    },
  ];
}

const instead = (r: RemovalRow) =>
  r.replacement
    ? ` In its place they name ${r.replacement.title} (${r.replacement.publisher}/${r.replacement.slug}).`
    : '';

const notices: Readonly<Record<string, (r: RemovalRow) => Notice>> = {
  'product.leaving': (r) => ({
    subscribers: {
      title: `${r.title} is no longer sold`,
      text: `Its publisher unpublished it. You keep it as it is until ${r.endsAt ? dayText(r.endsAt) : 'then'}; after that your subscription ends and calls are refused.${instead(r)}`,
    },
    publisher: {
      title: `${r.title} is unpublished`,
      text: `It is hidden, and ${r.subscribers} subscriptions are served until ${r.endsAt ? dayText(r.endsAt) : 'then'}. You can cancel this until ${r.cancellableUntil ? dayText(r.cancellableUntil) : 'then'}.`,
      mail: true,
    },
    operator: {
      title: `${r.publisher}/${r.product} is being unpublished`,
      text: `${r.requestedBy} asks for it: ${r.reason} Questions go to ${r.email}.`,
    },
  }),
  'product.stays': (r) => ({
    subscribers: {
      title: `${r.title} stays`,
      text: 'It is offered again, and your subscription goes on without an end.',
    },
    publisher: {
      title: `${r.title} is offered again`,
      text:
        r.state === 'republished'
          ? 'A new revision is live, so it is no longer being removed.'
          : `${r.endedBy} cancelled its removal.`,
      mail: true,
    },
  }),
  // Subscribers are told by what happens to their subscriptions.
  'product.taken-down': (r) => ({
    publisher: {
      title: `The operator took ${r.title} down`,
      text: `${r.reason} It is hidden and calls are suspended. Mend what is said, submit a new revision if it needs one, and answer the operator.`,
      mail: true,
    },
    operator: {
      title: `${r.publisher}/${r.product} is taken down`,
      text: `By ${r.requestedBy}: ${r.reason}`,
    },
  }),
  'product.restored': (r) => ({
    publisher: {
      title: `${r.title} is restored`,
      text: `${r.endedReason ?? ''} Its subscriptions go on.`.trim(),
      mail: true,
    },
  }),
};
