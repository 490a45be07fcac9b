-- Trainings of buyers: jobs of a subscribed algorithm, and tunings that look for the best of many.
create table tuning_jobs (
  id text primary key,
  account_id text not null references accounts,
  name text not null,
  subscription_id text not null references subscriptions,
  product_id text not null references products,
  version text not null,
  config jsonb not null,
  training jsonb not null,
  status text not null default 'InProgress' check (status in ('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped')),
  failure_reason text,
  stop_reason text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (account_id, name)
);
create index tuning_jobs_under_way on tuning_jobs (created_at) where status in ('InProgress', 'Stopping');

create table training_jobs (
  id text primary key,
  account_id text not null references accounts,
  region text not null,
  name text not null,
  arn text not null unique,
  subscription_id text not null references subscriptions,
  product_id text not null references products,
  version text not null,
  -- Of a tuning: which trial of it this is, and whether it was ended for being worse than most.
  tuning_job_id text references tuning_jobs on delete cascade,
  trial_number integer,
  stopped_early boolean not null default false,
  -- The request as it was completed and checked: what runs does not change when the algorithm does.
  spec jsonb not null,
  status text not null default 'InProgress' check (status in ('InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped')),
  secondary_status text not null default 'Pending',
  status_message text,
  failure_code text,
  failure_reason text,
  stop_requested_at timestamptz,
  stop_code text,
  stop_reason text,
  -- Who runs it, and until when nobody else may. Renewed every few seconds by whoever does.
  lease_owner text,
  lease_until timestamptz,
  attempt integer not null default 0,
  -- How the program ended, once it has: a restart from here packs and keeps the model, and trains nothing again.
  ended jsonb,
  result jsonb,
  model_package_id text,
  billable_ms bigint not null default 0,
  training_started_at timestamptz,
  training_ended_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz,
  unique (account_id, name),
  unique (tuning_job_id, trial_number)
);
create index training_jobs_under_way on training_jobs (created_at) where status in ('InProgress', 'Stopping');
create index training_jobs_subscription on training_jobs (subscription_id) where status in ('InProgress', 'Stopping');

create table training_transitions (
  id bigint generated always as identity primary key,
  job_id text not null references training_jobs on delete cascade,
  status text not null,
  message text,
  started_at timestamptz not null default clock_timestamp(),
  ended_at timestamptz
);
create index training_transitions_job on training_transitions (job_id, id);

-- What programs print, in pieces as they came; the oldest are dropped where there is too much.
create table training_log (
  id bigint generated always as identity primary key,
  job_id text not null references training_jobs on delete cascade,
  attempt integer not null,
  lines text[] not null,
  size_bytes integer not null
);
create index training_log_job on training_log (job_id, id);

create table training_metrics (
  job_id text not null references training_jobs on delete cascade,
  attempt integer not null,
  name text not null,
  curve jsonb not null,
  primary key (job_id, attempt, name)
);

create function tell_training() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_training', new.id);
  return null;
end $$;
-- Not when a lease is renewed: that happens every few seconds, and is nobody's news.
create trigger training_jobs_tell after insert on training_jobs for each row execute function tell_training();
create trigger training_jobs_changed after update on training_jobs for each row when (old.updated_at is distinct from new.updated_at) execute function tell_training();
create trigger tuning_jobs_tell after insert or update on tuning_jobs for each row execute function tell_training();

-- A model that a buyer trained: its own, and runnable only while the subscription to the algorithm lasts.
alter table model_packages add column trained_by_subscription_id text references subscriptions;
alter table model_packages add column training_job text;
comment on column model_packages.trained_by_subscription_id is 'Of a model that a training job made: never listed, and run only while this subscription may.';
