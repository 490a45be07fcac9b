import {
  webServiceLimits as limits,
  type NewWebServiceEndpoint,
  type WebServiceEndpoint,
  type WebServiceEndpointChange,
  type WebServiceJobs,
  type WebServiceKeys,
  type WebServiceLog,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { list as listJobs } from './batches.sql.ts';
import { folderOf, newHexId, newKey, urlsOf } from './webservices.rules.ts';
import * as store from './webservices.sql.ts';
import type { EndpointRow, JobRow, WebServiceRow } from './webservices.ts';

export type WebServiceEndpoints = ReturnType<typeof newWebServiceEndpoints>;
type Settings = Omit<NewWebServiceEndpoint, 'name'>;

/** Endpoints of web services: each with an address and two keys of its own, so that one customer can be told from another. */
export function newWebServiceEndpoints({ db, clock, config }: Pick<Platform, 'db' | 'clock' | 'config'>) {
  async function serviceOf(accountId: string, id: string): Promise<WebServiceRow> {
    const found = await store.find(db, id);
    return found?.accountId === accountId ? found : fail('web_service.missing', { service: id });
  }

  async function find(accountId: string, serviceId: string, name: string) {
    const service = await serviceOf(accountId, serviceId);
    const endpoint =
      (await store.endpoints(db, serviceId)).find((e) => e.name === name) ??
      fail('web_service.endpoint_missing', { service: service.name, endpoint: name });
    return { service, endpoint };
  }

  function checkLogging({ loggingUntil }: Settings) {
    if (typeof loggingUntil === 'string' && Date.parse(loggingUntil) <= clock.now().getTime())
      fail('web_service.logging_past', { until: loggingUntil });
  }

  async function create(
    caller: Member,
    serviceId: string,
    given: NewWebServiceEndpoint,
  ): Promise<{ endpoint: WebServiceEndpoint; keys: WebServiceKeys }> {
    const service = await serviceOf(caller.accountId, serviceId);
    const { name } = given;
    checkLogging(given);
    const made = newEndpointRow(serviceId, given, { isDefault: false, by: caller.email });
    const taken = () => fail('web_service.endpoint_taken', { service: service.name, endpoint: name });
    try {
      await inTx(db, async (tx) => {
        if (!(await store.lock(tx, caller.accountId, serviceId)))
          fail('web_service.missing', { service: serviceId });
        const there = await store.endpoints(tx, serviceId);
        if (there.some((e) => e.name === name)) taken();
        if (there.length >= limits.endpointsPerService)
          fail('web_service.endpoint_limit', { limit: limits.endpointsPerService });
        // Where the default one was deleted, as the last of all, the next takes its place.
        await store.insertEndpoint(tx, { ...made.row, isDefault: there.length === 0 });
        await audit(tx, caller, 'webservice.endpoint_created', made.row.id, { service: service.name, name });
      });
    } catch (error) {
      if (violated(error) === 'web_service_endpoints_name') taken();
      throw error;
    }
    const { endpoint } = await find(caller.accountId, serviceId, name);
    return { endpoint: endpointView(config.publicUrl, service, endpoint), keys: made.keys };
  }

  async function update(
    caller: Member,
    serviceId: string,
    name: string,
    change: WebServiceEndpointChange,
  ): Promise<WebServiceEndpoint> {
    const { service, endpoint } = await find(caller.accountId, serviceId, name);
    checkLogging(change);
    const { loggingUntil, ...rest } = change;
    const until =
      loggingUntil === undefined
        ? endpoint.loggingUntil
        : loggingUntil === null
          ? null
          : new Date(loggingUntil);
    const wanted = { ...endpoint, ...rest, loggingUntil: until };
    await inTx(db, async (tx) => {
      if (!(await store.updateEndpoint(tx, endpoint.id, wanted)))
        fail('web_service.endpoint_frozen', { endpoint: name });
      await audit(tx, caller, 'webservice.endpoint_updated', endpoint.id, {
        service: service.name,
        name,
        ...change,
      });
    });
    return endpointView(config.publicUrl, service, (await find(caller.accountId, serviceId, name)).endpoint);
  }

  async function remove(caller: Member, serviceId: string, name: string): Promise<void> {
    const { service, endpoint } = await find(caller.accountId, serviceId, name);
    await inTx(db, async (tx) => {
      await store.lock(tx, caller.accountId, serviceId);
      if (endpoint.isDefault && (await store.endpoints(tx, serviceId)).length > 1)
        fail('web_service.endpoint_default');
      if ((await store.removeEndpoint(tx, endpoint.id)) === 0)
        fail('web_service.endpoint_frozen', { endpoint: name });
      await audit(tx, caller, 'webservice.endpoint_deleted', endpoint.id, { service: service.name, name });
    });
  }

  async function regenerate(
    caller: Member,
    serviceId: string,
    name: string,
    which: 'primary' | 'secondary',
  ): Promise<WebServiceKeys> {
    const { service, endpoint } = await find(caller.accountId, serviceId, name);
    const { key, ...kept } = newKey();
    await inTx(db, async (tx) => {
      await store.setKey(tx, endpoint.id, which, kept);
      const details = { service: service.name, name, key: which };
      await audit(tx, caller, 'webservice.key_regenerated', endpoint.id, details);
    });
    return {
      primaryKey: which === 'primary' ? key : null,
      secondaryKey: which === 'secondary' ? key : null,
    };
  }

  return {
    find,
    create,
    update,
    remove,
    regenerate,
    async log(accountId: string, serviceId: string, name: string): Promise<WebServiceLog> {
      const { endpoint } = await find(accountId, serviceId, name);
      const found = await store.log(db, endpoint.id, 200);
      return { items: found.map((l) => ({ ...l, at: l.at.toISOString() })) };
    },
    async jobs(accountId: string, serviceId: string, name: string): Promise<WebServiceJobs> {
      const { endpoint } = await find(accountId, serviceId, name);
      return { items: (await listJobs(db, endpoint.id, 200)).map(jobView) };
    },
  };
}

/** A new endpoint, with the keys that are shown this once. */
export function newEndpointRow(
  serviceId: string,
  { name, ...given }: NewWebServiceEndpoint,
  { isDefault, by }: { isDefault: boolean; by: string },
): { row: Omit<EndpointRow, 'createdAt' | 'updatedAt'>; keys: WebServiceKeys } {
  const [primary, secondary] = [newKey(), newKey()];
  return {
    row: {
      id: newHexId(),
      serviceId,
      name,
      isDefault,
      description: given.description ?? '',
      maxConcurrentCalls: given.maxConcurrentCalls ?? limits.concurrencyDefault,
      logging: given.logging ?? 'None',
      loggingUntil: given.loggingUntil ? new Date(given.loggingUntil) : null,
      sampleData: given.sampleData ?? true,
      readOnly: false,
      primarySha256: primary.sha256,
      primaryHint: primary.hint,
      secondarySha256: secondary.sha256,
      secondaryHint: secondary.hint,
      createdBy: by,
    },
    keys: { primaryKey: primary.key, secondaryKey: secondary.key },
  };
}

const jobView = (j: JobRow): WebServiceJobs['items'][number] => ({
  id: j.id,
  state: j.state,
  input: j.input,
  output: j.output,
  rows: j.rowsDone,
  failure: j.failure,
  createdBy: j.createdBy,
  createdAt: j.createdAt.toISOString(),
  startedAt: j.startedAt?.toISOString() ?? null,
  endedAt: j.endedAt?.toISOString() ?? null,
});

export function endpointView(
  publicUrl: string,
  { workspace, id: serviceId }: Pick<WebServiceRow, 'workspace' | 'id'>,
  e: EndpointRow,
): WebServiceEndpoint {
  return {
    id: e.id,
    name: e.name,
    isDefault: e.isDefault,
    description: e.description,
    maxConcurrentCalls: e.maxConcurrentCalls,
    logging: e.logging,
    loggingUntil: e.loggingUntil?.toISOString() ?? null,
    sampleData: e.sampleData,
    readOnly: e.readOnly,
    primaryKey: e.primaryHint,
    secondaryKey: e.secondaryHint,
    urls: urlsOf(publicUrl, workspace, serviceId, e),
    folder: folderOf(e),
    createdBy: e.createdBy,
    createdAt: e.createdAt.toISOString(),
    updatedAt: e.updatedAt.toISOString(),
  };
}
