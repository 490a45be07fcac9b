-- Endpoints: servers of one's own, started from what an account may run. Side of the server: domains/endpoints; of the gateway:
-- domains/gateway.

create table endpoints (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  state text not null check (state in ('Creating', 'InService', 'Updating', 'RollingBack', 'OutOfService', 'Failed', 'Deleting')),
  -- Why it is Failed or OutOfService, or why the last update was rolled back.
  reason text,
  -- The variant that answers; null until the first one does. And the one that is being brought up, if any.
  serving integer,
  coming integer,
  -- Of both: the settings of an update begin to hold with its variant.
  settings jsonb not null,
  coming_settings jsonb,
  -- How many instances the serving variant should have now.
  target integer not null,
  asleep boolean not null default false,
  -- Set by the first call that finds it asleep, until an instance answers.
  wake_asked_at timestamptz,
  busy_at timestamptz not null default now(),
  -- Since when fewer instances would do.
  low_since timestamptz,
  -- Set when its subscription stops it: nothing of it runs until it is updated.
  stopped_reason text,
  -- 'suspended' goes on by itself when its subscription does.
  stopped_cause text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index endpoints_name on endpoints (account_id, name) where deleted_at is null;
create index endpoints_there on endpoints (id) where deleted_at is null;

-- What an endpoint runs, by number: each update that changes it makes another one.
create table endpoint_variants (
  endpoint_id text not null references endpoints,
  number integer not null,
  subscription_id text not null references subscriptions,
  product_id text not null references products,
  version text not null,
  -- As people know it: publisher/product version.
  name text not null,
  model_name text not null,
  servable jsonb not null,
  instance_type text not null references instance_types,
  environment jsonb not null default '{}',
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (endpoint_id, number)
);
create index endpoint_variants_subscription on endpoint_variants (subscription_id);

-- What runs, or is to run. A row goes when its process has ended for good.
create table endpoint_instances (
  id text primary key,
  endpoint_id text not null references endpoints,
  variant integer not null,
  desired text not null default 'running' check (desired in ('running', 'stopped')),
  state text not null default 'starting' check (state in ('starting', 'ready', 'down', 'draining')),
  node text,
  address jsonb,
  pid integer,
  restarts integer not null default 0,
  failure text,
  meter_id text,
  -- Since when its node starts it; starting anew after the node was away counts anew.
  starting_at timestamptz,
  -- When its node last said that it is there.
  seen_at timestamptz,
  ready_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  foreign key (endpoint_id, variant) references endpoint_variants
);
create index endpoint_instances_endpoint on endpoint_instances (endpoint_id);
create index endpoint_instances_node on endpoint_instances (node);

create table endpoint_events (
  id bigint generated always as identity primary key,
  endpoint_id text not null references endpoints,
  at timestamptz not null default now(),
  kind text not null,
  message text not null,
  details jsonb not null default '{}'
);
create index endpoint_events_endpoint on endpoint_events (endpoint_id, id desc);

-- What instances write: for the account only, and the last of it.
create table endpoint_logs (
  id bigint generated always as identity primary key,
  endpoint_id text not null references endpoints,
  instance_id text not null,
  at timestamptz not null,
  level text not null,
  text text not null
);
create index endpoint_logs_endpoint on endpoint_logs (endpoint_id, id desc);

-- Calls by minute, for charts and scaling. What is billed stands in usage_records.
create table endpoint_traffic (
  endpoint_id text not null references endpoints,
  minute timestamptz not null,
  calls bigint not null,
  client_errors bigint not null,
  server_errors bigint not null,
  duration_ms double precision not null,
  -- Counts of durations up to 1, 2, 5, 10, 20, 50, ... ms; the last one has no end.
  buckets bigint[] not null,
  primary key (endpoint_id, minute)
);

-- What each gateway has under way at an instance; with an empty instance, calls that wait for one.
create table endpoint_in_flight (
  gateway text not null,
  endpoint_id text not null,
  instance_id text not null,
  calls integer not null,
  at timestamptz not null default now(),
  primary key (gateway, endpoint_id, instance_id)
);
create index endpoint_in_flight_endpoint on endpoint_in_flight (endpoint_id);

-- Reports older than this are of a gateway that is gone.
create function endpoint_load(p_endpoint_id text, p_instance_id text default null) returns bigint language sql stable as $$
  select coalesce(sum(calls), 0)::bigint from endpoint_in_flight
  where endpoint_id = p_endpoint_id and (p_instance_id is null or instance_id = p_instance_id) and at > now() - interval '10 seconds'
$$;

create function tell_endpoints() returns trigger language plpgsql as $$
declare
  r jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  endpoint text := case tg_table_name when 'endpoints' then r ->> 'id' else r ->> 'endpoint_id' end;
begin
  perform pg_notify('souk_endpoints', endpoint);
  perform pg_notify('souk_gateway', 'endpoint:' || endpoint);
  return null;
end $$;
create trigger endpoints_tell after insert on endpoints for each row execute function tell_endpoints();
create trigger endpoints_tell_change after update on endpoints for each row
  when ((old.state, old.serving, old.coming, old.settings, old.asleep, old.target, old.stopped_reason, old.deleted_at)
    is distinct from (new.state, new.serving, new.coming, new.settings, new.asleep, new.target, new.stopped_reason, new.deleted_at))
  execute function tell_endpoints();
create trigger endpoint_instances_tell after insert or delete on endpoint_instances for each row execute function tell_endpoints();
create trigger endpoint_instances_tell_change after update on endpoint_instances for each row
  when ((old.desired, old.state, old.address, old.restarts) is distinct from (new.desired, new.state, new.address, new.restarts))
  execute function tell_endpoints();

-- What the gateway knows of endpoints. Instances are those that may be given a call.
create function gateway_endpoints(p_endpoint_id text default null)
returns table (id text, account_id text, name text, state text, reason text, asleep boolean, subscription_id text, product_id text, version text, title text,
  model_name text, settings jsonb, instances jsonb) language sql stable as $$
  select e.id, e.account_id, e.name, e.state, coalesce(e.stopped_reason, e.reason), e.asleep, v.subscription_id, v.product_id, v.version, v.name,
    v.model_name, e.settings,
    coalesce((select jsonb_agg(jsonb_build_object('id', i.id, 'address', i.address) order by i.id) from endpoint_instances i
      where i.endpoint_id = e.id and i.variant = e.serving and i.desired = 'running' and i.state = 'ready' and i.address is not null), '[]')
  from endpoints e left join endpoint_variants v on v.endpoint_id = e.id and v.number = e.serving
  where e.deleted_at is null and (p_endpoint_id is null or e.id = p_endpoint_id)
$$;

-- The first call that finds an endpoint asleep wakes it; that it was asked again changes nothing.
create function gateway_wake(p_endpoint_id text) returns void language plpgsql as $$
begin
  update endpoints set asleep = false, target = greatest(1, (settings ->> 'instancesMin')::integer), wake_asked_at = now(), busy_at = now(), low_since = null, updated_at = now()
  where id = p_endpoint_id and asleep and deleted_at is null and stopped_reason is null;
  if found then
    insert into endpoint_events (endpoint_id, kind, message) values (p_endpoint_id, 'waking', 'A call came while it slept.');
  end if;
end $$;

-- p_traffic: [{endpoint_id, minute, calls, client_errors, server_errors, duration_ms, buckets}]; p_in_flight: [{endpoint_id, instance_id, calls}], all that
-- this gateway has now. One order for all, so that gateways do not wait for each other crosswise.
create function gateway_endpoint_report(p_gateway text, p_traffic jsonb, p_in_flight jsonb) returns void language plpgsql as $$
begin
  insert into endpoint_traffic (endpoint_id, minute, calls, client_errors, server_errors, duration_ms, buckets)
  select r.endpoint_id, r.minute, r.calls, r.client_errors, r.server_errors, r.duration_ms, r.buckets
  from jsonb_to_recordset(p_traffic) as r (endpoint_id text, minute timestamptz, calls bigint, client_errors bigint, server_errors bigint, duration_ms double precision, buckets bigint[])
    join endpoints e on e.id = r.endpoint_id
  order by 1, 2
  on conflict (endpoint_id, minute) do update set calls = endpoint_traffic.calls + excluded.calls, client_errors = endpoint_traffic.client_errors + excluded.client_errors,
    server_errors = endpoint_traffic.server_errors + excluded.server_errors, duration_ms = endpoint_traffic.duration_ms + excluded.duration_ms,
    buckets = (select array_agg(coalesce(a, 0) + coalesce(b, 0) order by n) from unnest(endpoint_traffic.buckets, excluded.buckets) with ordinality as t (a, b, n));
  delete from endpoint_in_flight f where f.gateway = p_gateway and not exists (
    select from jsonb_to_recordset(p_in_flight) as r (endpoint_id text, instance_id text) where r.endpoint_id = f.endpoint_id and r.instance_id = f.instance_id);
  insert into endpoint_in_flight (gateway, endpoint_id, instance_id, calls)
  select p_gateway, r.endpoint_id, r.instance_id, r.calls from jsonb_to_recordset(p_in_flight) as r (endpoint_id text, instance_id text, calls integer)
  order by 2, 3
  on conflict (gateway, endpoint_id, instance_id) do update set calls = excluded.calls, at = now();
  delete from endpoint_in_flight where at < now() - interval '10 minutes';
  update endpoints set busy_at = now() where id in (
    select b.id from endpoints b where b.id in (
      select endpoint_id from jsonb_to_recordset(p_traffic) as r (endpoint_id text) union select endpoint_id from jsonb_to_recordset(p_in_flight) as r (endpoint_id text))
    order by b.id for update);
end $$;

-- Calls whose answer is fetched later. The row is the queue: who works on it holds a lease.
create table endpoint_inferences (
  endpoint_id text not null references endpoints,
  id text not null,
  account_id text not null references accounts,
  state text not null default 'Pending' check (state in ('Pending', 'InProgress', 'Completed', 'Failed')),
  content_type text not null,
  accept text not null,
  custom_attributes text,
  -- One of both.
  input_location text,
  body bytea,
  output_location text not null,
  failure text,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  lease text,
  leased_until timestamptz,
  callback_url text,
  callback_state text check (callback_state in ('waiting', 'delivered', 'failed')),
  callback_attempts integer not null default 0,
  callback_failure text,
  callback_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz,
  primary key (endpoint_id, id),
  check ((input_location is null) <> (body is null) or state in ('Completed', 'Failed'))
);
create index endpoint_inferences_open on endpoint_inferences (next_at) where state in ('Pending', 'InProgress');
create index endpoint_inferences_callback on endpoint_inferences (callback_at) where callback_state = 'waiting';

create function tell_inferences() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_inferences', new.endpoint_id);
  return null;
end $$;
create trigger endpoint_inferences_tell after insert on endpoint_inferences for each row execute function tell_inferences();

-- Captured calls on their way into the files of their account.
create table endpoint_captures (
  id bigint generated always as identity primary key,
  endpoint_id text not null references endpoints,
  at timestamptz not null default now(),
  line text not null
);
create index endpoint_captures_endpoint on endpoint_captures (endpoint_id, id);

-- p_rows: [{endpoint_id, line}]; only of endpoints that capture now.
create function gateway_capture(p_rows jsonb) returns void language sql as $$
  insert into endpoint_captures (endpoint_id, line)
  select r.endpoint_id, r.line from jsonb_to_recordset(p_rows) as r (endpoint_id text, line text) join endpoints e on e.id = r.endpoint_id
  where e.settings -> 'capture' ->> 'location' is not null and e.deleted_at is null
$$;
