import { type Endpoints, newEndpointCaller } from './domains/endpoints/index.ts';
import { resolveRunnable } from './domains/subscriptions/index.ts';
import {
  newWebServiceEndpoints,
  newWebServices,
  newWebServiceTrial,
  webServiceJobs,
  webServiceRoutes,
} from './domains/webservices/index.ts';
import { newId } from './platform/ids.ts';
import type { Platform } from './platform/platform.ts';

/** Web services of one's own: what is asked for here; calls are answered in the gateway. */
export function composeWebServices(platform: Platform, { endpoints }: { endpoints: Endpoints }) {
  const { db } = platform;
  const services = newWebServices(platform, { runnable: resolveRunnable, endpoints });
  const own = newWebServiceEndpoints(platform);
  const call = newEndpointCaller(db, newId('webservices'));
  const trial = newWebServiceTrial(platform, services, call);
  return {
    routes: webServiceRoutes(services, own, trial),
    jobs: webServiceJobs(db),
  };
}
