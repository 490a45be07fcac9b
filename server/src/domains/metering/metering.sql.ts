import { type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { UsageRecord } from './metering.rules.ts';

const columns = sql`hour, dimension, sum(quantity)::bigint as quantity, sum(client_errors)::bigint as "clientErrors", sum(server_errors)::bigint as "serverErrors"`;

export const ofSubscription = (db: Db, subscriptionId: string, from: Date, to: Date) =>
  rows<UsageRecord>(
    db,
    sql`select ${columns} from usage_records where subscription_id = ${subscriptionId} and hour >= ${from} and hour < ${to} group by hour, dimension order by hour`,
  );

export const ofProduct = (db: Db, productId: string, from: Date, to: Date) =>
  rows<UsageRecord>(
    db,
    sql`select ${columns} from usage_records u join subscriptions s on s.id = u.subscription_id
    where s.product_id = ${productId} and hour >= ${from} and hour < ${to} group by hour, dimension order by hour`,
  );

/** Hours of instances that are on the invoice of a month, by what the marketplace asked for the instance type when they ran. */
export interface MonthInfrastructure
  extends Omit<MonthUsage, 'priceFrom' | 'termsFrom' | 'trial' | 'periodFrom' | 'periodTo'> {
  readonly priceFrom: Date | null;
  readonly pricePerHour: string;
  readonly currency: string;
}

export const infrastructureOfAccount = (db: Db, accountId: string, month: { start: Date; end: Date }) =>
  rows<MonthInfrastructure>(
    db,
    sql`select u.subscription_id as "subscriptionId", u.dimension, date_trunc('month', u.hour, 'UTC') as "usedIn", ${month.start}::timestamptz as "invoicedIn",
      nullif(p.valid_from, '-infinity') as "priceFrom", p.price_per_hour::text as "pricePerHour", p.currency, sum(u.quantity)::bigint as quantity, count(*)::int as records
    from usage_records u join subscriptions s on s.id = u.subscription_id
      cross join lateral instance_type_price_at(substring(u.dimension from '^(?:realtime|transform|training)\\.seconds\\.(.+)$'), u.hour) p
    where s.account_id = ${accountId} and u.hour < ${month.end} and u.dimension ~ '^(realtime|transform|training)\\.seconds\\.'
      and greatest(u.invoiced_from, date_trunc('month', u.hour, 'UTC')) = ${month.start}
    group by 1, 2, 3, 5, 6, 7 order by 1, 2, 3, 5 nulls first`,
  );

/** The quota as the gateway holds it: over all subscriptions of this one's account to its product. Nothing where the plan has none. */
export const quota = (db: Db, subscriptionId: string, at: Date) =>
  row<{
    limit: number;
    used: number;
    dimension: string;
    since: Date;
    resetsAt: Date;
    stops: boolean;
  }>(
    db,
    sql`select units as limit, used, dimension, since, resets_at as "resetsAt", hard as stops from subscription_quota(${subscriptionId}, ${at})`,
  );

/** Usage of one month (`usedIn`) that is on the invoice of one month (`invoicedIn`); they differ where it arrived late. */
export interface MonthUsage {
  readonly subscriptionId: string;
  readonly dimension: string;
  readonly usedIn: Date;
  readonly invoicedIn: Date;
  /** Since when the price held at which it was used; null: what was accepted. */
  readonly priceFrom: Date | null;
  /** Since when the plan held under which it was used; null: the first one. */
  readonly termsFrom: Date | null;
  /** In a free month. */
  readonly trial: boolean;
  /** The month of whose quota it is; null: of none. */
  readonly periodFrom: Date | null;
  readonly periodTo: Date | null;
  readonly quantity: number;
  readonly records: number;
}

/**
 * What is on the invoice of a month; and, where usage of an earlier month is on it because it arrived late, what was on invoices
 * of that month's usage before: it has used up what that month included. So has usage of the month before that is of the same month
 * of a quota.
 */
export const ofAccount = (db: Db, accountId: string, month: { start: Date; end: Date }) =>
  rows<MonthUsage>(
    db,
    sql`select u.subscription_id as "subscriptionId", u.dimension, date_trunc('month', u.hour, 'UTC') as "usedIn",
      greatest(u.invoiced_from, date_trunc('month', u.hour, 'UTC')) as "invoicedIn",
      price_valid_from(u.subscription_id, u.hour) as "priceFrom", nullif(t.began, '-infinity') as "termsFrom", t.trial, t.period_from as "periodFrom",
      t.period_to as "periodTo", sum(u.quantity)::bigint as quantity, count(*)::int as records
    from usage_records u join subscriptions s on s.id = u.subscription_id cross join lateral usage_terms(u.subscription_id, u.dimension, u.hour) t
    where s.account_id = ${accountId} and u.hour < ${month.end} and u.invoiced_from <= ${month.start}
      and (u.hour >= ${month.start} or exists (select from (select ${month.start}::timestamptz as month union select date_trunc('month', late.hour, 'UTC')
        from usage_records late join subscriptions o on o.id = late.subscription_id where o.account_id = ${accountId} and late.invoiced_from = ${month.start}) on_it
        where date_trunc('month', u.hour, 'UTC') = on_it.month or (u.hour < on_it.month and t.period_to > on_it.month)))
    group by 1, 2, 3, 4, 5, 6, 7, 8, 9`,
  );

/** What a job used, to be counted once: the same source and sequence again change nothing. */
export interface CountedUsage {
  readonly source: string;
  readonly sequence: number;
  readonly subscriptionId: string;
  readonly version: string;
  readonly dimension: string;
  readonly at: Date;
  readonly units: number;
  readonly calls: number;
}

/** The way that usage of gateways takes, in the caller's transaction. A gateway that knows the month's quota hears of what it has left. */
export async function count(tx: Tx, u: CountedUsage): Promise<void> {
  const hour = new Date(Math.floor(u.at.getTime() / 3_600_000) * 3_600_000).toISOString();
  const records = [
    {
      subscription_id: u.subscriptionId,
      dimension: u.dimension,
      hour,
      quantity: u.units,
      client_errors: 0,
      server_errors: 0,
      version: u.version,
      calls: u.calls,
    },
  ];
  await sql`select gateway_ingest(${u.source}, ${u.sequence}, ${json(records)})`.execute(tx);
  await sql`select pg_notify('souk_gateway', 'account:' || account_id) from subscriptions where id = ${u.subscriptionId} and plan ? 'quota'`.execute(
    tx,
  );
}
