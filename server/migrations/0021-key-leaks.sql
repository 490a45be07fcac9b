-- A key that was rotated, and one that somebody found where others can read it.

alter table api_keys
  -- The key that was made in its place. Both work until this one's expires_at.
  add column replaced_by text references api_keys (id) on delete set null,
  -- Reported and therefore revoked; where it was found, in the words of whoever reported it, without the key.
  add column leaked_at timestamptz,
  add column leaked_where text,
  add constraint api_keys_leaked check (
    (leaked_at is null or revoked_at is not null) and (leaked_where is null or leaked_at is not null)
  );
