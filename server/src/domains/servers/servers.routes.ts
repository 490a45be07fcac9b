import { type OutputOf, serverOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { Servers } from './servers.service.ts';
import type { ServedVersions } from './servers.versions.service.ts';

export type Backend = OutputOf<typeof op.listBackends>['items'][number];

export function serverRoutes(
  servers: Servers,
  served: ServedVersions,
  backends: () => Promise<readonly Backend[]>,
): Route[] {
  return [
    route({
      ...op.createServer,
      who: may('operator:manage'),
      handle: ({ caller, body }) => servers.create(memberOf(caller), body),
    }),
    route({
      ...op.listServers,
      who: may('operator:read'),
      handle: async () => ({ items: await servers.list() }),
    }),
    route({
      ...op.getServer,
      who: may('operator:read'),
      handle: ({ params }) => servers.get(params.name),
    }),
    route({
      ...op.updateServer,
      who: may('operator:manage'),
      handle: ({ caller, params, body }) => servers.update(memberOf(caller), params.name, body),
    }),
    route({
      ...op.testServer,
      who: may('operator:manage'),
      handle: ({ params }) => servers.test(params.name),
    }),
    route({
      ...op.serveVersion,
      who: may('operator:manage'),
      handle: ({ caller, params, body }) => served.serve(memberOf(caller), params.name, body),
    }),
    route({
      ...op.serveVersionHere,
      who: may('operator:manage'),
      handle: ({ caller, params, query }) => served.serveHere(memberOf(caller), params.name, query),
    }),
    route({
      ...op.listBackends,
      who: may('operator:read'),
      handle: async () => ({ items: [...(await backends())] }),
    }),
    route({
      ...op.deleteServer,
      who: may('operator:manage'),
      handle: ({ caller, params }) => servers.remove(caller, params.name),
    }),
    route({
      ...op.listOwnServers,
      who: may('model:read'),
      handle: async ({ caller }) => ({ items: await servers.listOwn(memberOf(caller)) }),
    }),
  ];
}
