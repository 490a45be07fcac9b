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

-- What happened to a released version beside its document: at once, and without a new revision.
create table version_standings (
  product_id text not null references products,
  number text not null,
  -- Restricted: those who have it keep it. Its document may say it too; then this says since when.
  restricted_at timestamptz,
  restricted_by text,
  -- Withdrawn: nobody is answered by it any more.
  withdrawn_at timestamptz,
  withdrawn_by text,
  withdrawn_side text check (withdrawn_side in ('publisher', 'operator')),
  withdrawn_reason text,
  withdrawn_replacement text,
  primary key (product_id, number),
  check ((withdrawn_at is null) = (withdrawn_reason is null))
);

-- End dates of versions, and of whole products (number '*'). A job of the control plane sets `ended_at`, by its clock.
create table sunsets (
  product_id text not null references products,
  number text not null,
  announced_at timestamptz not null,
  ends_at timestamptz not null,
  reason text not null default '',
  -- A version of the product, or for a whole product another one.
  replacement text,
  replacement_product_id text references products,
  set_by text not null,
  ended_at timestamptz,
  primary key (product_id, number)
);
create index sunsets_open on sunsets (ends_at) where ended_at is null;

-- What subscribers were told of an end date, so that each is told once: `days_before` 0 is the end itself.
create table sunset_notices (
  product_id text not null,
  number text not null,
  ends_at timestamptz not null,
  days_before integer not null,
  at timestamptz not null default now(),
  primary key (product_id, number, ends_at, days_before)
);

create trigger version_standings_tell after insert or update on version_standings for each row execute function tell_product();
create trigger sunsets_tell after insert or update on sunsets for each row execute function tell_product();
create function tell_product_of_old() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_gateway', 'product:' || old.product_id);
  return null;
end $$;
create trigger sunsets_tell_removed after delete on sunsets for each row execute function tell_product_of_old();

-- Calls by version, for the publisher's table and to know whom the end of a version concerns. Nothing is billed by it.
create table version_calls (
  subscription_id text not null references subscriptions,
  version text not null,
  day date not null,
  calls bigint not null default 0,
  errors bigint not null default 0,
  primary key (subscription_id, version, day)
);

alter table subscriptions
  -- Moves to each new version that is listed, when it is released.
  add column follows_latest boolean not null default false,
  -- How many of its own calls are kept to try a replacement on; null: none.
  add column record_max integer check (record_max between 1 and 200);

-- The last calls of a subscription, for its own account only: no page, job or export of anybody else reads this.
create table recorded_calls (
  id bigint generated always as identity primary key,
  subscription_id text not null references subscriptions,
  at timestamptz not null,
  version text not null,
  content_type text not null,
  accept text not null,
  body bytea not null,
  status integer not null,
  answer_content_type text not null,
  answer bytea not null,
  duration_ms double precision not null
);
create index recorded_calls_ring on recorded_calls (subscription_id, id desc);
create index recorded_calls_age on recorded_calls (at);

create table comparisons (
  id text primary key,
  subscription_id text not null references subscriptions,
  from_version text not null,
  to_version text not null,
  source text not null check (source in ('recorded', 'given')),
  state text not null check (state in ('running', 'done', 'failed')),
  tolerance double precision not null,
  samples jsonb not null,
  results jsonb not null default '[]',
  failure text,
  created_by text not null,
  created_at timestamptz not null,
  ended_at timestamptz
);
create index comparisons_subscription on comparisons (subscription_id, created_at desc);

-- Versions of products that are restricted beside their document, and those that answer nobody any more.
create view versions_aside as
  select product_id, coalesce(array_agg(number) filter (where is_restricted), '{}') as restricted, coalesce(array_agg(number) filter (where is_gone), '{}') as gone,
    bool_or(is_gone and number = '*') as all_gone
  from (select product_id, number, s.restricted_at is not null as is_restricted, s.withdrawn_at is not null or e.ended_at is not null as is_gone
    from version_standings s full join sunsets e using (product_id, number)) each_one
  group by product_id;

