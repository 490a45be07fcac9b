import type { ServiceAuthentication } from '@souk/contract';
import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export interface CredentialRow {
  readonly id: string;
  readonly productId: string;
  readonly sealed: string;
  readonly origin: string;
  readonly madeAt: Date;
  readonly madeBy: string;
}

const columns = sql`id, product_id as "productId", sealed, origin, made_at as "madeAt", made_by as "madeBy"`;

/** Of that product only: a document could name the credential of another. */
export const findCredential = (db: Db, productId: string, id: string) =>
  row<CredentialRow>(
    db,
    sql`select ${columns} from service_credentials where id = ${id} and product_id = ${productId}`,
  );

export async function putCredential(
  tx: Tx,
  c: { id: string; productId: string; sealed: string; origin: string; by: string },
): Promise<void> {
  await sql`insert into service_credentials (id, product_id, sealed, origin, made_by)
    values (${c.id}, ${c.productId}, ${c.sealed}, ${c.origin}, ${c.by})
    on conflict (id) do update set sealed = excluded.sealed, made_at = now(), made_by = excluded.made_by`.execute(
    tx,
  );
}

/** How the revisions sign in that name a credential: what is live, in preview, and on its way there. */
export async function waysIn(tx: Tx, productId: string, id: string): Promise<ServiceAuthentication[]> {
  const found = await rows<{ authentication: ServiceAuthentication }>(
    tx,
    sql`select r.document #> '{service,authentication}' as authentication
      from products p join revisions r on r.product_id = p.id where p.id = ${productId}
      and r.document #>> '{service,authentication,credentialId}' = ${id}
      and (r.id in (p.live_revision_id, p.preview_revision_id) or exists (select from submissions s where s.revision_id = r.id and s.ended_at is null))`,
  );
  return found.map((r) => r.authentication);
}

/** Those that no draft, no slot and no submission under way names any more. */
export async function removeUnnamed(tx: Tx, productId: string, kept: string): Promise<void> {
  await sql`delete from service_credentials c where c.product_id = ${productId} and c.id <> ${kept}
    and not exists (select from products p join revisions r on r.product_id = p.id where p.id = c.product_id
      and r.document #>> '{service,authentication,credentialId}' = c.id
      and (r.id in (p.live_revision_id, p.preview_revision_id) or exists (select from submissions s where s.revision_id = r.id and s.ended_at is null)))`.execute(
    tx,
  );
}
