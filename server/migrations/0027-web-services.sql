-- Web services of one's own: a model with named columns, at endpoints with keys of their own. Side of the server: domains/webservices; what
-- they look like from outside: dialects/azureml.

create table web_services (
  -- 32 hexadecimal digits, as in addresses.
  id text primary key,
  account_id text not null references accounts,
  -- The account, as addresses of calls name it.
  workspace text not null,
  name text not null,
  description text not null default '',
  -- The endpoint with the instances behind it.
  served_by text not null references endpoints,
  -- What it runs, as people know it.
  runs text not null,
  schema jsonb not null,
  wire jsonb not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create index web_services_account on web_services (account_id) where deleted_at is null;
create index web_services_served_by on web_services (served_by);

create table web_service_endpoints (
  id text primary key,
  service_id text not null references web_services,
  name text not null,
  is_default boolean not null,
  description text not null default '',
  max_concurrent_calls integer not null,
  logging text not null default 'None' check (logging in ('None', 'Error', 'All')),
  logging_until timestamptz,
  sample_data boolean not null default true,
  read_only boolean not null default false,
  primary_sha256 text not null,
  primary_hint text not null,
  secondary_sha256 text not null,
  secondary_hint text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  deleted_at timestamptz
);
create unique index web_service_endpoints_name on web_service_endpoints (service_id, name) where deleted_at is null;
create unique index web_service_endpoints_default on web_service_endpoints (service_id) where is_default and deleted_at is null;
create index web_service_endpoints_primary on web_service_endpoints (primary_sha256);
create index web_service_endpoints_secondary on web_service_endpoints (secondary_sha256);

-- Request-response calls by minute, for charts; what is billed stands in usage_records.
create table web_service_traffic (
  endpoint_id text not null references web_service_endpoints,
  minute timestamptz not null,
  calls bigint not null,
  failed bigint not null,
  throttled bigint not null,
  duration_ms double precision not null,
  primary key (endpoint_id, minute)
);

create table web_service_log (
  id bigint generated always as identity primary key,
  endpoint_id text not null references web_service_endpoints,
  at timestamptz not null,
  kind text not null check (kind in ('score/requests', 'batch')),
  request_id text not null,
  status integer not null,
  duration_ms double precision not null,
  rows integer not null,
  message text not null
);
create index web_service_log_endpoint on web_service_log (endpoint_id, id desc);

-- Batch jobs. The row is the queue: who works on it holds a lease.
create table web_service_jobs (
  id text primary key,
  endpoint_id text not null references web_service_endpoints,
  account_id text not null references accounts,
  state text not null default 'NotStarted' check (state in ('NotStarted', 'Running', 'Failed', 'Cancelled', 'Finished')),
  input text not null,
  output text not null,
  parameters jsonb not null default '{}',
  -- Set by the start: from then on it is worked on, or waits its turn.
  started_at timestamptz,
  failure text,
  rows_done integer not null default 0,
  attempts integer not null default 0,
  next_at timestamptz not null default now(),
  lease text,
  leased_until timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  ended_at timestamptz
);
create index web_service_jobs_open on web_service_jobs (started_at) where state in ('NotStarted', 'Running') and started_at is not null;
create index web_service_jobs_endpoint on web_service_jobs (endpoint_id, created_at desc);

create function tell_web_services() returns trigger language plpgsql as $$
declare
  r jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  perform pg_notify('souk_gateway', 'webservice:' || case tg_table_name when 'web_services' then r ->> 'id' else r ->> 'service_id' end);
  return null;
end $$;
create trigger web_services_tell after insert or update on web_services for each row execute function tell_web_services();
create trigger web_service_endpoints_tell after insert or update on web_service_endpoints for each row execute function tell_web_services();

create function tell_web_service_jobs() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_web_service_jobs', new.id);
  return null;
end $$;
create trigger web_service_jobs_tell after update on web_service_jobs for each row
  when ((old.started_at, old.state) is distinct from (new.started_at, new.state)) execute function tell_web_service_jobs();

-- What the gateway knows of web services: keys as hashes.
create function gateway_web_services(p_service_id text default null)
returns table (id text, workspace text, account_id text, name text, served_by text, schema jsonb, wire jsonb, endpoints jsonb) language sql stable as $$
  select s.id, s.workspace, s.account_id, s.name, s.served_by, s.schema, s.wire,
    coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'name', e.name, 'keys', jsonb_build_array(e.primary_sha256, e.secondary_sha256),
        'maxConcurrentCalls', e.max_concurrent_calls, 'logging', e.logging, 'loggingUntil', (extract(epoch from e.logging_until) * 1000)::bigint) order by e.id)
      from web_service_endpoints e where e.service_id = s.id and e.deleted_at is null), '[]')
  from web_services s where s.deleted_at is null and (p_service_id is null or s.id = p_service_id)
$$;

-- p_traffic: [{endpoint_id, minute, calls, failed, throttled, duration_ms}]; p_log: [{endpoint_id, at, kind, request_id, status, duration_ms, rows, message}].
create function gateway_web_service_report(p_traffic jsonb, p_log jsonb) returns void language plpgsql as $$
begin
  insert into web_service_traffic (endpoint_id, minute, calls, failed, throttled, duration_ms)
  select r.endpoint_id, r.minute, r.calls, r.failed, r.throttled, r.duration_ms
  from jsonb_to_recordset(p_traffic) as r (endpoint_id text, minute timestamptz, calls bigint, failed bigint, throttled bigint, duration_ms double precision)
    join web_service_endpoints e on e.id = r.endpoint_id
  order by 1, 2
  on conflict (endpoint_id, minute) do update set calls = web_service_traffic.calls + excluded.calls, failed = web_service_traffic.failed + excluded.failed,
    throttled = web_service_traffic.throttled + excluded.throttled, duration_ms = web_service_traffic.duration_ms + excluded.duration_ms;
  insert into web_service_log (endpoint_id, at, kind, request_id, status, duration_ms, rows, message)
  select r.endpoint_id, r.at, r.kind, r.request_id, r.status, r.duration_ms, r.rows, r.message
  from jsonb_to_recordset(p_log) as r (endpoint_id text, at timestamptz, kind text, request_id text, status integer, duration_ms double precision, rows integer, message text)
    join web_service_endpoints e on e.id = r.endpoint_id;
end $$;
