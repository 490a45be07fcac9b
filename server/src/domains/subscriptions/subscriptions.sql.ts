import type { Plan } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import {
  type SubscriptionEvent,
  type SubscriptionRow,
  type SubscriptionState,
  transitions,
} from './subscriptions.ts';

const columns = sql`s.id, s.account_id as "accountId", a.name as "accountName", s.product_id as "productId", b.slug as publisher, p.slug as product, s.state, s.plan,
  s.plan_id as "planId", s.slot, s.version, accepted.number as revision, accepted.document -> 'listing' ->> 'title' as "acceptedTitle", s.eula_sha256 as "eulaSha256", s.accepted_by as "acceptedBy", s.accepted_at as "acceptedAt",
  s.ended_at as "endedAt", case when s.state = 'suspended' and s.suspended_code is not null then jsonb_build_object('code', s.suspended_code, 'reason', s.suspended_reason) end as suspended,
  case when p.off_sale_at is not null and s.state <> 'ended' then (select jsonb_build_object('kind', x.kind, 'endsAt', x.ends_at, 'replacement',
      (select jsonb_build_object('publisher', e.publisher, 'slug', e.slug, 'title', e.item ->> 'title') from catalog_entries e where e.product_id = x.replacement_product_id and not e.private))
    from removals x where x.product_id = p.id and x.state in ('down', 'leaving', 'removed') order by x.state limit 1) end as leaving,
  case when s.ended_code is not null then jsonb_build_object('code', s.ended_code, 'reason', s.ended_reason) end as ended, coalesce(shown.document, accepted.document) as document, allowed.latest, s.follows_latest as "followsLatest", version_standing(p.id, s.version) as standing, sunset_view(p.id, '*') as "productSunset",
  coalesce((select jsonb_agg(jsonb_build_object('number', v.number, 'modelName', v.model_name, 'limited', v.number = any (allowed.limited), 'standing', version_standing(p.id, v.number)) order by v.created_at, array_position(allowed.versions, v.number))
    from product_versions v where v.product_id = p.id and v.number = any (allowed.versions)), '[]') as versions,
  coalesce(s.version = any (allowed.limited), p.live_revision_id is null) as limited`;
/** `shown` is the revision that speaks about the chosen version: of those that the account may see, the one that has it. */
const tables = sql`subscriptions s join accounts a on a.id = s.account_id join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
  join revisions accepted on accepted.id = s.revision_id
  left join subscription_versions() allowed on allowed.subscription_id = s.id
  left join lateral (select r.document from revisions r
    where r.id = p.live_revision_id or (r.id = p.preview_revision_id and (s.account_id = p.account_id or s.account_id = any (p.test_accounts)))
    order by s.version = any (r.listed_versions || r.restricted_versions) desc, (r.id = p.live_revision_id) is not distinct from (s.slot = 'live') desc limit 1) shown on true`;

export const find = (db: Db, accountId: string, id: string) =>
  row<SubscriptionRow>(
    db,
    sql`select ${columns} from ${tables} where s.id = ${id} and s.account_id = ${accountId}`,
  );

/** What is told of a subscription to both of its sides. */
export const newsOf = (db: Db, id: string) =>
  row<{
    accountId: string;
    accountName: string;
    publisherAccountId: string;
    productId: string;
    title: string;
    planId: string;
    planName: string | null;
    version: string;
    slot: 'preview' | 'live';
    acceptedBy: string;
  }>(
    db,
    sql`select s.account_id as "accountId", a.name as "accountName", p.account_id as "publisherAccountId", p.id as "productId",
      coalesce(r.document -> 'listing' ->> 'title', p.slug) as title, s.plan_id as "planId", s.plan ->> 'name' as "planName", s.version, s.slot,
      s.accepted_by as "acceptedBy"
    from subscriptions s join accounts a on a.id = s.account_id join products p on p.id = s.product_id join revisions r on r.id = s.revision_id
    where s.id = ${id}`,
  );

export const ofProduct = (db: Db, accountId: string, productId: string) =>
  row<SubscriptionRow>(
    db,
    sql`select ${columns} from ${tables} where s.product_id = ${productId} and s.account_id = ${accountId} and s.state <> 'ended'`,
  );

export const list = (
  db: Db,
  accountId: string,
  state: SubscriptionState | null,
  before: string | null,
  limit: number,
) =>
  rows<SubscriptionRow>(
    db,
    sql`select ${columns} from ${tables} where s.account_id = ${accountId} and (${state}::text is null or s.state = ${state})
    and (${before}::text is null or s.id < ${before}) order by s.id desc limit ${limit}`,
  );

export const customers = (
  db: Db,
  productId: string,
  monthStart: Date,
  before: string | null,
  limit: number,
) =>
  rows<SubscriptionRow & { unitsThisMonth: number; instanceSecondsThisMonth: number }>(
    db,
    sql`select ${columns},
      used.units as "unitsThisMonth", used.seconds as "instanceSecondsThisMonth"
    from ${tables} cross join lateral (select coalesce(sum(quantity) filter (where dimension = 'inference.count'), 0)::bigint as units,
      coalesce(sum(quantity) filter (where dimension ~ '^(realtime|transform|training)\\.seconds\\.'), 0)::bigint as seconds
      from usage_records u where u.subscription_id = s.id and u.hour >= ${monthStart}) used where s.product_id = ${productId} and (${before}::text is null or s.id < ${before}) order by s.id desc limit ${limit}`,
  );

