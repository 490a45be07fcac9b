-- What an admin keeps from a member: ARNs of resources that the member may not describe, `*` for any part.
alter table members add column withheld text[] not null default '{}';

-- A key made for some products: their ids, and what it may do with them. Null when the key is not limited.
alter table api_keys
  add column products text[],
  add column abilities text[] not null default '{}',
  add constraint api_keys_limited check (
    case when products is null then abilities = '{}'
    else cardinality(products) > 0 and cardinality(abilities) > 0 and scopes = '{manage}' end
  );

-- What keys of a product made before the product names it: uploads, and resources as `model-package/name` or `algorithm/name`.
-- Without it a key could not go on with what it began, nor a second key of the product with what the first one registered.
create table limited_makings (
  account_id text not null references accounts on delete cascade,
  made text not null,
  product_id text not null,
  at timestamptz not null default now(),
  primary key (account_id, made, product_id)
);
create index limited_makings_product on limited_makings (product_id);

-- Who saved the draft last; null for what was saved before this release.
alter table products add column draft_saved_by text;

-- Listings as code: what was applied last, so that what people changed since in the web is told from what the files change.
create table applied_documents (
  product_id text primary key references products on delete cascade,
  document jsonb not null,
  sha256 text not null,
  -- The version that the draft had after it.
  draft_version integer not null,
  -- Where the files come from, as whoever applied them says: a repository and commit.
  source text,
  applied_by text not null,
  applied_at timestamptz not null default now()
);
