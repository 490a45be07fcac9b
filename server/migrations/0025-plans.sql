-- Plans by the month: fees, quotas by the date of a subscription, trials, promotion codes, and changes of plan.

-- Which plan a subscription has, from when on. Terms that begin in the future are what its account has asked for; a row that has
-- begun never changes but for `applied_at` and `converted_at`. Subscriptions from before this migration, and those that nobody ever
-- changed, may have none: then what was accepted holds from the hour of its acceptance.
create table subscription_terms (
  id bigint generated always as identity primary key,
  subscription_id text not null references subscriptions,
  plan jsonb not null,
  revision_id text not null references revisions,
  -- Usage is known by the hour, so terms and their months begin with one.
  valid_from timestamptz not null check (date_trunc('hour', valid_from, 'UTC') = valid_from),
  -- Months are counted from here: earlier than `valid_from` where a month goes on under other terms.
  cycle_from timestamptz not null check (date_trunc('hour', cycle_from, 'UTC') = cycle_from and cycle_from <= valid_from),
  -- The first month that is charged for: the month of a trial is not, nor one that was paid before.
  charged_from timestamptz not null,
  trial_until timestamptz,
  -- Units that were used before within the hour of `cycle_from`, under what was agreed then: they take up nothing of that first month.
  carried bigint not null default 0 check (carried >= 0),
  -- What is given back of the fee of the terms before: {fee, currency, hours, of}.
  credit jsonb,
  made_by text not null,
  made_at timestamptz not null,
  -- When `subscriptions.plan` became this; terms whose time has come hold without it.
  applied_at timestamptz,
  converted_at timestamptz,
  dropped_at timestamptz,
  dropped_by text
);
create index subscription_terms_valid on subscription_terms (subscription_id, valid_from, id) where dropped_at is null;
create index subscription_terms_due on subscription_terms (valid_from) where dropped_at is null and applied_at is null;
create index subscription_terms_trials on subscription_terms (trial_until) where trial_until is not null and dropped_at is null and converted_at is null;

-- An account tries a product once, whichever plan and however often it subscribes.
create table product_trials (
  account_id text not null references accounts,
  product_id text not null references products,
  subscription_id text not null references subscriptions,
  at timestamptz not null,
  primary key (account_id, product_id)
);

-- Quotas are looked at where something was used lately.
create index usage_records_hour on usage_records using brin (hour);

-- What an account was told once: that so much of a month's quota is used, that a trial is about to end.
create table plan_notices (
  subscription_id text not null references subscriptions,
  kind text not null check (kind in ('quota-80', 'quota-100', 'trial-7', 'trial-1')),
  -- The month, or the end of the trial, that it is about.
  about timestamptz not null,
  at timestamptz not null,
  primary key (subscription_id, kind, about)
);

-- Promotion codes. The code itself is nowhere: a keyed digest of it is compared, and its last characters name it to its publisher.
create table plan_codes (
  id text primary key,
  product_id text not null references products,
  plan_id text not null,
  digest bytea not null check (length(digest) = 32),
  hint text not null,
  label text not null default '',
  last_day date,
  uses_max integer check (uses_max > 0),
  uses integer not null default 0,
  made_by text not null,
  made_at timestamptz not null,
  ended_at timestamptz,
  ended_by text
);
create unique index plan_codes_digest on plan_codes (product_id, digest) where ended_at is null;

-- A price that changes belongs to the plan that the subscription had then.
alter table subscription_prices add column plan_id text;
update subscription_prices t set plan_id = s.plan_id from subscriptions s where s.id = t.subscription_id;

-- First moment of the month, counted from `p_from`, that holds `p_at`: from the 31st on, short months end on their last day.
create function cycle_start(p_from timestamptz, p_at timestamptz, p_months integer default 0) returns timestamptz language sql immutable as $$
  select ((f + (n - case when f + n * interval '1 month' > a then 1 else 0 end + p_months) * interval '1 month') at time zone 'UTC')
  from (select p_from at time zone 'UTC' as f, p_at at time zone 'UTC' as a) t
    cross join lateral (select ((extract(year from a) - extract(year from f)) * 12 + extract(month from a) - extract(month from f))::integer as n) m
$$;

-- The terms that hold for a subscription at a time; before its first ones, the first. `began`: when they did, -infinity for the first.
create function terms_at(p_subscription_id text, p_at timestamptz)
  returns table (term_id bigint, plan jsonb, revision_id text, began timestamptz, valid_from timestamptz, cycle_from timestamptz, trial_until timestamptz, carried bigint)
  language sql stable as $$
  select t.id, case when t.id is null or t.id = applied.id then s.plan else t.plan end, coalesce(t.revision_id, s.revision_id),
    case when t.id is null or t.id = first.id then '-infinity' else t.valid_from end,
    coalesce(t.valid_from, date_trunc('hour', s.accepted_at, 'UTC')), coalesce(t.cycle_from, date_trunc('hour', s.accepted_at, 'UTC')), t.trial_until, coalesce(t.carried, 0)
  from subscriptions s
    left join lateral (select * from subscription_terms x where x.subscription_id = s.id and x.dropped_at is null
      order by x.valid_from <= p_at desc, case when x.valid_from <= p_at then x.valid_from end desc, x.valid_from, case when x.valid_from <= p_at then -x.id else x.id end limit 1) t on true
    left join lateral (select x.id from subscription_terms x where x.subscription_id = s.id and x.dropped_at is null order by x.valid_from, x.id limit 1) first on true
    -- `subscriptions.plan` is the plan of these.
    left join lateral (select x.id from subscription_terms x where x.subscription_id = s.id and x.applied_at is not null order by x.id desc limit 1) applied on true
  where s.id = p_subscription_id
