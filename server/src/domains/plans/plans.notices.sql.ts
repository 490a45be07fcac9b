import type { Plan } from '@souk/contract';
import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export type NoticeKind = 'quota-80' | 'quota-100' | 'trial-7' | 'trial-1';

export interface QuotaNow {
  readonly subscriptionId: string;
  readonly accountId: string;
  readonly title: string;
  readonly plan: Plan;
  readonly dimension: string;
  readonly units: number;
  readonly used: number;
  readonly since: Date;
  readonly resetsAt: Date;
  readonly hard: boolean;
}

const title = sql`coalesce(r.document -> 'listing' ->> 'title', p.slug) as title`;
const about = sql`join products p on p.id = s.product_id join revisions r on r.id = s.revision_id`;

/** Subscriptions whose account used something of the product lately, with a quota of which four fifths are used. */
export const nearLimit = (db: Db, moment: Date, since: Date) =>
  rows<QuotaNow>(
    db,
    sql`select s.id as "subscriptionId", s.account_id as "accountId", ${title}, s.plan, q.dimension, q.units, q.used, q.since, q.resets_at as "resetsAt", q.hard
    from (select distinct u.subscription_id from usage_records u where u.hour >= ${since}) busy join subscriptions s on s.id = busy.subscription_id ${about}
      cross join lateral subscription_quota(s.id, ${moment}) q
    where s.state <> 'ended' and q.used * 5 >= q.units * 4 and not exists (select from plan_notices n where n.subscription_id = s.id and n.kind = 'quota-100' and n.about = q.since)
    order by s.id`,
  );

export const endingTrials = (db: Db, moment: Date, before: Date) =>
  rows<{ subscriptionId: string; accountId: string; title: string; plan: Plan; until: Date }>(
    db,
    sql`select s.id as "subscriptionId", s.account_id as "accountId", ${title}, s.plan, t.trial_until as until
    from subscription_terms t join subscriptions s on s.id = t.subscription_id ${about} cross join lateral terms_at(s.id, ${moment}) n
    where t.trial_until > ${moment} and t.trial_until <= ${before} and t.dropped_at is null and t.converted_at is null and n.term_id = t.id and s.state <> 'ended'
      and not exists (select from plan_notices x where x.subscription_id = s.id and x.kind = 'trial-1' and x.about = t.trial_until)
    order by s.id`,
  );

/** True for the first of its kind. */
export const take = async (
  tx: Tx,
  n: { subscriptionId: string; kind: NoticeKind; about: Date; at: Date },
): Promise<boolean> =>
  (await row(
    tx,
    sql`insert into plan_notices (subscription_id, kind, about, at) values (${n.subscriptionId}, ${n.kind}, ${n.about}, ${n.at}) on conflict do nothing returning kind`,
  )) !== undefined;

export const newsOf = (db: Db, id: string) =>
  row<{
    accountId: string;
    accountName: string;
    publisherAccountId: string;
    productId: string;
    title: string;
    plan: Plan;
  }>(
    db,
    sql`select s.account_id as "accountId", a.name as "accountName", p.account_id as "publisherAccountId", p.id as "productId", ${title}, s.plan
    from subscriptions s join accounts a on a.id = s.account_id ${about} where s.id = ${id}`,
  );
