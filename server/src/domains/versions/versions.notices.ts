import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { dayMs } from './versions.rules.ts';
import * as store from './versions.sql.ts';
import { type OpenSunset, type ProductFacts, wholeProduct } from './versions.ts';

export type Notify = (tx: Tx, news: News) => Promise<unknown>;

interface Told {
  readonly product: ProductFacts;
  readonly number: string;
  readonly now: Date;
  readonly title: string;
  readonly text: string;
  readonly source: string;
}

const date = (at: string | Date) => new Date(at).toISOString().slice(0, 10);
const nameOf = (product: ProductFacts, number: string) =>
  number === wholeProduct ? product.title : `version ${number} of ${product.title}`;
const upper = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
const sentence = (text: unknown) => (typeof text === 'string' && text !== '' ? ` ${text}` : '');
const nextOf = (replacement: unknown, number: string) => {
  if (typeof replacement !== 'string') return '';
  return number === wholeProduct
    ? ` Its publisher names ${replacement} as what comes after it.`
    : ` Try version ${replacement} on your own samples and switch on the page of the subscription.`;
};

/** Tells everybody whom it concerns: by mail, since their calls change or stop. */
export async function notifyAll(tx: Tx, notify: Notify, told: Told): Promise<void> {
  const calledFrom = new Date(told.now.getTime() - 30 * dayMs);
  for (const c of await store.concerned(tx, told.product.productId, told.number, calledFrom))
    await notify(tx, {
      accountId: c.accountId,
      roles: ['admin', 'buyer'],
      title: told.title,
      text: `${told.text}${c.chosen ? ' Your subscription has chosen it.' : ''}`,
      link: `/subscriptions/${c.subscriptionId}`,
      source: told.source,
      mail: true,
    });
}

/** What is said some days before an end, and at the end itself (0). */
export function endOf(
  product: ProductFacts,
  s: OpenSunset,
  days: number,
  now: Date,
): Pick<Told, 'title' | 'text' | 'source'> {
  const name = upper(nameOf(product, s.number));
  const source = `sunset:${s.productId}:${s.number}:${s.endsAt.toISOString()}:${days}`;
  const next = nextOf(s.replacement, s.number);
  if (days === 0)
    return {
      title: `${name} has ended`,
      text: `Calls are refused from now on.${sentence(s.reason)}${next}`,
      source,
    };
  // Counted now: a notice may be late, or the date may have been moved past its day.
  const left = Math.ceil((s.endsAt.getTime() - now.getTime()) / dayMs);
  return {
    title: `${name} ends on ${date(s.endsAt)}${left <= 1 ? ', tomorrow' : `, in ${left} days`}`,
    text: `Calls are refused after that.${sentence(s.reason)}${next}`,
    source,
  };
}

/** What happened to a version, for those who have it; and for its publisher where the operator did it. */
function newsOf(
  product: ProductFacts,
  type: string,
  data: Record<string, unknown>,
): Pick<Told, 'title' | 'text'> {
  const number = String(data.version);
  const name = upper(nameOf(product, number));
  const next = nextOf(data.replacement, number);
  switch (type) {
    case 'version.restricted':
      return {
        title: `${name} is restricted`,
        text: 'You keep it: your calls go on. New buyers no longer see it, and it may get an end date later.',
      };
    case 'version.withdrawn':
      return {
        title: `${name} was withdrawn`,
        text: `${data.reason} Its calls are refused from now on; no other version answers in its place.${next}`,
      };
    case 'version.restored':
      return { title: `${name} is back`, text: `${data.reason} Its calls are answered again.` };
    case 'version.end-cancelled':
      return { title: `${name} stays`, text: 'Its end date was taken back.' };
    default:
      return {
        title: `${name} ends on ${date(String(data.endsAt))}`,
        text: `${data.before ? `The date was moved from ${date(String(data.before))}.` : 'Calls are refused after that.'}${sentence(data.reason)}${next}`,
      };
  }
}

export function versionSubscribers(
  { db, clock, events }: Pick<Platform, 'db' | 'clock' | 'events'>,
  notify: Notify,
): Subscriber[] {
  return [
    {
      name: 'version-notices',
      types: [
        'version.restricted',
        'version.withdrawn',
        'version.restored',
        'version.end-announced',
        'version.end-cancelled',
      ],
      async handle({ id, type, subject, data }) {
        const product = await store.findProduct(db, subject);
        if (!product) return;
        const told = { ...newsOf(product, type, data), source: `event:${id}`, product };
        await inTx(db, async (tx) => {
          await notifyAll(tx, notify, { ...told, number: String(data.version), now: clock.now() });
          if (data.side === 'operator' || type === 'version.restored')
            await notify(tx, {
              accountId: product.accountId,
              roles: ['admin', 'publisher'],
              title: told.title,
              text: `${told.text} The operator of the marketplace did this.`,
              link: `/publish/products/${product.productId}/versions`,
              source: told.source,
              mail: true,
            });
        });
      },
    },
    {
      // A release may restrict versions by its document: since when is noted, and their subscribers are told as well.
      name: 'version-restrictions',
      types: ['submission.released'],
      handle: ({ subject, accountId }) =>
        inTx(db, async (tx) => {
          await store.lockProduct(tx, subject);
          for (const { number } of await store.newlyRestricted(tx, subject)) {
            await store.restrict(tx, subject, number, 'system:release');
            await events.publish(tx, {
              type: 'version.restricted',
              subject,
              accountId,
              data: { version: number },
            });
          }
        }),
    },
  ];
}
