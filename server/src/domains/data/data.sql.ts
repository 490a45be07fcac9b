import type { ServiceSection } from '@souk/contract';
import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

export interface MyDataRow {
  readonly subscriptionId: string;
  readonly productId: string;
  readonly publisher: string;
  readonly product: string;
  readonly title: string;
  readonly plan: string;
  readonly state: 'active' | 'suspended' | 'ended';
  readonly reason: string | null;
  readonly limit: number | null;
  readonly used: number;
  readonly resetsAt: Date | null;
}

/** What the gateway holds calls to, of web-service products: the balance here is the one that is enforced. */
export const myData = (db: Db, accountId: string) =>
  rows<MyDataRow>(
    db,
    sql`select e.subscription_id as "subscriptionId", e.product_id as "productId", e.publisher, e.product,
        coalesce(r.document #>> '{listing,title}', e.product) as title, coalesce(s.plan ->> 'name', s.plan ->> 'title', s.plan_id) as plan,
        e.status as state, e.reason, e.quota_units::float8 as "limit", e.quota_used::float8 as used, e.quota_resets_at as "resetsAt"
      from gateway_entitlements(${accountId}, null) e join subscriptions s on s.id = e.subscription_id
        join products p on p.id = e.product_id join revisions r on r.id = s.revision_id
      where p.type = 'web-service' order by s.accepted_at desc, s.id`,
  );

export interface HealthRow {
  readonly productId: string;
  readonly state: 'unknown' | 'up' | 'down';
  readonly since: Date | null;
  readonly checkedAt: Date | null;
  readonly error: string | null;
  readonly everyMinutes: number;
  readonly uptime24h: number | null;
  readonly uptime30d: number | null;
  readonly latencyMs: number | null;
}

export const healthOf = (db: Db, productIds: readonly string[], now: Date) =>
  rows<HealthRow>(
    db,
    sql`select h.product_id as "productId", h.state, h.since, h.checked_at as "checkedAt", h.error,
        coalesce((r.document #>> '{service,healthEveryMinutes}')::int, 15) as "everyMinutes",
        c."uptime24h", c."uptime30d", c."latencyMs"
      from service_health h join products p on p.id = h.product_id join revisions r on r.id = p.live_revision_id
        cross join lateral (select avg(ok::int) filter (where at > ${now}::timestamptz - interval '24 hours')::float8 as "uptime24h", avg(ok::int)::float8 as "uptime30d",
            percentile_cont(0.5) within group (order by ms) filter (where ok and at > ${now}::timestamptz - interval '24 hours') as "latencyMs"
          from service_checks k where k.product_id = h.product_id and k.at > ${now}::timestamptz - interval '30 days') c
      where h.product_id = any (${[...productIds]})`,
  );

export const liveProductId = (db: Db, publisher: string, product: string) =>
  row<{ id: string }>(
    db,
    sql`select p.id from products p join publishers b on b.account_id = p.account_id where b.slug = ${publisher} and p.slug = ${product}`,
  );

export const ownsProduct = (db: Db, accountId: string, productId: string) =>
  row<{ id: string }>(db, sql`select id from products where id = ${productId} and account_id = ${accountId}`);

export const lastChecks = (db: Db, productId: string) =>
  rows<{ at: Date; ok: boolean; ms: number | null }>(
    db,
    sql`select at, ok, ms from service_checks where product_id = ${productId} order by at desc limit 100`,
  );

export const failuresOf = (db: Db, productId: string, now: Date) =>
  rows<{ slot: 'preview' | 'live'; code: string; detail: string; count: number; lastAt: Date }>(
    db,
    sql`select slot, code, detail, count::float8 as count, last_at as "lastAt" from service_failures
      where product_id = ${productId} and last_at > ${now}::timestamptz - interval '30 days' order by last_at desc`,
  );

export interface Due {
  readonly productId: string;
  readonly accountId: string;
  readonly title: string;
  readonly section: ServiceSection;
}

/** Takes what is due, for so long as a check may last; whoever is killed meanwhile leaves it to others. */
export async function claimDue(tx: Tx, now: Date, count: number): Promise<Due[]> {
  await sql`insert into service_health (product_id, next_at) select p.id, ${now} from products p join revisions r on r.id = p.live_revision_id
    where p.type = 'web-service' and jsonb_typeof(r.document #> '{service,sample}') = 'object' on conflict do nothing`.execute(
    tx,
  );
  return rows<Due>(
    tx,
    sql`with due as (select h.product_id from service_health h join products p on p.id = h.product_id
        where h.next_at <= ${now} and (h.leased_until is null or h.leased_until <= ${now}) and p.live_revision_id is not null
        order by h.next_at limit ${count} for update of h skip locked),
      leased as (update service_health h set leased_until = ${now}::timestamptz + interval '3 minutes' from due where due.product_id = h.product_id returning h.product_id)
      select p.id as "productId", p.account_id as "accountId", coalesce(r.document #>> '{listing,title}', p.slug) as title, r.document -> 'service' as section
      from leased join products p on p.id = leased.product_id join revisions r on r.id = p.live_revision_id`,
  );
}

export interface Checked {
  readonly before: 'unknown' | 'up' | 'down';
  readonly state: 'unknown' | 'up' | 'down';
  readonly since: Date | null;
}

/** One failure may be anybody's; two in a row are the service's. */
export async function insertCheck(
  tx: Tx,
  c: {
    productId: string;
    at: Date;
    ok: boolean;
    ms: number | null;
    error: string | null;
    everyMinutes: number;
  },
): Promise<Checked | undefined> {
  await sql`insert into service_checks (product_id, at, ok, ms, error) values (${c.productId}, ${c.at}, ${c.ok}, ${c.ms}, ${c.error}) on conflict do nothing`.execute(
    tx,
  );
  await sql`delete from service_checks where product_id = ${c.productId} and at < ${c.at}::timestamptz - interval '31 days'`.execute(
    tx,
  );
  return row<Checked>(
    tx,
    sql`with was as (select * from service_health where product_id = ${c.productId} for update)
      update service_health h set failures = case when ${c.ok} then 0 else was.failures + 1 end, error = ${c.error}, checked_at = ${c.at},
        state = next.state, since = case when next.state = was.state then was.since else ${c.at} end,
        next_at = ${c.at}::timestamptz + make_interval(mins => ${c.everyMinutes}), leased_until = null
      from was cross join lateral (select case when ${c.ok} then 'up' when was.failures >= 1 then 'down' else was.state end as state) next
      where h.product_id = was.product_id returning was.state as before, h.state, h.since`,
  );
}

export interface Untold {
  readonly productId: string;
  readonly accountId: string;
  readonly title: string;
  readonly code: string;
  readonly detail: string;
  readonly count: number;
  readonly lastAt: Date;
}

const mendedByPublisher = ['data.service_refused_souk', 'data.not_set_up', 'data.service_nonsense'];

/** Failures that only the publisher can mend, once a day and kind. */
export const tellFailures = (tx: Tx, now: Date) =>
  rows<Untold>(
    tx,
    sql`with told as (update service_failures set told_at = ${now} where code = any (${mendedByPublisher})
        and last_at > coalesce(told_at, '-infinity') and (told_at is null or told_at < ${now}::timestamptz - interval '24 hours')
        returning product_id, code, detail, count, last_at)
      select p.id as "productId", p.account_id as "accountId", coalesce(p.draft #>> '{listing,title}', p.slug) as title, t.code, t.detail, t.count::float8 as count, t.last_at as "lastAt"
      from told t join products p on p.id = t.product_id`,
  );
