import { trainingOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { follow } from '../../platform/event-stream.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Notifications } from '../../platform/notify.ts';
import type { Training } from './training.service.ts';
import { isOver } from './training.ts';

/** A training that prints much changes many times a second. */
const pauseMs = 500;

export function trainingRoutes(training: Training, notifications: Notifications): Route[] {
  return [
    route({
      ...op.createTrainingJob,
      who: may('training:manage'),
      handle: ({ caller, body }) => training.create(memberOf(caller), body),
    }),
    route({
      ...op.listTrainingJobs,
      who: may('training:read'),
      handle: ({ caller, query }) => training.list(memberOf(caller), query),
    }),
    route({
      ...op.listTrainable,
      who: may('training:read'),
      handle: ({ caller, query }) => training.trainable(memberOf(caller), query),
    }),
    route({
      ...op.getTrainingJob,
      who: may('training:read'),
      handle: ({ caller, params }) => training.get(memberOf(caller).accountId, params.name),
    }),
    route({
      ...op.followTrainingJob,
      who: may('training:read'),
      handle: async ({ caller, params, reply }) => {
        const { accountId } = memberOf(caller);
        const { id } = await training.own(accountId, params.name);
        return follow(reply, notifications, {
          channel: 'souk_training',
          id,
          event: 'training',
          read: () => training.get(accountId, params.name),
          isOver: (job) => isOver(job.status),
          pauseMs,
        });
      },
    }),
    route({
      ...op.getTrainingLog,
      who: may('training:read'),
      handle: ({ caller, params, query }) =>
        training.log(memberOf(caller).accountId, params.name, query.after),
    }),
    route({
      ...op.stopTrainingJob,
      who: may('training:manage'),
      handle: ({ caller, params }) => training.stop(memberOf(caller), params.name),
    }),
    route({
      ...op.deleteTrainingJob,
      who: may('training:manage'),
      handle: ({ caller, params }) => training.remove(memberOf(caller), params.name),
    }),
  ];
}
