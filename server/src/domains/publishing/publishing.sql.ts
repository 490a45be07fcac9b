import type { Evidence, Finding, StageName, StageState, SubmissionState } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import { newId } from '../../platform/ids.ts';
import {
  isOver,
  type StageRow,
  type SubmissionEvent,
  type SubmissionRow,
  transitions,
} from './publishing.ts';

const submissionColumns = sql`s.id, s.product_id as "productId", p.slug as "productSlug", p.type as "productType", b.slug as publisher, s.account_id as "accountId",
  s.revision_id as "revisionId", r.number as revision, r.sha256 as "revisionSha256", r.document, s.state, s.stage, s.submitted_by as "submittedBy",
  s.submitted_at as "submittedAt", s.updated_at as "updatedAt", s.ended_at as "endedAt", s.reviewers_needed as "reviewersNeeded",
  s.review_why as "reviewWhy", s.signed_off_by as "signedOffBy",
  (select q.due_at from queue_items q where q.subject = s.id and q.closed_at is null) as "answerBy"`;
const submissionTables = sql`submissions s join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id join revisions r on r.id = s.revision_id`;

export const find = (db: Db, id: string) =>
  row<SubmissionRow>(db, sql`select ${submissionColumns} from ${submissionTables} where s.id = ${id}`);

export const lock = (tx: Tx, id: string) =>
  row<SubmissionRow>(
    tx,
    sql`select ${submissionColumns} from ${submissionTables} where s.id = ${id} for update of s`,
  );

/** Newest first: ids begin with their time. */
export const list = (db: Db, productId: string, before: string | null, limit: number) =>
  rows<SubmissionRow>(
    db,
    sql`select ${submissionColumns} from ${submissionTables} where s.product_id = ${productId}
    and (${before}::text is null or s.id < ${before}) order by s.id desc limit ${limit}`,
  );

export const underWay = (db: Db, productId: string) =>
  row<SubmissionRow>(
    db,
    sql`select ${submissionColumns} from ${submissionTables} where s.product_id = ${productId} and s.state in ('running', 'waiting', 'held')`,
  );

export async function insert(
  tx: Tx,
  s: {
    id: string;
    productId: string;
    revisionId: string;
    accountId: string;
    stages: readonly StageName[];
    by: string;
    signedOffBy?: string | null;
  },
) {
  await sql`insert into submissions (id, product_id, revision_id, account_id, state, stage, submitted_by, signed_off_by)
    values (${s.id}, ${s.productId}, ${s.revisionId}, ${s.accountId}, 'running', ${s.stages[0]}, ${s.by}, ${s.signedOffBy ?? null})`.execute(
    tx,
  );
  await sql`insert into submission_stages (submission_id, stage, position)
    select ${s.id}, stage, position from unnest(${[...s.stages]}::text[]) with ordinality as t (stage, position)`.execute(
    tx,
  );
  await history(tx, s.id, 'submitted', null, 'running', s.stages[0] ?? null, s.by, null);
}

/**
 * The only place that moves a submission. Returns false, and writes nothing, when the submission is no longer in the state
 * that was read: somebody else was faster.
 */
export async function move(
  tx: Tx,
  from: Pick<SubmissionRow, 'id' | 'state'>,
  event: SubmissionEvent,
  stage: StageName | null,
  actor: string,
  comment: string | null = null,
): Promise<boolean> {
  const to = transitions[from.state][event];
  if (!to) throw new Error(`a submission that is ${from.state} cannot be ${event}`);
  const moved = await changed(
    tx,
    sql`update submissions set state = ${to}, stage = ${stage}, updated_at = now(), ended_at = case when ${isOver(to)} then now() end
    where id = ${from.id} and state = ${from.state}`,
  );
  if (moved) await history(tx, from.id, event, from.state, to, stage, actor, comment);
  return moved > 0;
}

async function history(
  tx: Tx,
  id: string,
  event: string,
  from: SubmissionState | null,
  to: SubmissionState,
  stage: StageName | null,
  actor: string,
  comment: string | null,
) {
  await sql`insert into submission_history (submission_id, event, from_state, to_state, stage, actor, comment)
    values (${id}, ${event}, ${from}, ${to}, ${stage}, ${actor}, ${comment})`.execute(tx);
}

const stageColumns = sql`stage, state, attempt, attempts_before as "attemptsBefore", inputs_sha256 as "inputsSha256", summary, findings, evidence, log, output, started_at as "startedAt", ended_at as "endedAt"`;

export const stagesOf = (db: Db, submissionId: string) =>
  rows<StageRow>(
    db,
    sql`select ${stageColumns} from submission_stages where submission_id = ${submissionId} order by position`,
  );

export const stageOf = (db: Db, submissionId: string, stage: StageName) =>
  row<StageRow>(
    db,
    sql`select ${stageColumns} from submission_stages where submission_id = ${submissionId} and stage = ${stage}`,
  );