-- As in migration 0003; and where a version was restricted beside its document, it is kept by those who came before that.
create or replace function kept_versions(p_subscription_id text, p_restricted text[]) returns text[] language sql stable as $$
  select array(select one from subscriptions s join revisions accepted on accepted.id = s.revision_id, unnest(p_restricted) as restricted (one)
      left join lateral (select restricted_at from version_standings v join subscriptions o on o.product_id = v.product_id
        where o.id = p_subscription_id and v.number = restricted.one) aside on true
    where s.id = p_subscription_id and (one = s.version
      or (one = any (accepted.listed_versions) and (restricted_at is null or s.accepted_at <= restricted_at))
      or exists (select from revisions r join submissions b on b.revision_id = r.id
        where r.product_id = s.product_id and b.product_id = s.product_id and b.state = 'released' and r.number > accepted.number
          and one = any (r.listed_versions) and (restricted_at is null or (s.accepted_at <= restricted_at and b.ended_at <= restricted_at)))))
$$;

create function without(p_all text[], p_some text[]) returns text[] language sql immutable as $$
  select case when cardinality(p_some) = 0 then p_all
    else array(select one from unnest(p_all) with ordinality as t (one, position) where one <> all (p_some) order by position) end
$$;

-- The one rule for the versions that a subscription may choose and call, as in migration 0003; and without those that are `gone`:
-- withdrawn, or past their end. They are told apart so that their calls are refused by name, with the reason.
drop function subscription_versions();
create function subscription_versions() returns table (subscription_id text, versions text[], limited text[], latest text, gone text[]) language sql stable as $$
  select s.id as subscription_id, without(reach.versions, reach.gone), without(preview_only.versions, reach.gone),
    case when s.slot = 'preview' and i.insider then coalesce(preview.latest, live.latest) else coalesce(live.latest, preview.latest) end,
    case when cardinality(reach.gone) = 0 then '{}' else array(select one from unnest(reach.versions) as t (one) where one = any (reach.gone)) end
  from subscriptions s join products p on p.id = s.product_id
    cross join lateral (select s.account_id = p.account_id as owner, s.account_id = p.account_id or s.account_id = any (p.test_accounts) as insider) i
    left join revisions l on l.id = p.live_revision_id
    left join revisions v on v.id = p.preview_revision_id and i.insider
    left join versions_aside a on a.product_id = p.id
    cross join lateral (select coalesce(a.restricted, '{}') as restricted,
      case when a.all_gone then coalesce(l.listed_versions || l.restricted_versions, '{}') || coalesce(v.listed_versions || v.restricted_versions, '{}') else coalesce(a.gone, '{}') end as gone) aside
    cross join lateral (select without(coalesce(l.listed_versions, '{}'), aside.restricted) as listed,
      case when cardinality(aside.restricted) = 0 then coalesce(l.restricted_versions, '{}')
        else coalesce(l.restricted_versions, '{}') || array(select one from unnest(l.listed_versions) as t (one) where one = any (aside.restricted)) end as restricted) ll
    cross join lateral (select without(coalesce(v.listed_versions, '{}'), aside.restricted) as listed,
      case when cardinality(aside.restricted) = 0 then coalesce(v.restricted_versions, '{}')
        else coalesce(v.restricted_versions, '{}') || array(select one from unnest(v.listed_versions) as t (one) where one = any (aside.restricted)) end as restricted) vv
    cross join lateral (select ll.listed || case when cardinality(ll.restricted) = 0 then '{}'
      when i.owner then ll.restricted else kept_versions(s.id, ll.restricted) end as versions,
      (without(ll.listed, aside.gone))[cardinality(without(ll.listed, aside.gone))] as latest) live
    cross join lateral (select vv.listed || case when cardinality(vv.restricted) = 0 then '{}'
      when i.owner then vv.restricted else kept_versions(s.id, vv.restricted) end as versions,
      (without(vv.listed, aside.gone))[cardinality(without(vv.listed, aside.gone))] as latest) preview
    cross join lateral (select case when cardinality(preview.versions) = 0 then '{}'
      else array(select one from unnest(preview.versions) as shown (one) where one <> all (live.versions)) end as versions) preview_only
    cross join lateral (select live.versions || preview_only.versions as versions, aside.gone as gone) reach
  where s.state <> 'ended'
$$;

create function iso(p_at timestamptz) returns text language sql immutable as $$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$$;

-- What buyers and publishers are told about one version, and about a whole product.
create function sunset_view(p_product_id text, p_number text) returns jsonb language sql stable as $$
  select jsonb_build_object('announcedAt', iso(e.announced_at), 'endsAt', iso(e.ends_at), 'reason', e.reason, 'ended', e.ended_at is not null,
    'replacement', coalesce(e.replacement, (select b.slug || '/' || p.slug from products p join publishers b on b.account_id = p.account_id where p.id = e.replacement_product_id)))
  from sunsets e where e.product_id = p_product_id and e.number = p_number
