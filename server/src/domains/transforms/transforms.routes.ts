import { transformOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { follow } from '../../platform/event-stream.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Notifications } from '../../platform/notify.ts';
import type { Transforms } from './transforms.service.ts';
import { isOver } from './transforms.ts';

export function transformRoutes(transforms: Transforms, notifications: Notifications): Route[] {
  return [
    route({
      ...op.createTransformJob,
      who: may('transform:manage'),
      handle: ({ caller, body }) => transforms.create(memberOf(caller), body),
    }),
    route({
      ...op.listTransformJobs,
      who: may('transform:read'),
      handle: ({ caller, query }) => transforms.list(memberOf(caller), query),
    }),
    route({
      ...op.getTransformJob,
      who: may('transform:read'),
      handle: ({ caller, params }) => transforms.get(memberOf(caller), params.transformJob),
    }),
    route({
      ...op.followTransformJob,
      who: may('transform:read'),
      handle: async ({ caller, params, reply }) => {
        const { id } = await transforms.own(memberOf(caller), params.transformJob);
        return follow(reply, notifications, {
          channel: 'souk_transform',
          id,
          event: 'transform-job',
          read: () => transforms.read(id),
          isOver: (job) => isOver(job.state),
        });
      },
    }),
    route({
      ...op.listTransformFiles,
      who: may('transform:read'),
      handle: ({ caller, params, query }) => transforms.files(memberOf(caller), params.transformJob, query),
    }),
    route({
      ...op.stopTransformJob,
      who: may('transform:manage'),
      handle: ({ caller, params }) => transforms.stop(memberOf(caller), params.transformJob),
    }),
  ];
}
