import type { ServiceSection } from '@souk/contract';
import type pg from 'pg';
import type { ServiceReportRow } from './service-reports.ts';
import type { ServiceRecord } from './services.ts';

/**
 * What is asked about services, through functions of the migration 0026-data-services.sql:
 *   gateway_services(product_id text default null)
 *     -> product_id, publisher_id, publisher, product, slot ('live'|'preview'), accounts text[], service jsonb (the document's section),
 *        credentials jsonb {id: sealed}, credential_origin
 *   gateway_service_report(rows jsonb)   rows: [{product_id, slot, code, detail, last_at, count}]
 */
export async function readServices(client: pg.Pool, productId: string | null): Promise<ServiceRecord[]> {
  const { rows } = await client.query<{
    product_id: string;
    publisher_id: string;
    publisher: string;
    product: string;
    slot: ServiceRecord['slot'];
    accounts: string[];
    service: ServiceSection;
    credentials: Record<string, string>;
    credential_origin: string | null;
  }>('select * from gateway_services($1)', [productId]);
  return rows.map((r) => ({
    productId: r.product_id,
    publisherId: r.publisher_id,
    publisher: r.publisher,
    product: r.product,
    slot: r.slot,
    accounts: r.accounts,
    section: r.service,
    sealed: r.credentials,
    credentialOrigin: r.credential_origin,
  }));
}

export async function reportServices(client: pg.Pool, rows: readonly ServiceReportRow[]): Promise<void> {
  await client.query('select gateway_service_report($1)', [JSON.stringify(rows)]);
}
