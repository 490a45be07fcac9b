-- Made from the migrations by `npm run generate`; a test holds it against them.

create table access_requests (
  id text not null,
  account_id text not null,
  person_id text not null,
  requested_by text not null,
  product_id text not null,
  plan_id text not null,
  reason text not null,
  state text not null default 'pending'::text,
  decided_by text,
  decision_reason text,
  decided_at timestamp with time zone,
  expires_at timestamp with time zone,
  created_at timestamp with time zone not null,
  constraint access_requests_pkey PRIMARY KEY (id),
  constraint access_requests_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint access_requests_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint access_requests_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'approved'::text, 'denied'::text, 'withdrawn'::text, 'used'::text])))
);

create table accounts (
  id text not null,
  name text not null,
  operator boolean not null default false,
  created_at timestamp with time zone not null default now(),
  constraint accounts_pkey PRIMARY KEY (id),
  constraint accounts_id_check CHECK ((id ~ '^[0-9]{12}$'::text))
);

create table algorithm_history (
  id bigint generated always as identity not null,
  algorithm_id text not null,
  from_status text,
  to_status text not null,
  at timestamp with time zone not null default now(),
  constraint algorithm_history_pkey PRIMARY KEY (id),
  constraint algorithm_history_algorithm_id_fkey FOREIGN KEY (algorithm_id) REFERENCES algorithms(id) ON DELETE CASCADE
);

create table algorithms (
  id text not null,
  account_id text not null,
  region text not null,
  name text not null,
  arn text not null,
  description text not null default ''::text,
  status text not null,
  failure_reason text,
  archive_sha256 text not null,
  archive_size_bytes bigint not null,
  archive_file_name text not null,
  training_specification jsonb not null,
  inference_specification jsonb not null,
  validation_specification jsonb not null,
  certify_for_marketplace boolean not null,
  scan_status text not null default 'NotStarted'::text,
  scan_message text,
  training_status text not null default 'NotStarted'::text,
  training_message text,
  validation_status text not null default 'NotStarted'::text,
  validation_message text,
  program jsonb,
  trial jsonb,
  log jsonb not null default '[]'::jsonb,
  findings jsonb not null default '[]'::jsonb,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  image_only boolean not null default false,
  constraint algorithms_account_id_region_name_key UNIQUE (account_id, region, name),
  constraint algorithms_arn_key UNIQUE (arn),
  constraint algorithms_pkey PRIMARY KEY (id),
  constraint algorithms_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint algorithms_scan_status_check CHECK ((scan_status = ANY (ARRAY['NotStarted'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text]))),
  constraint algorithms_status_check CHECK ((status = ANY (ARRAY['Pending'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text, 'Deleting'::text]))),
  constraint algorithms_training_status_check CHECK ((training_status = ANY (ARRAY['NotStarted'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text]))),
  constraint algorithms_validation_status_check CHECK ((validation_status = ANY (ARRAY['NotStarted'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text])))
);

create table api_keys (
  id text not null,
  account_id text not null,
  person_id text not null,
  name text not null,
  key_sha256 text not null,
  hint text not null,
  scopes text[] not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  last_used_at timestamp with time zone,
  products text[],
  abilities text[] not null default '{}'::text[],
  replaced_by text,
  leaked_at timestamp with time zone,
  leaked_where text,
  constraint api_keys_key_sha256_key UNIQUE (key_sha256),
  constraint api_keys_pkey PRIMARY KEY (id),
  constraint api_keys_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint api_keys_person_id_fkey FOREIGN KEY (person_id) REFERENCES auth_users(id) ON DELETE CASCADE,
  constraint api_keys_replaced_by_fkey FOREIGN KEY (replaced_by) REFERENCES api_keys(id) ON DELETE SET NULL,
  constraint api_keys_leaked CHECK ((((leaked_at IS NULL) OR (revoked_at IS NOT NULL)) AND ((leaked_where IS NULL) OR (leaked_at IS NOT NULL)))),
  constraint api_keys_limited CHECK (
CASE
    WHEN (products IS NULL) THEN (abilities = '{}'::text[])
    ELSE ((cardinality(products) > 0) AND (cardinality(abilities) > 0) AND (scopes = '{manage}'::text[]))
END)
);

create table applied_documents (
  product_id text not null,
  document jsonb not null,
  sha256 text not null,
  draft_version integer not null,
  source text,
  applied_by text not null,
  applied_at timestamp with time zone not null default now(),
  constraint applied_documents_pkey PRIMARY KEY (product_id),
  constraint applied_documents_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE
);

create table audience_accounts (
  product_id text not null,
  plan_id text not null default ''::text,
  account_id text not null,
  note text not null default ''::text,
  added_by text not null,
  added_at timestamp with time zone not null default now(),
  constraint audience_accounts_pkey PRIMARY KEY (product_id, plan_id, account_id),
  constraint audience_accounts_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE
);

create table audit_entries (
  id bigint not null,
  at timestamp with time zone not null default clock_timestamp(),
  account_id text,
  actor text not null,
  action text not null,
  target text not null,
  details jsonb not null,
  request_id text,
  previous_sha256 text not null,
  sha256 text not null,
  constraint audit_entries_pkey PRIMARY KEY (id)
);

create table auth_credentials (
  id text not null,
  user_id text not null,
  issuer text not null,
  account_id text not null,
  provider_id text not null,
  access_token text,
  refresh_token text,
  id_token text,
  access_token_expires_at timestamp with time zone,
  refresh_token_expires_at timestamp with time zone,
  scope text,
  password text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint auth_credentials_issuer_account_id_key UNIQUE (issuer, account_id),
  constraint auth_credentials_pkey PRIMARY KEY (id),
  constraint auth_credentials_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth_users(id) ON DELETE CASCADE
);

create table auth_sessions (
  id text not null,
  user_id text not null,
  token text not null,
  expires_at timestamp with time zone not null,
  ip_address text,
  user_agent text,
  account_id text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint auth_sessions_token_key UNIQUE (token),
  constraint auth_sessions_pkey PRIMARY KEY (id),
  constraint auth_sessions_user_id_fkey FOREIGN KEY (user_id) REFERENCES auth_users(id) ON DELETE CASCADE
);

create table auth_users (
  id text not null,
  name text not null,
  email text not null,
  email_verified boolean not null default false,
  image text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint auth_users_email_key UNIQUE (email),
  constraint auth_users_pkey PRIMARY KEY (id)
);

create table auth_verifications (
  id text not null,
  identifier text not null,
  value text not null,
  expires_at timestamp with time zone not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint auth_verifications_pkey PRIMARY KEY (id)
);

create table blob_owners (
  sha256 text not null,
  account_id text not null,
  kind text not null,
  file_name text not null,
  content_type text,
  size_bytes bigint not null,
  created_at timestamp with time zone not null default now(),
  constraint blob_owners_pkey PRIMARY KEY (sha256, account_id, kind),
  constraint blob_owners_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint blob_owners_kind_check CHECK ((kind = ANY (ARRAY['model'::text, 'media'::text, 'sample'::text])))
);

create table bucket_credentials (
  account_id text not null,
  bucket text not null,
  region text not null,
  endpoint text,
  access_key_id text not null,
  secret_sealed text not null,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint bucket_credentials_pkey PRIMARY KEY (account_id, bucket),
  constraint bucket_credentials_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint bucket_credentials_bucket_check CHECK ((bucket ~ '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$'::text))
);

create table budget_notices (
  budget_id text not null,
  month text not null,
  amount numeric not null,
  threshold integer not null,
  constraint budget_notices_pkey PRIMARY KEY (budget_id, month, amount, threshold),
  constraint budget_notices_budget_id_fkey FOREIGN KEY (budget_id) REFERENCES budgets(id) ON DELETE CASCADE
);

create table budgets (
  id text not null,
  account_id text not null,
  scope text not null,
  subject text not null,
  amount numeric not null,
  currency text not null,
  warn_at integer[] not null,
  hard_stop boolean not null,
  stopped_month text,
  created_by text not null,
  created_at timestamp with time zone not null,
  constraint budgets_one_for_each UNIQUE (account_id, scope, subject, currency),
  constraint budgets_pkey PRIMARY KEY (id),
  constraint budgets_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint budgets_amount_check CHECK ((amount > (0)::numeric)),
  constraint budgets_scope_check CHECK ((scope = ANY (ARRAY['account'::text, 'product'::text, 'member'::text])))
);

create table catalog_entries (
  product_id text not null,
  revision_id text not null,
  publisher text not null,
  slug text not null,
  private boolean not null,
  published_at timestamp with time zone not null,
  title_sort text not null,
  p99_ms double precision,
  facets text[] not null,
  words text[] not null,
  item jsonb not null,
  head tsvector not null,
  search tsvector not null,
  rating_score double precision not null default 3.5,
  constraint catalog_entries_pkey PRIMARY KEY (product_id),
  constraint catalog_entries_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

create table catalog_words (
  word text not null,
  entries integer not null,
  deletes text[] not null default word_deletes(word),
  constraint catalog_words_pkey PRIMARY KEY (word)
);

create table comparisons (
  id text not null,
  subscription_id text not null,
  from_version text not null,
  to_version text not null,
  source text not null,
  state text not null,
  tolerance double precision not null,
  samples jsonb not null,
  results jsonb not null default '[]'::jsonb,
  failure text,
  created_by text not null,
  created_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  constraint comparisons_pkey PRIMARY KEY (id),
  constraint comparisons_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint comparisons_source_check CHECK ((source = ANY (ARRAY['recorded'::text, 'given'::text]))),
  constraint comparisons_state_check CHECK ((state = ANY (ARRAY['running'::text, 'done'::text, 'failed'::text])))
);

create table cost_centres (
  subscription_id text not null,
  label text not null,
  constraint cost_centres_pkey PRIMARY KEY (subscription_id),
  constraint cost_centres_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table deployments (
  id text not null,
  product_id text not null,
  version text not null,
  package_sha256 text not null,
  model_name text not null,
  backend text not null,
  instance_type text not null,
  desired text not null default 'running'::text,
  state text not null default 'starting'::text,
  generation integer not null default 0,
  node text,
  addresses jsonb not null default '[]'::jsonb,
  pid integer,
  sandbox text not null default ''::text,
  restarts integer not null default 0,
  last_failure text,
  ready_at timestamp with time zone,
  updated_at timestamp with time zone not null default now(),
  servable jsonb not null,
  constraint deployments_product_id_version_key UNIQUE (product_id, version),
  constraint deployments_pkey PRIMARY KEY (id),
  constraint deployments_instance_type_fkey FOREIGN KEY (instance_type) REFERENCES instance_types(name),
  constraint deployments_product_id_version_fkey FOREIGN KEY (product_id, version) REFERENCES product_versions(product_id, number),
  constraint deployments_desired_check CHECK ((desired = ANY (ARRAY['running'::text, 'stopped'::text]))),
  constraint deployments_state_check CHECK ((state = ANY (ARRAY['starting'::text, 'ready'::text, 'down'::text, 'stopped'::text])))
);

create table disputes (
  id text not null,
  account_id text not null,
  of text not null,
  submission_id text,
  model_package text,
  stage text,
  code text not null,
  finding jsonb,
  evidence jsonb not null default '[]'::jsonb,
  thing_sha256 text not null,
  place text not null,
  package_sha256 text,
  deciders text[] not null default '{}'::text[],
  text text not null,
  state text not null default 'open'::text,
  opened_by text not null,
  opened_at timestamp with time zone not null,
  answer text,
  answered_by text,
  answered_at timestamp with time zone,
  algorithm text,
  constraint disputes_pkey PRIMARY KEY (id),
  constraint disputes_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint disputes_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES submissions(id),
  constraint disputes_of_check CHECK ((of = ANY (ARRAY['finding'::text, 'decision'::text]))),
  constraint disputes_state_check CHECK ((state = ANY (ARRAY['open'::text, 'granted'::text, 'declined'::text, 'corrected'::text, 'withdrawn'::text])))
);

create table endpoint_captures (
  id bigint generated always as identity not null,
  endpoint_id text not null,
  at timestamp with time zone not null default now(),
  line text not null,
  constraint endpoint_captures_pkey PRIMARY KEY (id),
  constraint endpoint_captures_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id)
);

create table endpoint_events (
  id bigint generated always as identity not null,
  endpoint_id text not null,
  at timestamp with time zone not null default now(),
  kind text not null,
  message text not null,
  details jsonb not null default '{}'::jsonb,
  constraint endpoint_events_pkey PRIMARY KEY (id),
  constraint endpoint_events_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id)
);

create table endpoint_in_flight (
  gateway text not null,
  endpoint_id text not null,
  instance_id text not null,
  calls integer not null,
  at timestamp with time zone not null default now(),
  constraint endpoint_in_flight_pkey PRIMARY KEY (gateway, endpoint_id, instance_id)
);

create table endpoint_inferences (
  endpoint_id text not null,
  id text not null,
  account_id text not null,
  state text not null default 'Pending'::text,
  content_type text not null,
  accept text not null,
  custom_attributes text,
  input_location text,
  body bytea,
  output_location text not null,
  failure text,
  attempts integer not null default 0,
  next_at timestamp with time zone not null default now(),
  lease text,
  leased_until timestamp with time zone,
  callback_url text,
  callback_state text,
  callback_attempts integer not null default 0,
  callback_failure text,
  callback_at timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint endpoint_inferences_pkey PRIMARY KEY (endpoint_id, id),
  constraint endpoint_inferences_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint endpoint_inferences_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id),
  constraint endpoint_inferences_callback_state_check CHECK ((callback_state = ANY (ARRAY['waiting'::text, 'delivered'::text, 'failed'::text]))),
  constraint endpoint_inferences_check CHECK ((((input_location IS NULL) <> (body IS NULL)) OR (state = ANY (ARRAY['Completed'::text, 'Failed'::text])))),
  constraint endpoint_inferences_state_check CHECK ((state = ANY (ARRAY['Pending'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text])))
);

create table endpoint_instances (
  id text not null,
  endpoint_id text not null,
  variant integer not null,
  desired text not null default 'running'::text,
  state text not null default 'starting'::text,
  node text,
  address jsonb,
  pid integer,
  restarts integer not null default 0,
  failure text,
  meter_id text,
  starting_at timestamp with time zone,
  seen_at timestamp with time zone,
  ready_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint endpoint_instances_pkey PRIMARY KEY (id),
  constraint endpoint_instances_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id),
  constraint endpoint_instances_endpoint_id_variant_fkey FOREIGN KEY (endpoint_id, variant) REFERENCES endpoint_variants(endpoint_id, number),
  constraint endpoint_instances_desired_check CHECK ((desired = ANY (ARRAY['running'::text, 'stopped'::text]))),
  constraint endpoint_instances_state_check CHECK ((state = ANY (ARRAY['starting'::text, 'ready'::text, 'down'::text, 'draining'::text])))
);

