import type { WebServiceSchema, WebServiceWire } from '@souk/contract';
import type pg from 'pg';

/** A web service of an account, with the endpoints by which it is called. */
export interface WebServiceRecord {
  readonly id: string;
  readonly workspace: string;
  readonly accountId: string;
  readonly name: string;
  /** Id of the endpoint with the instances. */
  readonly servedBy: string;
  readonly schema: WebServiceSchema;
  readonly wire: WebServiceWire;
  readonly endpoints: readonly WebServiceEndpointRecord[];
}

export interface WebServiceEndpointRecord {
  /** As addresses name it. */
  readonly id: string;
  readonly name: string;
  /** Hashes of its two keys. */
  readonly keys: readonly string[];
  readonly maxConcurrentCalls: number;
  readonly logging: 'None' | 'Error' | 'All';
  /** Milliseconds since the epoch; null: no end. */
  readonly loggingUntil: number | null;
}

/**
 * Through functions of the migration 0027-web-services.sql:
 *   gateway_web_services(service_id text default null)
 *     -> id, workspace, account_id, name, served_by, schema jsonb, wire jsonb, endpoints jsonb [{id, name, keys, maxConcurrentCalls, logging, loggingUntil}]
 *   gateway_web_service_report(traffic jsonb, log jsonb)
 */
export async function readWebServices(
  client: pg.Pool,
  serviceId: string | null,
): Promise<WebServiceRecord[]> {
  const { rows } = await client.query<{
    id: string;
    workspace: string;
    account_id: string;
    name: string;
    served_by: string;
    schema: WebServiceSchema;
    wire: WebServiceWire;
    endpoints: WebServiceEndpointRecord[];
  }>('select * from gateway_web_services($1)', [serviceId]);
  return rows.map(({ account_id: accountId, served_by: servedBy, ...r }) => ({ ...r, accountId, servedBy }));
}

/** Web services in memory, by the ids of their endpoints. */
export class WebServicesKnown {
  private byId = new Map<string, WebServiceRecord>();
  private byEndpoint = new Map<string, WebServiceRecord>();

  replaceAll(services: readonly WebServiceRecord[]): void {
    this.byId = new Map();
    this.byEndpoint = new Map();
    for (const s of services) this.insert(s);
  }

  /** What is known of one now; undefined: it has gone. */
  replace(id: string, service: WebServiceRecord | undefined): void {
    const before = this.byId.get(id);
    this.byId.delete(id);
    for (const e of before?.endpoints ?? []) this.byEndpoint.delete(e.id);
    if (service) this.insert(service);
  }

  private insert(s: WebServiceRecord) {
    this.byId.set(s.id, s);
    for (const e of s.endpoints) this.byEndpoint.set(e.id, s);
  }

  find(workspace: string, endpointId: string) {
    const service = this.byEndpoint.get(endpointId);
    const endpoint = service?.endpoints.find((e) => e.id === endpointId);
    return service && endpoint && service.workspace === workspace ? { service, endpoint } : undefined;
  }

  data(): WebServiceRecord[] {
    return [...this.byId.values()];
  }
}
