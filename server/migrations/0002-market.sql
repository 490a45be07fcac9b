-- Files, model packages, products, submissions, catalogue, subscriptions, deployments, usage.

create table uploads (
  id text primary key,
  account_id text not null references accounts,
  file_name text not null,
  purpose text not null check (purpose in ('model', 'media')),
  size_bytes bigint not null check (size_bytes > 0),
  -- Follows the file, which is the truth: set whenever a part has ended.
  offset_bytes bigint not null default 0,
  expected_sha256 text,
  state text not null default 'receiving' check (state in ('receiving', 'complete')),
  -- Set before the file moves into the blobs, so that a kill between the move and `complete` is told from a lost file.
  sha256 text,
  -- The one process that may write the file now, as <node>/<process>, and until when unless it renews.
  writer text,
  writer_until timestamptz,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null
);
create index uploads_expiry on uploads (expires_at) where state = 'receiving';

-- Which account may use a blob; media are also served to everybody by their digest.
create table blob_owners (
  sha256 text not null,
  account_id text not null references accounts,
  kind text not null check (kind in ('model', 'media')),
  file_name text not null,
  content_type text,
  size_bytes bigint not null,
  created_at timestamptz not null default now(),
  primary key (sha256, account_id, kind)
);

create table publishers (
  account_id text primary key references accounts,
  slug text not null unique,
  display_name text not null,
  description text not null default '',
  website_url text,
  contact_email text,
  logo_sha256 text,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);

create table instance_types (
  name text primary key,
  cpus numeric not null,
  memory_mb integer not null,
  backend text not null,
  price_per_hour numeric not null,
  currency text not null,
  enabled boolean not null default true
);

create table policies (
  only_one boolean primary key default true check (only_one),
  document jsonb not null,
  updated_at timestamptz not null default now(),
  updated_by text not null
);

create table model_packages (
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
  inference_specification jsonb not null,
  validation_specification jsonb not null,
  certify_for_marketplace boolean not null,
  scan_status text not null default 'NotStarted' check (scan_status in ('NotStarted', 'InProgress', 'Completed', 'Failed')),
  -- Why a step failed, or what it waits for.
  scan_message text,
  validation_status text not null default 'NotStarted' check (validation_status in ('NotStarted', 'InProgress', 'Completed', 'Failed')),
  validation_message text,
  onnx jsonb,
  findings jsonb not null default '[]',
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, region, name)
);
create index model_packages_under_way on model_packages (updated_at) where status in ('Pending', 'InProgress');
create table model_package_history (
  id bigint generated always as identity primary key,
  model_package_id text not null references model_packages on delete cascade,
  from_status text,
  to_status text not null,
  at timestamptz not null default now()
);

-- What certification found in a package. The key holds the package's digest, the rule set and the virus signatures, so the same
-- bytes under the same rules are examined once.
create table package_verdicts (
  key text primary key,
  archive_sha256 text not null,
  verdict jsonb not null,
  created_at timestamptz not null default now()
);
create index package_verdicts_archive on package_verdicts (archive_sha256, created_at desc);

create table products (
  id text primary key,
  account_id text not null references publishers,
  slug text not null,
  type text not null check (type in ('model-package', 'algorithm', 'web-service', 'application')),
  draft jsonb not null,
  draft_version integer not null default 0,
  draft_sha256 text not null,
  draft_saved_at timestamptz not null default now(),
  test_accounts text[] not null default '{}',
  preview_revision_id text,
  live_revision_id text,
  created_by text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (account_id, slug)
);

create table revisions (
  id text primary key,
  product_id text not null references products,
  number integer not null,
  document jsonb not null,
  sha256 text not null,
  -- DSSE envelope over everything published with this revision, written by packaging.
  statement jsonb,
  statement_key_id text,
  signed_at timestamptz,
  created_by text not null,
  created_at timestamptz not null default now(),
  unique (product_id, number)
);
alter table products add foreign key (preview_revision_id) references revisions, add foreign key (live_revision_id) references revisions;

create table submissions (
  id text primary key,
  product_id text not null references products,
  revision_id text not null references revisions,
  account_id text not null references accounts,
  state text not null check (state in ('running', 'waiting', 'held', 'refused', 'cancelled', 'released', 'superseded')),
  stage text,
  submitted_by text not null,
  submitted_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  ended_at timestamptz
);
-- Two publishers racing on one product: the second is refused by this index.
create unique index submissions_one_under_way on submissions (product_id) where state in ('running', 'waiting', 'held');
create index submissions_product on submissions (product_id, submitted_at desc);
create index submissions_queue on submissions (updated_at) where state in ('waiting', 'held');

create table submission_history (
  id bigint generated always as identity primary key,
  submission_id text not null references submissions,
  event text not null,
  from_state text,
  to_state text not null,
  stage text,
  actor text not null,
  comment text,
  at timestamptz not null default now()
);

