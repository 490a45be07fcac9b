import { sql, type Tx } from '../../../platform/db.ts';

/** Asks the runner to go over to the server's new settings: what answers now goes on until what replaces it is ready. */
export async function restartServedBy(tx: Tx, serverId: string): Promise<void> {
  await sql`update deployments set generation = generation + 1, updated_at = now()
    where servable ->> 'serverId' = ${serverId} and desired = 'running'`.execute(tx);
}
