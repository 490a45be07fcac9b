import {
  feedbackLimits,
  type ModerationItem,
  type moderationDecisions,
  type ProductReview,
  type Question,
  type RatingSummary,
} from '@souk/contract';
import { fill } from '../../platform/errors.ts';
import type { QuestionRow, ReviewRow, Standing } from './feedback.ts';

/** Why an account may not review a product; undefined when it may. Who publishes or tests it is no judge of it. */
export function obstacle(s: Standing): 'feedback.own_product' | 'feedback.usage_needed' | undefined {
  if (s.insider) return 'feedback.own_product';
  return s.used < feedbackLimits.reviewUnitsMin ? 'feedback.usage_needed' : undefined;
}

export const unnamed = 'A buyer';

export function reviewView(r: ReviewRow, viewerAccountId: string | null): ProductReview {
  const mine = r.accountId === viewerAccountId;
  const insider = mine || r.publisherAccountId === viewerAccountId;
  return {
    id: r.id,
    rating: r.rating,
    title: r.title,
    text: r.text,
    author: r.showName ? r.accountName : unnamed,
    version: r.version,
    createdAt: r.createdAt.toISOString(),
    editedAt: r.editedAt?.toISOString() ?? null,
    reply:
      r.reply === null
        ? null
        : {
            text: r.reply,
            by: r.replyBy ?? '',
            at: (r.replyAt ?? r.createdAt).toISOString(),
            editedAt: r.replyEditedAt?.toISOString() ?? null,
          },
    mine,
    hidden: r.hiddenAt && insider ? { reason: r.hiddenReason ?? '', at: r.hiddenAt.toISOString() } : null,
  };
}

export function summaryOf(
  rated: { reviews: number; points: number; distribution: number[] } | undefined,
): RatingSummary {
  if (!rated || rated.reviews === 0) return { count: 0, average: null, distribution: [0, 0, 0, 0, 0] };
  return {
    count: rated.reviews,
    average: Math.round((rated.points / rated.reviews) * 10) / 10,
    distribution: rated.distribution,
  };
}

export type Side = Question['side'];
export const sideOf = (q: QuestionRow, accountId: string | null): Side =>
  q.accountId === accountId ? 'asker' : q.publisherAccountId === accountId ? 'publisher' : 'reader';

/** The two sides see who speaks; everybody else reads a buyer and the publisher. */
export function questionView(q: QuestionRow, accountId: string | null): Question {
  const side = sideOf(q, accountId);
  const between = side !== 'reader';
  return {
    id: q.id,
    productId: q.productId,
    publisher: q.publisher,
    product: q.product,
    productTitle: q.productTitle,
    title: q.title,
    state: q.state,
    mayPublish: q.mayPublish,
    public: q.public,
    asker: between ? `${q.askedBy}, ${q.accountName}` : unnamed,
    side,
    messages: q.messages.map((m) => ({
      from: m.side,
      name: m.side === 'publisher' ? q.publisherName : between ? m.by : unnamed,
      text: m.text,
      at: new Date(m.at).toISOString(),
    })),
    createdAt: q.createdAt.toISOString(),
    updatedAt: q.updatedAt.toISOString(),
    closedAt: q.closedAt?.toISOString() ?? null,
    hidden: q.hiddenAt && between ? { reason: q.hiddenReason ?? '', at: q.hiddenAt.toISOString() } : null,
  };
}

type Decision = (typeof moderationDecisions)[number];
type ItemState = ModerationItem['state'];

/** What an operator may decide in which state, and where it leads. */
export const decisions: Readonly<Record<ItemState, Partial<Record<Decision, ItemState>>>> = {
  visible: { hide: 'hidden' },
  reported: { hide: 'hidden', keep: 'visible' },
  hidden: { restore: 'visible' },
};

/** Why not, for a form that shows it before anybody types; the same words as the refusal. */
export const sentence = fill;