create table endpoint_logs (
  id bigint generated always as identity not null,
  endpoint_id text not null,
  instance_id text not null,
  at timestamp with time zone not null,
  level text not null,
  text text not null,
  constraint endpoint_logs_pkey PRIMARY KEY (id),
  constraint endpoint_logs_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id)
);

create table endpoint_traffic (
  endpoint_id text not null,
  minute timestamp with time zone not null,
  calls bigint not null,
  client_errors bigint not null,
  server_errors bigint not null,
  duration_ms double precision not null,
  buckets bigint[] not null,
  constraint endpoint_traffic_pkey PRIMARY KEY (endpoint_id, minute),
  constraint endpoint_traffic_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id)
);

create table endpoint_variants (
  endpoint_id text not null,
  number integer not null,
  subscription_id text not null,
  product_id text not null,
  version text not null,
  name text not null,
  model_name text not null,
  servable jsonb not null,
  instance_type text not null,
  environment jsonb not null default '{}'::jsonb,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  model_package text,
  constraint endpoint_variants_pkey PRIMARY KEY (endpoint_id, number),
  constraint endpoint_variants_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES endpoints(id),
  constraint endpoint_variants_instance_type_fkey FOREIGN KEY (instance_type) REFERENCES instance_types(name),
  constraint endpoint_variants_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint endpoint_variants_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table endpoints (
  id text not null,
  account_id text not null,
  name text not null,
  state text not null,
  reason text,
  serving integer,
  coming integer,
  settings jsonb not null,
  coming_settings jsonb,
  target integer not null,
  asleep boolean not null default false,
  wake_asked_at timestamp with time zone,
  busy_at timestamp with time zone not null default now(),
  low_since timestamp with time zone,
  stopped_reason text,
  stopped_cause text,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  constraint endpoints_pkey PRIMARY KEY (id),
  constraint endpoints_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint endpoints_state_check CHECK ((state = ANY (ARRAY['Creating'::text, 'InService'::text, 'Updating'::text, 'RollingBack'::text, 'OutOfService'::text, 'Failed'::text, 'Deleting'::text])))
);

create table feedback_reports (
  item_id text not null,
  person_id text not null,
  reported_by text not null,
  reason text not null,
  at timestamp with time zone not null,
  decided_at timestamp with time zone,
  constraint feedback_reports_pkey PRIMARY KEY (item_id, person_id)
);

create table file_usage (
  account_id text not null,
  size_bytes bigint not null default 0,
  files bigint not null default 0,
  constraint file_usage_pkey PRIMARY KEY (account_id),
  constraint file_usage_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint file_usage_files_check CHECK ((files >= 0)),
  constraint file_usage_size_bytes_check CHECK ((size_bytes >= 0))
);

create table files (
  account_id text not null,
  path text not null,
  sha256 text not null,
  size_bytes bigint not null,
  content_type text not null,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  constraint files_pkey PRIMARY KEY (account_id, path),
  constraint files_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint files_path_check CHECK (((path <> ''::text) AND (length(path) <= 1024))),
  constraint files_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint files_size_bytes_check CHECK ((size_bytes >= 0))
);

create table files_given_up (
  sha256 text not null,
  since timestamp with time zone not null default now(),
  constraint files_given_up_pkey PRIMARY KEY (sha256)
);

create table governance (
  account_id text not null,
  version integer not null,
  default_effect text not null,
  contact text not null,
  updated_by text not null,
  updated_at timestamp with time zone not null,
  constraint governance_pkey PRIMARY KEY (account_id),
  constraint governance_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint governance_default_effect_check CHECK ((default_effect = ANY (ARRAY['allow'::text, 'deny'::text, 'request'::text])))
);

create table governance_rules (
  account_id text not null,
  kind text not null,
  subject text not null,
  effect text not null,
  note text not null,
  position integer not null,
  constraint governance_rules_pkey PRIMARY KEY (account_id, kind, subject),
  constraint governance_rules_account_id_fkey FOREIGN KEY (account_id) REFERENCES governance(account_id) ON DELETE CASCADE,
  constraint governance_rules_effect_check CHECK ((effect = ANY (ARRAY['allow'::text, 'deny'::text, 'request'::text]))),
  constraint governance_rules_kind_check CHECK ((kind = ANY (ARRAY['product'::text, 'publisher'::text, 'category'::text, 'type'::text, 'price'::text])))
);

create table image_contents (
  digest text not null,
  media_type text not null,
  manifest_bytes bigint not null,
  config_digest text not null,
  layers jsonb not null,
  size_bytes bigint not null,
  created_at timestamp with time zone not null default now(),
  constraint image_contents_pkey PRIMARY KEY (digest),
  constraint image_contents_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text))
);

create table image_history (
  image_id text not null,
  from_status text,
  to_status text not null,
  at timestamp with time zone not null default now(),
  constraint image_history_image_id_fkey FOREIGN KEY (image_id) REFERENCES images(id) ON DELETE CASCADE
);

create table image_parts (
  sha256 text not null,
  used_at timestamp with time zone not null default now(),
  constraint image_parts_pkey PRIMARY KEY (sha256),
  constraint image_parts_sha256_check CHECK ((sha256 ~ '^[0-9a-f]{64}$'::text))
);

create table image_verdicts (
  key text not null,
  digest text not null,
  examined jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint image_verdicts_pkey PRIMARY KEY (key),
  constraint image_verdicts_digest_fkey FOREIGN KEY (digest) REFERENCES image_contents(digest) ON DELETE CASCADE
);

create table images (
  id text not null,
  account_id text not null,
  name text not null,
  source jsonb not null,
  archive_sha256 text,
  credentials_sealed text,
  status text not null,
  status_message text,
  failure_reason text,
  digest text,
  verdict_key text,
  findings jsonb not null default '[]'::jsonb,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint images_pkey PRIMARY KEY (id),
  constraint images_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint images_archive_sha256_check CHECK ((archive_sha256 ~ '^[0-9a-f]{64}$'::text)),
  constraint images_check CHECK (((status <> 'Completed'::text) OR (digest IS NOT NULL))),
  constraint images_digest_check CHECK ((digest ~ '^sha256:[0-9a-f]{64}$'::text)),
  constraint images_name_check CHECK (((name <> ''::text) AND (length(name) <= 255))),
  constraint images_status_check CHECK ((status = ANY (ARRAY['Pending'::text, 'Scanning'::text, 'Completed'::text, 'Failed'::text])))
);

create table instance_runs (
  id text not null,
  subscription_id text not null,
  use text not null,
  instance_type text not null,
  instances integer not null,
  resource_kind text not null,
  resource_id text not null,
  resource_name text not null,
  begun_at timestamp with time zone not null,
  beaten_at timestamp with time zone not null,
  metered_until timestamp with time zone not null,
  seconds bigint not null default 0,
  ended_at timestamp with time zone,
  lapsed boolean not null default false,
  constraint instance_runs_pkey PRIMARY KEY (id),
  constraint instance_runs_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint instance_runs_instances_check CHECK ((instances > 0)),
  constraint instance_runs_use_check CHECK ((use = ANY (ARRAY['realtime'::text, 'transform'::text, 'training'::text])))
);

create table instance_type_prices (
  instance_type text not null,
  valid_from timestamp with time zone not null,
  price_per_hour numeric not null,
  currency text not null,
  constraint instance_type_prices_pkey PRIMARY KEY (instance_type, valid_from)
);

create table instance_types (
  name text not null,
  cpus numeric not null,
  memory_mb integer not null,
  backend text not null,
  price_per_hour numeric not null,
  currency text not null,
  enabled boolean not null default true,
  constraint instance_types_pkey PRIMARY KEY (name)
);

create table invitations (
  id text not null,
  account_id text not null,
  email text not null,
  roles text[] not null,
  token_sha256 text not null,
  state text not null default 'pending'::text,
  invited_by text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint invitations_token_sha256_key UNIQUE (token_sha256),
  constraint invitations_pkey PRIMARY KEY (id),
  constraint invitations_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint invitations_roles_check CHECK ((cardinality(roles) > 0)),
  constraint invitations_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'accepted'::text, 'withdrawn'::text])))
);

create table job_workers (
  worker_id text not null,
  process text not null,
  seen_at timestamp with time zone not null default now(),
  constraint job_workers_pkey PRIMARY KEY (worker_id)
);

create table limited_makings (
  account_id text not null,
  made text not null,
  product_id text not null,
  at timestamp with time zone not null default now(),
  constraint limited_makings_pkey PRIMARY KEY (account_id, made, product_id),
  constraint limited_makings_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE
);

create table mails (
  id text not null,
  recipient text not null,
  subject text not null,
  body text not null,
  state text not null default 'queued'::text,
  failure text,
  created_at timestamp with time zone not null default now(),
  sent_at timestamp with time zone,
  constraint mails_pkey PRIMARY KEY (id),
  constraint mails_state_check CHECK ((state = ANY (ARRAY['queued'::text, 'sent'::text, 'failed'::text, 'outbox'::text])))
);

create table media_images (
  sha256 text not null,
  served_sha256 text not null,
  content_type text not null,
  width integer not null,
  height integer not null,
  size_bytes bigint not null,
  ground text not null,
  created_at timestamp with time zone not null default now(),
  constraint media_images_pkey PRIMARY KEY (sha256),
  constraint media_images_content_type_check CHECK ((content_type = ANY (ARRAY['image/png'::text, 'image/jpeg'::text]))),
  constraint media_images_ground_check CHECK ((ground = ANY (ARRAY['clear'::text, 'coloured'::text, 'undecided'::text]))),
  constraint media_images_height_check CHECK ((height > 0)),
  constraint media_images_width_check CHECK ((width > 0))
);

create table members (
  account_id text not null,
  person_id text not null,
  roles text[] not null,
  since timestamp with time zone not null default clock_timestamp(),
  withheld text[] not null default '{}'::text[],
  constraint members_pkey PRIMARY KEY (account_id, person_id),
  constraint members_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id) ON DELETE CASCADE,
  constraint members_person_id_fkey FOREIGN KEY (person_id) REFERENCES auth_users(id) ON DELETE CASCADE,
  constraint members_roles_check CHECK ((cardinality(roles) > 0))
);

create table model_package_history (
  id bigint generated always as identity not null,
  model_package_id text not null,
  from_status text,
  to_status text not null,
  at timestamp with time zone not null default now(),
  constraint model_package_history_pkey PRIMARY KEY (id),
  constraint model_package_history_model_package_id_fkey FOREIGN KEY (model_package_id) REFERENCES model_packages(id) ON DELETE CASCADE
);

create table model_packages (
  id text not null,
  account_id text not null,
  region text not null,
  name text not null,
  arn text not null,
  description text not null default ''::text,
  status text not null,
  failure_reason text,
  archive_sha256 text not null,
  archive_size_bytes bigint not null,
  archive_file_name text not null,
  inference_specification jsonb not null,
  validation_specification jsonb not null,
  certify_for_marketplace boolean not null,
  scan_status text not null default 'NotStarted'::text,
  scan_message text,
  validation_status text not null default 'NotStarted'::text,
  validation_message text,
  onnx jsonb,
  findings jsonb not null default '[]'::jsonb,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  image_only boolean not null default false,
  trained_by_subscription_id text,
  training_job text,
  constraint model_packages_account_id_region_name_key UNIQUE (account_id, region, name),
  constraint model_packages_arn_key UNIQUE (arn),
  constraint model_packages_pkey PRIMARY KEY (id),
  constraint model_packages_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint model_packages_trained_by_subscription_id_fkey FOREIGN KEY (trained_by_subscription_id) REFERENCES subscriptions(id),
  constraint model_packages_scan_status_check CHECK ((scan_status = ANY (ARRAY['NotStarted'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text]))),
  constraint model_packages_status_check CHECK ((status = ANY (ARRAY['Pending'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text, 'Deleting'::text]))),
  constraint model_packages_validation_status_check CHECK ((validation_status = ANY (ARRAY['NotStarted'::text, 'InProgress'::text, 'Completed'::text, 'Failed'::text])))
);

create table model_server_accounts (
  server_id text not null,
  account_id text not null,
  constraint model_server_accounts_pkey PRIMARY KEY (server_id, account_id),
  constraint model_server_accounts_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint model_server_accounts_server_id_fkey FOREIGN KEY (server_id) REFERENCES model_servers(id) ON DELETE CASCADE
);

create table model_servers (
  id text not null,
  name text not null,
  description text not null default ''::text,
  url text not null,
  protocol text not null,
  model_name text,
  credentials_kind text not null,
  credentials_name text,
  credentials_sealed text not null,
  ca_pem text,
  timeout_ms integer not null,
  health text not null default 'unknown'::text,
  health_detail text not null default ''::text,
  health_latency_ms double precision,
  health_checked_at timestamp with time zone,
  health_since timestamp with time zone not null default now(),
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  constraint model_servers_name_key UNIQUE (name),
  constraint model_servers_pkey PRIMARY KEY (id),
  constraint model_servers_check CHECK (((protocol = 'inference-v2'::text) = (model_name IS NOT NULL))),
  constraint model_servers_credentials_kind_check CHECK ((credentials_kind = ANY (ARRAY['none'::text, 'bearer'::text, 'basic'::text, 'header'::text]))),
  constraint model_servers_health_check CHECK ((health = ANY (ARRAY['unknown'::text, 'ok'::text, 'down'::text]))),
  constraint model_servers_protocol_check CHECK ((protocol = ANY (ARRAY['sagemaker'::text, 'inference-v2'::text])))
);

create table notifications (
  id text not null,
  person_id text not null,
  title text not null,
  body text not null,
  link text,
  source text not null,
  read_at timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  constraint notifications_person_id_source_key UNIQUE (person_id, source),
  constraint notifications_pkey PRIMARY KEY (id),
  constraint notifications_person_id_fkey FOREIGN KEY (person_id) REFERENCES auth_users(id) ON DELETE CASCADE
);

create table outbox (
  id bigint generated always as identity not null,
  type text not null,
  subject text not null,
  account_id text,
  data jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint outbox_pkey PRIMARY KEY (id)
);

