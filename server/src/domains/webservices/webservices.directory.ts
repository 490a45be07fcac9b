import { hashApiKey, isApiKey } from '../../platform/api-keys.ts';
import type { Db } from '../../platform/db.ts';
import { urlsOf, workspaceOf } from './webservices.rules.ts';
import * as store from './webservices.sql.ts';
import type { EndpointRow, WebServiceRow } from './webservices.ts';

export interface Found {
  readonly service: WebServiceRow;
  readonly endpoint: EndpointRow;
}

export type Directory = ReturnType<typeof newDirectory>;

/** Web services as addresses name them: whoever asks says which workspace it is, and only what is in it is found. */
export function newDirectory(db: Db, publicUrl: string) {
  async function service(workspace: string, id: string): Promise<WebServiceRow | undefined> {
    const found = await store.find(db, id);
    return found?.workspace === workspace ? found : undefined;
  }
  return {
    workspaceOf,
    service,
    async endpoint(workspace: string, endpointId: string): Promise<Found | undefined> {
      const endpoint = await store.endpointById(db, endpointId);
      const found = endpoint && (await service(workspace, endpoint.serviceId));
      return endpoint && found ? { service: found, endpoint } : undefined;
    },
    async endpointNamed(workspace: string, serviceId: string, name: string): Promise<Found | undefined> {
      const found = await service(workspace, serviceId);
      const endpoint = found && (await store.endpoints(db, serviceId)).find((e) => e.name === name);
      return found && endpoint ? { service: found, endpoint } : undefined;
    },
    endpoints: (serviceId: string): Promise<EndpointRow[]> => store.endpoints(db, serviceId),
    list: (accountId: string): Promise<WebServiceRow[]> => store.list(db, accountId),
    /** The endpoint that a key is of. */
    byKey: async (key: string) => (isApiKey(key) ? await store.byKey(db, hashApiKey(key)) : undefined),
    urls: (of: Found) => urlsOf(publicUrl, of.service.workspace, of.service.id, of.endpoint),
  };
}
