-- People, their sessions and credentials (kept by the authentication library), accounts, members, keys.

create extension if not exists pg_trgm;

create table auth_users (
  id text primary key,
  name text not null,
  email text not null unique,
  email_verified boolean not null default false,
  image text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table auth_sessions (
  id text primary key,
  user_id text not null references auth_users on delete cascade,
  token text not null unique,
  expires_at timestamptz not null,
  ip_address text,
  user_agent text,
  -- The account that this session acts for.
  account_id text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index auth_sessions_user on auth_sessions (user_id);

create table auth_credentials (
  id text primary key,
  user_id text not null references auth_users on delete cascade,
  -- Who vouches for the person: `local:credential` for a password, the issuer's address for single sign-on.
  issuer text not null,
  -- The person's id there (`sub`); for a password the person's own id.
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamptz,
  refresh_token_expires_at timestamptz,
  scope text,
  password text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (issuer, account_id)
);
create index auth_credentials_user on auth_credentials (user_id);

create table auth_verifications (
  id text primary key,
  identifier text not null,
  value text not null,
  expires_at timestamptz not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create index auth_verifications_identifier on auth_verifications (identifier);

create table accounts (
  id text primary key check (id ~ '^[0-9]{12}$'),
  name text not null,
  operator boolean not null default false,
  created_at timestamptz not null default now()
);
-- One account runs the marketplace.
create unique index accounts_one_operator on accounts (operator) where operator;

create table members (
  account_id text not null references accounts on delete cascade,
  person_id text not null references auth_users on delete cascade,
  roles text[] not null check (cardinality(roles) > 0),
  -- Not now(): a person may join two accounts in one transaction, and the first one counts as the first.
  since timestamptz not null default clock_timestamp(),
  primary key (account_id, person_id)
);
create index members_person on members (person_id);

create table invitations (
  id text primary key,
  account_id text not null references accounts on delete cascade,
  email text not null,
  roles text[] not null check (cardinality(roles) > 0),
  token_sha256 text not null unique,
  state text not null default 'pending' check (state in ('pending', 'accepted', 'withdrawn')),
  invited_by text not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index invitations_account on invitations (account_id);
create index invitations_pending on invitations (email) where state = 'pending';

create table api_keys (
  id text primary key,
  account_id text not null references accounts on delete cascade,
  person_id text not null references auth_users on delete cascade,
  name text not null,
  key_sha256 text not null unique,
  hint text not null,
  scopes text[] not null,
  created_at timestamptz not null default now(),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz
);
create index api_keys_account on api_keys (account_id);

create table mails (
  id text primary key,
  recipient text not null,
  subject text not null,
  body text not null,
  state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'outbox')),
  failure text,
  created_at timestamptz not null default now(),
  sent_at timestamptz
);

create table notifications (
  id text primary key,
  person_id text not null references auth_users on delete cascade,
  title text not null,
  body text not null,
  link text,
  -- The event it came from: an event told twice notifies once.
  source text not null,
  read_at timestamptz,
  created_at timestamptz not null default now(),
  unique (person_id, source)
);
-- Ids sort by time.
create index notifications_person on notifications (person_id, id desc);

create table outbox (
  id bigint generated always as identity primary key,
  type text not null,
  subject text not null,
  account_id text,
  data jsonb not null,
  created_at timestamptz not null default now()
);

create table job_workers (
  worker_id text primary key,
  process text not null,
  seen_at timestamptz not null default now()
);

-- Append-only. Each entry carries the hash of the one before; the lock makes writers wait for each other until they commit,
-- so an audited transaction writes its entry last.
create table audit_entries (
  id bigint primary key,
  at timestamptz not null default clock_timestamp(),
  account_id text,
  actor text not null,
  action text not null,
  target text not null,
  details jsonb not null,
  request_id text,
  previous_sha256 text not null,
  sha256 text not null
);
create index audit_entries_account on audit_entries (account_id, id desc);

create function audit_append(p_account_id text, p_actor text, p_action text, p_target text, p_details jsonb, p_request_id text)
returns bigint language plpgsql as $$
declare
  last record;
  entry audit_entries;
begin
  perform pg_advisory_xact_lock(7685108);
  select id, sha256 into last from audit_entries order by id desc limit 1;
  entry.id := coalesce(last.id, 0) + 1;
  entry.at := clock_timestamp();
  entry.previous_sha256 := coalesce(last.sha256, repeat('0', 64));
  entry.sha256 := audit_hash(entry.id, entry.at, p_account_id, p_actor, p_action, p_target, p_details, p_request_id, entry.previous_sha256);
  insert into audit_entries values (entry.id, entry.at, p_account_id, p_actor, p_action, p_target, p_details, p_request_id,
    entry.previous_sha256, entry.sha256);
  return entry.id;
end $$;

create function audit_hash(p_id bigint, p_at timestamptz, p_account_id text, p_actor text, p_action text, p_target text, p_details jsonb,
  p_request_id text, p_previous text)
returns text language sql immutable as $$
  select encode(sha256(convert_to(jsonb_build_array(p_id, to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), p_account_id, p_actor,
    p_action, p_target, p_details, p_request_id, p_previous)::text, 'UTF8')), 'hex')
$$;

create function audit_is_append_only() returns trigger language plpgsql as $$
begin
  raise exception 'the audit log is append-only';
end $$;
create trigger audit_append_only before update or delete on audit_entries for each row execute function audit_is_append_only();

-- The gateway hears of keys that were made, changed or revoked.
create function tell_gateway_account() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_gateway', 'account:' || coalesce(new.account_id, old.account_id));
  return null;
end $$;
create trigger api_keys_tell_gateway after insert or update of revoked_at, expires_at, scopes or delete on api_keys
  for each row execute function tell_gateway_account();
