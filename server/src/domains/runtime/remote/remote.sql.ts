import { type Db, rows, sql, type Tx } from '../../../platform/db.ts';

/** The deployments that a server serves and that run, as publisher/product version. */
export const servedBy = async (db: Db, serverId: string): Promise<string[]> =>
  (
    await rows<{ name: string }>(
      db,
      sql`select b.slug || '/' || p.slug || ' ' || d.version as name from deployments d join products p on p.id = d.product_id
        join publishers b on b.account_id = p.account_id
        where d.servable ->> 'serverId' = ${serverId} and d.desired = 'running' order by 1`,
    )
  ).map((d) => d.name);

/** Asks the runner to go over to the server's new settings: what answers now goes on until what replaces it is ready. */
export async function restartServedBy(tx: Tx, serverId: string): Promise<void> {
  await sql`update deployments set generation = generation + 1, updated_at = now()
    where servable ->> 'serverId' = ${serverId} and desired = 'running'`.execute(tx);
}