create table package_verdicts (
  key text not null,
  archive_sha256 text not null,
  verdict jsonb not null,
  created_at timestamp with time zone not null default now(),
  constraint package_verdicts_pkey PRIMARY KEY (key)
);

create table plan_codes (
  id text not null,
  product_id text not null,
  plan_id text not null,
  digest bytea not null,
  hint text not null,
  label text not null default ''::text,
  last_day date,
  uses_max integer,
  uses integer not null default 0,
  made_by text not null,
  made_at timestamp with time zone not null,
  ended_at timestamp with time zone,
  ended_by text,
  constraint plan_codes_pkey PRIMARY KEY (id),
  constraint plan_codes_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint plan_codes_digest_check CHECK ((length(digest) = 32)),
  constraint plan_codes_uses_max_check CHECK ((uses_max > 0))
);

create table plan_notices (
  subscription_id text not null,
  kind text not null,
  about timestamp with time zone not null,
  at timestamp with time zone not null,
  constraint plan_notices_pkey PRIMARY KEY (subscription_id, kind, about),
  constraint plan_notices_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint plan_notices_kind_check CHECK ((kind = ANY (ARRAY['quota-80'::text, 'quota-100'::text, 'trial-7'::text, 'trial-1'::text])))
);

create table policies (
  only_one boolean not null default true,
  document jsonb not null,
  updated_at timestamp with time zone not null default now(),
  updated_by text not null,
  constraint policies_pkey PRIMARY KEY (only_one),
  constraint policies_only_one_check CHECK (only_one)
);

create table product_ratings (
  product_id text not null,
  reviews integer not null,
  points integer not null,
  distribution integer[] not null,
  constraint product_ratings_pkey PRIMARY KEY (product_id),
  constraint product_ratings_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

create table product_reviews (
  id text not null,
  product_id text not null,
  account_id text not null,
  rating integer not null,
  title text not null,
  body text not null,
  version text not null,
  show_name boolean not null,
  written_by text not null,
  created_at timestamp with time zone not null,
  edited_at timestamp with time zone,
  reply text,
  reply_by text,
  reply_at timestamp with time zone,
  reply_edited_at timestamp with time zone,
  hidden_at timestamp with time zone,
  hidden_reason text,
  constraint product_reviews_product_id_account_id_key UNIQUE (product_id, account_id),
  constraint product_reviews_pkey PRIMARY KEY (id),
  constraint product_reviews_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint product_reviews_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint product_reviews_rating_check CHECK (((rating >= 1) AND (rating <= 5)))
);

create table product_trials (
  account_id text not null,
  product_id text not null,
  subscription_id text not null,
  at timestamp with time zone not null,
  constraint product_trials_pkey PRIMARY KEY (account_id, product_id),
  constraint product_trials_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint product_trials_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint product_trials_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table product_versions (
  product_id text not null,
  number text not null,
  model_package_id text not null,
  package_sha256 text not null,
  package_size_bytes bigint not null,
  model_name text not null,
  resource jsonb not null,
  bom jsonb not null,
  measured jsonb not null default '[]'::jsonb,
  evidence jsonb not null default '[]'::jsonb,
  created_at timestamp with time zone not null default now(),
  released_at timestamp with time zone,
  servable jsonb,
  constraint product_versions_pkey PRIMARY KEY (product_id, number),
  constraint product_versions_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

create table products (
  id text not null,
  account_id text not null,
  slug text not null,
  type text not null,
  draft jsonb not null,
  draft_version integer not null default 0,
  draft_sha256 text not null,
  draft_saved_at timestamp with time zone not null default now(),
  test_accounts text[] not null default '{}'::text[],
  preview_revision_id text,
  live_revision_id text,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  draft_saved_by text,
  off_sale_at timestamp with time zone,
  constraint products_account_id_slug_key UNIQUE (account_id, slug),
  constraint products_pkey PRIMARY KEY (id),
  constraint products_account_id_fkey FOREIGN KEY (account_id) REFERENCES publishers(account_id),
  constraint products_live_revision_id_fkey FOREIGN KEY (live_revision_id) REFERENCES revisions(id),
  constraint products_preview_revision_id_fkey FOREIGN KEY (preview_revision_id) REFERENCES revisions(id),
  constraint products_type_check CHECK ((type = ANY (ARRAY['model-package'::text, 'algorithm'::text, 'web-service'::text, 'application'::text])))
);

create table publisher_payment_details (
  id text not null,
  account_id text not null,
  what text not null,
  version integer not null,
  sealed text not null,
  form text,
  expires_on date,
  created_by text not null,
  created_at timestamp with time zone not null,
  constraint publisher_payment_details_account_id_what_version_key UNIQUE (account_id, what, version),
  constraint publisher_payment_details_pkey PRIMARY KEY (id),
  constraint publisher_payment_details_account_id_fkey FOREIGN KEY (account_id) REFERENCES publishers(account_id) ON DELETE CASCADE,
  constraint publisher_payment_details_check CHECK (((what = 'tax'::text) = (form IS NOT NULL))),
  constraint publisher_payment_details_form_check CHECK ((form = ANY (ARRAY['W-9'::text, 'W-8BEN'::text, 'W-8BEN-E'::text]))),
  constraint publisher_payment_details_what_check CHECK ((what = ANY (ARRAY['tax'::text, 'bank'::text])))
);

create table publisher_verification_history (
  id bigint generated always as identity not null,
  account_id text not null,
  event text not null,
  from_state text not null,
  to_state text not null,
  text text not null,
  actor text not null,
  by_operator boolean not null,
  at timestamp with time zone not null,
  constraint publisher_verification_history_pkey PRIMARY KEY (id),
  constraint publisher_verification_history_account_id_fkey FOREIGN KEY (account_id) REFERENCES publishers(account_id) ON DELETE CASCADE,
  constraint publisher_verification_history_event_check CHECK ((event = ANY (ARRAY['requested'::text, 'approved'::text, 'more-asked'::text, 'rejected'::text, 'changed'::text])))
);

create table publishers (
  account_id text not null,
  slug text not null,
  display_name text not null,
  description text not null default ''::text,
  website_url text,
  contact_email text,
  logo_sha256 text,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  verification text not null default 'unverified'::text,
  verification_version integer not null default 1,
  verification_text text not null default ''::text,
  verification_since timestamp with time zone not null default now(),
  identity_verified_at timestamp with time zone,
  constraint publishers_slug_key UNIQUE (slug),
  constraint publishers_pkey PRIMARY KEY (account_id),
  constraint publishers_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint publishers_verification_check CHECK ((verification = ANY (ARRAY['unverified'::text, 'pending'::text, 'verified'::text, 'more-needed'::text, 'rejected'::text])))
);

create table question_messages (
  question_id text not null,
  number integer not null,
  side text not null,
  written_by text not null,
  body text not null,
  at timestamp with time zone not null,
  constraint question_messages_pkey PRIMARY KEY (question_id, number),
  constraint question_messages_question_id_fkey FOREIGN KEY (question_id) REFERENCES questions(id),
  constraint question_messages_side_check CHECK ((side = ANY (ARRAY['asker'::text, 'publisher'::text])))
);

create table questions (
  id text not null,
  product_id text not null,
  account_id text not null,
  person_id text not null,
  asked_by text not null,
  title text not null,
  state text not null default 'open'::text,
  may_publish boolean not null,
  public boolean not null default false,
  created_at timestamp with time zone not null,
  updated_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  hidden_at timestamp with time zone,
  hidden_reason text,
  constraint questions_pkey PRIMARY KEY (id),
  constraint questions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint questions_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint questions_check CHECK (((NOT public) OR may_publish)),
  constraint questions_state_check CHECK ((state = ANY (ARRAY['open'::text, 'answered'::text, 'closed'::text])))
);

create table queue_items (
  id text not null,
  kind text not null,
  subject text not null,
  account_id text not null,
  title text not null,
  product text,
  why text not null,
  opened_at timestamp with time zone not null,
  due_at timestamp with time zone not null,
  closed_at timestamp with time zone,
  assignee_id text,
  assignee_email text,
  assigned_at timestamp with time zone,
  overdue_told_at timestamp with time zone,
  constraint queue_items_pkey PRIMARY KEY (id),
  constraint queue_items_kind_check CHECK ((kind = ANY (ARRAY['review'::text, 'held'::text, 'dispute'::text])))
);

create table recorded_calls (
  id bigint generated always as identity not null,
  subscription_id text not null,
  at timestamp with time zone not null,
  version text not null,
  content_type text not null,
  accept text not null,
  body bytea not null,
  status integer not null,
  answer_content_type text not null,
  answer bytea not null,
  duration_ms double precision not null,
  constraint recorded_calls_pkey PRIMARY KEY (id),
  constraint recorded_calls_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table removal_notices (
  removal_id text not null,
  days_before integer not null,
  at timestamp with time zone not null,
  constraint removal_notices_pkey PRIMARY KEY (removal_id, days_before),
  constraint removal_notices_removal_id_fkey FOREIGN KEY (removal_id) REFERENCES removals(id)
);

create table removals (
  id text not null,
  product_id text not null,
  kind text not null,
  state text not null,
  email text,
  reason text not null,
  replacement_product_id text,
  requested_by text not null,
  requested_at timestamp with time zone not null,
  cancellable_until timestamp with time zone,
  ends_at timestamp with time zone,
  stopped_versions text[] not null default '{}'::text[],
  ended_by text,
  ended_reason text,
  ended_at timestamp with time zone,
  constraint removals_pkey PRIMARY KEY (id),
  constraint removals_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint removals_replacement_product_id_fkey FOREIGN KEY (replacement_product_id) REFERENCES products(id),
  constraint removals_check CHECK (((kind = 'unpublish'::text) = (state = ANY (ARRAY['leaving'::text, 'removed'::text, 'cancelled'::text, 'republished'::text])))),
  constraint removals_check1 CHECK (((kind = 'unpublish'::text) = (ends_at IS NOT NULL))),
  constraint removals_kind_check CHECK ((kind = ANY (ARRAY['unpublish'::text, 'take-down'::text]))),
  constraint removals_state_check CHECK ((state = ANY (ARRAY['leaving'::text, 'removed'::text, 'cancelled'::text, 'republished'::text, 'down'::text, 'restored'::text])))
);

create table revisions (
  id text not null,
  product_id text not null,
  number integer not null,
  document jsonb not null,
  sha256 text not null,
  statement jsonb,
  statement_key_id text,
  signed_at timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  listed_versions text[] not null default revision_versions(document, 'listed'::text),
  restricted_versions text[] not null default revision_versions(document, 'restricted'::text),
  constraint revisions_product_id_number_key UNIQUE (product_id, number),
  constraint revisions_pkey PRIMARY KEY (id),
  constraint revisions_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id)
);

create table rule_exceptions (
  id text not null,
  account_id text not null,
  code text not null,
  thing_sha256 text not null,
  place text not null,
  dispute_id text not null,
  reason text not null,
  granted_by text not null,
  granted_at timestamp with time zone not null,
  revoked_by text,
  revoked_at timestamp with time zone,
  revoked_reason text,
  constraint rule_exceptions_pkey PRIMARY KEY (id),
  constraint rule_exceptions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint rule_exceptions_dispute_id_fkey FOREIGN KEY (dispute_id) REFERENCES disputes(id)
);

create table served_elsewhere (
  product_id text not null,
  version text not null,
  server_id text not null,
  original jsonb not null,
  by text not null,
  since timestamp with time zone not null default now(),
  constraint served_elsewhere_pkey PRIMARY KEY (product_id, version),
  constraint served_elsewhere_product_id_version_fkey FOREIGN KEY (product_id, version) REFERENCES product_versions(product_id, number),
  constraint served_elsewhere_server_id_fkey FOREIGN KEY (server_id) REFERENCES model_servers(id)
);

create table service_checks (
  product_id text not null,
  at timestamp with time zone not null,
  ok boolean not null,
  ms double precision,
  error text,
  constraint service_checks_pkey PRIMARY KEY (product_id, at),
  constraint service_checks_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE
);

create table service_credentials (
  id text not null,
  product_id text not null,
  sealed text not null,
  made_at timestamp with time zone not null default now(),
  made_by text not null,
  origin text not null default ''::text,
  constraint service_credentials_pkey PRIMARY KEY (id),
  constraint service_credentials_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE
);

create table service_failures (
  product_id text not null,
  slot text not null,
  code text not null,
  detail text not null,
  count bigint not null,
  first_at timestamp with time zone not null,
  last_at timestamp with time zone not null,
  told_at timestamp with time zone,
  constraint service_failures_pkey PRIMARY KEY (product_id, slot, code),
  constraint service_failures_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint service_failures_slot_check CHECK ((slot = ANY (ARRAY['preview'::text, 'live'::text])))
);

create table service_health (
  product_id text not null,
  state text not null default 'unknown'::text,
  since timestamp with time zone,
  failures integer not null default 0,
  error text,
  checked_at timestamp with time zone,
  next_at timestamp with time zone not null,
  leased_until timestamp with time zone,
  constraint service_health_pkey PRIMARY KEY (product_id),
  constraint service_health_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id) ON DELETE CASCADE,
  constraint service_health_state_check CHECK ((state = ANY (ARRAY['unknown'::text, 'up'::text, 'down'::text])))
);

create table souk_migrations (
  name text not null,
  sha256 text not null,
  applied_at timestamp with time zone not null default now(),
  constraint souk_migrations_pkey PRIMARY KEY (name)
);

create table submission_comments (
  id text not null,
  submission_id text not null,
  pointer text,
  text text not null,
  side text not null,
  by text not null,
  at timestamp with time zone not null default now(),
  constraint submission_comments_pkey PRIMARY KEY (id),
  constraint submission_comments_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES submissions(id),
  constraint submission_comments_side_check CHECK ((side = ANY (ARRAY['operator'::text, 'publisher'::text])))
);

create table submission_history (
  id bigint generated always as identity not null,
  submission_id text not null,
  event text not null,
  from_state text,
  to_state text not null,
  stage text,
  actor text not null,
  comment text,
  at timestamp with time zone not null default now(),
  constraint submission_history_pkey PRIMARY KEY (id),
  constraint submission_history_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES submissions(id)
);

create table submission_reviews (
  submission_id text not null,
  person_id text not null,
  email text not null,
  decision text not null,
  comment text not null,
  at timestamp with time zone not null default now(),
  constraint submission_reviews_pkey PRIMARY KEY (submission_id, person_id),
  constraint submission_reviews_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES submissions(id),
  constraint submission_reviews_decision_check CHECK ((decision = ANY (ARRAY['approve'::text, 'reject'::text])))
);

create table submission_stages (
  submission_id text not null,
  stage text not null,
  position integer not null,
  state text not null default 'pending'::text,
  attempt integer not null default 0,
  attempts_before integer not null default 0,
  inputs_sha256 text,
  carried_from text,
  summary text not null default ''::text,
  findings jsonb not null default '[]'::jsonb,
  evidence jsonb not null default '[]'::jsonb,
  log jsonb not null default '[]'::jsonb,
  output jsonb,
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint submission_stages_pkey PRIMARY KEY (submission_id, stage),
  constraint submission_stages_carried_from_fkey FOREIGN KEY (carried_from) REFERENCES submissions(id),
  constraint submission_stages_submission_id_fkey FOREIGN KEY (submission_id) REFERENCES submissions(id),
  constraint submission_stages_state_check CHECK ((state = ANY (ARRAY['pending'::text, 'running'::text, 'waiting'::text, 'passed'::text, 'carried-over'::text, 'not-run'::text, 'refused'::text, 'held'::text, 'cancelled'::text])))
);

create table submissions (
  id text not null,
  product_id text not null,
  revision_id text not null,
  account_id text not null,
  state text not null,
  stage text,
  submitted_by text not null,
  submitted_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  reviewers_needed integer not null default 0,
  review_why text not null default ''::text,
  signed_off_by text,
  constraint submissions_pkey PRIMARY KEY (id),
  constraint submissions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint submissions_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint submissions_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id),
  constraint submissions_state_check CHECK ((state = ANY (ARRAY['running'::text, 'waiting'::text, 'held'::text, 'refused'::text, 'cancelled'::text, 'released'::text, 'superseded'::text])))
);

create table subscription_history (
  id bigint generated always as identity not null,
  subscription_id text not null,
  event text not null,
  from_state text,
  to_state text not null,
  actor text not null,
  details jsonb not null default '{}'::jsonb,
  at timestamp with time zone not null default now(),
  constraint subscription_history_pkey PRIMARY KEY (id),
  constraint subscription_history_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table subscription_holds (
  subscription_id text not null,
  code text not null,
  reason text not null,
  by text not null,
  at timestamp with time zone not null default now(),
  constraint subscription_holds_pkey PRIMARY KEY (subscription_id, code),
  constraint subscription_holds_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table subscription_prices (
  id bigint generated always as identity not null,
  subscription_id text not null,
  revision_id text not null,
  parts jsonb not null,
  kind text not null,
  announced_at timestamp with time zone not null,
  valid_from timestamp with time zone not null,
  dropped_at timestamp with time zone,
  dropped_by text,
  plan_id text,
  constraint subscription_prices_pkey PRIMARY KEY (id),
  constraint subscription_prices_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id),
  constraint subscription_prices_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint subscription_prices_kind_check CHECK ((kind = ANY (ARRAY['decrease'::text, 'increase'::text]))),
  constraint subscription_prices_valid_from_check CHECK ((date_trunc('hour'::text, valid_from, 'UTC'::text) = valid_from))
);

create table subscription_terms (
  id bigint generated always as identity not null,
  subscription_id text not null,
  plan jsonb not null,
  revision_id text not null,
  valid_from timestamp with time zone not null,
  cycle_from timestamp with time zone not null,
  charged_from timestamp with time zone not null,
  trial_until timestamp with time zone,
  carried bigint not null default 0,
  credit jsonb,
  made_by text not null,
  made_at timestamp with time zone not null,
  applied_at timestamp with time zone,
  converted_at timestamp with time zone,
  dropped_at timestamp with time zone,
  dropped_by text,
  constraint subscription_terms_pkey PRIMARY KEY (id),
  constraint subscription_terms_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id),
  constraint subscription_terms_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint subscription_terms_carried_check CHECK ((carried >= 0)),
  constraint subscription_terms_check CHECK (((date_trunc('hour'::text, cycle_from, 'UTC'::text) = cycle_from) AND (cycle_from <= valid_from))),
  constraint subscription_terms_valid_from_check CHECK ((date_trunc('hour'::text, valid_from, 'UTC'::text) = valid_from))
);

create table subscriptions (
  id text not null,
  account_id text not null,
  product_id text not null,
  revision_id text not null,
  plan jsonb not null,
  plan_id text not null,
  slot text not null,
  version text not null,
  state text not null,
  eula_sha256 text not null,
  accepted_by text not null,
  accepted_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  suspended_code text,
  suspended_reason text,
  ended_code text,
  ended_reason text,
  follows_latest boolean not null default false,
  record_max integer,
  constraint subscriptions_pkey PRIMARY KEY (id),
  constraint subscriptions_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint subscriptions_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint subscriptions_revision_id_fkey FOREIGN KEY (revision_id) REFERENCES revisions(id),
  constraint subscriptions_record_max_check CHECK (((record_max >= 1) AND (record_max <= 200))),
  constraint subscriptions_slot_check CHECK ((slot = ANY (ARRAY['preview'::text, 'live'::text]))),
  constraint subscriptions_state_check CHECK ((state = ANY (ARRAY['active'::text, 'suspended'::text, 'ended'::text])))
);

create table sunset_notices (
  product_id text not null,
  number text not null,
  ends_at timestamp with time zone not null,
  days_before integer not null,
  at timestamp with time zone not null default now(),
  constraint sunset_notices_pkey PRIMARY KEY (product_id, number, ends_at, days_before)
);

create table sunsets (
  product_id text not null,
  number text not null,
  announced_at timestamp with time zone not null,
  ends_at timestamp with time zone not null,
  reason text not null default ''::text,
  replacement text,
  replacement_product_id text,
  set_by text not null,
  ended_at timestamp with time zone,
  constraint sunsets_pkey PRIMARY KEY (product_id, number),
  constraint sunsets_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint sunsets_replacement_product_id_fkey FOREIGN KEY (replacement_product_id) REFERENCES products(id)
);

create table training_jobs (
  id text not null,
  account_id text not null,
  region text not null,
  name text not null,
  arn text not null,
  subscription_id text not null,
  product_id text not null,
  version text not null,
  tuning_job_id text,
  trial_number integer,
  stopped_early boolean not null default false,
  spec jsonb not null,
  status text not null default 'InProgress'::text,
  secondary_status text not null default 'Pending'::text,
  status_message text,
  failure_code text,
  failure_reason text,
  stop_requested_at timestamp with time zone,
  stop_code text,
  stop_reason text,
  lease_owner text,
  lease_until timestamp with time zone,
  attempt integer not null default 0,
  ended jsonb,
  result jsonb,
  model_package_id text,
  billable_ms bigint not null default 0,
  training_started_at timestamp with time zone,
  training_ended_at timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint training_jobs_account_id_name_key UNIQUE (account_id, name),
  constraint training_jobs_arn_key UNIQUE (arn),
  constraint training_jobs_tuning_job_id_trial_number_key UNIQUE (tuning_job_id, trial_number),
  constraint training_jobs_pkey PRIMARY KEY (id),
  constraint training_jobs_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint training_jobs_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint training_jobs_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint training_jobs_tuning_job_id_fkey FOREIGN KEY (tuning_job_id) REFERENCES tuning_jobs(id) ON DELETE CASCADE,
  constraint training_jobs_status_check CHECK ((status = ANY (ARRAY['InProgress'::text, 'Completed'::text, 'Failed'::text, 'Stopping'::text, 'Stopped'::text])))
);

create table training_log (
  id bigint generated always as identity not null,
  job_id text not null,
  attempt integer not null,
  lines text[] not null,
  size_bytes integer not null,
  constraint training_log_pkey PRIMARY KEY (id),
  constraint training_log_job_id_fkey FOREIGN KEY (job_id) REFERENCES training_jobs(id) ON DELETE CASCADE
);

create table training_metrics (
  job_id text not null,
  attempt integer not null,
  name text not null,
  curve jsonb not null,
  constraint training_metrics_pkey PRIMARY KEY (job_id, attempt, name),
  constraint training_metrics_job_id_fkey FOREIGN KEY (job_id) REFERENCES training_jobs(id) ON DELETE CASCADE
);

create table training_transitions (
  id bigint generated always as identity not null,
  job_id text not null,
  status text not null,
  message text,
  started_at timestamp with time zone not null default clock_timestamp(),
  ended_at timestamp with time zone,
  constraint training_transitions_pkey PRIMARY KEY (id),
  constraint training_transitions_job_id_fkey FOREIGN KEY (job_id) REFERENCES training_jobs(id) ON DELETE CASCADE
);

create table transform_files (
  job_id text not null,
  position integer not null,
  input_uri text not null,
  output_uri text not null,
  input_bytes bigint not null,
  state text not null default 'waiting'::text,
  rows bigint not null default 0,
  calls bigint not null default 0,
  output_bytes bigint,
  output_sha256 text,
  failure jsonb,
  finished_at timestamp with time zone,
  constraint transform_files_pkey PRIMARY KEY (job_id, "position"),
  constraint transform_files_job_id_fkey FOREIGN KEY (job_id) REFERENCES transform_jobs(id) ON DELETE CASCADE,
  constraint transform_files_check CHECK (((state <> 'done'::text) OR ((output_sha256 IS NOT NULL) AND (output_bytes IS NOT NULL)))),
  constraint transform_files_state_check CHECK ((state = ANY (ARRAY['waiting'::text, 'running'::text, 'done'::text, 'failed'::text, 'skipped'::text])))
);

create table transform_history (
  id bigint generated always as identity not null,
  job_id text not null,
  event text not null,
  from_state text,
  to_state text not null,
  by text not null,
  at timestamp with time zone not null default now(),
  constraint transform_history_pkey PRIMARY KEY (id),
  constraint transform_history_job_id_fkey FOREIGN KEY (job_id) REFERENCES transform_jobs(id) ON DELETE CASCADE
);

create table transform_jobs (
  id text not null,
  account_id text not null,
  name text not null,
  subscription_id text not null,
  model jsonb not null,
  request jsonb not null,
  state text not null default 'InProgress'::text,
  stage text not null default 'Waiting'::text,
  failure jsonb,
  effective jsonb,
  files_total integer,
  files_done integer not null default 0,
  files_failed integer not null default 0,
  bytes_total bigint not null default 0,
  rows_done bigint not null default 0,
  calls_done bigint not null default 0,
  bytes_done bigint not null default 0,
  counted_units bigint not null default 0,
  live jsonb not null default '{"rows": 0, "bytes": 0, "calls": 0, "rowsPerSecond": 0}'::jsonb,
  manifest_uri text,
  log text[] not null default '{}'::text[],
  worker text,
  worker_until timestamp with time zone,
  taken integer not null default 0,
  created_by text not null,
  person_id text not null,
  created_at timestamp with time zone not null default now(),
  started_at timestamp with time zone,
  ended_at timestamp with time zone,
  constraint transform_jobs_account_id_name_key UNIQUE (account_id, name),
  constraint transform_jobs_pkey PRIMARY KEY (id),
  constraint transform_jobs_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint transform_jobs_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint transform_jobs_check CHECK (((ended_at IS NOT NULL) = (state = ANY (ARRAY['Completed'::text, 'Failed'::text, 'Stopped'::text])))),
  constraint transform_jobs_stage_check CHECK ((stage = ANY (ARRAY['Waiting'::text, 'Starting'::text, 'Transforming'::text, 'Finishing'::text, 'Ended'::text]))),
  constraint transform_jobs_state_check CHECK ((state = ANY (ARRAY['InProgress'::text, 'Completed'::text, 'Failed'::text, 'Stopping'::text, 'Stopped'::text])))
);

create table tries (
  day date not null,
  who text not null,
  count integer not null,
  constraint tries_pkey PRIMARY KEY (day, who)
);

create table tuning_jobs (
  id text not null,
  account_id text not null,
  name text not null,
  subscription_id text not null,
  product_id text not null,
  version text not null,
  config jsonb not null,
  training jsonb not null,
  status text not null default 'InProgress'::text,
  failure_reason text,
  stop_reason text,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint tuning_jobs_account_id_name_key UNIQUE (account_id, name),
  constraint tuning_jobs_pkey PRIMARY KEY (id),
  constraint tuning_jobs_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint tuning_jobs_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint tuning_jobs_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id),
  constraint tuning_jobs_status_check CHECK ((status = ANY (ARRAY['InProgress'::text, 'Completed'::text, 'Failed'::text, 'Stopping'::text, 'Stopped'::text])))
);

