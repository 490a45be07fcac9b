-- Files of accounts (souk://<account>/<path>), and batch transforms over them.

alter table uploads
  drop constraint uploads_purpose_check,
  add constraint uploads_purpose_check check (purpose in ('model', 'media', 'sample', 'data'));

-- How much an account keeps. Its row is locked by whoever adds or removes, so that two writers cannot pass the limit together.
create table file_usage (
  account_id text primary key references accounts,
  size_bytes bigint not null default 0 check (size_bytes >= 0),
  files bigint not null default 0 check (files >= 0)
);

create table files (
  account_id text not null references accounts,
  -- Compared byte by byte: lists are read on from a path, in the same order on every machine.
  path text collate "C" not null check (path <> '' and length(path) <= 1024),
  sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
  size_bytes bigint not null check (size_bytes >= 0),
  content_type text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, path)
);
create index files_content on files (sha256);

-- Contents that may no longer be anybody's. A day later what still is nobody's goes from the disk.
create table files_given_up (
  sha256 text primary key,
  since timestamptz not null default now()
);

create table transform_jobs (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  subscription_id text not null references subscriptions,
  -- What runs, as it was found when the job was created: a version that is chosen later does not change a job under way.
  model jsonb not null,
  request jsonb not null,
  state text not null default 'InProgress' check (state in ('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped')),
  stage text not null default 'Waiting' check (stage in ('Waiting', 'Starting', 'Transforming', 'Finishing', 'Ended')),
  failure jsonb,
  effective jsonb,
  -- Null until the inputs are listed.
  files_total integer,
  files_done integer not null default 0,
  files_failed integer not null default 0,
  bytes_total bigint not null default 0,
  -- Of finished files; `live` is what their worker is in the middle of.
  rows_done bigint not null default 0,
  calls_done bigint not null default 0,
  bytes_done bigint not null default 0,
  counted_units bigint not null default 0,
  live jsonb not null default '{"rows": 0, "calls": 0, "bytes": 0, "rowsPerSecond": 0}',
  manifest_uri text,
  log text[] not null default '{}',
  -- Who works on it, and until when nobody else may.
  worker text,
  worker_until timestamptz,
  -- How often a worker took it up: one that ends every worker is given up.
  taken integer not null default 0,
  created_by text not null,
  person_id text not null,
  created_at timestamptz not null default now(),
  started_at timestamptz,
  ended_at timestamptz,
  unique (account_id, name),
  check ((ended_at is not null) = (state in ('Completed', 'Failed', 'Stopped')))
);
create index transform_jobs_under_way on transform_jobs (created_at) where ended_at is null;
create index transform_jobs_subscription on transform_jobs (subscription_id);

create table transform_files (
  job_id text not null references transform_jobs on delete cascade,
  position integer not null,
  input_uri text not null,
  output_uri text not null,
  input_bytes bigint not null,
  state text not null default 'waiting' check (state in ('waiting', 'running', 'done', 'failed', 'skipped')),
  rows bigint not null default 0,
  calls bigint not null default 0,
  output_bytes bigint,
  output_sha256 text,
  failure jsonb,
  finished_at timestamptz,
  primary key (job_id, position),
  check (state <> 'done' or (output_sha256 is not null and output_bytes is not null))
);

create table transform_history (
  id bigint generated always as identity primary key,
  job_id text not null references transform_jobs on delete cascade,
  event text not null,
  from_state text,
  to_state text not null,
  by text not null,
  at timestamptz not null default now()
);

-- Credentials of buckets that an account reads from and writes to (s3://). The secret is sealed.
create table bucket_credentials (
  account_id text not null references accounts,
  bucket text not null check (bucket ~ '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'),
  region text not null,
  -- Null: AWS itself.
  endpoint text,
  access_key_id text not null,
  secret_sealed text not null,
  created_by text not null,
  created_at timestamptz not null default now(),
  primary key (account_id, bucket)
);
