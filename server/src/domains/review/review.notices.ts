import { inTx, type Tx } from '../../platform/db.ts';
import type { DomainEvent, Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { findDispute } from './review.disputes.sql.ts';
import type { ReviewNeeds } from './review.service.ts';

export type Notify = (tx: Tx, news: News) => Promise<unknown>;
type Told = Omit<News, 'source'>;

const operators = { accountId: 'operator', roles: ['operator-admin', 'operator-reviewer'] as const };
const publishers = (accountId: string) => ({ accountId, roles: ['admin', 'publisher'] as const });

const answers: Readonly<Record<string, string>> = {
  granted: 'The appeal is granted. Submit again: the same thing is not stopped by this rule any more.',
  declined: 'The appeal is declined.',
  corrected:
    'You were right and the check was wrong: it is mended. Submit or register again; it is examined anew.',
};

/** Tells publishers and the operator's people where an appeal or a word about a submission needs them. */
export function reviewSubscribers(
  { db }: Pick<Platform, 'db'>,
  notify: Notify,
  needs: Pick<ReviewNeeds, 'submission'>,
): Subscriber[] {
  const told: Readonly<Record<string, (event: DomainEvent) => Promise<Told | undefined>>> = {
    'dispute.opened': async ({ subject, data }) => ({
      ...operators,
      title: `Disputed: ${data.title}`,
      text: 'A publisher disagrees. Somebody who did not make the decision answers in writing.',
      link: `/operate/disputes/${subject}`,
      mail: true,
    }),
    'dispute.answered': async ({ subject, accountId, data }) => {
      const d = await findDispute(db, subject);
      return (
        d && {
          ...publishers(String(accountId)),
          title: `Your dispute of ${data.code}: ${data.answer}`,
          text: `${answers[String(data.answer)] ?? ''}\n\n${data.text}`,
          link: d.submissionId
            ? `/publish/products/${d.productId}/submissions/${d.submissionId}`
            : d.algorithm
              ? `/publish/algorithms/${d.algorithm}`
              : `/publish/models/${d.modelPackage}`,
          mail: true,
        }
      );
    },
    'exception.revoked': async ({ accountId, data }) => ({
      ...publishers(String(accountId)),
      title: `An exception was revoked: ${data.code}`,
      text: `From now on ${data.code} holds again for ${data.place}. ${data.reason} What is live stays as it is.`,
      link: '/publish/disputes',
      mail: true,
    }),
    'submission.commented': async ({ subject, accountId, data }) => {
      const s = await needs.submission(subject);
      const fromOperator = data.side === 'operator';
      return (
        s && {
          ...(fromOperator ? publishers(String(accountId)) : operators),
          title: `${data.by} wrote about ${s.publisher}/${s.productSlug}, revision ${s.revision}`,
          text: `${data.pointer ? `On ${data.pointer}: ` : ''}${data.text}`,
          link: fromOperator
            ? `/publish/products/${s.productId}/submissions/${s.id}`
            : `/operate/submissions/${s.id}`,
          mail: true,
        }
      );
    },
  };
  return [
    {
      name: 'review-notices',
      types: Object.keys(told),
      async handle(event) {
        const news = await told[event.type]?.(event);
        if (news) await inTx(db, (tx) => notify(tx, { ...news, source: `event:${event.id}` }));
      },
    },
  ];
}
