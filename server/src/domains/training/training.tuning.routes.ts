import { tuningOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Tuning } from './training.tuning.service.ts';

export function tuningRoutes(tuning: Tuning): Route[] {
  return [
    route({
      ...op.createTuningJob,
      who: may('training:manage'),
      handle: ({ caller, body }) => tuning.create(memberOf(caller), body),
    }),
    route({
      ...op.listTuningJobs,
      who: may('training:read'),
      handle: ({ caller, query }) => tuning.list(memberOf(caller), query),
    }),
    route({
      ...op.getTuningJob,
      who: may('training:read'),
      handle: ({ caller, params }) => tuning.get(memberOf(caller).accountId, params.name),
    }),
    route({
      ...op.stopTuningJob,
      who: may('training:manage'),
      handle: ({ caller, params }) => tuning.stop(memberOf(caller), params.name),
    }),
  ];
}
