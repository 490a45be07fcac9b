import type { Plan } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Parts } from './prices.rules.ts';

export interface StepRow {
  readonly subscriptionId: string;
  /** The plan that it is a price of; null in rows from before plans could change. */
  readonly planId: string | null;
  readonly from: Date;
  readonly parts: Parts;
  readonly kind: 'decrease' | 'increase';
  readonly announcedAt: Date;
  readonly revisionId: string;
  readonly revision: number;
}

/** Of two rows of one hour the later one holds. */
const steps = (
  where: ReturnType<typeof sql>,
) => sql<StepRow>`select distinct on (t.subscription_id, t.valid_from, t.plan_id) t.subscription_id as "subscriptionId", t.plan_id as "planId",
    t.valid_from as "from", t.parts, t.kind, t.announced_at as "announcedAt", t.revision_id as "revisionId", r.number as revision
  from subscription_prices t join subscriptions s on s.id = t.subscription_id join revisions r on r.id = t.revision_id
  where t.dropped_at is null and ${where} order by t.subscription_id, t.valid_from, t.plan_id, t.id desc`;

/** Of the plan that the subscription has now: what an earlier one cost says nothing about it. */
const current = sql`coalesce(t.plan_id = s.plan_id, true) and t.valid_from >= coalesce((select max(n.valid_from) from subscription_terms n where n.subscription_id = s.id
  and n.applied_at is not null and exists (select from subscription_terms o where o.subscription_id = s.id and o.id < n.id)), '-infinity')`;

export const ofSubscription = (db: Db, id: string) =>
  rows(db, steps(sql`t.subscription_id = ${id} and ${current}`));
export const ofAccount = (db: Db, accountId: string) => rows(db, steps(sql`s.account_id = ${accountId}`));
export const ofProduct = (db: Db, productId: string) =>
  rows(db, steps(sql`s.product_id = ${productId} and s.state <> 'ended' and ${current}`));

/** Those that pay for a product, with what they accepted. */
export const payers = (db: Db, productId: string) =>
  rows<{ id: string; planId: string; parts: Parts }>(
    db,
    sql`select id, plan_id as "planId", coalesce(plan -> 'parts', '[]') as parts from subscriptions where product_id = ${productId} and state <> 'ended' order by id`,
  );

export const subscription = (db: Db, accountId: string, id: string) =>
  row<{ plan: Plan }>(db, sql`select plan from subscriptions where id = ${id} and account_id = ${accountId}`);

/** The plans of the draft and of what buyers see. */
export const plansOf = (db: Db, accountId: string, productId: string) =>
  row<{ draft: Plan[]; live: Plan[] | null }>(
    db,
    sql`select coalesce(p.draft -> 'plans', '[]') as draft, l.document -> 'plans' as live from products p left join revisions l on l.id = p.live_revision_id
      where p.id = ${productId} and p.account_id = ${accountId}`,
  );

/** The plans of what is live now, and of the revision that takes its place; locks the product as moving the slot does. */
export const plansOfRelease = (tx: Tx, productId: string, revisionId: string) =>
  row<{ accountId: string; before: Plan[] | null; after: Plan[] | null }>(
    tx,
    sql`select p.account_id as "accountId", l.document -> 'plans' as before, n.document -> 'plans' as after from products p left join revisions l on l.id = p.live_revision_id
      join revisions n on n.id = ${revisionId} where p.id = ${productId} for update of p`,
  );

export async function insert(
  tx: Tx,
  subscriptionIds: readonly string[],
  step: { revisionId: string; parts: Parts; kind: string; announcedAt: Date; from: Date },
): Promise<void> {
  await sql`insert into subscription_prices (subscription_id, plan_id, revision_id, parts, kind, announced_at, valid_from)
    select id, plan_id, ${step.revisionId}, ${json(step.parts)}, ${step.kind}, ${step.announcedAt}, ${step.from} from subscriptions where id = any (${[...subscriptionIds]}::text[]) order by id`.execute(
    tx,
  );
}

/** Steps that have not begun give way. */
export const dropComing = (tx: Tx, subscriptionIds: readonly string[], at: Date, by: string) =>
  changed(
    tx,
    sql`update subscription_prices set dropped_at = ${at}, dropped_by = ${by}
      where subscription_id = any (${[...subscriptionIds]}::text[]) and valid_from > ${at} and dropped_at is null`,
  );

/** What a release changed for each of those who have the product; for their mail. */
export const announcedBy = (db: Db, revisionId: string) =>
  rows<{
    subscriptionId: string;
    accountId: string;
    title: string;
    plan: Plan;
    steps: { from: string; parts: Parts; kind: string }[];
  }>(
    db,
    sql`select s.id as "subscriptionId", s.account_id as "accountId", coalesce(r.document -> 'listing' ->> 'title', p.slug) as title, s.plan,
      jsonb_agg(jsonb_build_object('from', t.valid_from, 'parts', t.parts, 'kind', t.kind) order by t.valid_from, t.id) as steps
    from subscription_prices t join subscriptions s on s.id = t.subscription_id join products p on p.id = s.product_id join revisions r on r.id = t.revision_id
    where t.revision_id = ${revisionId} and s.state <> 'ended' and t.dropped_at is null group by s.id, r.id, p.slug order by s.id`,
  );

export const subscriptionNews = (db: Db, ids: readonly string[]) =>
  rows<{ subscriptionId: string; accountId: string; title: string }>(
    db,
    sql`select s.id as "subscriptionId", s.account_id as "accountId", coalesce(l.document -> 'listing' ->> 'title', p.slug) as title
      from subscriptions s join products p on p.id = s.product_id left join revisions l on l.id = p.live_revision_id where s.id = any (${[...ids]}::text[]) and s.state <> 'ended'`,
  );
