import type { ValidationProfile } from '@souk/contract';
import { changed, type Db, json, row, sql, type Tx } from '../../platform/db.ts';
import type { Servable } from '../runtime/index.ts';

/** A version with a deployment: what is served, and the sample with which it was certified. */
export interface VersionRow {
  readonly productId: string;
  readonly accountId: string;
  readonly version: string;
  readonly servable: Servable;
  readonly profile: ValidationProfile | null;
  readonly instance: { readonly name: string; readonly cpus: number; readonly memoryMb: number };
}

export const find = (db: Db, product: string, version: string) =>
  row<VersionRow>(
    db,
    sql`select p.id as "productId", p.account_id as "accountId", v.number as version, coalesce(v.servable, d.servable) as servable,
      v.resource -> 'validationProfile' as profile,
      jsonb_build_object('name', i.name, 'cpus', i.cpus, 'memoryMb', i.memory_mb) as instance
    from products p join publishers b on b.account_id = p.account_id join product_versions v on v.product_id = p.id
      join deployments d on d.product_id = v.product_id and d.version = v.number join instance_types i on i.name = d.instance_type
    where b.slug || '/' || p.slug = ${product} and v.number = ${version}`,
  );

/** From now on it is this server that serves the version, wherever it runs: what was there before stays known. */
export async function serve(
  tx: Tx,
  v: VersionRow,
  given: { serverId: string; by: string; at: Date },
): Promise<void> {
  const remote: Servable = { kind: 'remote', serverId: given.serverId };
  await sql`insert into served_elsewhere (product_id, version, server_id, original, by, since)
    values (${v.productId}, ${v.version}, ${given.serverId}, ${json(v.servable)}, ${given.by}, ${given.at})
    on conflict (product_id, version) do update set server_id = excluded.server_id, by = excluded.by, since = excluded.since`.execute(
    tx,
  );
  await replace(tx, v, remote, 'remote');
}

/** Back to what it was served from here. False where this server does not serve it. */
export async function serveHere(tx: Tx, v: VersionRow, serverId: string): Promise<boolean> {
  const kept = await row<{ original: Servable }>(
    tx,
    sql`delete from served_elsewhere where product_id = ${v.productId} and version = ${v.version} and server_id = ${serverId} returning original`,
  );
  if (!kept) return false;
  await replace(tx, v, kept.original, kept.original.kind);
  return true;
}

async function replace(tx: Tx, v: VersionRow, servable: Servable, backend: string): Promise<void> {
  await sql`update product_versions set servable = ${json(servable)} where product_id = ${v.productId} and number = ${v.version}`.execute(
    tx,
  );
  await changed(
    tx,
    sql`update deployments set servable = ${json(servable)}, backend = ${backend}, generation = generation + 1, updated_at = now()
      where product_id = ${v.productId} and version = ${v.version}`,
  );
}
