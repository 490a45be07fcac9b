import { type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';

export async function append(
  tx: Tx,
  e: {
    accountId: string | null;
    actor: string;
    action: string;
    target: string;
    details: Record<string, unknown>;
    requestId: string | null;
  },
): Promise<void> {
  await sql`select audit_append(${e.accountId}, ${e.actor}, ${e.action}, ${e.target}, ${json(e.details)}, ${e.requestId})`.execute(
    tx,
  );
}

export interface EntryRow {
  readonly id: number;
  readonly at: Date;
  readonly accountId: string | null;
  readonly actor: string;
  readonly action: string;
  readonly target: string;
  readonly details: Record<string, unknown>;
  readonly requestId: string | null;
  readonly previousSha256: string;
  readonly sha256: string;
}

export interface AuditFilter {
  readonly accountId?: string;
  readonly action?: string;
  readonly actor?: string;
  readonly target?: string;
  readonly from?: string;
  readonly to?: string;
  readonly before?: number;
}

const matches = (
  f: AuditFilter,
) => sql`(${f.accountId ?? null}::text is null or account_id = ${f.accountId ?? null})
          and (${f.action ?? null}::text is null or starts_with(action, ${f.action ?? null}))
          and (${f.actor ?? null}::text is null or actor = ${f.actor ?? null})
          and (${f.target ?? null}::text is null or target = ${f.target ?? null})
          and (${f.from ?? null}::timestamptz is null or at >= ${f.from ?? null}::timestamptz)
          and (${f.to ?? null}::timestamptz is null or at < ${f.to ?? null}::timestamptz)`;

/** Newest first. An action may be given by its beginning: `product.` finds every act on products. */
export const listEntries = (db: Db, f: AuditFilter, limit: number) =>
  rows<EntryRow>(
    db,
    sql`select id, at, account_id as "accountId", actor, action, target, details, request_id as "requestId",
          previous_sha256 as "previousSha256", sha256
        from audit_entries
        where ${matches(f)}
          and (${f.before ?? null}::bigint is null or id < ${f.before ?? null}::bigint)
        order by id desc limit ${limit}`,
  );

export interface ExportRow {
  readonly id: number;
  /** What `audit_hash` hashes, letter by letter. */
  readonly hashed: string;
  readonly sha256: string;
}

/** The next entries after one, oldest first, up to the last that there was when the export began. */
export const exportStretch = (db: Db, f: AuditFilter, after: number, last: number, limit: number) =>
  rows<ExportRow>(
    db,
    sql`select id, sha256, jsonb_build_array(id, to_char(at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), account_id, actor, action, target, details,
          request_id, previous_sha256)::text as hashed
        from audit_entries where id > ${after} and id <= ${last} and ${matches(f)} order by id limit ${limit}`,
  );

export const lastEntry = async (db: Db): Promise<number> =>
  (await row<{ id: number }>(db, sql`select coalesce(max(id), 0) as id from audit_entries`))?.id ?? 0;

/** Computes the hashes of a stretch of entries again; answers the first that does not fit, or how far it got. */
export const checkStretch = (db: Db, after: { id: number; sha256: string }, limit: number) =>
  row<{
    entries: number;
    lastId: number | null;
    lastSha256: string | null;
    brokenId: number | null;
    problem: string | null;
  }>(
    db,
    sql`with stretch as (
          select id, sha256, previous_sha256,
            audit_hash(id, at, account_id, actor, action, target, details, request_id, previous_sha256) as computed,
            lag(id, 1, ${after.id}::bigint) over (order by id) as id_before,
            lag(sha256, 1, ${after.sha256}::text) over (order by id) as sha256_before
          from audit_entries where id > ${after.id} order by id limit ${limit}
        ), broken as (
          select id, case when computed <> sha256 then 'was changed' when id <> id_before + 1 then 'has no predecessor'
            when previous_sha256 <> sha256_before then 'does not follow its predecessor' end as problem
          from stretch where computed <> sha256 or id <> id_before + 1 or previous_sha256 <> sha256_before order by id limit 1
        )
        select (select count(*) from stretch) as entries, (select max(id) from stretch) as "lastId",
          (select sha256 from stretch order by id desc limit 1) as "lastSha256",
          (select id from broken) as "brokenId", (select problem from broken) as problem`,
  );
