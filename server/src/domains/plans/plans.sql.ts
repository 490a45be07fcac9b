import type { Plan } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { Before } from './plans.rules.ts';
import type { Credit, Terms } from './plans.ts';

/** What is needed of a subscription to speak about its plan. */
export interface Subscribed {
  readonly id: string;
  readonly accountId: string;
  readonly productId: string;
  readonly publisher: string;
  readonly product: string;
  readonly slot: 'preview' | 'live';
  readonly state: 'active' | 'suspended' | 'ended';
  readonly endedAt: Date | null;
}

const subscribed = sql`s.id, s.account_id as "accountId", s.product_id as "productId", b.slug as publisher, p.slug as product, s.slot, s.state, s.ended_at as "endedAt"
  from subscriptions s join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id`;

export const find = (db: Db, accountId: string, id: string) =>
  row<Subscribed>(db, sql`select ${subscribed} where s.id = ${id} and s.account_id = ${accountId}`);

/** Two changes of one subscription follow each other. */
export const lock = (tx: Tx, id: string) =>
  row<Subscribed>(tx, sql`select ${subscribed} where s.id = ${id} for update of s`);

/** Terms in the column `t` of `terms_at`, with what is charged now in place of what was accepted. */
const terms = sql`t.valid_from as "validFrom", t.cycle_from as "cycleFrom", coalesce(x.charged_from, t.valid_from) as "chargedFrom", t.trial_until as "trialUntil", t.carried,
  case when p.parts is null then t.plan else t.plan || jsonb_build_object('parts', p.parts) end as plan`;

/** What holds at a moment. */
export const at = (db: Db, id: string, moment: Date) =>
  row<Terms & { termId: number | null }>(
    db,
    sql`select t.term_id as "termId", ${terms} from terms_at(${id}, ${moment}) t left join subscription_terms x on x.id = t.term_id
      left join lateral (select y.parts from subscription_prices y where y.subscription_id = ${id} and y.dropped_at is null
        and y.valid_from = price_valid_from(${id}, ${moment}) and coalesce(y.plan_id = t.plan ->> 'id', true) order by y.id desc limit 1) p on true`,
  );

export const coming = (db: Db, id: string, moment: Date) =>
  row<{ termId: number; plan: Plan; validFrom: Date; by: string }>(
    db,
    sql`select id as "termId", plan, valid_from as "validFrom", made_by as by from subscription_terms
      where subscription_id = ${id} and dropped_at is null and valid_from > ${moment} order by valid_from, id desc limit 1`,
  );

/** What the account had of the product last, if that has ended. */
export const before = (tx: Tx, accountId: string, productId: string, exceptId: string) =>
  row<Before>(
    tx,
    sql`select ${terms}, s.ended_at as "endedAt" from subscriptions s cross join lateral terms_at(s.id, s.ended_at) t left join subscription_terms x on x.id = t.term_id
      cross join lateral (select null::jsonb as parts) p
    where s.account_id = ${accountId} and s.product_id = ${productId} and s.id <> ${exceptId} and s.state = 'ended' order by s.ended_at desc limit 1`,
  );

/** Units of the account and product in one hour. */
export const unitsOfHour = async (
  tx: Tx,
  of: { accountId: string; productId: string; dimension: string; hour: Date },
): Promise<number> =>
  (
    await row<{ units: number }>(
      tx,
      sql`select coalesce(sum(u.quantity), 0)::bigint as units from subscriptions s join usage_records u on u.subscription_id = s.id
        where s.account_id = ${of.accountId} and s.product_id = ${of.productId} and u.dimension = ${of.dimension} and u.hour = ${of.hour}`,
    )
  )?.units ?? 0;

/** Those that had none get the terms that they have had from their beginning on, so that what was used keeps its price. */
export async function writeFirst(tx: Tx, id: string): Promise<void> {
  await sql`insert into subscription_terms (subscription_id, plan, revision_id, valid_from, cycle_from, charged_from, made_by, made_at, applied_at)
    select id, plan, revision_id, h.hour, h.hour, h.hour, accepted_by, accepted_at, accepted_at from subscriptions cross join lateral (select date_trunc('hour', accepted_at, 'UTC') as hour) h
    where id = ${id} and not exists (select from subscription_terms t where t.subscription_id = ${id})`.execute(
    tx,
  );
}

