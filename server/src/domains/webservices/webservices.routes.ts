import { webServiceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { WebServiceEndpoints } from './webservices.endpoints.service.ts';
import type { WebServices } from './webservices.service.ts';
import type { newWebServiceTrial } from './webservices.trial.ts';

export function webServiceRoutes(
  services: WebServices,
  endpoints: WebServiceEndpoints,
  trial: ReturnType<typeof newWebServiceTrial>,
): Route[] {
  const read = may('webservice:read');
  const manage = may('webservice:manage');
  return [
    route({
      ...op.createWebService,
      who: manage,
      handle: ({ caller, body }) => services.create(memberOf(caller), body),
    }),
    route({
      ...op.listWebServices,
      who: read,
      handle: ({ caller }) => services.list(memberOf(caller).accountId),
    }),
    route({
      ...op.getWebService,
      who: read,
      handle: ({ caller, params }) => services.get(memberOf(caller).accountId, params.service),
    }),
    route({
      ...op.updateWebService,
      who: manage,
      handle: ({ caller, params, body }) => services.update(memberOf(caller), params.service, body),
    }),
    route({
      ...op.deleteWebService,
      who: manage,
      handle: ({ caller, params }) => services.remove(memberOf(caller), params.service),
    }),
    route({
      ...op.testWebService,
      who: manage,
      handle: ({ caller, params, body }) => trial(memberOf(caller), params.service, body),
    }),
    route({
      ...op.getWebServiceTraffic,
      who: read,
      handle: ({ caller, params, query }) =>
        services.traffic(memberOf(caller).accountId, params.service, query.minutes),
    }),
    route({
      ...op.createWebServiceEndpoint,
      who: manage,
      handle: ({ caller, params, body }) => endpoints.create(memberOf(caller), params.service, body),
    }),
    route({
      ...op.updateWebServiceEndpoint,
      who: manage,
      handle: ({ caller, params, body }) =>
        endpoints.update(memberOf(caller), params.service, params.endpoint, body),
    }),
    route({
      ...op.deleteWebServiceEndpoint,
      who: manage,
      handle: ({ caller, params }) => endpoints.remove(memberOf(caller), params.service, params.endpoint),
    }),
    route({
      ...op.regenerateWebServiceKey,
      who: manage,
      handle: ({ caller, params, body }) =>
        endpoints.regenerate(memberOf(caller), params.service, params.endpoint, body.key),
    }),
    route({
      ...op.listWebServiceLog,
      who: manage,
      handle: ({ caller, params }) =>
        endpoints.log(memberOf(caller).accountId, params.service, params.endpoint),
    }),
    route({
      ...op.listWebServiceJobs,
      who: read,
      handle: ({ caller, params }) =>
        endpoints.jobs(memberOf(caller).accountId, params.service, params.endpoint),
    }),
  ];
}
