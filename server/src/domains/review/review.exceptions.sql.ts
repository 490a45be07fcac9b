import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ExceptionRow } from './review.ts';

const columns = sql`e.id, e.account_id as "accountId", b.slug as publisher, e.code, e.thing_sha256 as "thingSha256", e.place, e.dispute_id as "disputeId",
  e.reason, e.granted_by as "grantedBy", e.granted_at as "grantedAt", e.revoked_by as "revokedBy", e.revoked_at as "revokedAt",
  e.revoked_reason as "revokedReason"`;
const tables = sql`rule_exceptions e left join publishers b on b.account_id = e.account_id`;

export type NewException = Pick<
  ExceptionRow,
  'id' | 'accountId' | 'code' | 'thingSha256' | 'place' | 'disputeId' | 'reason' | 'grantedBy' | 'grantedAt'
>;

/** One that holds already is enough. */
export async function insertException(tx: Tx, e: NewException): Promise<void> {
  await sql`insert into rule_exceptions (id, account_id, code, thing_sha256, place, dispute_id, reason, granted_by, granted_at)
    values (${e.id}, ${e.accountId}, ${e.code}, ${e.thingSha256}, ${e.place}, ${e.disputeId}, ${e.reason}, ${e.grantedBy}, ${e.grantedAt})
    on conflict (account_id, code, thing_sha256) where revoked_at is null do nothing`.execute(tx);
}

/** Those that hold for an account now. */
export const exceptionsInForce = (db: Db, accountId: string) =>
  rows<ExceptionRow>(
    db,
    sql`select ${columns} from ${tables} where e.account_id = ${accountId} and e.revoked_at is null order by e.id`,
  );

export const listExceptions = (db: Db, accountId: string | null) =>
  rows<ExceptionRow>(
    db,
    sql`select ${columns} from ${tables} where ${accountId}::text is null or e.account_id = ${accountId} order by e.id desc limit 500`,
  );

export const findException = (db: Db, id: string) =>
  row<ExceptionRow>(db, sql`select ${columns} from ${tables} where e.id = ${id}`);

export const revokeException = (tx: Tx, id: string, by: string, at: Date, reason: string) =>
  changed(
    tx,
    sql`update rule_exceptions set revoked_by = ${by}, revoked_at = ${at}, revoked_reason = ${reason} where id = ${id} and revoked_at is null`,
  );
