import { createHmac } from 'node:crypto';
import { webServiceLimits } from '@souk/contract';
import type { FastifyInstance } from 'fastify';
import { addAzureMl, type ControlNeeds, newAzureMlControl, newBlobLinks } from './dialects/azureml/index.ts';
import { type Endpoints, newEndpointCaller } from './domains/endpoints/index.ts';
import type { Locations } from './domains/files/index.ts';
import { resolveRunnable } from './domains/subscriptions/index.ts';
import {
  newBatches,
  newDirectory,
  newWebServiceEndpoints,
  newWebServices,
  newWebServiceTrial,
  startBatches,
  webServiceJobs,
  webServiceRoutes,
} from './domains/webservices/index.ts';
import { newId } from './platform/ids.ts';
import type { Platform } from './platform/platform.ts';

interface Parts {
  readonly endpoints: Endpoints;
  readonly locations: Locations;
}

/** Web services of one's own: what is asked for here; request-response and OData are answered in the gateway. */
export function composeWebServices(platform: Platform, { endpoints, locations }: Parts) {
  const { db, config, keys, clock, authorizer } = platform;
  const services = newWebServices(platform, { runnable: resolveRunnable, endpoints });
  const own = newWebServiceEndpoints(platform);
  const call = newEndpointCaller(db, newId('webservices'));
  const trial = newWebServiceTrial(platform, services, call);
  const batches = newBatches(platform, locations);
  const linkSecret = createHmac('sha256', keys.session).update('results of web services').digest('hex');
  return {
    routes: webServiceRoutes(services, own, trial),
    jobs: webServiceJobs(db),
    /** Works off batch jobs, in the control plane. */
    run: () => startBatches({ ...platform, locations, call }),
    /** The vendor's addresses, beside the API. */
    addTo: (app: FastifyInstance, authenticate: ControlNeeds['authenticate']) =>
      addAzureMl(
        app,
        newAzureMlControl({
          directory: newDirectory(db, config.publicUrl),
          services,
          endpoints: own,
          batches,
          links: newBlobLinks(linkSecret, webServiceLimits.resultLinkMinutes),
          publicUrl: config.publicUrl,
          nowMs: () => clock.now().getTime(),
          authenticate,
          authorizer,
        }),
        1024 * 1024,
      ),
  };
}
