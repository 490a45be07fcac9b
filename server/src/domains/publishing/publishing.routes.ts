import { publishingOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { fail } from '../../platform/errors.ts';
import { follow } from '../../platform/event-stream.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Notifications } from '../../platform/notify.ts';
import { pipeline } from './pipeline.ts';
import type { Publishing } from './publishing.service.ts';
import { isOver } from './publishing.ts';

export function publishingRoutes(
  publishing: Publishing,
  owns: (accountId: string, productId: string) => Promise<boolean>,
  notifications: Notifications,
): Route[] {
  return [
    route({
      ...op.getPipeline,
      who: may('catalog:read'),
      handle: async () => {
        const measured = await publishing.estimates();
        return {
          stages: pipeline.map(({ carriesOver: _, ...s }) => ({
            ...s,
            types: [...s.types],
            estimateMs: s.acts === 'system' ? (measured.get(s.stage) ?? s.estimateMs) : s.estimateMs,
          })),
        };
      },
    }),
    route({
      ...op.submitProduct,
      who: may('product:submit'),
      handle: ({ caller, params, body }) => publishing.submit(memberOf(caller), params.productId, body),
    }),
    route({
      ...op.listSubmissions,
      who: may('product:read'),
      handle: async ({ caller, params, query }) => {
        if (!(await owns(caller.accountId ?? '', params.productId)))
          fail('product.missing', { product: params.productId });
        return publishing.list(params.productId, query);
      },
    }),
    route({
      ...op.getSubmission,
      who: may('product:read'),
      handle: async ({ caller, params }) =>
        publishing.view((await publishing.get(caller, params.submissionId)).id),
    }),
    route({
      ...op.followSubmission,
      who: may('product:read'),
      handle: async ({ caller, params, reply }) => {
        const { id } = await publishing.get(caller, params.submissionId);
        return follow(reply, notifications, {
          channel: 'souk_submission',
          id,
          event: 'submission',
          read: () => publishing.view(id),
          isOver: (submission) => isOver(submission.state),
        });
      },
    }),
    route({
      ...op.cancelSubmission,
      who: may('product:submit'),
      handle: ({ caller, params }) => publishing.cancel(memberOf(caller), params.submissionId),
    }),
    route({
      ...op.retrySubmission,
      who: may('submission:retry'),
      handle: ({ caller, params }) => publishing.retry(caller, params.submissionId),
    }),
    route({
      ...op.signOff,
      who: may('product:release'),
      handle: ({ caller, params, body }) =>
        publishing.signOff(memberOf(caller), params.submissionId, body.revision),
    }),
    route({
      ...op.reviewSubmission,
      who: may('review:decide'),
      handle: ({ caller, params, body }) =>
        publishing.review(memberOf(caller), params.submissionId, body.decision, body.comment),
    }),
    route({
      ...op.getSubmissionDiff,
      who: may('product:read'),
      handle: ({ caller, params, query }) => publishing.diff(caller, params.submissionId, query.against),
    }),
  ];
}