/** Begins an attempt. Its number is the key of everything that the attempt does; `counted` holds against the allowed ones. */
export const beginAttempt = (tx: Tx, submissionId: string, stage: StageName) =>
  row<{ attempt: number; counted: number }>(
    tx,
    sql`update submission_stages set state = 'running', attempt = attempt + 1, started_at = now(), ended_at = null
    where submission_id = ${submissionId} and stage = ${stage} and state in ('pending', 'running')
    returning attempt, attempt - attempts_before as counted`,
  );

export interface StageEnd {
  readonly state: StageState;
  readonly summary: string;
  readonly findings?: readonly Finding[];
  readonly evidence?: readonly Evidence[];
  readonly output?: Record<string, unknown> | null;
  /** Of what the attempt read; what is carried over later is found by it. */
  readonly inputsSha256?: string;
  readonly carriedFrom?: string;
}

/** Ends an attempt; 0 when another attempt has begun since or the submission was cancelled. */
export const endAttempt = (tx: Tx, submissionId: string, stage: StageName, attempt: number, end: StageEnd) =>
  changed(
    tx,
    sql`update submission_stages set state = ${end.state}, summary = ${end.summary}, findings = ${json(end.findings ?? [])}, evidence = ${json(end.evidence ?? [])},
      inputs_sha256 = ${end.inputsSha256 ?? null}, output = ${end.output ? json(end.output) : null}, carried_from = ${end.carriedFrom ?? null}, ended_at = now()
    where submission_id = ${submissionId} and stage = ${stage} and attempt = ${attempt} and state = 'running'`,
  );

/** Puts a stage that no attempt is running into a state: waiting for a person, pending again, cancelled. */
export async function setStage(tx: Tx, submissionId: string, stage: StageName, end: StageEnd): Promise<void> {
  await sql`update submission_stages set state = ${end.state}, summary = ${end.summary}, findings = ${json(end.findings ?? [])}, evidence = ${json(end.evidence ?? [])},
      started_at = coalesce(started_at, now()), ended_at = case when ${end.state} in ('waiting', 'pending', 'held') then null else now() end
    where submission_id = ${submissionId} and stage = ${stage}`.execute(tx);
}

/** Puts a held stage back to the start of its allowed attempts. */
export async function tryAgain(tx: Tx, submissionId: string, stage: StageName): Promise<void> {
  await sql`update submission_stages set state = 'pending', attempts_before = attempt, summary = 'Trying again.', findings = '[]', ended_at = null
    where submission_id = ${submissionId} and stage = ${stage}`.execute(tx);
}

export async function cancelOpenStages(tx: Tx, submissionId: string): Promise<void> {
  await sql`update submission_stages set state = 'cancelled', ended_at = now() where submission_id = ${submissionId} and state in ('pending', 'running', 'waiting', 'held')`.execute(
    tx,
  );
}

/** A line of the attempt that is under way; an attempt that was given up no longer writes. */
export async function appendLog(
  tx: Tx,
  submissionId: string,
  stage: StageName,
  attempt: number,
  line: string,
): Promise<void> {
  // Bounded: a stage that chatters must not grow its row without end.
  await sql`update submission_stages set log = log || ${json([{ at: new Date().toISOString(), line: line.slice(0, 2000) }])}
    where submission_id = ${submissionId} and stage = ${stage} and attempt = ${attempt} and state = 'running' and jsonb_array_length(log) < 500`.execute(
    tx,
  );
}

/** The newest earlier submission of the product in which the stage passed with the same inputs. */
export const passedBefore = (
  db: Db,
  productId: string,
  submissionId: string,
  stage: StageName,
  inputsSha256: string,
) =>
  row<StageRow & { submissionId: string; revision: number }>(
    db,
    sql`select ${sql.raw('t.stage, t.state, t.attempt, t.attempts_before as "attemptsBefore", t.inputs_sha256 as "inputsSha256", t.summary, t.findings, t.evidence, t.log, t.output, t.started_at as "startedAt", t.ended_at as "endedAt"')},
      coalesce(t.carried_from, t.submission_id) as "submissionId", (select number from revisions where id = (select revision_id from submissions where id = coalesce(t.carried_from, t.submission_id))) as revision
    from submission_stages t join submissions s on s.id = t.submission_id
    where s.product_id = ${productId} and s.id <> ${submissionId} and t.stage = ${stage} and t.state in ('passed', 'carried-over') and t.inputs_sha256 = ${inputsSha256}
    order by s.submitted_at desc limit 1`,
  );

/** How long a stage took here: the median of its last runs, for the estimate that people see. */
export const measuredEstimates = (db: Db) =>
  rows<{ stage: StageName; medianMs: number }>(
    db,
    sql`select stage, percentile_cont(0.5) within group (order by extract(epoch from ended_at - started_at) * 1000) as "medianMs"
    from (select stage, started_at, ended_at from submission_stages where state = 'passed' and ended_at is not null order by ended_at desc limit 500) recent group by stage`,
  );

export const newSubmissionId = () => newId('sbm');