create table uploads (
  id text not null,
  account_id text not null,
  file_name text not null,
  purpose text not null,
  size_bytes bigint not null,
  offset_bytes bigint not null default 0,
  expected_sha256 text,
  state text not null default 'receiving'::text,
  sha256 text,
  writer text,
  writer_until timestamp with time zone,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone not null,
  constraint uploads_pkey PRIMARY KEY (id),
  constraint uploads_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint uploads_purpose_check CHECK ((purpose = ANY (ARRAY['model'::text, 'media'::text, 'sample'::text, 'data'::text, 'image'::text]))),
  constraint uploads_size_bytes_check CHECK ((size_bytes > 0)),
  constraint uploads_state_check CHECK ((state = ANY (ARRAY['receiving'::text, 'complete'::text])))
);

create table usage_batches (
  node text not null,
  sequence bigint not null,
  applied_at timestamp with time zone not null default now(),
  records integer not null,
  constraint usage_batches_pkey PRIMARY KEY (node, sequence)
);

create table usage_records (
  subscription_id text not null,
  dimension text not null,
  hour timestamp with time zone not null,
  quantity bigint not null default 0,
  client_errors bigint not null default 0,
  server_errors bigint not null default 0,
  invoiced_from timestamp with time zone not null default '-infinity'::timestamp with time zone,
  constraint usage_records_pkey PRIMARY KEY (subscription_id, dimension, hour, invoiced_from),
  constraint usage_records_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table version_calls (
  subscription_id text not null,
  version text not null,
  day date not null,
  calls bigint not null default 0,
  errors bigint not null default 0,
  constraint version_calls_pkey PRIMARY KEY (subscription_id, version, day),
  constraint version_calls_subscription_id_fkey FOREIGN KEY (subscription_id) REFERENCES subscriptions(id)
);

create table version_standings (
  product_id text not null,
  number text not null,
  restricted_at timestamp with time zone,
  restricted_by text,
  withdrawn_at timestamp with time zone,
  withdrawn_by text,
  withdrawn_side text,
  withdrawn_reason text,
  withdrawn_replacement text,
  constraint version_standings_pkey PRIMARY KEY (product_id, number),
  constraint version_standings_product_id_fkey FOREIGN KEY (product_id) REFERENCES products(id),
  constraint version_standings_check CHECK (((withdrawn_at IS NULL) = (withdrawn_reason IS NULL))),
  constraint version_standings_withdrawn_side_check CHECK ((withdrawn_side = ANY (ARRAY['publisher'::text, 'operator'::text])))
);

create table web_service_endpoints (
  id text not null,
  service_id text not null,
  name text not null,
  is_default boolean not null,
  description text not null default ''::text,
  max_concurrent_calls integer not null,
  logging text not null default 'None'::text,
  logging_until timestamp with time zone,
  sample_data boolean not null default true,
  read_only boolean not null default false,
  primary_sha256 text not null,
  primary_hint text not null,
  secondary_sha256 text not null,
  secondary_hint text not null,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  constraint web_service_endpoints_pkey PRIMARY KEY (id),
  constraint web_service_endpoints_service_id_fkey FOREIGN KEY (service_id) REFERENCES web_services(id),
  constraint web_service_endpoints_logging_check CHECK ((logging = ANY (ARRAY['None'::text, 'Error'::text, 'All'::text])))
);

create table web_service_jobs (
  id text not null,
  endpoint_id text not null,
  account_id text not null,
  state text not null default 'NotStarted'::text,
  input text not null,
  output text not null,
  parameters jsonb not null default '{}'::jsonb,
  started_at timestamp with time zone,
  failure text,
  rows_done integer not null default 0,
  attempts integer not null default 0,
  next_at timestamp with time zone not null default now(),
  lease text,
  leased_until timestamp with time zone,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  ended_at timestamp with time zone,
  constraint web_service_jobs_pkey PRIMARY KEY (id),
  constraint web_service_jobs_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint web_service_jobs_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES web_service_endpoints(id),
  constraint web_service_jobs_state_check CHECK ((state = ANY (ARRAY['NotStarted'::text, 'Running'::text, 'Failed'::text, 'Cancelled'::text, 'Finished'::text])))
);

create table web_service_log (
  id bigint generated always as identity not null,
  endpoint_id text not null,
  at timestamp with time zone not null,
  kind text not null,
  request_id text not null,
  status integer not null,
  duration_ms double precision not null,
  rows integer not null,
  message text not null,
  constraint web_service_log_pkey PRIMARY KEY (id),
  constraint web_service_log_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES web_service_endpoints(id),
  constraint web_service_log_kind_check CHECK ((kind = ANY (ARRAY['score/requests'::text, 'batch'::text])))
);

create table web_service_traffic (
  endpoint_id text not null,
  minute timestamp with time zone not null,
  calls bigint not null,
  failed bigint not null,
  throttled bigint not null,
  duration_ms double precision not null,
  constraint web_service_traffic_pkey PRIMARY KEY (endpoint_id, minute),
  constraint web_service_traffic_endpoint_id_fkey FOREIGN KEY (endpoint_id) REFERENCES web_service_endpoints(id)
);

create table web_services (
  id text not null,
  account_id text not null,
  workspace text not null,
  name text not null,
  description text not null default ''::text,
  served_by text not null,
  runs text not null,
  schema jsonb not null,
  wire jsonb not null,
  created_by text not null,
  created_at timestamp with time zone not null default now(),
  updated_at timestamp with time zone not null default now(),
  deleted_at timestamp with time zone,
  constraint web_services_pkey PRIMARY KEY (id),
  constraint web_services_account_id_fkey FOREIGN KEY (account_id) REFERENCES accounts(id),
  constraint web_services_served_by_fkey FOREIGN KEY (served_by) REFERENCES endpoints(id)
);

CREATE INDEX access_requests_account ON public.access_requests USING btree (account_id, id DESC);

CREATE UNIQUE INDEX access_requests_one_pending ON public.access_requests USING btree (account_id, person_id, product_id, plan_id) WHERE (state = 'pending'::text);

CREATE UNIQUE INDEX accounts_one_operator ON public.accounts USING btree (operator) WHERE operator;

CREATE INDEX algorithms_image ON public.algorithms USING btree ((((training_specification -> 'container'::text) ->> 'image'::text))) WHERE (training_specification ? 'container'::text);

CREATE INDEX algorithms_under_way ON public.algorithms USING btree (updated_at) WHERE (status = ANY (ARRAY['Pending'::text, 'InProgress'::text]));

CREATE INDEX api_keys_account ON public.api_keys USING btree (account_id);

CREATE INDEX audience_accounts_account ON public.audience_accounts USING btree (account_id, product_id);

CREATE INDEX audit_entries_account ON public.audit_entries USING btree (account_id, id DESC);

CREATE INDEX auth_credentials_user ON public.auth_credentials USING btree (user_id);

CREATE INDEX auth_sessions_user ON public.auth_sessions USING btree (user_id);

CREATE INDEX auth_verifications_identifier ON public.auth_verifications USING btree (identifier);

CREATE UNIQUE INDEX catalog_entries_address ON public.catalog_entries USING btree (publisher, slug);

CREATE INDEX catalog_entries_head ON public.catalog_entries USING gin (head) WITH (fastupdate=off);

CREATE INDEX catalog_entries_latency ON public.catalog_entries USING btree (COALESCE(p99_ms, 'Infinity'::double precision), product_id);

CREATE INDEX catalog_entries_newest ON public.catalog_entries USING btree (published_at, product_id);

CREATE INDEX catalog_entries_private ON public.catalog_entries USING btree (product_id) WHERE private;

CREATE INDEX catalog_entries_rating ON public.catalog_entries USING btree (rating_score, product_id);

CREATE INDEX catalog_entries_search ON public.catalog_entries USING gin (search) WITH (fastupdate=off);

CREATE INDEX catalog_entries_title ON public.catalog_entries USING btree (title_sort, product_id);

CREATE INDEX catalog_words_deletes ON public.catalog_words USING gin (deletes);

CREATE INDEX catalog_words_similar ON public.catalog_words USING gist (word gist_trgm_ops);

CREATE INDEX comparisons_subscription ON public.comparisons USING btree (subscription_id, created_at DESC);

CREATE INDEX disputes_account ON public.disputes USING btree (account_id, id DESC);

CREATE UNIQUE INDEX disputes_once ON public.disputes USING btree (account_id, code, thing_sha256, COALESCE(submission_id, model_package)) WHERE (state <> 'withdrawn'::text);

CREATE INDEX endpoint_captures_endpoint ON public.endpoint_captures USING btree (endpoint_id, id);

CREATE INDEX endpoint_events_endpoint ON public.endpoint_events USING btree (endpoint_id, id DESC);

CREATE INDEX endpoint_in_flight_endpoint ON public.endpoint_in_flight USING btree (endpoint_id);

CREATE INDEX endpoint_inferences_callback ON public.endpoint_inferences USING btree (callback_at) WHERE (callback_state = 'waiting'::text);

CREATE INDEX endpoint_inferences_open ON public.endpoint_inferences USING btree (next_at) WHERE (state = ANY (ARRAY['Pending'::text, 'InProgress'::text]));

CREATE INDEX endpoint_instances_endpoint ON public.endpoint_instances USING btree (endpoint_id);

CREATE INDEX endpoint_instances_node ON public.endpoint_instances USING btree (node);

CREATE INDEX endpoint_logs_endpoint ON public.endpoint_logs USING btree (endpoint_id, id DESC);

CREATE INDEX endpoint_variants_subscription ON public.endpoint_variants USING btree (subscription_id);

CREATE UNIQUE INDEX endpoints_name ON public.endpoints USING btree (account_id, name) WHERE (deleted_at IS NULL);

CREATE INDEX endpoints_there ON public.endpoints USING btree (id) WHERE (deleted_at IS NULL);

CREATE INDEX feedback_reports_open ON public.feedback_reports USING btree (at) WHERE (decided_at IS NULL);

CREATE INDEX files_content ON public.files USING btree (sha256);

CREATE INDEX image_history_of_image ON public.image_history USING btree (image_id);

CREATE INDEX image_verdicts_of_digest ON public.image_verdicts USING btree (digest);

CREATE INDEX images_of_account ON public.images USING btree (account_id, id DESC);

CREATE INDEX images_of_digest ON public.images USING btree (digest);

CREATE INDEX instance_runs_beaten ON public.instance_runs USING btree (beaten_at) WHERE (ended_at IS NULL);

CREATE INDEX instance_runs_open ON public.instance_runs USING btree (subscription_id) WHERE (ended_at IS NULL);

CREATE INDEX instance_runs_resource ON public.instance_runs USING btree (resource_kind, resource_id);

CREATE INDEX invitations_account ON public.invitations USING btree (account_id);

CREATE INDEX invitations_pending ON public.invitations USING btree (email) WHERE (state = 'pending'::text);

CREATE INDEX limited_makings_product ON public.limited_makings USING btree (product_id);

CREATE INDEX members_person ON public.members USING btree (person_id);

CREATE INDEX model_packages_image ON public.model_packages USING btree ((((inference_specification -> 'container'::text) ->> 'image'::text))) WHERE (inference_specification ? 'container'::text);

CREATE INDEX model_packages_under_way ON public.model_packages USING btree (updated_at) WHERE (status = ANY (ARRAY['Pending'::text, 'InProgress'::text]));

CREATE INDEX model_server_accounts_account ON public.model_server_accounts USING btree (account_id);

CREATE INDEX notifications_person ON public.notifications USING btree (person_id, id DESC);

CREATE INDEX package_verdicts_archive ON public.package_verdicts USING btree (archive_sha256, created_at DESC);

CREATE UNIQUE INDEX plan_codes_digest ON public.plan_codes USING btree (product_id, digest) WHERE (ended_at IS NULL);

CREATE INDEX product_reviews_newest ON public.product_reviews USING btree (product_id, id DESC);

CREATE INDEX products_previews ON public.products USING btree (account_id) WHERE (preview_revision_id IS NOT NULL);

CREATE INDEX products_test_accounts ON public.products USING gin (test_accounts);

CREATE INDEX publisher_payment_details_expiry ON public.publisher_payment_details USING btree (expires_on) WHERE (expires_on IS NOT NULL);

CREATE INDEX publisher_verification_history_account ON public.publisher_verification_history USING btree (account_id, id);

CREATE INDEX publishers_waiting ON public.publishers USING btree (verification, verification_since);

CREATE INDEX questions_account ON public.questions USING btree (account_id, id DESC);

CREATE INDEX questions_product ON public.questions USING btree (product_id, id DESC);

CREATE INDEX queue_items_due ON public.queue_items USING btree (due_at) WHERE (closed_at IS NULL);

CREATE UNIQUE INDEX queue_items_one_open ON public.queue_items USING btree (kind, subject) WHERE (closed_at IS NULL);

CREATE INDEX recorded_calls_age ON public.recorded_calls USING btree (at);

CREATE INDEX recorded_calls_ring ON public.recorded_calls USING btree (subscription_id, id DESC);

CREATE INDEX removals_due ON public.removals USING btree (ends_at) WHERE (state = 'leaving'::text);

CREATE UNIQUE INDEX removals_one_down ON public.removals USING btree (product_id) WHERE (state = 'down'::text);

CREATE UNIQUE INDEX removals_one_leaving ON public.removals USING btree (product_id) WHERE (state = ANY (ARRAY['leaving'::text, 'removed'::text]));

CREATE INDEX removals_product ON public.removals USING btree (product_id, requested_at DESC);

CREATE UNIQUE INDEX rule_exceptions_one ON public.rule_exceptions USING btree (account_id, code, thing_sha256) WHERE (revoked_at IS NULL);

CREATE INDEX served_elsewhere_server ON public.served_elsewhere USING btree (server_id);

CREATE INDEX service_credentials_product ON public.service_credentials USING btree (product_id);

CREATE INDEX service_health_due ON public.service_health USING btree (next_at);

CREATE INDEX submission_comments_submission ON public.submission_comments USING btree (submission_id, id);

CREATE UNIQUE INDEX submissions_one_under_way ON public.submissions USING btree (product_id) WHERE (state = ANY (ARRAY['running'::text, 'waiting'::text, 'held'::text]));

CREATE INDEX submissions_product ON public.submissions USING btree (product_id, submitted_at DESC);

CREATE INDEX submissions_queue ON public.submissions USING btree (updated_at) WHERE (state = ANY (ARRAY['waiting'::text, 'held'::text]));

CREATE INDEX subscription_prices_revision ON public.subscription_prices USING btree (revision_id);

CREATE INDEX subscription_prices_valid ON public.subscription_prices USING btree (subscription_id, valid_from, id) WHERE (dropped_at IS NULL);

CREATE INDEX subscription_terms_due ON public.subscription_terms USING btree (valid_from) WHERE ((dropped_at IS NULL) AND (applied_at IS NULL));

CREATE INDEX subscription_terms_trials ON public.subscription_terms USING btree (trial_until) WHERE ((trial_until IS NOT NULL) AND (dropped_at IS NULL) AND (converted_at IS NULL));

CREATE INDEX subscription_terms_valid ON public.subscription_terms USING btree (subscription_id, valid_from, id) WHERE (dropped_at IS NULL);

CREATE INDEX subscriptions_account ON public.subscriptions USING btree (account_id, product_id);

CREATE UNIQUE INDEX subscriptions_one_active ON public.subscriptions USING btree (account_id, product_id) WHERE (state <> 'ended'::text);

CREATE INDEX subscriptions_product ON public.subscriptions USING btree (product_id, accepted_at DESC);

CREATE INDEX sunsets_open ON public.sunsets USING btree (ends_at) WHERE (ended_at IS NULL);

CREATE INDEX training_jobs_subscription ON public.training_jobs USING btree (subscription_id) WHERE (status = ANY (ARRAY['InProgress'::text, 'Stopping'::text]));

CREATE INDEX training_jobs_under_way ON public.training_jobs USING btree (created_at) WHERE (status = ANY (ARRAY['InProgress'::text, 'Stopping'::text]));

CREATE INDEX training_log_job ON public.training_log USING btree (job_id, id);

CREATE INDEX training_transitions_job ON public.training_transitions USING btree (job_id, id);

CREATE INDEX transform_jobs_subscription ON public.transform_jobs USING btree (subscription_id);

CREATE INDEX transform_jobs_under_way ON public.transform_jobs USING btree (created_at) WHERE (ended_at IS NULL);

CREATE INDEX tuning_jobs_under_way ON public.tuning_jobs USING btree (created_at) WHERE (status = ANY (ARRAY['InProgress'::text, 'Stopping'::text]));

CREATE INDEX uploads_expiry ON public.uploads USING btree (expires_at) WHERE (state = 'receiving'::text);

CREATE INDEX usage_batches_applied ON public.usage_batches USING btree (applied_at);

CREATE INDEX usage_records_hour ON public.usage_records USING brin (hour);

CREATE UNIQUE INDEX web_service_endpoints_default ON public.web_service_endpoints USING btree (service_id) WHERE (is_default AND (deleted_at IS NULL));

CREATE UNIQUE INDEX web_service_endpoints_name ON public.web_service_endpoints USING btree (service_id, name) WHERE (deleted_at IS NULL);

CREATE INDEX web_service_endpoints_primary ON public.web_service_endpoints USING btree (primary_sha256);

CREATE INDEX web_service_endpoints_secondary ON public.web_service_endpoints USING btree (secondary_sha256);

CREATE INDEX web_service_jobs_endpoint ON public.web_service_jobs USING btree (endpoint_id, created_at DESC);

CREATE INDEX web_service_jobs_open ON public.web_service_jobs USING btree (started_at) WHERE ((state = ANY (ARRAY['NotStarted'::text, 'Running'::text])) AND (started_at IS NOT NULL));

CREATE INDEX web_service_log_endpoint ON public.web_service_log USING btree (endpoint_id, id DESC);

CREATE INDEX web_services_account ON public.web_services USING btree (account_id) WHERE (deleted_at IS NULL);

CREATE INDEX web_services_served_by ON public.web_services USING btree (served_by);

CREATE OR REPLACE FUNCTION public.audit_append(p_account_id text, p_actor text, p_action text, p_target text, p_details jsonb, p_request_id text)
 RETURNS bigint
 LANGUAGE plpgsql
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.audit_hash(p_id bigint, p_at timestamp with time zone, p_account_id text, p_actor text, p_action text, p_target text, p_details jsonb, p_request_id text, p_previous text)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select encode(sha256(convert_to(jsonb_build_array(p_id, to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US'), p_account_id, p_actor,
    p_action, p_target, p_details, p_request_id, p_previous)::text, 'UTF8')), 'hex')
$function$
;

CREATE OR REPLACE FUNCTION public.audit_is_append_only()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  raise exception 'the audit log is append-only';
end $function$
;

CREATE OR REPLACE FUNCTION public.catalog_candidates(p_query tsquery, p_rank tsquery, p_title text, p_ids text[], p_max integer)
 RETURNS TABLE(product_id text, published_at timestamp with time zone, rank real, facets text[], publisher text, extra boolean)
 LANGUAGE plpgsql
 STABLE
 SET enable_seqscan TO 'off'
AS $function$
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
end $function$
;

CREATE OR REPLACE FUNCTION public.catalog_rank(p_head tsvector, p_title_sort text, p_rank tsquery, p_title text)
 RETURNS real
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select ts_rank('{0, 0.1, 0.4, 1}', p_head, p_rank, 1)
    + case when p_title = '' then 0 when p_title_sort = p_title then 1 when starts_with(p_title_sort, p_title) then 0.2 else 0 end::real
$function$
;

CREATE OR REPLACE FUNCTION public.cycle_start(p_from timestamp with time zone, p_at timestamp with time zone, p_months integer DEFAULT 0)
 RETURNS timestamp with time zone
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select ((f + (n - case when f + n * interval '1 month' > a then 1 else 0 end + p_months) * interval '1 month') at time zone 'UTC')
  from (select p_from at time zone 'UTC' as f, p_at at time zone 'UTC' as a) t
    cross join lateral (select ((extract(year from a) - extract(year from f)) * 12 + extract(month from a) - extract(month from f))::integer as n) m
$function$
;

CREATE OR REPLACE FUNCTION public.endpoint_load(p_endpoint_id text, p_instance_id text DEFAULT NULL::text)
 RETURNS bigint
 LANGUAGE sql
 STABLE
AS $function$
  select coalesce(sum(calls), 0)::bigint from endpoint_in_flight
  where endpoint_id = p_endpoint_id and (p_instance_id is null or instance_id = p_instance_id) and at > now() - interval '10 seconds'
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_capture(p_rows jsonb)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into endpoint_captures (endpoint_id, line)
  select r.endpoint_id, r.line from jsonb_to_recordset(p_rows) as r (endpoint_id text, line text) join endpoints e on e.id = r.endpoint_id
  where e.settings -> 'capture' ->> 'location' is not null and e.deleted_at is null
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_endpoint_report(p_gateway text, p_traffic jsonb, p_in_flight jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into endpoint_traffic (endpoint_id, minute, calls, client_errors, server_errors, duration_ms, buckets)
  select r.endpoint_id, r.minute, r.calls, r.client_errors, r.server_errors, r.duration_ms, r.buckets
  from jsonb_to_recordset(p_traffic) as r (endpoint_id text, minute timestamptz, calls bigint, client_errors bigint, server_errors bigint, duration_ms double precision, buckets bigint[])
    join endpoints e on e.id = r.endpoint_id
  order by 1, 2
  on conflict (endpoint_id, minute) do update set calls = endpoint_traffic.calls + excluded.calls, client_errors = endpoint_traffic.client_errors + excluded.client_errors,
    server_errors = endpoint_traffic.server_errors + excluded.server_errors, duration_ms = endpoint_traffic.duration_ms + excluded.duration_ms,
    buckets = (select array_agg(coalesce(a, 0) + coalesce(b, 0) order by n) from unnest(endpoint_traffic.buckets, excluded.buckets) with ordinality as t (a, b, n));
  delete from endpoint_in_flight f where f.gateway = p_gateway and not exists (
    select from jsonb_to_recordset(p_in_flight) as r (endpoint_id text, instance_id text) where r.endpoint_id = f.endpoint_id and r.instance_id = f.instance_id);
  insert into endpoint_in_flight (gateway, endpoint_id, instance_id, calls)
  select p_gateway, r.endpoint_id, r.instance_id, r.calls from jsonb_to_recordset(p_in_flight) as r (endpoint_id text, instance_id text, calls integer)
  order by 2, 3
  on conflict (gateway, endpoint_id, instance_id) do update set calls = excluded.calls, at = now();
  delete from endpoint_in_flight where at < now() - interval '10 minutes';
  update endpoints set busy_at = now() where id in (
    select b.id from endpoints b where b.id in (
      select endpoint_id from jsonb_to_recordset(p_traffic) as r (endpoint_id text) union select endpoint_id from jsonb_to_recordset(p_in_flight) as r (endpoint_id text))
    order by b.id for update);
end $function$
;

CREATE OR REPLACE FUNCTION public.gateway_endpoints(p_endpoint_id text DEFAULT NULL::text)
 RETURNS TABLE(id text, account_id text, name text, state text, reason text, asleep boolean, subscription_id text, product_id text, version text, title text, model_name text, settings jsonb, instances jsonb)
 LANGUAGE sql
 STABLE
AS $function$
  select e.id, e.account_id, e.name, e.state, coalesce(e.stopped_reason, e.reason), e.asleep, v.subscription_id, v.product_id, v.version, v.name,
    v.model_name, e.settings,
    coalesce((select jsonb_agg(jsonb_build_object('id', i.id, 'address', i.address) order by i.id) from endpoint_instances i
      where i.endpoint_id = e.id and i.variant = e.serving and i.desired = 'running' and i.state = 'ready' and i.address is not null), '[]')
  from endpoints e left join endpoint_variants v on v.endpoint_id = e.id and v.number = e.serving
  where e.deleted_at is null and (p_endpoint_id is null or e.id = p_endpoint_id)
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_entitlements(p_account_id text DEFAULT NULL::text, p_product_id text DEFAULT NULL::text)
 RETURNS TABLE(account_id text, subscription_id text, publisher text, product text, product_id text, status text, reason text, version text, latest text, versions text[], dimension text, quota_units bigint, quota_used bigint, quota_since timestamp with time zone, quota_resets_at timestamp with time zone, quota_hard boolean, concurrency_max integer, record_max integer)
 LANGUAGE sql
 STABLE
AS $function$
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.suspended_reason, s.version, a.latest, a.versions || a.gone,
    case when p.type = 'web-service' then 'transactions' else 'inference.count' end,
    q.units, coalesce(q.used, 0), q.since, q.resets_at, coalesce(q.hard, true),
    (s.plan ->> 'callsAtOnce')::integer,
    s.record_max
  from subscriptions s join subscription_versions() a on a.subscription_id = s.id
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
    left join lateral subscription_quota(s.id, now()) q on true
  where cardinality(a.versions || a.gone) > 0 and (p_account_id is null or s.account_id = p_account_id) and (p_product_id is null or s.product_id = p_product_id)
  union all
  select s.account_id, s.id, b.slug, p.slug, p.id, s.state, s.ended_reason, s.version, null, '{}',
    case when p.type = 'web-service' then 'transactions' else 'inference.count' end, null, 0, null, null, true, null, null
  from (select distinct on (e.account_id, e.product_id) e.* from subscriptions e
      where e.state = 'ended' and (p_account_id is null or e.account_id = p_account_id) and (p_product_id is null or e.product_id = p_product_id)
      order by e.account_id, e.product_id, e.ended_at desc) s
    join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id
  where s.ended_code is not null and s.ended_at > now() - interval '90 days'
    and not exists (select from subscriptions n where n.account_id = s.account_id and n.product_id = s.product_id and n.state <> 'ended')
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_ingest(p_node text, p_sequence bigint, p_rows jsonb)
 RETURNS boolean
 LANGUAGE plpgsql
AS $function$
begin
  insert into usage_batches (node, sequence, records) values (p_node, p_sequence, jsonb_array_length(p_rows)) on conflict do nothing;
  if not found then
    return false;
  end if;
  -- A batch is sent again within seconds, or when a gateway starts that was down: a quarter of a year is never.
  if p_sequence % 1000 = 0 then
    delete from usage_batches where applied_at < now() - interval '90 days';
  end if;
  insert into usage_records (subscription_id, dimension, hour, invoiced_from, quantity, client_errors, server_errors)
  select r.subscription_id, r.dimension, r.hour, invoiced_from(r.hour, now()), sum(r.quantity), sum(r.client_errors), sum(r.server_errors)
  from jsonb_to_recordset(p_rows) as r (subscription_id text, dimension text, hour timestamptz, quantity bigint, client_errors bigint, server_errors bigint)
    join subscriptions s on s.id = r.subscription_id
  group by 1, 2, 3
  -- One order for all batches: two gateways that write the same rows must not wait for each other crosswise.
  order by 1, 2, 3
  on conflict (subscription_id, dimension, hour, invoiced_from) do update set quantity = usage_records.quantity + excluded.quantity,
    client_errors = usage_records.client_errors + excluded.client_errors, server_errors = usage_records.server_errors + excluded.server_errors;
  insert into version_calls (subscription_id, version, day, calls, errors)
  select r.subscription_id, r.version, (r.hour at time zone 'UTC')::date, sum(r.calls), sum(r.client_errors + r.server_errors)
  from jsonb_to_recordset(p_rows) as r (subscription_id text, version text, hour timestamptz, calls bigint, client_errors bigint, server_errors bigint)
    join subscriptions s on s.id = r.subscription_id
  where r.version <> ''
  group by 1, 2, 3
  order by 1, 2, 3
  on conflict (subscription_id, version, day) do update set calls = version_calls.calls + excluded.calls, errors = version_calls.errors + excluded.errors;
  -- The quota that these units belong to may be that of a later subscription by now.
  perform pg_notify('souk_gateway', 'account:' || account_id) from (select distinct s.account_id
    from jsonb_to_recordset(p_rows) as r (subscription_id text) join subscriptions s on s.id = r.subscription_id where s.state = 'ended') ended;
  return true;
end $function$
;

CREATE OR REPLACE FUNCTION public.gateway_keys(p_account_id text DEFAULT NULL::text)
 RETURNS TABLE(key_hash text, account_id text, expires_at timestamp with time zone, may_call boolean)
 LANGUAGE sql
 STABLE
AS $function$
  select k.key_sha256, k.account_id, k.expires_at, 'call' = any (k.scopes)
  from api_keys k join members m on m.account_id = k.account_id and m.person_id = k.person_id
  where k.revoked_at is null and (k.expires_at is null or k.expires_at > now()) and (p_account_id is null or k.account_id = p_account_id)
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_record(p_rows jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into recorded_calls (subscription_id, at, version, content_type, accept, body, status, answer_content_type, answer, duration_ms)
  select r.subscription_id, r.at, r.version, r.content_type, r.accept, decode(r.body, 'base64'), r.status, r.answer_content_type, decode(r.answer, 'base64'), r.duration_ms
  from jsonb_to_recordset(p_rows) as r (subscription_id text, at timestamptz, version text, content_type text, accept text, body text, status integer,
      answer_content_type text, answer text, duration_ms double precision)
    join subscriptions s on s.id = r.subscription_id
  where s.record_max is not null and s.state <> 'ended';
  delete from recorded_calls c using (
    select o.id from (select distinct r.subscription_id from jsonb_to_recordset(p_rows) as r (subscription_id text)) t
      join subscriptions s on s.id = t.subscription_id
      cross join lateral (select id from recorded_calls k where k.subscription_id = s.id order by id desc offset coalesce(s.record_max, 0)) o) old
  where c.id = old.id;
end $function$
;

CREATE OR REPLACE FUNCTION public.gateway_routes(p_product_id text DEFAULT NULL::text)
 RETURNS TABLE(product_id text, version text, model_name text, addresses jsonb, state text, deprecated_at timestamp with time zone, sunset_at timestamp with time zone, sunset_reason text, ended boolean, successor text, withdrawn_at timestamp with time zone, withdrawn_reason text, withdrawn_replacement text)
 LANGUAGE sql
 STABLE
AS $function$
  select product_id, version, coalesce(d.model_name, ''), coalesce(d.addresses, '[]'), case when d.state is null or d.state = 'stopped' then 'down' else d.state end,
    e.announced_at, e.ends_at, e.reason, coalesce(e.ended_at is not null, false), e.successor, x.withdrawn_at, x.withdrawn_reason, x.withdrawn_replacement
  from deployments d full join (select product_id, number as version, s.withdrawn_at, s.withdrawn_reason, s.withdrawn_replacement
      from version_standings s full join sunsets n using (product_id, number) where number <> '*') x using (product_id, version)
    left join lateral (select n.announced_at, n.ends_at, n.reason, n.ended_at, case when n.number = '*' then (select '/products/' || b.slug || '/' || r.slug from products r join publishers b on b.account_id = r.account_id where r.id = n.replacement_product_id)
        else (select '/call/' || b.slug || '/' || r.slug || '@' || n.replacement || '/invocations' from products r join publishers b on b.account_id = r.account_id where r.id = n.product_id) end as successor
      from (select product_id, number, announced_at, ends_at, reason, replacement, replacement_product_id, ended_at from sunsets
        union all select product_id, '*', requested_at, ends_at, reason, null, replacement_product_id, null from removals where state = 'leaving') n
      where n.product_id = coalesce(d.product_id, x.product_id) and n.number in ('*', coalesce(d.version, x.version)) order by n.ends_at limit 1) e on true
  where p_product_id is null or coalesce(d.product_id, x.product_id) = p_product_id
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_service_report(p_rows jsonb)
 RETURNS void
 LANGUAGE sql
AS $function$
  insert into service_failures (product_id, slot, code, detail, count, first_at, last_at)
  select r.product_id, r.slot, r.code, r.detail, r.count, r.last_at, r.last_at
  from jsonb_to_recordset(p_rows) as r (product_id text, slot text, code text, detail text, count bigint, last_at timestamptz)
    join products p on p.id = r.product_id
  order by r.product_id, r.slot, r.code
  on conflict (product_id, slot, code) do update set detail = excluded.detail, last_at = excluded.last_at, count = service_failures.count + excluded.count
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_services(p_product_id text DEFAULT NULL::text)
 RETURNS TABLE(product_id text, publisher_id text, publisher text, product text, slot text, accounts text[], service jsonb, credentials jsonb, credential_origin text)
 LANGUAGE sql
 STABLE
AS $function$
  select p.id, b.account_id, b.slug, p.slug, r.slot,
    case when r.slot = 'preview' then array(select s.account_id from subscriptions s where s.product_id = p.id and s.slot = 'preview' and s.state <> 'ended'
      and (s.account_id = p.account_id or s.account_id = any (p.test_accounts))) else '{}' end,
    v.document -> 'service',
    case when c.id is null then '{}' else jsonb_build_object(c.id, c.sealed) end, c.origin
  from products p join publishers b on b.account_id = p.account_id
    cross join lateral (values ('live', p.live_revision_id), ('preview', p.preview_revision_id)) r (slot, revision_id)
    join revisions v on v.id = r.revision_id
    left join service_credentials c on c.product_id = p.id and c.id = v.document #>> '{service,authentication,credentialId}'
  where p.type = 'web-service' and jsonb_typeof(v.document -> 'service') = 'object' and (p_product_id is null or p.id = p_product_id)
$function$
;

CREATE OR REPLACE FUNCTION public.gateway_wake(p_endpoint_id text)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  update endpoints set asleep = false, target = greatest(1, (settings ->> 'instancesMin')::integer), wake_asked_at = now(), busy_at = now(), low_since = null, updated_at = now()
  where id = p_endpoint_id and asleep and deleted_at is null and stopped_reason is null;
  if found then
    insert into endpoint_events (endpoint_id, kind, message) values (p_endpoint_id, 'waking', 'A call came while it slept.');
  end if;
end $function$
;

CREATE OR REPLACE FUNCTION public.gateway_web_service_report(p_traffic jsonb, p_log jsonb)
 RETURNS void
 LANGUAGE plpgsql
AS $function$
begin
  insert into web_service_traffic (endpoint_id, minute, calls, failed, throttled, duration_ms)
  select r.endpoint_id, r.minute, r.calls, r.failed, r.throttled, r.duration_ms
  from jsonb_to_recordset(p_traffic) as r (endpoint_id text, minute timestamptz, calls bigint, failed bigint, throttled bigint, duration_ms double precision)
    join web_service_endpoints e on e.id = r.endpoint_id
  order by 1, 2
  on conflict (endpoint_id, minute) do update set calls = web_service_traffic.calls + excluded.calls, failed = web_service_traffic.failed + excluded.failed,
    throttled = web_service_traffic.throttled + excluded.throttled, duration_ms = web_service_traffic.duration_ms + excluded.duration_ms;
  insert into web_service_log (endpoint_id, at, kind, request_id, status, duration_ms, rows, message)
  select r.endpoint_id, r.at, r.kind, r.request_id, r.status, r.duration_ms, r.rows, r.message
  from jsonb_to_recordset(p_log) as r (endpoint_id text, at timestamptz, kind text, request_id text, status integer, duration_ms double precision, rows integer, message text)
    join web_service_endpoints e on e.id = r.endpoint_id;
end $function$
;

CREATE OR REPLACE FUNCTION public.gateway_web_services(p_service_id text DEFAULT NULL::text)
 RETURNS TABLE(id text, workspace text, account_id text, name text, served_by text, schema jsonb, wire jsonb, endpoints jsonb)
 LANGUAGE sql
 STABLE
AS $function$
  select s.id, s.workspace, s.account_id, s.name, s.served_by, s.schema, s.wire,
    coalesce((select jsonb_agg(jsonb_build_object('id', e.id, 'name', e.name, 'keys', jsonb_build_array(e.primary_sha256, e.secondary_sha256),
        'maxConcurrentCalls', e.max_concurrent_calls, 'logging', e.logging, 'loggingUntil', (extract(epoch from e.logging_until) * 1000)::bigint) order by e.id)
      from web_service_endpoints e where e.service_id = s.id and e.deleted_at is null), '[]')
  from web_services s where s.deleted_at is null and (p_service_id is null or s.id = p_service_id)
$function$
;

CREATE OR REPLACE FUNCTION public.instance_type_price_at(p_instance_type text, p_hour timestamp with time zone)
 RETURNS TABLE(valid_from timestamp with time zone, price_per_hour numeric, currency text)
 LANGUAGE sql
 STABLE
AS $function$
  select * from (select p.valid_from, p.price_per_hour, p.currency from instance_type_prices p
    where p.instance_type = p_instance_type and p.valid_from <= p_hour order by p.valid_from desc limit 1) last where last.price_per_hour > 0
$function$
;

CREATE OR REPLACE FUNCTION public.invoiced_from(p_hour timestamp with time zone, p_at timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  select case when p_at at time zone 'UTC' >= date_trunc('month', p_hour at time zone 'UTC') + interval '1 month 24 hours'
    then date_trunc('month', p_at, 'UTC') else '-infinity' end
$function$
;

CREATE OR REPLACE FUNCTION public.iso(p_at timestamp with time zone)
 RETURNS text
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select to_char(p_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
$function$
;

CREATE OR REPLACE FUNCTION public.keep_instance_type_price()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  if tg_op = 'INSERT' then
    insert into instance_type_prices (instance_type, valid_from, price_per_hour, currency) values (new.name, '-infinity', new.price_per_hour, new.currency)
    on conflict do nothing;
  elsif (new.price_per_hour, new.currency) is distinct from (old.price_per_hour, old.currency) then
    insert into instance_type_prices (instance_type, valid_from, price_per_hour, currency)
    values (new.name, date_trunc('hour', now(), 'UTC') + interval '1 hour', new.price_per_hour, new.currency)
    on conflict (instance_type, valid_from) do update set price_per_hour = excluded.price_per_hour, currency = excluded.currency;
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.keep_served_elsewhere()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare elsewhere text;
begin
  select server_id into elsewhere from served_elsewhere where product_id = new.product_id and version = new.version;
  if elsewhere is not null then
    new.servable := jsonb_build_object('kind', 'remote', 'serverId', elsewhere);
    new.backend := 'remote';
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.kept_versions(p_subscription_id text, p_restricted text[])
 RETURNS text[]
 LANGUAGE sql
 STABLE
AS $function$
  select array(select one from subscriptions s join revisions accepted on accepted.id = s.revision_id, unnest(p_restricted) as restricted (one)
      left join lateral (select restricted_at from version_standings v join subscriptions o on o.product_id = v.product_id
        where o.id = p_subscription_id and v.number = restricted.one) aside on true
    where s.id = p_subscription_id and (one = s.version
      or (one = any (accepted.listed_versions) and (restricted_at is null or s.accepted_at <= restricted_at))
      or exists (select from revisions r join submissions b on b.revision_id = r.id
        where r.product_id = s.product_id and b.product_id = s.product_id and b.state = 'released' and r.number > accepted.number
          and one = any (r.listed_versions) and (restricted_at is null or (s.accepted_at <= restricted_at and b.ended_at <= restricted_at)))))
$function$
;

CREATE OR REPLACE FUNCTION public.meter_instances(p_ids text[], p_now timestamp with time zone, p_gap interval, p_ended boolean)
 RETURNS void
 LANGUAGE sql
AS $function$
  with held as (
    select r.*, s.state = 'active' as counts from instance_runs r join subscriptions s on s.id = r.subscription_id
    where r.id = any (p_ids) and (r.ended_at is null or r.lapsed)
    -- One order for all: two that beat the same runs must not wait for each other crosswise.
    order by r.subscription_id, r.id for update of r
  ), judged as (
    select *, ended_at is null and p_now between beaten_at - p_gap and beaten_at + p_gap as goes_on from held
  ), counted as (
    select *, case when goes_on and counts then greatest(0, floor(extract(epoch from p_now - metered_until))) else 0 end::bigint as n from judged
  ), hours as (
    select subscription_id, use || '.seconds.' || instance_type as dimension, hour,
      -- Seconds belong to the hour in which they begin.
      (least(n, greatest(0, ceil(extract(epoch from hour + interval '1 hour' - metered_until))))
        - least(n, greatest(0, ceil(extract(epoch from hour - metered_until)))))::bigint * instances as quantity
    from counted, generate_series(date_trunc('hour', metered_until, 'UTC'), p_now, interval '1 hour') as hour
    where n > 0
  ), used as (
    insert into usage_records (subscription_id, dimension, hour, invoiced_from, quantity)
    select subscription_id, dimension, hour, invoiced_from(hour, p_now), sum(quantity) from hours where quantity > 0 group by 1, 2, 3 order by 1, 2, 3
    on conflict (subscription_id, dimension, hour, invoiced_from) do update set quantity = usage_records.quantity + excluded.quantity
  )
  update instance_runs r set
    seconds = r.seconds + c.n,
    beaten_at = case when c.goes_on then greatest(c.beaten_at, p_now) when p_ended then c.beaten_at else p_now end,
    metered_until = case when c.goes_on and c.counts then c.metered_until + c.n * interval '1 second'
      when c.goes_on then greatest(c.metered_until, p_now) when p_ended then c.metered_until else p_now end,
    ended_at = case when not p_ended then null when c.goes_on then p_now else coalesce(c.ended_at, c.beaten_at) end,
    lapsed = false
  from counted c where c.id = r.id
$function$
;

CREATE OR REPLACE FUNCTION public.price_valid_from(p_subscription_id text, p_hour timestamp with time zone)
 RETURNS timestamp with time zone
 LANGUAGE sql
 STABLE
AS $function$
  select max(p.valid_from) from terms_at(p_subscription_id, p_hour) t join subscription_prices p on p.subscription_id = p_subscription_id and p.dropped_at is null
  where p.valid_from <= p_hour and p.valid_from >= t.began and coalesce(p.plan_id = t.plan ->> 'id', true)
$function$
;

CREATE OR REPLACE FUNCTION public.revision_versions(p_document jsonb, p_state text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when p_state = 'listed' and jsonb_typeof(p_document -> 'service') = 'object' and coalesce(p_document -> 'versions', '[]') = '[]' then array['v1']
    else coalesce((select array_agg(v ->> 'number' order by position)
      from jsonb_array_elements(case jsonb_typeof(p_document -> 'versions') when 'array' then p_document -> 'versions' else '[]' end)
        with ordinality as t (v, position)
      where coalesce(v ->> 'state', 'listed') = p_state and v ->> 'number' is not null), '{}') end
$function$
;

CREATE OR REPLACE FUNCTION public.subscription_is_sold()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  since timestamptz;
begin
  if new.slot = 'live' then
    select off_sale_at into since from products where id = new.product_id for share;
    if since is not null then
      raise exception 'the product is not sold' using errcode = 'check_violation', constraint = 'subscriptions_on_sale', table = 'subscriptions';
    end if;
  end if;
  return new;
end $function$
;

CREATE OR REPLACE FUNCTION public.subscription_quota(p_subscription_id text, p_at timestamp with time zone)
 RETURNS TABLE(units bigint, dimension text, used bigint, since timestamp with time zone, resets_at timestamp with time zone, hard boolean, cycle text)
 LANGUAGE sql
 STABLE
AS $function$
  select q.units, q.dimension,
    greatest(0, coalesce((select sum(u.quantity) from subscriptions s join subscriptions o on o.account_id = s.account_id and o.product_id = s.product_id
      join usage_records u on u.subscription_id = o.id where s.id = p_subscription_id and u.dimension = q.dimension and u.hour >= c.since), 0)
      - case when q.cycle = 'subscription' and c.since = t.cycle_from then t.carried else 0 end)::bigint,
    c.since, c.until,
    -- A month of trial costs nothing, so nothing goes on beyond it.
    q.at_limit <> 'overage' or coalesce(t.trial_until > p_at, false), q.cycle
  from terms_at(p_subscription_id, p_at) t
    cross join lateral (select (t.plan -> 'quota' ->> 'unitsPerMonth')::bigint as units, coalesce(t.plan -> 'quota' ->> 'dimension', 'inference.count') as dimension,
      coalesce(t.plan -> 'quota' ->> 'atLimit', 'stop') as at_limit,
      coalesce(t.plan -> 'quota' ->> 'cycle', case when t.plan -> 'quota' ->> 'dimension' = 'transactions' then 'subscription' else 'calendar' end) as cycle) q
    cross join lateral (select case when q.cycle = 'calendar' then date_trunc('month', p_at, 'UTC') else cycle_start(t.cycle_from, p_at) end as since,
      -- In UTC, as the month itself: a session in another time zone would add its own month.
      case when q.cycle = 'calendar' then (date_trunc('month', p_at, 'UTC') at time zone 'UTC' + interval '1 month') at time zone 'UTC'
        else cycle_start(t.cycle_from, p_at, 1) end as until) c
  where q.units is not null
$function$
;

CREATE OR REPLACE FUNCTION public.subscription_versions()
 RETURNS TABLE(subscription_id text, versions text[], limited text[], latest text, gone text[])
 LANGUAGE sql
 STABLE
AS $function$
  select s.id as subscription_id, without(reach.versions, reach.gone), without(preview_only.versions, reach.gone),
    case when s.slot = 'preview' and i.insider then coalesce(preview.latest, live.latest) else coalesce(live.latest, preview.latest) end,
    case when cardinality(reach.gone) = 0 then '{}' else array(select one from unnest(reach.versions) as t (one) where one = any (reach.gone)) end
  from subscriptions s join products p on p.id = s.product_id
    cross join lateral (select s.account_id = p.account_id as owner, s.account_id = p.account_id or s.account_id = any (p.test_accounts) as insider) i
    left join revisions l on l.id = p.live_revision_id
    left join revisions v on v.id = p.preview_revision_id and i.insider
    left join versions_aside a on a.product_id = p.id
    cross join lateral (select coalesce(a.restricted, '{}') as restricted,
      case when a.all_gone then coalesce(l.listed_versions || l.restricted_versions, '{}') || coalesce(v.listed_versions || v.restricted_versions, '{}') else coalesce(a.gone, '{}') end as gone) aside
    cross join lateral (select without(coalesce(l.listed_versions, '{}'), aside.restricted) as listed,
      case when cardinality(aside.restricted) = 0 then coalesce(l.restricted_versions, '{}')
        else coalesce(l.restricted_versions, '{}') || array(select one from unnest(l.listed_versions) as t (one) where one = any (aside.restricted)) end as restricted) ll
    cross join lateral (select without(coalesce(v.listed_versions, '{}'), aside.restricted) as listed,
      case when cardinality(aside.restricted) = 0 then coalesce(v.restricted_versions, '{}')
        else coalesce(v.restricted_versions, '{}') || array(select one from unnest(v.listed_versions) as t (one) where one = any (aside.restricted)) end as restricted) vv
    cross join lateral (select ll.listed || case when cardinality(ll.restricted) = 0 then '{}'
      when i.owner then ll.restricted else kept_versions(s.id, ll.restricted) end as versions,
      (without(ll.listed, aside.gone))[cardinality(without(ll.listed, aside.gone))] as latest) live
    cross join lateral (select vv.listed || case when cardinality(vv.restricted) = 0 then '{}'
      when i.owner then vv.restricted else kept_versions(s.id, vv.restricted) end as versions,
      (without(vv.listed, aside.gone))[cardinality(without(vv.listed, aside.gone))] as latest) preview
    cross join lateral (select case when cardinality(preview.versions) = 0 then '{}'
      else array(select one from unnest(preview.versions) as shown (one) where one <> all (live.versions)) end as versions) preview_only
    cross join lateral (select live.versions || preview_only.versions as versions, aside.gone as gone) reach
  where s.state <> 'ended'
$function$
;

CREATE OR REPLACE FUNCTION public.sunset_view(p_product_id text, p_number text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_build_object('announcedAt', iso(e.announced_at), 'endsAt', iso(e.ends_at), 'reason', e.reason, 'ended', e.ended_at is not null,
    'replacement', coalesce(e.replacement, (select b.slug || '/' || p.slug from products p join publishers b on b.account_id = p.account_id where p.id = e.replacement_product_id)))
  from sunsets e where e.product_id = p_product_id and e.number = p_number
$function$
;

CREATE OR REPLACE FUNCTION public.tell_endpoints()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  r jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
  endpoint text := case tg_table_name when 'endpoints' then r ->> 'id' else r ->> 'endpoint_id' end;
begin
  perform pg_notify('souk_endpoints', endpoint);
  perform pg_notify('souk_gateway', 'endpoint:' || endpoint);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_gateway_account()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_gateway', 'account:' || coalesce(new.account_id, old.account_id));
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_inferences()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_inferences', new.endpoint_id);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_product()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  product text := case tg_table_name when 'products' then (to_jsonb(new) ->> 'id') else (to_jsonb(new) ->> 'product_id') end;
begin
  perform pg_notify('souk_gateway', 'product:' || product);
  if tg_table_name = 'deployments' then
    perform pg_notify('souk_runtime', product);
  end if;
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_product_of_old()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_gateway', 'product:' || old.product_id);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_service_tester()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_gateway', 'product:' || new.product_id) from products p where p.id = new.product_id and p.type = 'web-service';
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_submission()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_submission', case tg_table_name when 'submissions' then (to_jsonb(new) ->> 'id') else (to_jsonb(new) ->> 'submission_id') end);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_submission_of_review()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_submission', to_jsonb(new) ->> 'submission_id');
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_training()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_training', new.id);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_web_service_jobs()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
begin
  perform pg_notify('souk_web_service_jobs', new.id);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.tell_web_services()
 RETURNS trigger
 LANGUAGE plpgsql
AS $function$
declare
  r jsonb := to_jsonb(case when tg_op = 'DELETE' then old else new end);
begin
  perform pg_notify('souk_gateway', 'webservice:' || case tg_table_name when 'web_services' then r ->> 'id' else r ->> 'service_id' end);
  return null;
end $function$
;

CREATE OR REPLACE FUNCTION public.terms_at(p_subscription_id text, p_at timestamp with time zone)
 RETURNS TABLE(term_id bigint, plan jsonb, revision_id text, began timestamp with time zone, valid_from timestamp with time zone, cycle_from timestamp with time zone, trial_until timestamp with time zone, carried bigint)
 LANGUAGE sql
 STABLE
AS $function$
  select t.id, case when t.id is null or t.id = applied.id then s.plan else t.plan end, coalesce(t.revision_id, s.revision_id),
    case when t.id is null or t.id = first.id then '-infinity' else t.valid_from end,
    coalesce(t.valid_from, date_trunc('hour', s.accepted_at, 'UTC')), coalesce(t.cycle_from, date_trunc('hour', s.accepted_at, 'UTC')), t.trial_until, coalesce(t.carried, 0)
  from subscriptions s
    left join lateral (select * from subscription_terms x where x.subscription_id = s.id and x.dropped_at is null
      order by x.valid_from <= p_at desc, case when x.valid_from <= p_at then x.valid_from end desc, x.valid_from, case when x.valid_from <= p_at then -x.id else x.id end limit 1) t on true
    left join lateral (select x.id from subscription_terms x where x.subscription_id = s.id and x.dropped_at is null order by x.valid_from, x.id limit 1) first on true
    -- `subscriptions.plan` is the plan of these.
    left join lateral (select x.id from subscription_terms x where x.subscription_id = s.id and x.applied_at is not null order by x.id desc limit 1) applied on true
  where s.id = p_subscription_id
$function$
;

CREATE OR REPLACE FUNCTION public.usage_terms(p_subscription_id text, p_dimension text, p_hour timestamp with time zone)
 RETURNS TABLE(began timestamp with time zone, trial boolean, period_from timestamp with time zone, period_to timestamp with time zone)
 LANGUAGE sql
 STABLE
AS $function$
  select t.began, coalesce(p_hour < t.trial_until, false),
    case when c.of is null then null when c.of = 'calendar' then date_trunc('month', p_hour, 'UTC') else cycle_start(t.cycle_from, p_hour) end,
    case when c.of is null then null when c.of = 'calendar' then (date_trunc('month', p_hour, 'UTC') at time zone 'UTC' + interval '1 month') at time zone 'UTC'
      else cycle_start(t.cycle_from, p_hour, 1) end
  from terms_at(p_subscription_id, p_hour) t
    cross join lateral (select case when t.plan -> 'quota' ->> 'dimension' = p_dimension
      then coalesce(t.plan -> 'quota' ->> 'cycle', case when p_dimension = 'transactions' then 'subscription' else 'calendar' end) end as of) c
$function$
;

CREATE OR REPLACE FUNCTION public.version_standing(p_product_id text, p_number text)
 RETURNS jsonb
 LANGUAGE sql
 STABLE
AS $function$
  select jsonb_build_object('restrictedAt', iso(s.restricted_at), 'sunset', sunset_view(p_product_id, p_number),
    'withdrawn', case when s.withdrawn_at is not null then jsonb_build_object('at', iso(s.withdrawn_at), 'by', s.withdrawn_side,
      'reason', s.withdrawn_reason, 'replacement', s.withdrawn_replacement) end)
  from (select 1) always left join version_standings s on s.product_id = p_product_id and s.number = p_number
$function$
;

CREATE OR REPLACE FUNCTION public.without(p_all text[], p_some text[])
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select case when cardinality(p_some) = 0 then p_all
    else array(select one from unnest(p_all) with ordinality as t (one, position) where one <> all (p_some) order by position) end
$function$
;

CREATE OR REPLACE FUNCTION public.word_deletes(p_word text)
 RETURNS text[]
 LANGUAGE sql
 IMMUTABLE
AS $function$
  select array_agg(distinct d) from (
    select p_word as d union all select overlay(p_word placing '' from i for 1) from generate_series(1, length(p_word)) i) deletes
$function$
;

CREATE TRIGGER api_keys_tell_gateway AFTER INSERT OR DELETE OR UPDATE OF revoked_at, expires_at, scopes ON public.api_keys FOR EACH ROW EXECUTE FUNCTION tell_gateway_account();

CREATE TRIGGER audit_append_only BEFORE DELETE OR UPDATE ON public.audit_entries FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();

CREATE TRIGGER deployments_served_elsewhere BEFORE INSERT OR UPDATE OF servable ON public.deployments FOR EACH ROW EXECUTE FUNCTION keep_served_elsewhere();

CREATE TRIGGER deployments_tell AFTER INSERT OR UPDATE ON public.deployments FOR EACH ROW EXECUTE FUNCTION tell_product();

CREATE TRIGGER endpoint_inferences_tell AFTER INSERT ON public.endpoint_inferences FOR EACH ROW EXECUTE FUNCTION tell_inferences();

CREATE TRIGGER endpoint_instances_tell AFTER INSERT OR DELETE ON public.endpoint_instances FOR EACH ROW EXECUTE FUNCTION tell_endpoints();

CREATE TRIGGER endpoint_instances_tell_change AFTER UPDATE ON public.endpoint_instances FOR EACH ROW WHEN (((((old.desired IS DISTINCT FROM new.desired) OR (old.state IS DISTINCT FROM new.state)) OR (old.address IS DISTINCT FROM new.address)) OR (old.restarts IS DISTINCT FROM new.restarts))) EXECUTE FUNCTION tell_endpoints();

CREATE TRIGGER endpoints_tell AFTER INSERT ON public.endpoints FOR EACH ROW EXECUTE FUNCTION tell_endpoints();

CREATE TRIGGER endpoints_tell_change AFTER UPDATE ON public.endpoints FOR EACH ROW WHEN (((((((((old.state IS DISTINCT FROM new.state) OR (old.serving IS DISTINCT FROM new.serving)) OR (old.coming IS DISTINCT FROM new.coming)) OR (old.settings IS DISTINCT FROM new.settings)) OR (old.asleep IS DISTINCT FROM new.asleep)) OR (old.target IS DISTINCT FROM new.target)) OR (old.stopped_reason IS DISTINCT FROM new.stopped_reason)) OR (old.deleted_at IS DISTINCT FROM new.deleted_at))) EXECUTE FUNCTION tell_endpoints();

CREATE TRIGGER instance_types_keep_price AFTER INSERT OR UPDATE ON public.instance_types FOR EACH ROW EXECUTE FUNCTION keep_instance_type_price();

CREATE TRIGGER members_tell_gateway AFTER DELETE ON public.members FOR EACH ROW EXECUTE FUNCTION tell_gateway_account();

CREATE TRIGGER products_tell AFTER UPDATE OF live_revision_id, preview_revision_id, test_accounts ON public.products FOR EACH ROW EXECUTE FUNCTION tell_product();

CREATE TRIGGER service_credentials_tell_gateway AFTER INSERT OR UPDATE ON public.service_credentials FOR EACH ROW EXECUTE FUNCTION tell_product();

CREATE TRIGGER submission_reviews_tell AFTER INSERT ON public.submission_reviews FOR EACH ROW EXECUTE FUNCTION tell_submission_of_review();

CREATE TRIGGER submission_stages_tell AFTER INSERT OR UPDATE ON public.submission_stages FOR EACH ROW EXECUTE FUNCTION tell_submission();

CREATE TRIGGER submissions_tell AFTER INSERT OR UPDATE ON public.submissions FOR EACH ROW EXECUTE FUNCTION tell_submission();

CREATE TRIGGER subscriptions_on_sale BEFORE INSERT ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION subscription_is_sold();

CREATE TRIGGER subscriptions_tell_gateway AFTER INSERT OR UPDATE ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION tell_gateway_account();

CREATE TRIGGER subscriptions_tell_service_tester AFTER INSERT OR UPDATE OF slot, state ON public.subscriptions FOR EACH ROW EXECUTE FUNCTION tell_service_tester();

CREATE TRIGGER sunsets_tell AFTER INSERT OR UPDATE ON public.sunsets FOR EACH ROW EXECUTE FUNCTION tell_product();

CREATE TRIGGER sunsets_tell_removed AFTER DELETE ON public.sunsets FOR EACH ROW EXECUTE FUNCTION tell_product_of_old();

CREATE TRIGGER training_jobs_changed AFTER UPDATE ON public.training_jobs FOR EACH ROW WHEN ((old.updated_at IS DISTINCT FROM new.updated_at)) EXECUTE FUNCTION tell_training();

CREATE TRIGGER training_jobs_tell AFTER INSERT ON public.training_jobs FOR EACH ROW EXECUTE FUNCTION tell_training();

CREATE TRIGGER tuning_jobs_tell AFTER INSERT OR UPDATE ON public.tuning_jobs FOR EACH ROW EXECUTE FUNCTION tell_training();

CREATE TRIGGER version_standings_tell AFTER INSERT OR UPDATE ON public.version_standings FOR EACH ROW EXECUTE FUNCTION tell_product();

CREATE TRIGGER web_service_endpoints_tell AFTER INSERT OR UPDATE ON public.web_service_endpoints FOR EACH ROW EXECUTE FUNCTION tell_web_services();

CREATE TRIGGER web_service_jobs_tell AFTER UPDATE ON public.web_service_jobs FOR EACH ROW WHEN (((old.started_at IS DISTINCT FROM new.started_at) OR (old.state IS DISTINCT FROM new.state))) EXECUTE FUNCTION tell_web_service_jobs();

CREATE TRIGGER web_services_tell AFTER INSERT OR UPDATE ON public.web_services FOR EACH ROW EXECUTE FUNCTION tell_web_services();