$$;

-- The quota of a subscription at a time and what its account has used of it, over all its subscriptions of the product: whoever
-- cancels and subscribes again goes on with the month that had begun. Nothing where the plan has none.
create function subscription_quota(p_subscription_id text, p_at timestamptz)
  returns table (units bigint, dimension text, used bigint, since timestamptz, resets_at timestamptz, hard boolean, cycle text) language sql stable as $$
  select q.units, q.dimension,
    greatest(0, coalesce((select sum(u.quantity) from subscriptions s join subscriptions o on o.account_id = s.account_id and o.product_id = s.product_id
      join usage_records u on u.subscription_id = o.id where s.id = p_subscription_id and u.dimension = q.dimension and u.hour >= c.since), 0)
      - case when q.cycle = 'subscription' and c.since = t.cycle_from then t.carried else 0 end)::bigint,
    c.since, c.until,
    -- A month of trial costs nothing, so nothing goes on beyond it.
    q.at_limit <> 'overage' or coalesce(t.trial_until > p_at, false), q.cycle
  from terms_at(p_subscription_id, p_at) t
    cross join lateral (select (t.plan -> 'quota' ->> 'unitsPerMonth')::bigint as units, coalesce(t.plan -> 'quota' ->> 'dimension', 'inference.count') as dimension,
      coalesce(t.plan -> 'quota' ->> 'atLimit', 'stop') as at_limit,
      coalesce(t.plan -> 'quota' ->> 'cycle', case when t.plan -> 'quota' ->> 'dimension' = 'transactions' then 'subscription' else 'calendar' end) as cycle) q
    cross join lateral (select case when q.cycle = 'calendar' then date_trunc('month', p_at, 'UTC') else cycle_start(t.cycle_from, p_at) end as since,
      -- In UTC, as the month itself: a session in another time zone would add its own month.
      case when q.cycle = 'calendar' then (date_trunc('month', p_at, 'UTC') at time zone 'UTC' + interval '1 month') at time zone 'UTC'
        else cycle_start(t.cycle_from, p_at, 1) end as until) c
  where q.units is not null
$$;

-- What is charged for usage of an hour: under which terms, whether in a trial, and of which month's quota it is.
create function usage_terms(p_subscription_id text, p_dimension text, p_hour timestamptz)
  returns table (began timestamptz, trial boolean, period_from timestamptz, period_to timestamptz) language sql stable as $$
  select t.began, coalesce(p_hour < t.trial_until, false),
    case when c.of is null then null when c.of = 'calendar' then date_trunc('month', p_hour, 'UTC') else cycle_start(t.cycle_from, p_hour) end,
    case when c.of is null then null when c.of = 'calendar' then (date_trunc('month', p_hour, 'UTC') at time zone 'UTC' + interval '1 month') at time zone 'UTC'
      else cycle_start(t.cycle_from, p_hour, 1) end
  from terms_at(p_subscription_id, p_hour) t
    cross join lateral (select case when t.plan -> 'quota' ->> 'dimension' = p_dimension
      then coalesce(t.plan -> 'quota' ->> 'cycle', case when p_dimension = 'transactions' then 'subscription' else 'calendar' end) end as of) c
$$;

-- Since when the price holds at which usage of an hour is billed; nothing: what was accepted with the terms of that hour.
create or replace function price_valid_from(p_subscription_id text, p_hour timestamptz) returns timestamptz language sql stable as $$
  select max(p.valid_from) from terms_at(p_subscription_id, p_hour) t join subscription_prices p on p.subscription_id = p_subscription_id and p.dropped_at is null
  where p.valid_from <= p_hour and p.valid_from >= t.began and coalesce(p.plan_id = t.plan ->> 'id', true)
$$;

-- What subscriptions allow, for the gateways; as before (0009), with the quota of `subscription_quota`, the dimension of the product's type,
-- and how many calls the plan answers at the same time.
create or replace function gateway_entitlements(p_account_id text default null, p_product_id text default null)
  returns table (account_id text, subscription_id text, publisher text, product text, product_id text, status text, reason text, version text, latest text, versions text[],
    dimension text, quota_units bigint, quota_used bigint, quota_since timestamptz, quota_resets_at timestamptz, quota_hard boolean, concurrency_max integer, record_max integer)
  language sql stable as $$
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.suspended_reason, s.version, a.latest, a.versions || a.gone,
    case when p.type = 'web-service' then 'transactions' else 'inference.count' end,
    q.units, coalesce(q.used, 0), q.since, q.resets_at, coalesce(q.hard, true),
    (s.plan ->> 'callsAtOnce')::integer,
    s.record_max
  from subscriptions s join subscription_versions() a on a.subscription_id = s.id
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
    left join lateral subscription_quota(s.id, now()) q on true
  where cardinality(a.versions || a.gone) > 0 and (p_account_id is null or s.account_id = p_account_id) and (p_product_id is null or s.product_id = p_product_id)
  union all
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.ended_reason, s.version, null, '{}',
    case when p.type = 'web-service' then 'transactions' else 'inference.count' end, null, 0, null, null, true, null, null
  from (select distinct on (e.account_id, e.product_id) e.* from subscriptions e
      where e.state = 'ended' and (p_account_id is null or e.account_id = p_account_id) and (p_product_id is null or e.product_id = p_product_id)
      order by e.account_id, e.product_id, e.ended_at desc) s
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
  where s.ended_code is not null and s.ended_at > now() - interval '90 days'
    and not exists (select from subscriptions n where n.account_id = s.account_id and n.product_id = s.product_id and n.state <> 'ended')
$$;
