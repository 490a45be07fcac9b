-- What the gateway reads, and how it hands usage in. Its side of this is domains/gateway/gateway.sql.ts.

create table usage_batches (
  node text not null,
  sequence bigint not null,
  applied_at timestamptz not null default now(),
  records integer not null,
  primary key (node, sequence)
);
create index usage_batches_applied on usage_batches (applied_at);

-- Active keys of people who are still members.
create function gateway_keys(p_account_id text default null)
returns table (key_hash text, account_id text, expires_at timestamptz, may_call boolean) language sql stable as $$
  select k.key_sha256, k.account_id, k.expires_at, 'call' = any (k.scopes)
  from api_keys k join members m on m.account_id = k.account_id and m.person_id = k.person_id
  where k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and (p_account_id is null or k.account_id = p_account_id)
$$;

-- The numbers of a revision's versions, kept beside the document: documents are long, and the gateway reads these for everybody.
create function revision_versions(p_document jsonb, p_state text) returns text[] language sql immutable as $$
  select coalesce(array_agg(v ->> 'number' order by position), '{}')
  from jsonb_array_elements(case jsonb_typeof(p_document -> 'versions') when 'array' then p_document -> 'versions' else '[]' end)
    with ordinality as t (v, position)
  where coalesce(v ->> 'state', 'listed') = p_state and v ->> 'number' is not null
$$;
alter table revisions
  add column listed_versions text[] not null generated always as (revision_versions(document, 'listed')) stored,
  add column restricted_versions text[] not null generated always as (revision_versions(document, 'restricted')) stored;

-- Those of the restricted versions that a subscription keeps: they were listed when it was made, or since then, or it has chosen
-- one. Whoever cancels and comes back is new.
create function kept_versions(p_subscription_id text, p_restricted text[]) returns text[] language sql stable as $$
  select array(select one from subscriptions s join revisions accepted on accepted.id = s.revision_id, unnest(p_restricted) as restricted (one)
    where s.id = p_subscription_id and (one = s.version or one = any (accepted.listed_versions) or exists (
      select from revisions r join submissions b on b.revision_id = r.id
      where r.product_id = s.product_id and b.product_id = s.product_id and b.state = 'released' and r.number > accepted.number
        and one = any (r.listed_versions))))
$$;

-- The one rule for the versions that a subscription may choose and call: those of the live revision; for the owner and test
-- accounts also those of the revision in preview (`limited`, where they are not live). Of restricted ones, what kept_versions
-- says; the owner has all. `latest` is the newest listed one of the subscription's slot, or of the other where it has none.
create function subscription_versions() returns table (subscription_id text, versions text[], limited text[], latest text) language sql stable as $$
  select s.id as subscription_id, live.versions || preview_only.versions as versions, preview_only.versions as limited,
    case when s.slot = 'preview' and i.insider then coalesce(preview.latest, live.latest) else coalesce(live.latest, preview.latest) end as latest
  from subscriptions s join products p on p.id = s.product_id
    cross join lateral (select s.account_id = p.account_id as owner, s.account_id = p.account_id or s.account_id = any (p.test_accounts) as insider) i
    left join revisions l on l.id = p.live_revision_id
    left join revisions v on v.id = p.preview_revision_id and i.insider
    cross join lateral (select coalesce(l.listed_versions, '{}') || case when coalesce(cardinality(l.restricted_versions), 0) = 0 then '{}'
      when i.owner then l.restricted_versions else kept_versions(s.id, l.restricted_versions) end as versions,
      l.listed_versions[cardinality(l.listed_versions)] as latest) live
    cross join lateral (select coalesce(v.listed_versions, '{}') || case when coalesce(cardinality(v.restricted_versions), 0) = 0 then '{}'
      when i.owner then v.restricted_versions else kept_versions(s.id, v.restricted_versions) end as versions,
      v.listed_versions[cardinality(v.listed_versions)] as latest) preview
    cross join lateral (select case when cardinality(preview.versions) = 0 then '{}'
      else array(select one from unnest(preview.versions) as shown (one) where one <> all (live.versions)) end as versions) preview_only
  where s.state <> 'ended'
$$;

create index subscriptions_account on subscriptions (account_id, product_id);

-- Subscriptions that are not over and may call something. A month's quota is the account's: what its earlier subscriptions to
-- the product used this month counts too, so that cancelling and subscribing again does not refill it.
create function gateway_entitlements(p_account_id text default null, p_product_id text default null)
returns table (account_id text, subscription_id text, publisher text, product text, product_id text, status text, version text, versions text[],
  dimension text, quota_units bigint, quota_used bigint, quota_since timestamptz, quota_resets_at timestamptz, quota_hard boolean, concurrency_max integer) language sql stable as $$
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.version, a.versions, 'inference.count',
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
$$;

create function gateway_routes(p_product_id text default null)
returns table (product_id text, version text, model_name text, addresses jsonb, state text, deprecated_at timestamptz, sunset_at timestamptz) language sql stable as $$
  select d.product_id, d.version, d.model_name, d.addresses, case d.state when 'stopped' then 'down' else d.state end, null::timestamptz, null::timestamptz
  from deployments d where p_product_id is null or d.product_id = p_product_id
$$;

-- A month's invoice waits a day for usage that gateways could not hand in before, and then no longer changes. What arrives later
-- goes on the invoice of the month in which it arrives.
create function invoiced_from(p_hour timestamptz, p_at timestamptz) returns timestamptz language sql stable as $$
  select case when p_at at time zone 'UTC' >= date_trunc('month', p_hour at time zone 'UTC') + interval '1 month 24 hours'
    then date_trunc('month', p_at, 'UTC') else '-infinity' end
$$;

-- A batch that is applied twice counts once. Records of subscriptions that this database does not know are left out: there is
-- nobody whom they could be billed to.
create function gateway_ingest(p_node text, p_sequence bigint, p_rows jsonb) returns boolean language plpgsql as $$
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
  -- The quota that these units belong to may be that of a later subscription by now.
  perform pg_notify('souk_gateway', 'account:' || account_id) from (select distinct s.account_id
    from jsonb_to_recordset(p_rows) as r (subscription_id text) join subscriptions s on s.id = r.subscription_id where s.state = 'ended') ended;
  return true;
end $$;

-- Someone who leaves an account takes the keys along.
create trigger members_tell_gateway after delete on members for each row execute function tell_gateway_account();
