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

-- Versions that a server serves, by the operator's word, once it answered their sample as it was certified. What they were served from
-- here is kept, for the way back.
create table served_elsewhere (
  product_id text not null,
  version text not null,
  server_id text not null references model_servers,
  original jsonb not null,
  by text not null,
  since timestamptz not null default now(),
  primary key (product_id, version),
  foreign key (product_id, version) references product_versions
);
create index served_elsewhere_server on served_elsewhere (server_id);

-- A later submission asks for all of its versions' deployments again, from their packages: the operator's word stands until it is taken back.
create function keep_served_elsewhere() returns trigger language plpgsql as $$
declare elsewhere text;
begin
  select server_id into elsewhere from served_elsewhere where product_id = new.product_id and version = new.version;
  if elsewhere is not null then
    new.servable := jsonb_build_object('kind', 'remote', 'serverId', elsewhere);
    new.backend := 'remote';
  end if;
  return new;
end $$;
create trigger deployments_served_elsewhere before insert or update of servable on deployments for each row execute function keep_served_elsewhere();
