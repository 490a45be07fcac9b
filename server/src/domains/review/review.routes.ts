import { reviewOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Review } from './review.service.ts';

export function reviewRoutes({ queue, disputes, exceptions, comments }: Review): Route[] {
  return [
    route({
      ...op.listReviewQueue,
      who: may('review:read'),
      handle: async ({ caller, query }) => ({ items: await queue.list(memberOf(caller), query) }),
    }),
    route({
      ...op.takeQueueItem,
      who: may('review:decide'),
      handle: ({ caller, params }) => queue.take(memberOf(caller), params.itemId),
    }),
    route({
      ...op.releaseQueueItem,
      who: may('review:decide'),
      handle: ({ caller, params }) => queue.release(memberOf(caller), params.itemId),
    }),
    route({
      ...op.openDispute,
      who: may('product:submit'),
      handle: ({ caller, body }) => disputes.open(memberOf(caller), body),
    }),
    route({
      ...op.listDisputes,
      who: may('product:read'),
      handle: ({ caller, query: { submissionId, modelPackage, algorithm, state, ...paging } }) =>
        disputes.list(
          {
            accountId: memberOf(caller).accountId,
            ...(submissionId ? { submissionId } : {}),
            ...(modelPackage ? { modelPackage } : {}),
            ...(algorithm ? { algorithm } : {}),
            ...(state ? { state } : {}),
          },
          paging,
        ),
    }),
    route({
      ...op.getDispute,
      who: may('product:read'),
      handle: ({ caller, params }) => disputes.get(caller, params.disputeId),
    }),
    route({
      ...op.withdrawDispute,
      who: may('product:submit'),
      handle: ({ caller, params }) => disputes.withdraw(memberOf(caller), params.disputeId),
    }),
    route({
      ...op.answerDispute,
      who: may('review:decide'),
      handle: ({ caller, params, body }) =>
        disputes.answer(memberOf(caller), params.disputeId, body.answer, body.text),
    }),
    route({
      ...op.listAllDisputes,
      who: may('review:read'),
      handle: ({ query: { state, ...paging } }) => disputes.list(state ? { state } : {}, paging),
    }),
    route({
      ...op.listExceptions,
      who: may('product:read'),
      handle: async ({ caller }) => ({ items: await exceptions.list(memberOf(caller)) }),
    }),
    route({
      ...op.revokeException,
      who: may('review:decide'),
      handle: ({ caller, params, body }) =>
        exceptions.revoke(memberOf(caller), params.exceptionId, body.reason),
    }),
    route({
      ...op.listComments,
      who: may('product:read'),
      handle: async ({ caller, params }) => ({
        items: await comments.list(memberOf(caller), params.submissionId),
      }),
    }),
    route({
      ...op.addComment,
      who: may('submission:comment'),
      handle: ({ caller, params, body }) => comments.add(memberOf(caller), params.submissionId, body),
    }),
  ];
}
