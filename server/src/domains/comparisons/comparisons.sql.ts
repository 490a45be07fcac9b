import type { ComparedSample } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ComparisonRow, KeptSample, RecordedRow } from './comparisons.ts';

export const recorded = (db: Db, subscriptionId: string) =>
  rows<RecordedRow>(
    db,
    sql`select id::int8 as id, at, version, content_type as "contentType", accept, body, status, answer_content_type as "answerContentType", answer, duration_ms as "durationMs"
      from recorded_calls where subscription_id = ${subscriptionId} order by id desc`,
  );

export const recordMax = (db: Db, subscriptionId: string) =>
  row<{ max: number | null }>(
    db,
    sql`select record_max as max from subscriptions where id = ${subscriptionId}`,
  );

export async function setRecording(tx: Tx, subscriptionId: string, max: number | null): Promise<void> {
  await sql`update subscriptions set record_max = ${max} where id = ${subscriptionId}`.execute(tx);
}

export const removeRecorded = (tx: Tx, subscriptionId: string, id: string | null) =>
  changed(
    tx,
    sql`delete from recorded_calls where subscription_id = ${subscriptionId} and (${id}::bigint is null or id = ${id}::bigint)`,
  );

export async function insert(
  tx: Tx,
  c: {
    id: string;
    subscriptionId: string;
    from: string;
    to: string;
    source: 'recorded' | 'given';
    tolerance: number;
    samples: readonly KeptSample[];
    by: string;
    now: Date;
  },
): Promise<void> {
  await sql`insert into comparisons (id, subscription_id, from_version, to_version, source, state, tolerance, samples, created_by, created_at)
    values (${c.id}, ${c.subscriptionId}, ${c.from}, ${c.to}, ${c.source}, 'running', ${c.tolerance}, ${json(c.samples)}, ${c.by}, ${c.now})`.execute(
    tx,
  );
}

const columns = sql`c.id, c.subscription_id as "subscriptionId", s.product_id as "productId", c.from_version as "from", c.to_version as "to", c.source, c.state, c.tolerance,
  c.failure, c.created_by as "createdBy", c.created_at as "createdAt", c.ended_at as "endedAt"`;

export const find = (db: Db, id: string) =>
  row<ComparisonRow & { samples: KeptSample[] }>(
    db,
    sql`select ${columns}, c.results, c.samples from comparisons c join subscriptions s on s.id = c.subscription_id where c.id = ${id}`,
  );

export const list = (db: Db, subscriptionId: string) =>
  rows<ComparisonRow>(
    db,
    sql`select ${columns}, c.results from comparisons c join subscriptions s on s.id = c.subscription_id
      where c.subscription_id = ${subscriptionId} order by c.created_at desc, c.id desc limit 20`,
  );

/** The samples themselves are let go: the results have them. */
export const finish = (
  tx: Tx,
  id: string,
  outcome: {
    state: 'done' | 'failed';
    results: readonly ComparedSample[];
    failure: string | null;
    now: Date;
  },
) =>
  changed(
    tx,
    sql`update comparisons set state = ${outcome.state}, results = ${json(outcome.results)}, failure = ${outcome.failure}, ended_at = ${outcome.now}, samples = '[]'
      where id = ${id} and state = 'running'`,
  );

/** What is too old, and what belongs to subscriptions that are over. */
export async function removeOld(tx: Tx, before: Date): Promise<void> {
  await sql`delete from recorded_calls c using subscriptions s where s.id = c.subscription_id and (c.at < ${before} or s.state = 'ended')`.execute(
    tx,
  );
  await sql`delete from comparisons where created_at < ${before}`.execute(tx);
}