$$;
create function version_standing(p_product_id text, p_number text) returns jsonb language sql stable as $$
  select jsonb_build_object('restrictedAt', iso(s.restricted_at), 'sunset', sunset_view(p_product_id, p_number),
    'withdrawn', case when s.withdrawn_at is not null then jsonb_build_object('at', iso(s.withdrawn_at), 'by', s.withdrawn_side,
      'reason', s.withdrawn_reason, 'replacement', s.withdrawn_replacement) end)
  from (select 1) always left join version_standings s on s.product_id = p_product_id and s.number = p_number
$$;

-- What migration 0003 says, and: why a subscription is suspended, what `latest` is, how many calls are kept; and those that somebody else ended in the last 90 days, so that
-- their calls are told why instead of that there is no subscription.
drop function gateway_entitlements(text, text);
create function gateway_entitlements(p_account_id text default null, p_product_id text default null)
returns table (account_id text, subscription_id text, publisher text, product text, product_id text, status text, reason text, version text, latest text, versions text[],
  dimension text, quota_units bigint, quota_used bigint, quota_since timestamptz, quota_resets_at timestamptz, quota_hard boolean, concurrency_max integer, record_max integer) language sql stable as $$
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.suspended_reason, s.version, a.latest, a.versions || a.gone, 'inference.count',
    q.units,
    case when q.units is null then 0 else coalesce((select sum(u.quantity) from subscriptions o join usage_records u on u.subscription_id = o.id
      where o.account_id = s.account_id and o.product_id = s.product_id and u.dimension = q.dimension and u.hour >= month.start), 0)::bigint end,
    case when q.units is not null then month.start end,
    -- In UTC, as the month itself: a session in another time zone would add its own month.
    case when q.units is not null then (month.start at time zone 'UTC' + interval '1 month') at time zone 'UTC' end,
    true,
    null::integer,
    s.record_max
  from subscriptions s join subscription_versions() a on a.subscription_id = s.id
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
    cross join lateral (select (s.plan -> 'quota' ->> 'unitsPerMonth')::bigint as units, coalesce(s.plan -> 'quota' ->> 'dimension', 'inference.count') as dimension) q
    cross join lateral (select date_trunc('month', now(), 'UTC') as start) month
  where cardinality(a.versions || a.gone) > 0 and (p_account_id is null or s.account_id = p_account_id) and (p_product_id is null or s.product_id = p_product_id)
  union all
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.ended_reason, s.version, null, '{}', 'inference.count', null, 0, null, null, true, null, null
  from (select distinct on (e.account_id, e.product_id) e.* from subscriptions e
      where e.state = 'ended' and (p_account_id is null or e.account_id = p_account_id) and (p_product_id is null or e.product_id = p_product_id)
      order by e.account_id, e.product_id, e.ended_at desc) s
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
  where s.ended_code is not null and s.ended_at > now() - interval '90 days'
    and not exists (select from subscriptions n where n.account_id = s.account_id and n.product_id = s.product_id and n.state <> 'ended')
$$;

-- Where a version is reached, and what became of it. A version that was withdrawn or has an end date is here without a deployment
-- too. Of two end dates, the version's and the product's, the earlier one counts.
-- A product that is being removed (migration 0010, which is why the body is not looked at yet) ends like one with an end date.
set local check_function_bodies = off;
drop function gateway_routes(text);
create function gateway_routes(p_product_id text default null)
returns table (product_id text, version text, model_name text, addresses jsonb, state text, deprecated_at timestamptz, sunset_at timestamptz, sunset_reason text,
  ended boolean, successor text, withdrawn_at timestamptz, withdrawn_reason text, withdrawn_replacement text) language sql stable as $$
  select product_id, version, coalesce(d.model_name, ''), coalesce(d.addresses, '[]'), case when d.state is null or d.state = 'stopped' then 'down' else d.state end,
    e.announced_at, e.ends_at, e.reason, coalesce(e.ended_at is not null, false), e.successor, x.withdrawn_at, x.withdrawn_reason, x.withdrawn_replacement
  from deployments d full join (select product_id, number as version, s.withdrawn_at, s.withdrawn_reason, s.withdrawn_replacement
      from version_standings s full join sunsets n using (product_id, number) where number <> '*') x using (product_id, version)
    left join lateral (select n.announced_at, n.ends_at, n.reason, n.ended_at, case when n.number = '*' then (select '/products/' || b.slug || '/' || r.slug from products r join publishers b on b.account_id = r.account_id where r.id = n.replacement_product_id)
        else (select '/call/' || b.slug || '/' || r.slug || '@' || n.replacement || '/invocations' from products r join publishers b on b.account_id = r.account_id where r.id = n.product_id) end as successor
      from (select product_id, number, announced_at, ends_at, reason, replacement, replacement_product_id, ended_at from sunsets
        union all select product_id, '*', requested_at, ends_at, reason, null, replacement_product_id, null from removals where state = 'leaving') n
      where n.product_id = coalesce(d.product_id, x.product_id) and n.number in ('*', coalesce(d.version, x.version)) order by n.ends_at limit 1) e on true
  where p_product_id is null or coalesce(d.product_id, x.product_id) = p_product_id
