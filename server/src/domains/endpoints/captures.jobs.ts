import { Readable } from 'node:stream';
import { inTx, rows, sql, type Tx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Locations } from '../files/index.ts';
import { note } from './endpoints.sql.ts';

const linesMax = 2000;

interface Line {
  readonly id: number;
  readonly line: string;
}
interface Batch {
  readonly endpointId: string;
  readonly accountId: string;
  readonly name: string;
  readonly location: string;
  readonly by: string;
}

/**
 * Brings captured calls into the files of their account: one file of JSON lines for each endpoint and run, entered in the transaction in
 * which its lines leave the queue. So a killed run writes nothing twice.
 */
export function captureJob(
  { db, clock, log }: Pick<Platform, 'db' | 'clock' | 'log'>,
  locations: Pick<Locations, 'stage'>,
): JobDefinition {
  async function bring(b: Batch): Promise<void> {
    const lines = await rows<Line>(
      db,
      sql`select id, line from endpoint_captures where endpoint_id = ${b.endpointId} order by id limit ${linesMax}`,
    );
    const [first, last] = [lines[0], lines.at(-1)];
    if (!first || !last) return;
    const at = clock.now().toISOString();
    const uri = `${b.location}${b.name}/${at.slice(0, 13).replace('T', '/')}/${first.id}-${last.id}.jsonl`;
    const content = Readable.from(lines.map((l) => `${l.line}\n`));
    const staged = await locations.stage(b.accountId, uri, content, 'application/jsonl');
    await inTx(db, async (tx) => {
      await staged.commit(tx, b.by);
      await remove(tx, b.endpointId, last.id);
    });
  }
  const remove = (tx: Tx, endpointId: string, lastId: number) =>
    sql`delete from endpoint_captures where endpoint_id = ${endpointId} and id <= ${lastId}`.execute(tx);

  return {
    name: 'endpoints:captures',
    cron: '* * * * *',
    run: async () => {
      const batches = await rows<Batch>(
        db,
        sql`select e.id as "endpointId", e.account_id as "accountId", e.name, e.settings -> 'capture' ->> 'location' as location, e.created_by as by
          from endpoints e where exists (select from endpoint_captures c where c.endpoint_id = e.id) and e.settings -> 'capture' ->> 'location' is not null`,
      );
      for (const b of batches)
        try {
          await bring(b);
        } catch (error) {
          const why = error instanceof Error ? error.message : String(error);
          log.warn({ err: why, endpoint: b.endpointId }, 'captured calls could not be written yet');
          await inTx(db, (tx) =>
            note(tx, b.endpointId, {
              kind: 'capture-failed',
              message: `Captured calls could not be written: ${why}`,
            }),
          );
        }
      // What nobody wants any more, or nobody could take for a day, does not pile up.
      await sql`delete from endpoint_captures c using endpoints e where e.id = c.endpoint_id
        and (coalesce(e.settings -> 'capture', 'null') = 'null' or e.deleted_at is not null or c.at < now() - interval '1 day')`.execute(
        db,
      );
    },
  };
}
