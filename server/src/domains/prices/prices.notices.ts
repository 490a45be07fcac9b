import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { priceText } from './prices.rules.ts';
import * as store from './prices.sql.ts';

type Notify = (tx: Tx, news: News) => Promise<unknown>;

const told = { roles: ['admin', 'buyer', 'finance'], mail: true } as const;

/** Tells each subscriber what changes for them, with the dates; what one pays differs by when one subscribed. */
export function priceSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'price-notices',
      types: ['prices.changed', 'prices.kept'],
      async handle({ id, type, data }) {
        const source = `event:${id}`;
        if (type === 'prices.kept') {
          const list = await store.subscriptionNews(db, data.subscriptionIds as string[]);
          await inTx(db, async (tx) => {
            for (const { accountId, subscriptionId, title } of list)
              await notify(tx, {
                ...told,
                accountId,
                title: `${title}: the price stays`,
                text: 'The increase that was announced does not come: you go on paying what you pay.',
                link: `/subscriptions/${subscriptionId}`,
                source,
              });
          });
          return;
        }
        const list = await store.announcedBy(db, String(data.revisionId));
        await inTx(db, async (tx) => {
          for (const { accountId, subscriptionId, title, plan, steps } of list) {
            const more = steps.some((s) => s.kind === 'increase');
            await notify(tx, {
              ...told,
              accountId,
              title: `${title}: ${more ? 'the price changes' : 'the price is lower'}`,
              text: [
                `For your plan ${plan.name ?? plan.id}:`,
                ...steps.map(
                  (s) =>
                    `- ${fromText(s.from, new Date(String(data.at)))}: ${priceText(s.parts, plan.currency ?? 'USD')}`,
                ),
                ...(more
                  ? ['If that is not for you, cancel before; what was used until then stays at its price.']
                  : []),
              ].join('\n'),
              link: `/subscriptions/${subscriptionId}`,
              source,
            });
          }
        });
      },
    },
  ];
}

const fromText = (from: string, at: Date): string =>
  new Date(from) <= at ? 'from now on' : `from ${new Date(from).toISOString().slice(0, 10)} (UTC) on`;
