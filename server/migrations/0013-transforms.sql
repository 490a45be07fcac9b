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
