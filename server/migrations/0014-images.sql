-- Container images of publishers. Their parts lie in a store of their own, so that what no image has any more can be removed.

alter table uploads
  drop constraint uploads_purpose_check,
  add constraint uploads_purpose_check check (purpose in ('model', 'media', 'sample', 'data', 'image'));

-- What was pushed or pulled, by whom. Several may have the same digest: the parts are kept once.
create table images (
  id text primary key,
  account_id text not null references accounts,
  name text not null check (name <> '' and length(name) <= 255),
  source jsonb not null,
  -- The archive that was sent, until it is taken apart.
  archive_sha256 text check (archive_sha256 ~ '^[0-9a-f]{64}$'),
  -- For the registry, until the image is here.
  credentials_sealed text,
  status text not null check (status in ('Pending', 'Scanning', 'Completed', 'Failed')),
  status_message text,
  failure_reason text,
  digest text check (digest ~ '^sha256:[0-9a-f]{64}$'),
  verdict_key text,
  findings jsonb not null default '[]',
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  check (status <> 'Completed' or digest is not null)
);
create index images_of_account on images (account_id, id desc);
create index images_of_digest on images (digest);

create table image_history (
  image_id text not null references images on delete cascade,
  from_status text,
  to_status text not null,
  at timestamptz not null default now()
);
create index image_history_of_image on image_history (image_id);

-- What an image is made of, by the digest of its manifest. The manifest is the part of that digest.
create table image_contents (
  digest text primary key check (digest ~ '^sha256:[0-9a-f]{64}$'),
  media_type text not null,
  manifest_bytes bigint not null,
  config_digest text not null,
  -- [{digest, mediaType, sizeBytes}], lowest first.
  layers jsonb not null,
  size_bytes bigint not null,
  created_at timestamptz not null default now()
);

-- What was found in it under certain rules, by a certain scanner.
create table image_verdicts (
  key text primary key,
  digest text not null references image_contents on delete cascade,
  examined jsonb not null,
  created_at timestamptz not null default now()
);
create index image_verdicts_of_digest on image_verdicts (digest);

-- Every part that may lie in the store, and when somebody last counted on it. What no image names goes a day later.
create table image_parts (
  sha256 text primary key check (sha256 ~ '^[0-9a-f]{64}$'),
  used_at timestamptz not null default now()
);