$$;

-- As in migration 0003; and by version. Files that a gateway of before left say no version.
create or replace function gateway_ingest(p_node text, p_sequence bigint, p_rows jsonb) returns boolean language plpgsql as $$
begin
  insert into usage_batches (node, sequence, records) values (p_node, p_sequence, jsonb_array_length(p_rows)) on conflict do nothing;
  if not found then
    return false;
  end if;
  -- A batch is sent again within seconds, or when a gateway starts that was down: a quarter of a year is never.
  if p_sequence % 1000 = 0 then
    delete from usage_batches where applied_at < now() - interval '90 days';
  end if;
  insert into usage_records (subscription_id, dimension, hour, invoiced_from, quantity, client_errors, server_errors)
  select r.subscription_id, r.dimension, r.hour, invoiced_from(r.hour, now()), sum(r.quantity), sum(r.client_errors), sum(r.server_errors)
  from jsonb_to_recordset(p_rows) as r (subscription_id text, dimension text, hour timestamptz, quantity bigint, client_errors bigint, server_errors bigint)
    join subscriptions s on s.id = r.subscription_id
  group by 1, 2, 3
  -- One order for all batches: two gateways that write the same rows must not wait for each other crosswise.
  order by 1, 2, 3
  on conflict (subscription_id, dimension, hour, invoiced_from) do update set quantity = usage_records.quantity + excluded.quantity,
    client_errors = usage_records.client_errors + excluded.client_errors, server_errors = usage_records.server_errors + excluded.server_errors;
  insert into version_calls (subscription_id, version, day, calls, errors)
  select r.subscription_id, r.version, (r.hour at time zone 'UTC')::date, sum(r.calls), sum(r.client_errors + r.server_errors)
  from jsonb_to_recordset(p_rows) as r (subscription_id text, version text, hour timestamptz, calls bigint, client_errors bigint, server_errors bigint)
    join subscriptions s on s.id = r.subscription_id
  where r.version <> ''
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (subscription_id, version, day) do update set calls = version_calls.calls + excluded.calls, errors = version_calls.errors + excluded.errors;
  -- The quota that these units belong to may be that of a later subscription by now.
  perform pg_notify('souk_gateway', 'account:' || account_id) from (select distinct s.account_id
    from jsonb_to_recordset(p_rows) as r (subscription_id text) join subscriptions s on s.id = r.subscription_id where s.state = 'ended') ended;
  return true;
end $$;

-- Keeps calls of subscriptions that want it at this time, and of each the last ones only.
create function gateway_record(p_rows jsonb) returns void language plpgsql as $$
begin
  insert into recorded_calls (subscription_id, at, version, content_type, accept, body, status, answer_content_type, answer, duration_ms)
  select r.subscription_id, r.at, r.version, r.content_type, r.accept, decode(r.body, 'base64'), r.status, r.answer_content_type, decode(r.answer, 'base64'), r.duration_ms
  from jsonb_to_recordset(p_rows) as r (subscription_id text, at timestamptz, version text, content_type text, accept text, body text, status integer,
      answer_content_type text, answer text, duration_ms double precision)
    join subscriptions s on s.id = r.subscription_id
  where s.record_max is not null and s.state <> 'ended';
  delete from recorded_calls c using (
    select o.id from (select distinct r.subscription_id from jsonb_to_recordset(p_rows) as r (subscription_id text)) t
      join subscriptions s on s.id = t.subscription_id
      cross join lateral (select id from recorded_calls k where k.subscription_id = s.id order by id desc offset coalesce(s.record_max, 0)) o) old
  where c.id = old.id;
end $$;
