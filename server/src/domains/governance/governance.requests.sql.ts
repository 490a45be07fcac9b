import type { AccessRequest } from '@souk/contract';
import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { RequestRow } from './governance.ts';

const columns = sql`q.id, q.account_id as "accountId", q.person_id as "personId", b.slug as publisher, p.slug as product,
  coalesce((select l.document -> 'listing' ->> 'title' from revisions l where l.id = p.live_revision_id), p.slug) as "productTitle",
  q.plan_id as "planId", q.reason, q.state, q.requested_by as "requestedBy", q.decided_by as "decidedBy", q.decision_reason as "decisionReason",
  q.created_at as "createdAt", q.decided_at as "decidedAt", q.expires_at as "expiresAt"`;
const tables = sql`access_requests q join products p on p.id = q.product_id join publishers b on b.account_id = p.account_id`;

export const findRequest = (db: Db, accountId: string, id: string) =>
  row<RequestRow>(
    db,
    sql`select ${columns} from ${tables} where q.id = ${id} and q.account_id = ${accountId}`,
  );

/** What this person may still hope for or use: pending, or approved and in time. */
export const openRequest = (
  db: Db,
  r: { accountId: string; personId: string; productId: string; planId: string; now: Date },
) =>
  row<RequestRow>(
    db,
    sql`select ${columns} from ${tables} where q.account_id = ${r.accountId} and q.person_id = ${r.personId} and q.product_id = ${r.productId} and q.plan_id = ${r.planId}
      and (q.state = 'pending' or (q.state = 'approved' and q.expires_at > ${r.now})) order by q.id desc limit 1`,
  );

export const listRequests = (
  db: Db,
  accountId: string,
  f: {
    personId: string | null;
    state?: AccessRequest['state'] | undefined;
    before?: string | undefined;
    now: Date;
  },
  limit: number,
) =>
  rows<RequestRow>(
    db,
    sql`select ${columns} from ${tables} where q.account_id = ${accountId}
      and (${f.personId}::text is null or q.person_id = ${f.personId})
      and (${f.state ?? null}::text is null or case when q.state = 'approved' and q.expires_at <= ${f.now} then 'expired' else q.state end = ${f.state ?? null})
      and (${f.before ?? null}::text is null or q.id < ${f.before ?? null}) order by q.id desc limit ${limit}`,
  );

export async function insertRequest(
  tx: Tx,
  r: {
    id: string;
    accountId: string;
    personId: string;
    by: string;
    productId: string;
    planId: string;
    reason: string;
    at: Date;
  },
): Promise<void> {
  await sql`insert into access_requests (id, account_id, person_id, requested_by, product_id, plan_id, reason, created_at)
    values (${r.id}, ${r.accountId}, ${r.personId}, ${r.by}, ${r.productId}, ${r.planId}, ${r.reason}, ${r.at})`.execute(
    tx,
  );
}

/** Only a pending one is decided: of two who decide at once the second changes nothing. */
export const decideRequest = (
  tx: Tx,
  id: string,
  d: { state: 'approved' | 'denied'; by: string; reason: string; at: Date; expiresAt: Date | null },
) =>
  changed(
    tx,
    sql`update access_requests set state = ${d.state}, decided_by = ${d.by}, decision_reason = ${d.reason}, decided_at = ${d.at}, expires_at = ${d.expiresAt}
      where id = ${id} and state = 'pending'`,
  );

export const withdrawRequest = (tx: Tx, id: string, personId: string) =>
  changed(
    tx,
    sql`update access_requests set state = 'withdrawn' where id = ${id} and person_id = ${personId} and state in ('pending', 'approved')`,
  );

/** Takes an approval that is in time; it is good for one subscription. */
export const takeApproval = async (
  tx: Tx,
  r: { accountId: string; personId: string; productId: string; planId: string; now: Date },
): Promise<string | undefined> =>
  (
    await row<{ id: string }>(
      tx,
      sql`update access_requests set state = 'used' where id = (select id from access_requests where account_id = ${r.accountId} and person_id = ${r.personId}
        and product_id = ${r.productId} and plan_id = ${r.planId} and state = 'approved' and expires_at > ${r.now} order by id limit 1 for update) returning id`,
    )
  )?.id;
