import { changed, type Db, rows, sql, type Tx } from '../../platform/db.ts';

/** Said before a part is looked for or written: what is counted on now is not swept away. */
export async function countOn(tx: Tx, sha256: readonly string[]): Promise<void> {
  if (sha256.length === 0) return;
  await sql`insert into image_parts (sha256) select distinct unnest(${[...sha256]}::text[])
    on conflict (sha256) do update set used_at = now()`.execute(tx);
}

/** Contents that no image has any more. */
export const removeUnusedContents = (tx: Tx, before: Date) =>
  changed(
    tx,
    sql`delete from image_contents c where created_at < ${before} and not exists (select 1 from images i where i.digest = c.digest)`,
  );

const unused = sql`not exists (select 1 from image_contents c where c.digest = 'sha256:' || p.sha256 or c.config_digest = 'sha256:' || p.sha256
      or c.layers @> jsonb_build_array(jsonb_build_object('digest', 'sha256:' || p.sha256)))
    and not exists (select 1 from images i where i.archive_sha256 = p.sha256)`;

export const unusedParts = (db: Db, before: Date) =>
  rows<{ sha256: string }>(
    db,
    sql`select p.sha256 from image_parts p where p.used_at < ${before} and ${unused} limit 1000`,
  );

/** False when somebody has come to count on it since. */
export const forget = async (tx: Tx, sha256: string, before: Date): Promise<boolean> =>
  (await changed(
    tx,
    sql`delete from image_parts p where p.sha256 = ${sha256} and p.used_at < ${before} and ${unused}`,
  )) > 0;