export async function insert(
  tx: Tx,
  s: {
    id: string;
    accountId: string;
    productId: string;
    revisionId: string;
    plan: Plan;
    slot: string;
    version: string;
    followsLatest: boolean;
    eulaSha256: string;
    by: string;
    requestId: string;
  },
): Promise<void> {
  await sql`insert into subscriptions (id, account_id, product_id, revision_id, plan, plan_id, slot, version, follows_latest, state, eula_sha256, accepted_by)
    values (${s.id}, ${s.accountId}, ${s.productId}, ${s.revisionId}, ${json(s.plan)}, ${s.plan.id}, ${s.slot}, ${s.version}, ${s.followsLatest}, 'active', ${s.eulaSha256}, ${s.by})`.execute(
    tx,
  );
  await history(tx, s.id, 'subscribed', null, 'active', s.by, {
    eulaSha256: s.eulaSha256,
    planId: s.plan.id,
    version: s.version,
    requestId: s.requestId,
  });
}

/** The only place that moves a subscription; false when it is no longer in the state that was read. */
export async function move(
  tx: Tx,
  from: Pick<SubscriptionRow, 'id' | 'state'>,
  event: SubscriptionEvent,
  by: string,
  details: Record<string, unknown> = {},
): Promise<boolean> {
  const to = transitions[from.state][event];
  if (!to) return false;
  const moved = await changed(
    tx,
    sql`update subscriptions set state = ${to}, ended_at = case when ${to === 'ended'} then now() end where id = ${from.id} and state = ${from.state}`,
  );
  if (moved) await history(tx, from.id, event, from.state, to, by, details);
  if (moved && to === 'ended')
    await sql`delete from subscription_holds where subscription_id = ${from.id}`.execute(tx);
  return moved > 0;
}

export const addHold = async (tx: Tx, id: string, hold: { code: string; reason: string; by: string }) =>
  (
    await row<{ added: boolean }>(
      tx,
      sql`insert into subscription_holds (subscription_id, code, reason, by) values (${id}, ${hold.code}, ${hold.reason}, ${hold.by})
      on conflict (subscription_id, code) do update set reason = excluded.reason, by = excluded.by returning xmax = 0 as added`,
    )
  )?.added ?? false;

export const removeHold = async (tx: Tx, id: string, code: string) =>
  (await changed(tx, sql`delete from subscription_holds where subscription_id = ${id} and code = ${code}`)) >
  0;

export const isHeld = async (tx: Tx, id: string) =>
  (await row(tx, sql`select code from subscription_holds where subscription_id = ${id} limit 1`)) !==
  undefined;

/** Of several holds the oldest is told: it is the one that began it. */
export async function showHold(tx: Tx, id: string): Promise<void> {
  await sql`update subscriptions set (suspended_code, suspended_reason) =
    (select code, reason from subscription_holds where subscription_id = ${id} order by at, code limit 1) where id = ${id}`.execute(
    tx,
  );
}

export async function sayWhyEnded(tx: Tx, id: string, why: { code: string; reason: string }): Promise<void> {
  await sql`update subscriptions set ended_code = ${why.code}, ended_reason = ${why.reason}, suspended_code = null, suspended_reason = null where id = ${id}`.execute(
    tx,
  );
}

export async function setVersion(tx: Tx, id: string, version: string, followsLatest: boolean): Promise<void> {
  await sql`update subscriptions set version = ${version}, follows_latest = ${followsLatest} where id = ${id}`.execute(
    tx,
  );
}

/** Months that begin after it are not charged. */
export async function setEnded(tx: Tx, id: string, at: Date): Promise<void> {
  await sql`update subscriptions set ended_at = ${at} where id = ${id} and state = 'ended'`.execute(tx);
}

/** The plan that holds from now on (plans); the agreement, its licence and its version stay. */
export async function setPlan(
  tx: Tx,
  id: string,
  plan: Plan,
  by: string,
  details: Record<string, unknown>,
): Promise<void> {
  const s = await row<{ state: SubscriptionState }>(
    tx,
    sql`update subscriptions set plan = ${json(plan)}, plan_id = ${plan.id} where id = ${id} returning state`,
  );
  if (s) await history(tx, id, 'plan-changed', s.state, s.state, by, details);
}

/** Subscriptions that follow the latest version and are behind it: never one that would be moved back to an older one. */
export const behind = (db: Db, productId: string) =>
  rows<{ id: string; from: string; to: string }>(
    db,
    sql`select s.id, s.version as "from", a.latest as "to" from subscriptions s join subscription_versions() a on a.subscription_id = s.id
      join product_versions old on old.product_id = s.product_id and old.number = s.version
      join product_versions new on new.product_id = s.product_id and new.number = a.latest
    where s.product_id = ${productId} and s.follows_latest and s.state <> 'ended' and new.created_at > old.created_at order by s.id`,
  );

export const lock = (tx: Tx, id: string) =>
  row<Pick<SubscriptionRow, 'id' | 'state' | 'accountId' | 'productId' | 'version' | 'followsLatest'>>(
    tx,
    sql`select id, state, account_id as "accountId", product_id as "productId", version, follows_latest as "followsLatest" from subscriptions where id = ${id} for update`,
  );

async function history(
  tx: Tx,
  id: string,
  event: string,
  from: string | null,
  to: string,
  by: string,
  details: Record<string, unknown>,
) {
  await sql`insert into subscription_history (subscription_id, event, from_state, to_state, actor, details) values (${id}, ${event}, ${from}, ${to}, ${by}, ${json(details)})`.execute(
    tx,
  );
}
