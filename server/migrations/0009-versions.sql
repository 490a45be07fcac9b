-- Versions after their release: what holds a subscription, what was restricted, withdrawn or has an end date, and what buyers
-- keep of their own calls to try a replacement on.

alter table subscriptions
  -- Why it is suspended or ended, where somebody other than its account did that: a stable code, and words for people.
  add column suspended_code text, add column suspended_reason text,
  add column ended_code text, add column ended_reason text;

-- Everything that holds a subscription at this time. It is suspended while there is one: whoever lifts one hold (a budget that was
-- raised) does not lift another's (a take-down).
create table subscription_holds (
  subscription_id text not null references subscriptions,
  code text not null,
  reason text not null,
  by text not null,
  at timestamptz not null default now(),
  primary key (subscription_id, code)
);

-- What migration 0003 says, and: why a subscription is suspended; and those that somebody else ended in the last 90 days, so that
-- their calls are told why instead of that there is no subscription.
drop function gateway_entitlements(text, text);
create function gateway_entitlements(p_account_id text default null, p_product_id text default null)
returns table (account_id text, subscription_id text, publisher text, product text, product_id text, status text, reason text, version text, versions text[],
  dimension text, quota_units bigint, quota_used bigint, quota_since timestamptz, quota_resets_at timestamptz, quota_hard boolean, concurrency_max integer) language sql stable as $$
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.suspended_reason, s.version, a.versions, 'inference.count',
    q.units,
    case when q.units is null then 0 else coalesce((select sum(u.quantity) from subscriptions o join usage_records u on u.subscription_id = o.id
      where o.account_id = s.account_id and o.product_id = s.product_id and u.dimension = q.dimension and u.hour >= month.start), 0)::bigint end,
    case when q.units is not null then month.start end,
    -- In UTC, as the month itself: a session in another time zone would add its own month.
    case when q.units is not null then (month.start at time zone 'UTC' + interval '1 month') at time zone 'UTC' end,
    true,
    null::integer
  from subscriptions s join subscription_versions() a on a.subscription_id = s.id
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
    cross join lateral (select (s.plan -> 'quota' ->> 'unitsPerMonth')::bigint as units, coalesce(s.plan -> 'quota' ->> 'dimension', 'inference.count') as dimension) q
    cross join lateral (select date_trunc('month', now(), 'UTC') as start) month
  where cardinality(a.versions) > 0 and (p_account_id is null or s.account_id = p_account_id) and (p_product_id is null or s.product_id = p_product_id)
  union all
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.ended_reason, s.version, '{}', 'inference.count', null, 0, null, null, true, null
  from (select distinct on (e.account_id, e.product_id) e.* from subscriptions e
      where e.state = 'ended' and (p_account_id is null or e.account_id = p_account_id) and (p_product_id is null or e.product_id = p_product_id)
      order by e.account_id, e.product_id, e.ended_at desc) s
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
  where s.ended_code is not null and s.ended_at > now() - interval '90 days'
    and not exists (select from subscriptions n where n.account_id = s.account_id and n.product_id = s.product_id and n.state <> 'ended')
$$;
