-- Training programs registered by their publishers, before any listing. The states are those of model packages.
create table algorithms (
  id text primary key,
  account_id text not null references accounts,
  region text not null,
  name text not null,
  arn text not null unique,
  description text not null default '',
  status text not null check (status in ('Pending', 'InProgress', 'Completed', 'Failed', 'Deleting')),
  failure_reason text,
  archive_sha256 text not null,
  archive_size_bytes bigint not null,
  archive_file_name text not null,
  training_specification jsonb not null,
  inference_specification jsonb not null,
  -- The sample training and the call of the model that it makes.
  validation_specification jsonb not null,
  certify_for_marketplace boolean not null,
  scan_status text not null default 'NotStarted' check (scan_status in ('NotStarted', 'InProgress', 'Completed', 'Failed')),
  -- Why a step failed, or what it waits for.
  scan_message text,
  training_status text not null default 'NotStarted' check (training_status in ('NotStarted', 'InProgress', 'Completed', 'Failed')),
  training_message text,
  validation_status text not null default 'NotStarted' check (validation_status in ('NotStarted', 'InProgress', 'Completed', 'Failed')),
  validation_message text,
  -- What is started, and by what.
  program jsonb,
  -- What the sample training gave: metrics, and the digest of the model, which is kept as a package.
  trial jsonb,
  log jsonb not null default '[]',
  findings jsonb not null default '[]',
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, region, name)
);
create index algorithms_under_way on algorithms (updated_at) where status in ('Pending', 'InProgress');
create table algorithm_history (
  id bigint generated always as identity primary key,
  algorithm_id text not null references algorithms on delete cascade,
  from_status text,
  to_status text not null,
  at timestamptz not null default now()
);

comment on column product_versions.model_package_id is 'The registered resource: a model package, or the algorithm of an algorithm product.';
