-- Model servers that already run: registered by the operator, who says whose packages each may serve.
create table model_servers (
  id text primary key,
  name text not null,
  description text not null default '',
  url text not null,
  protocol text not null check (protocol in ('sagemaker', 'inference-v2')),
  model_name text,
  -- The kind and the public part (a header's name, a user), and the whole sealed.
  credentials_kind text not null check (credentials_kind in ('none', 'bearer', 'basic', 'header')),
  credentials_name text,
  credentials_sealed text not null,
  ca_pem text,
  timeout_ms integer not null,
  health text not null default 'unknown' check (health in ('unknown', 'ok', 'down')),
  health_detail text not null default '',
  health_latency_ms double precision,
  health_checked_at timestamptz,
  health_since timestamptz not null default now(),
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint model_servers_name_key unique (name),
  check ((protocol = 'inference-v2') = (model_name is not null))
);

create table model_server_accounts (
  server_id text not null references model_servers on delete cascade,
  account_id text not null references accounts,
  primary key (server_id, account_id)
);
create index model_server_accounts_account on model_server_accounts (account_id);