export async function insert(
  tx: Tx,
  id: string,
  t: Terms & { revisionId: string; credit: Credit | null; by: string; at: Date; appliedAt: Date | null },
): Promise<void> {
  await sql`insert into subscription_terms (subscription_id, plan, revision_id, valid_from, cycle_from, charged_from, trial_until, carried, credit, made_by, made_at, applied_at)
    values (${id}, ${json(t.plan)}, ${t.revisionId}, ${t.validFrom}, ${t.cycleFrom}, ${t.chargedFrom}, ${t.trialUntil}, ${t.carried}, ${t.credit ? json(t.credit) : null},
      ${t.by}, ${t.at}, ${t.appliedAt})`.execute(tx);
}

export const dropComing = (tx: Tx, id: string, moment: Date, by: string) =>
  changed(
    tx,
    sql`update subscription_terms set dropped_at = ${moment}, dropped_by = ${by} where subscription_id = ${id} and dropped_at is null and valid_from > ${moment} and applied_at is null`,
  );

/** Changes of price that were announced for a plan that is left come no more. */
export const dropPrices = (tx: Tx, id: string, from: Date, by: string) =>
  changed(
    tx,
    sql`update subscription_prices set dropped_at = ${from}, dropped_by = ${by} where subscription_id = ${id} and dropped_at is null and valid_from > ${from}`,
  );

/** True for the first trial of the account. */
export const startTrial = async (
  tx: Tx,
  of: { accountId: string; productId: string; subscriptionId: string; at: Date },
): Promise<boolean> =>
  (await changed(
    tx,
    sql`insert into product_trials (account_id, product_id, subscription_id, at) values (${of.accountId}, ${of.productId}, ${of.subscriptionId}, ${of.at}) on conflict do nothing`,
  )) > 0;

export const hadTrial = async (db: Db, accountId: string, productId: string): Promise<boolean> =>
  (await row(
    db,
    sql`select at from product_trials where account_id = ${accountId} and product_id = ${productId}`,
  )) !== undefined;

/** Terms whose time has come, and that are not on their subscriptions yet. */
export const due = (db: Db, moment: Date) =>
  rows<{ id: number; subscriptionId: string }>(
    db,
    sql`select t.id, t.subscription_id as "subscriptionId" from subscription_terms t join subscriptions s on s.id = t.subscription_id
      where t.dropped_at is null and t.applied_at is null and t.valid_from <= ${moment} and s.state <> 'ended' order by t.id limit 1000`,
  );

/** Nothing when another was faster. */
export const takeDue = (tx: Tx, termId: number, moment: Date) =>
  row<{ plan: Plan; validFrom: Date; by: string }>(
    tx,
    sql`update subscription_terms set applied_at = ${moment} where id = ${termId} and applied_at is null and dropped_at is null
      returning plan, valid_from as "validFrom", made_by as by`,
  );

/** Trials that are over, of terms that still hold. */
export const overTrials = (db: Db, moment: Date) =>
  rows<{ id: number; subscriptionId: string }>(
    db,
    sql`select t.id, t.subscription_id as "subscriptionId" from subscription_terms t join subscriptions s on s.id = t.subscription_id
      cross join lateral terms_at(s.id, t.trial_until - interval '1 microsecond') n
      where t.trial_until <= ${moment} and t.converted_at is null and t.dropped_at is null and n.term_id = t.id and s.state <> 'ended' order by t.id limit 1000`,
  );

export const takeConverted = async (tx: Tx, termId: number, moment: Date): Promise<boolean> =>
  (await changed(
    tx,
    sql`update subscription_terms set converted_at = ${moment} where id = ${termId} and converted_at is null and dropped_at is null`,
  )) > 0;

/** Of all accounts: for invoices. */
export interface TermRow extends Terms {
  readonly subscriptionId: string;
  readonly revision: number;
  readonly credit: Credit | null;
  readonly first: boolean;
}

/** The plans that each subscription of an account has had, in order; its last is what `subscriptions.plan` says. */
export const ofAccount = (db: Db, accountId: string) =>
  rows<TermRow>(
    db,
    sql`select t.subscription_id as "subscriptionId", case when t.id = applied.id then s.plan else t.plan end as plan, r.number as revision,
      t.valid_from as "validFrom", t.cycle_from as "cycleFrom", t.charged_from as "chargedFrom", t.trial_until as "trialUntil", t.carried, t.credit,
      row_number() over (partition by t.subscription_id order by t.valid_from, t.id) = 1 as first
    from subscription_terms t join subscriptions s on s.id = t.subscription_id join revisions r on r.id = t.revision_id
      left join lateral (select x.id from subscription_terms x where x.subscription_id = s.id and x.applied_at is not null order by x.id desc limit 1) applied on true
    where s.account_id = ${accountId} and t.dropped_at is null order by t.subscription_id, t.valid_from, t.id`,
  );
