-- Data services: what the gateway reads of web-service products. Its side of this is domains/gateway/data/services.sql.ts.

-- The service of each slot, with its sealed credential. A preview is for the accounts that subscribed to it and are still its testers.
create function gateway_services(p_product_id text default null)
returns table (product_id text, publisher_id text, publisher text, product text, slot text, accounts text[], service jsonb, credentials jsonb, credential_origin text) language sql stable as $$
  select p.id, b.account_id, b.slug, p.slug, r.slot,
    case when r.slot = 'preview' then array(select s.account_id from subscriptions s where s.product_id = p.id and s.slot = 'preview' and s.state <> 'ended'
      and (s.account_id = p.account_id or s.account_id = any (p.test_accounts))) else '{}' end,
    v.document -> 'service',
    case when c.id is null then '{}' else jsonb_build_object(c.id, c.sealed) end, c.origin
  from products p join publishers b on b.account_id = p.account_id
    cross join lateral (values ('live', p.live_revision_id), ('preview', p.preview_revision_id)) r (slot, revision_id)
    join revisions v on v.id = r.revision_id
    left join service_credentials c on c.product_id = p.id and c.id = v.document #>> '{service,authentication,credentialId}'
  where p.type = 'web-service' and jsonb_typeof(v.document -> 'service') = 'object' and (p_product_id is null or p.id = p_product_id)
$$;

create trigger service_credentials_tell_gateway after insert or update on service_credentials for each row execute function tell_product();

-- Who tests a preview is read with the product.
create function tell_service_tester() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_gateway', 'product:' || new.product_id) from products p where p.id = new.product_id and p.type = 'web-service';
  return null;
end $$;
create trigger subscriptions_tell_service_tester after insert or update of slot, state on subscriptions for each row execute function tell_service_tester();

-- What calls of buyers said about a service, by kind of failure: its publisher is told, buyers are not shown the details.
create table service_failures (
  product_id text not null references products,
  slot text not null check (slot in ('preview', 'live')),
  code text not null,
  detail text not null,
  count bigint not null,
  first_at timestamptz not null,
  last_at timestamptz not null,
  told_at timestamptz,
  primary key (product_id, slot, code)
);
create function gateway_service_report(p_rows jsonb) returns void language sql as $$
  insert into service_failures (product_id, slot, code, detail, count, first_at, last_at)
  select r.product_id, r.slot, r.code, r.detail, r.count, r.last_at, r.last_at
  from jsonb_to_recordset(p_rows) as r (product_id text, slot text, code text, detail text, count bigint, last_at timestamptz)
    join products p on p.id = r.product_id
  order by r.product_id, r.slot, r.code
  on conflict (product_id, slot, code) do update set detail = excluded.detail, last_at = excluded.last_at, count = service_failures.count + excluded.count
$$;

-- Sample calls on schedule. A row is claimed by lease, so that two control planes do not call twice. Only what is live is watched.
create table service_health (
  product_id text primary key references products on delete cascade,
  state text not null default 'unknown' check (state in ('unknown', 'up', 'down')),
  since timestamptz,
  failures integer not null default 0,
  error text,
  checked_at timestamptz,
  next_at timestamptz not null,
  leased_until timestamptz
);
create index service_health_due on service_health (next_at);
create table service_checks (
  product_id text not null references products on delete cascade,
  at timestamptz not null,
  ok boolean not null,
  ms double precision,
  error text,
  primary key (product_id, at)
);
