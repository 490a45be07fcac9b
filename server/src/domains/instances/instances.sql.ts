import { changed, type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { PricedSubscription } from './instances.rules.ts';
import type { NewRun } from './instances.ts';

/** False: there is no such subscription, or it is not active. It is held until the transaction ends, so that it cannot be cancelled beside this. */
export const insert = async (tx: Tx, id: string, r: NewRun, at: Date): Promise<boolean> =>
  (await changed(
    tx,
    sql`with active as (select id from subscriptions where id = ${r.subscriptionId} and state = 'active' for share)
    insert into instance_runs (id, subscription_id, use, instance_type, instances, resource_kind, resource_id, resource_name, begun_at, beaten_at, metered_until)
    select ${id}, active.id, ${r.use}, ${r.instanceType}, ${r.instances}::int, ${r.resource.kind}, ${r.resource.id}, ${r.resource.name}, ${at}::timestamptz, ${at}::timestamptz, ${at}::timestamptz from active`,
  )) > 0;

export async function meter(
  tx: Tx,
  ids: readonly string[],
  at: Date,
  gapSeconds: number,
  ended: boolean,
): Promise<void> {
  await sql`select meter_instances(${[...ids]}::text[], ${at}::timestamptz, ${gapSeconds}::int * interval '1 second', ${ended})`.execute(
    tx,
  );
}

/** Runs whose signs of life stopped: they ended with the last one. */
export const closeLapsed = (tx: Tx, before: Date) =>
  changed(
    tx,
    sql`update instance_runs set ended_at = beaten_at, lapsed = true where ended_at is null and beaten_at < ${before}`,
  );

export interface OpenRun {
  readonly id: string;
  readonly subscriptionId: string;
  readonly use: NewRun['use'];
  readonly instanceType: string;
  readonly instances: number;
  readonly kind: NewRun['resource']['kind'];
  readonly resourceId: string;
  readonly resourceName: string;
  readonly begunAt: Date;
}

export const open = (db: Db, subscriptionIds: readonly string[]) =>
  rows<OpenRun>(
    db,
    sql`select id, subscription_id as "subscriptionId", use, instance_type as "instanceType", instances, resource_kind as kind, resource_id as "resourceId",
      resource_name as "resourceName", begun_at as "begunAt" from instance_runs where ended_at is null and subscription_id = any (${[...subscriptionIds]}::text[]) order by begun_at, id`,
  );

/** Subscriptions that are over or held, and have instances that still give signs of life. */
export const astray = (db: Db) =>
  rows<{ subscriptionId: string }>(
    db,
    sql`select distinct s.id as "subscriptionId" from instance_runs r join subscriptions s on s.id = r.subscription_id
      where r.ended_at is null and s.state <> 'active'`,
  );

export const subscriptionsOf = async (db: Db, productId: string) =>
  (
    await rows<{ id: string }>(
      db,
      sql`select id from subscriptions where product_id = ${productId} and state <> 'ended'`,
    )
  ).map((s) => s.id);

export const standing = (db: Db, id: string) =>
  row<{ state: 'active' | 'suspended' | 'ended'; code: string | null; reason: string | null }>(
    db,
    sql`select state, case when state = 'ended' then ended_code else suspended_code end as code,
      case when state = 'ended' then ended_reason else suspended_reason end as reason from subscriptions where id = ${id}`,
  );

/** What an account is subscribed to, or was while something of it still runs, with the prices of now; or one subscription of it, whatever became of it. */
export const priced = (db: Db, accountId: string, id: string | null, at: Date) =>
  rows<PricedSubscription>(
    db,
    sql`select s.id, coalesce(r.document -> 'listing' ->> 'title', p.slug) as title, coalesce(s.plan ->> 'currency', 'USD') as currency,
      coalesce((select t.parts from subscription_prices t where t.subscription_id = s.id and t.dropped_at is null and t.valid_from = price_valid_from(s.id, ${at}::timestamptz)
        and coalesce(t.plan_id = s.plan_id, true) order by t.id desc limit 1), s.plan -> 'parts', '[]') as parts
    from subscriptions s join products p on p.id = s.product_id join revisions r on r.id = s.revision_id
    where s.account_id = ${accountId} and case when ${id}::text is null
      then s.state <> 'ended' or s.ended_at > ${at}::timestamptz - interval '1 day' or exists (select from instance_runs i where i.subscription_id = s.id and i.ended_at is null)
      else s.id = ${id} end
    order by s.id`,
  );

/** What the marketplace asks now for its instance types; those for which it asks nothing are left out. */
export const infrastructurePrices = (db: Db, at: Date) =>
  rows<{ instanceType: string; pricePerHour: string; currency: string }>(
    db,
    sql`select t.name as "instanceType", p.price_per_hour::text as "pricePerHour", p.currency
      from instance_types t cross join lateral instance_type_price_at(t.name, ${at}::timestamptz) p order by t.name`,
  );