create table submission_stages (
  submission_id text not null references submissions,
  stage text not null,
  position integer not null,
  state text not null default 'pending'
    check (state in ('pending', 'running', 'waiting', 'passed', 'carried-over', 'not-run', 'refused', 'held', 'cancelled')),
  attempt integer not null default 0,
  -- Attempts made before somebody asked to try again; they no longer count against the allowed ones.
  attempts_before integer not null default 0,
  inputs_sha256 text,
  carried_from text references submissions,
  summary text not null default '',
  findings jsonb not null default '[]',
  evidence jsonb not null default '[]',
  log jsonb not null default '[]',
  output jsonb,
  started_at timestamptz,
  ended_at timestamptz,
  primary key (submission_id, stage)
);

-- A version as it was packaged. It keeps what it was released with, whatever happens to the resource afterwards.
create table product_versions (
  product_id text not null references products,
  number text not null,
  model_package_id text not null,
  package_sha256 text not null,
  package_size_bytes bigint not null,
  model_name text not null,
  resource jsonb not null,
  bom jsonb not null,
  measured jsonb not null default '[]',
  evidence jsonb not null default '[]',
  created_at timestamptz not null default now(),
  released_at timestamptz,
  primary key (product_id, number)
);

create table deployments (
  id text primary key,
  product_id text not null,
  version text not null,
  package_sha256 text not null,
  model_name text not null,
  backend text not null,
  instance_type text not null references instance_types,
  desired text not null default 'running' check (desired in ('running', 'stopped')),
  state text not null default 'starting' check (state in ('starting', 'ready', 'down', 'stopped')),
  -- Raised to ask for a restart.
  generation integer not null default 0,
  node text,
  addresses jsonb not null default '[]',
  pid integer,
  sandbox text not null default '',
  restarts integer not null default 0,
  last_failure text,
  ready_at timestamptz,
  updated_at timestamptz not null default now(),
  unique (product_id, version),
  foreign key (product_id, version) references product_versions
);

-- Search projection: one row per live product, drawn again whenever its live slot moves; nothing is kept here only.
create table catalog_entries (
  product_id text primary key references products,
  revision_id text not null,
  publisher text not null,
  slug text not null,
  -- Private products show themselves to their owner and products.test_accounts only.
  private boolean not null,
  published_at timestamptz not null,
  title_sort text collate "C" not null,
  p99_ms double precision,
  -- What is counted beside the results: `type:algorithm`, `category:Text`, `price:free`, `content:text/csv`.
  facets text[] not null,
  -- Words of title, keywords and publisher: what a misspelt word may have meant.
  words text[] not null,
  -- The row of the result page as the API answers it.
  item jsonb not null,
  -- Title and keywords with weights, and what can be filtered as words that nobody types: small, so that a thousand are ranked fast.
  head tsvector not null,
  -- Every word of the product, without weights and positions: what matches.
  search tsvector not null
)
-- A search visits up to a thousand rows and shows 24. With the wide columns out of line a row has 0.5 instead of 1.9 kB, and
-- the visits of a search over 100,000 products took 1 instead of 10 ms.
with (toast_tuple_target = 128);
alter table catalog_entries alter head set storage plain, alter title_sort set storage plain, alter facets set storage main,
  alter search set storage external, alter item set storage external, alter words set storage external;
create unique index catalog_entries_address on catalog_entries (publisher, slug);
create index catalog_entries_search on catalog_entries using gin (search) with (fastupdate = off);
create index catalog_entries_head on catalog_entries using gin (head) with (fastupdate = off);
create index catalog_entries_newest on catalog_entries (published_at, product_id);
create index catalog_entries_title on catalog_entries (title_sort, product_id);
create index catalog_entries_latency on catalog_entries (coalesce(p99_ms, 'infinity'::float8), product_id);
create index catalog_entries_private on catalog_entries (product_id) where private;
create index products_test_accounts on products using gin (test_accounts);
create index products_previews on products (account_id) where preview_revision_id is not null;

-- The entries among which a search chooses, at most p_max and some: those with the words in title or keywords first, then those
-- with the words anywhere. Where more than p_max match, `extra` ones join: the newest of the catalogue that match, and those
-- whose title begins with what was typed, so that neither is lost in the crowd. An extra entry may come twice. Without p_title
-- (for counting) there are none.
-- Sequential scans are off because they would read and test the wide column of every row where the index knows the answer.
create function catalog_candidates(p_query tsquery, p_rank tsquery, p_title text, p_ids text[], p_max integer)
returns table (product_id text, published_at timestamptz, rank real, facets text[], publisher text, extra boolean)
language plpgsql stable set enable_seqscan = off as $$
declare
  found_head integer;
  found_search integer := 0;
