import { inTx, type Tx } from '../../platform/db.ts';
import type { DomainEvent, Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';

export type Notify = (tx: Tx, news: News) => Promise<unknown>;
type Notice = Omit<News, 'source'>;

/** Tells whoever has to answer, or was answered. Mail only where somebody waits; reviews of a popular product fill no mailbox. */
export function feedbackSubscribers({ db }: Pick<Platform, 'db'>, notify: Notify): Subscriber[] {
  return [
    {
      name: 'feedback-notices',
      types: Object.keys(notices),
      async handle(event) {
        const notice = notices[event.type]?.(event);
        if (notice) await inTx(db, (tx) => notify(tx, { ...notice, source: `event:${event.id}` }));
      },
    },
  ];
}

const text = (e: DomainEvent, name: string) => String(e.data[name] ?? '');
const to = (e: DomainEvent) => e.accountId ?? '';

const notices: Readonly<Record<string, (e: DomainEvent) => Notice>> = {
  'review.written': (e) => ({
    accountId: to(e),
    roles: ['admin', 'publisher'],
    title: `${text(e, 'title')}: a review with ${text(e, 'rating')} of 5`,
    text: `“${text(e, 'text')}” You can reply to it once, and edit the reply.`,
    link: `/publish/products/${text(e, 'productId')}/reviews`,
  }),
  'review.replied': (e) => ({
    accountId: to(e),
    roles: ['admin', 'buyer'],
    title: `The publisher of ${text(e, 'title')} replied to your review`,
    text: 'The reply stands under the review on the product page.',
    link: text(e, 'link'),
  }),
  'question.asked': (e) => ({
    accountId: to(e),
    roles: ['admin', 'publisher'],
    title: `${text(e, 'product')}: ${text(e, 'title')}`,
    text: `${text(e, 'by')} asks: ${text(e, 'text')}`,
    link: `/publish/questions/${e.subject}`,
    mail: true,
  }),
  'question.answered': (e) => ({
    accountId: to(e),
    personId: text(e, 'personId'),
    roles: [],
    title: `${text(e, 'product')}: ${text(e, 'title')}`,
    text: `${text(e, 'by')} answers: ${text(e, 'text')}`,
    link: `/questions/${e.subject}`,
    mail: true,
  }),
  'feedback.reported': (e) => ({
    accountId: 'operator',
    roles: ['operator-admin', 'operator-reviewer'],
    title: `${text(e, 'product')}: a ${e.subject.startsWith('rvw') ? 'review' : 'question'} was reported`,
    text: text(e, 'reason'),
    link: '/operate/feedback',
  }),
  'feedback.hidden': (e) => ({
    accountId: to(e),
    roles: ['admin', 'buyer'],
    title: `The operator has hidden your ${text(e, 'kind')} about ${text(e, 'title')}`,
    text: `The reason: ${text(e, 'reason')}`,
    link: text(e, 'link'),
    mail: true,
  }),
  'feedback.restored': (e) => ({
    accountId: to(e),
    roles: ['admin', 'buyer'],
    title: `Your ${text(e, 'kind')} about ${text(e, 'title')} is shown again`,
    text: text(e, 'reason'),
    link: text(e, 'link'),
  }),
};
