import { feedbackOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Feedback } from './feedback.service.ts';

export function feedbackRoutes({ reviews, questions, moderation }: Feedback): Route[] {
  const [read, write, answer] = [may('catalog:read'), may('feedback:write'), may('feedback:answer')];
  return [
    route({
      ...op.listReviews,
      who: read,
      handle: ({ caller, params, query }) => reviews.list(caller, params, query),
    }),
    route({
      ...op.getMyReview,
      who: write,
      handle: ({ caller, query }) => reviews.mine(memberOf(caller), query),
    }),
    route({ ...op.putReview, who: write, handle: ({ caller, body }) => reviews.put(memberOf(caller), body) }),
    route({
      ...op.removeReview,
      who: write,
      handle: ({ caller, params }) => reviews.remove(memberOf(caller), params.reviewId),
    }),
    route({
      ...op.putReviewReply,
      who: answer,
      handle: ({ caller, params, body }) => reviews.reply(memberOf(caller), params.reviewId, body.text),
    }),
    route({
      ...op.listProductReviews,
      who: may('product:read'),
      handle: ({ caller, params, query }) => reviews.ofOwnProduct(memberOf(caller), params.productId, query),
    }),
    route({
      ...op.listPublicQuestions,
      who: read,
      handle: ({ caller, params, query }) => questions.listPublic(caller, params, query),
    }),
    route({
      ...op.askQuestion,
      who: write,
      handle: ({ caller, body }) => questions.ask(memberOf(caller), body),
    }),
    route({
      ...op.listQuestions,
      who: may('feedback:read'),
      handle: ({ caller, query }) => questions.list(memberOf(caller), query),
    }),
    route({
      ...op.getQuestion,
      who: may('feedback:read'),
      handle: ({ caller, params }) => questions.get(memberOf(caller), params.questionId),
    }),
    route({
      ...op.addQuestionMessage,
      who: may('feedback:converse'),
      handle: ({ caller, params, body }) =>
        questions.addMessage(memberOf(caller), params.questionId, body.text),
    }),
    route({
      ...op.closeQuestion,
      who: may('feedback:converse'),
      handle: ({ caller, params }) => questions.close(memberOf(caller), params.questionId),
    }),
    route({
      ...op.publishQuestion,
      who: answer,
      handle: ({ caller, params, body }) =>
        questions.publish(memberOf(caller), params.questionId, body.public),
    }),
    route({
      ...op.reportFeedback,
      who: may('feedback:report'),
      handle: ({ caller, body }) => moderation.report(memberOf(caller), body),
    }),
    route({
      ...op.listModeration,
      who: may('feedback:moderate'),
      handle: ({ query }) => moderation.list(query),
    }),
    route({
      ...op.moderate,
      who: may('feedback:moderate'),
      handle: ({ caller, params, body }) => moderation.decide(memberOf(caller), params.itemId, body),
    }),
  ];
}
