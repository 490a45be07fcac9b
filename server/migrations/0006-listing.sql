-- Pictures of listings as they are served, and sample files.

-- A picture is unpacked and written anew before anybody sees it. Addressed by the digest of the file that was sent and by that of
-- the clean one; both give the clean bytes. What the first rewriting gave stays, so that an address never changes its content.
create table media_images (
  sha256 text primary key,
  served_sha256 text not null,
  content_type text not null check (content_type in ('image/png', 'image/jpeg')),
  width integer not null check (width > 0),
  height integer not null check (height > 0),
  size_bytes bigint not null,
  -- Of the outermost pixels; decided only for what is small enough for a logo.
  ground text not null check (ground in ('clear', 'coloured', 'undecided')),
  created_at timestamptz not null default now()
);

alter table uploads
  drop constraint uploads_purpose_check,
  add constraint uploads_purpose_check check (purpose in ('model', 'media', 'sample'));
alter table blob_owners
  drop constraint blob_owners_kind_check,
  add constraint blob_owners_kind_check check (kind in ('model', 'media', 'sample'));