begin
  return query select e.product_id, e.published_at, catalog_rank(e.head, e.title_sort, p_rank, p_title), e.facets, e.publisher, false
    from catalog_entries e where e.head @@ p_query and (not e.private or e.product_id = any (p_ids)) limit p_max;
  get diagnostics found_head = row_count;
  if found_head < p_max then
    return query select e.product_id, e.published_at, catalog_rank(e.head, e.title_sort, p_rank, p_title), e.facets, e.publisher, false
      from catalog_entries e where e.search @@ p_query and not e.head @@ p_query and (not e.private or e.product_id = any (p_ids))
      limit p_max - found_head;
    get diagnostics found_search = row_count;
  end if;
  if found_head + found_search >= p_max and p_title is not null then
    return query select e.product_id, e.published_at, catalog_rank(e.head, e.title_sort, p_rank, p_title), e.facets, e.publisher, true
      from (select * from catalog_entries n order by n.published_at desc, n.product_id desc limit p_max) e
      where e.head @@ p_query and (not e.private or e.product_id = any (p_ids));
    return query select e.product_id, e.published_at, catalog_rank(e.head, e.title_sort, p_rank, p_title), e.facets, e.publisher, true
      from (select * from catalog_entries t where t.title_sort >= p_title and t.title_sort < p_title || U&'\+10FFFF' and p_title <> ''
        order by t.title_sort, t.product_id limit 100) e
      where e.head @@ p_query and (not e.private or e.product_id = any (p_ids));
  end if;
end $$;

-- Weights of D (filters), C, B (keywords), A (title); 1 divides by the logarithm of the length: a short title that says it is better.
create function catalog_rank(p_head tsvector, p_title_sort text, p_rank tsquery, p_title text) returns real language sql immutable as $$
  select ts_rank('{0, 0.1, 0.4, 1}', p_head, p_rank, 1)
    + case when p_title = '' then 0 when p_title_sort = p_title then 1 when starts_with(p_title_sort, p_title) then 0.2 else 0 end::real
$$;

-- The word and each way to leave one letter out of it. Two words that share one of these are one slip apart (a letter put in,
-- left out or changed, two swapped) or little more; so most misspellings are mended by one look into an index.
create function word_deletes(p_word text) returns text[] language sql immutable as $$
  select array_agg(distinct d) from (
    select p_word as d union all select overlay(p_word placing '' from i for 1) from generate_series(1, length(p_word)) i) deletes
$$;

-- The vocabulary of public products, counted, so that a word disappears with the last product that has it.
create table catalog_words (
  word text collate "C" primary key,
  entries integer not null,
  deletes text[] not null generated always as (word_deletes(word)) stored
);
create index catalog_words_deletes on catalog_words using gin (deletes);
create index catalog_words_similar on catalog_words using gist (word gist_trgm_ops);

create table subscriptions (
  id text primary key,
  account_id text not null references accounts,
  product_id text not null references products,
  revision_id text not null references revisions,
  plan jsonb not null,
  plan_id text not null,
  slot text not null check (slot in ('preview', 'live')),
  version text not null,
  state text not null check (state in ('active', 'suspended', 'ended')),
  eula_sha256 text not null,
  accepted_by text not null,
  accepted_at timestamptz not null default now(),
  ended_at timestamptz
);
create unique index subscriptions_one_active on subscriptions (account_id, product_id) where state <> 'ended';
create index subscriptions_product on subscriptions (product_id, accepted_at desc);
create table subscription_history (
  id bigint generated always as identity primary key,
  subscription_id text not null references subscriptions,
  event text not null,
  from_state text,
  to_state text not null,
  actor text not null,
  details jsonb not null default '{}',
  at timestamptz not null default now()
);

create table usage_records (
  subscription_id text not null references subscriptions,
  dimension text not null,
  hour timestamptz not null,
  quantity bigint not null default 0,
  client_errors bigint not null default 0,
  server_errors bigint not null default 0,
  -- The month whose invoice has what arrived when that of its own month was closed; by default the month of the hour.
  invoiced_from timestamptz not null default '-infinity',
  primary key (subscription_id, dimension, hour, invoiced_from)
);

create table tries (
  day date not null,
  who text not null,
  count integer not null,
  primary key (day, who)
);

create trigger subscriptions_tell_gateway after insert or update on subscriptions
  for each row execute function tell_gateway_account();

create function tell_product() returns trigger language plpgsql as $$
declare
  product text := case tg_table_name when 'products' then (to_jsonb(new) ->> 'id') else (to_jsonb(new) ->> 'product_id') end;
begin
  perform pg_notify('souk_gateway', 'product:' || product);
  if tg_table_name = 'deployments' then
    perform pg_notify('souk_runtime', product);
  end if;
  return null;
end $$;
create trigger deployments_tell after insert or update on deployments for each row execute function tell_product();
create trigger products_tell after update of live_revision_id, preview_revision_id, test_accounts on products
  for each row execute function tell_product();

create function tell_submission() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_submission', case tg_table_name when 'submissions' then (to_jsonb(new) ->> 'id') else (to_jsonb(new) ->> 'submission_id') end);
  return null;
end $$;
create trigger submissions_tell after insert or update on submissions for each row execute function tell_submission();
create trigger submission_stages_tell after insert or update on submission_stages for each row execute function tell_submission();

-- Souk's own sizes and prices; the names are those that clients know.
insert into instance_types (name, cpus, memory_mb, backend, price_per_hour, currency) values
  ('ml.t3.medium', 1, 1024, 'onnx', 0.02, 'USD'),
  ('ml.c5.large', 2, 4096, 'onnx', 0.05, 'USD'),
  ('ml.m5.large', 2, 8192, 'onnx', 0.06, 'USD'),
  ('ml.m5.xlarge', 4, 16384, 'onnx', 0.12, 'USD');
