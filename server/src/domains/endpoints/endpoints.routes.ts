import { endpointOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Endpoints } from './endpoints.service.ts';

/** Reading logs needs the right to manage too: what a model writes may hold what it was asked. */
export function endpointRoutes(endpoints: Endpoints): Route[] {
  const read = may('endpoint:read');
  const manage = may('endpoint:manage');
  return [
    route({
      ...op.createEndpoint,
      who: manage,
      handle: ({ caller, body }) => endpoints.create(memberOf(caller), body),
    }),
    route({
      ...op.listEndpoints,
      who: read,
      handle: ({ caller }) => endpoints.list(memberOf(caller).accountId),
    }),
    route({
      ...op.getEndpoint,
      who: read,
      handle: ({ caller, params }) => endpoints.get(memberOf(caller).accountId, params.name),
    }),
    route({
      ...op.updateEndpoint,
      who: manage,
      handle: ({ caller, params, body }) => endpoints.update(memberOf(caller), params.name, body),
    }),
    route({
      ...op.deleteEndpoint,
      who: manage,
      handle: ({ caller, params }) => endpoints.remove(memberOf(caller), params.name),
    }),
    route({
      ...op.getEndpointTraffic,
      who: read,
      handle: ({ caller, params, query }) =>
        endpoints.traffic(memberOf(caller).accountId, params.name, query.minutes),
    }),
    route({
      ...op.listEndpointEvents,
      who: read,
      handle: ({ caller, params }) => endpoints.events(memberOf(caller).accountId, params.name),
    }),
    route({
      ...op.listEndpointLogs,
      who: manage,
      handle: ({ caller, params, query }) => endpoints.logs(memberOf(caller).accountId, params.name, query),
    }),
  ];
}
