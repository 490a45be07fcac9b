import type { DisputeState } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import { type DisputeRow, disputeTransitions } from './review.ts';

const columns = sql`d.id, d.account_id as "accountId", b.slug as publisher, case when p.id is not null then b.slug || '/' || p.slug end as product,
  p.id as "productId", d.of, d.submission_id as "submissionId", d.model_package as "modelPackage", d.algorithm, d.stage, d.code, d.finding, d.evidence,
  d.thing_sha256 as "thingSha256", d.place, d.package_sha256 as "packageSha256", d.deciders, d.text, d.state, d.opened_by as "openedBy",
  d.opened_at as "openedAt", (select q.due_at from queue_items q where q.subject = d.id and q.closed_at is null) as "dueAt",
  d.answer, d.answered_by as "answeredBy", d.answered_at as "answeredAt", e.id as "exceptionId"`;
const tables = sql`disputes d left join publishers b on b.account_id = d.account_id left join submissions s on s.id = d.submission_id
  left join products p on p.id = s.product_id left join rule_exceptions e on e.dispute_id = d.id`;

export type NewDispute = Pick<
  DisputeRow,
  | 'id'
  | 'accountId'
  | 'of'
  | 'submissionId'
  | 'modelPackage'
  | 'algorithm'
  | 'stage'
  | 'code'
  | 'finding'
  | 'evidence'
  | 'thingSha256'
  | 'place'
  | 'packageSha256'
  | 'deciders'
  | 'text'
  | 'openedBy'
  | 'openedAt'
>;

export async function insertDispute(tx: Tx, d: NewDispute): Promise<void> {
  await sql`insert into disputes (id, account_id, of, submission_id, model_package, algorithm, stage, code, finding, evidence, thing_sha256, place,
      package_sha256, deciders, text, opened_by, opened_at)
    values (${d.id}, ${d.accountId}, ${d.of}, ${d.submissionId}, ${d.modelPackage}, ${d.algorithm}, ${d.stage}, ${d.code},
      ${d.finding ? json(d.finding) : null}, ${json(d.evidence)}, ${d.thingSha256}, ${d.place}, ${d.packageSha256}, ${[...d.deciders]}::text[],
      ${d.text}, ${d.openedBy}, ${d.openedAt})`.execute(tx);
}

export const findDispute = (db: Db, id: string) =>
  row<DisputeRow>(db, sql`select ${columns} from ${tables} where d.id = ${id}`);

/** The dispute of the same thing, for the message that it exists. */
export const findSame = (db: Db, d: Pick<NewDispute, 'accountId' | 'code' | 'thingSha256'>) =>
  row<{ id: string }>(
    db,
    sql`select id from disputes where account_id = ${d.accountId} and code = ${d.code} and thing_sha256 = ${d.thingSha256}
      and state <> 'withdrawn' order by id desc limit 1`,
  );

export interface DisputeFilter {
  readonly accountId?: string;
  readonly submissionId?: string;
  readonly modelPackage?: string;
  readonly algorithm?: string;
  readonly state?: DisputeState;
  readonly before: string | null;
  readonly limit: number;
}

/** Newest first: ids begin with their time. */
export const listDisputes = (db: Db, f: DisputeFilter) =>
  rows<DisputeRow>(
    db,
    sql`select ${columns} from ${tables} where (${f.accountId ?? null}::text is null or d.account_id = ${f.accountId ?? null})
      and (${f.submissionId ?? null}::text is null or d.submission_id = ${f.submissionId ?? null})
      and (${f.modelPackage ?? null}::text is null or d.model_package = ${f.modelPackage ?? null})
      and (${f.algorithm ?? null}::text is null or d.algorithm = ${f.algorithm ?? null})
      and (${f.state ?? null}::text is null or d.state = ${f.state ?? null})
      and (${f.before}::text is null or d.id < ${f.before})
    order by d.id desc limit ${f.limit}`,
  );

/** The only place that moves a dispute. False when somebody else was faster. */
export async function moveDispute(
  tx: Tx,
  from: Pick<DisputeRow, 'id' | 'state'>,
  to: DisputeState,
  answer: { text: string; by: string; at: Date } | null,
): Promise<boolean> {
  if (!disputeTransitions[from.state].includes(to))
    throw new Error(`a dispute that is ${from.state} cannot be ${to}`);
  const moved = await changed(
    tx,
    sql`update disputes set state = ${to}, answer = ${answer?.text ?? null}, answered_by = ${answer?.by ?? null}, answered_at = ${answer?.at ?? null}
      where id = ${from.id} and state = ${from.state}`,
  );
  return moved > 0;
}
