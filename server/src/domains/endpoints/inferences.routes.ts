import { inferenceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Inferences } from './inferences.service.ts';

/** A key that may only call may do this too: it is a call. */
export function inferenceRoutes(inferences: Inferences): Route[] {
  const who = may('endpoint:invoke');
  return [
    route({
      ...op.startInference,
      who,
      handle: ({ caller, params, body }) => inferences.start(memberOf(caller), params.name, body),
    }),
    route({
      ...op.listInferences,
      who,
      handle: ({ caller, params }) => inferences.list(memberOf(caller).accountId, params.name),
    }),
    route({
      ...op.getInference,
      who,
      handle: ({ caller, params }) =>
        inferences.get(memberOf(caller).accountId, params.name, params.inferenceId),
    }),
  ];
}
