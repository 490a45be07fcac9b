-- Reviews and questions; what members of an account may subscribe to, and its budgets.

-- One review for an account and a product, whoever of the account wrote it.
create table product_reviews (
  id text primary key,
  product_id text not null references products,
  account_id text not null references accounts,
  rating integer not null check (rating between 1 and 5),
  title text not null,
  body text not null,
  version text not null,
  show_name boolean not null,
  written_by text not null,
  created_at timestamptz not null,
  edited_at timestamptz,
  reply text,
  reply_by text,
  reply_at timestamptz,
  reply_edited_at timestamptz,
  hidden_at timestamptz,
  hidden_reason text,
  unique (product_id, account_id)
);
create index product_reviews_newest on product_reviews (product_id, id desc);

-- What the visible reviews of a product add up to: the catalogue reads a row and not every review.
create table product_ratings (
  product_id text primary key references products,
  reviews integer not null,
  points integer not null,
  -- How many gave 1, 2, 3, 4 and 5.
  distribution integer[] not null
);

create table questions (
  id text primary key,
  product_id text not null references products,
  account_id text not null references accounts,
  person_id text not null,
  asked_by text not null,
  title text not null,
  state text not null default 'open' check (state in ('open', 'answered', 'closed')),
  may_publish boolean not null,
  public boolean not null default false,
  created_at timestamptz not null,
  updated_at timestamptz not null,
  closed_at timestamptz,
  hidden_at timestamptz,
  hidden_reason text,
  check (not public or may_publish)
);
create index questions_product on questions (product_id, id desc);
create index questions_account on questions (account_id, id desc);

create table question_messages (
  question_id text not null references questions,
  number integer not null,
  side text not null check (side in ('asker', 'publisher')),
  written_by text not null,
  body text not null,
  at timestamptz not null,
  primary key (question_id, number)
);

-- What was reported to the operator; decided ones stay, so that nobody reports the same again and again.
create table feedback_reports (
  item_id text not null,
  person_id text not null,
  reported_by text not null,
  reason text not null,
  at timestamptz not null,
  decided_at timestamptz,
  primary key (item_id, person_id)
);
create index feedback_reports_open on feedback_reports (at) where decided_at is null;

-- Ratings in the catalogue. A product without reviews stands where the prior of `ratingScore` puts it.
alter table catalog_entries add rating_score double precision not null default 3.5;
create index catalog_entries_rating on catalog_entries (rating_score, product_id);
update catalog_entries set item = item || '{"rating": null}';

-- What members of an account may subscribe to. No row: everything is allowed.
create table governance (
  account_id text primary key references accounts on delete cascade,
  version integer not null,
  default_effect text not null check (default_effect in ('allow', 'deny', 'request')),
  contact text not null,
  updated_by text not null,
  updated_at timestamptz not null
);

-- `subject` is what a name meant when the rule was written: the product's id, the publisher's account. Names may change hands.
create table governance_rules (
  account_id text not null references governance on delete cascade,
  kind text not null check (kind in ('product', 'publisher', 'category', 'type', 'price')),
  subject text not null,
  effect text not null check (effect in ('allow', 'deny', 'request')),
  note text not null,
  position integer not null,
  primary key (account_id, kind, subject)
);

create table access_requests (
  id text primary key,
  account_id text not null references accounts on delete cascade,
  person_id text not null,
  requested_by text not null,
  product_id text not null references products,
  plan_id text not null,
  reason text not null,
  state text not null default 'pending' check (state in ('pending', 'approved', 'denied', 'withdrawn', 'used')),
  decided_by text,
  decision_reason text,
  decided_at timestamptz,
  expires_at timestamptz,
  created_at timestamptz not null
);
create index access_requests_account on access_requests (account_id, id desc);
create unique index access_requests_one_pending on access_requests (account_id, person_id, product_id, plan_id) where state = 'pending';

create table cost_centres (
  subscription_id text primary key references subscriptions,
  label text not null
);

create table budgets (
  id text primary key,
  account_id text not null references accounts on delete cascade,
  scope text not null check (scope in ('account', 'product', 'member')),
  -- The product's id or the member's e-mail address; empty for the account.
  subject text not null,
  amount numeric not null check (amount > 0),
  currency text not null,
  warn_at integer[] not null,
  hard_stop boolean not null,
  -- The month (UTC, as 2026-11) in which it stopped what it is for; null while it does not.
  stopped_month text,
  created_by text not null,
  created_at timestamptz not null,
  constraint budgets_one_for_each unique (account_id, scope, subject, currency)
);

-- What was told about a budget: each threshold once in a month, and again when the amount was changed.
create table budget_notices (
  budget_id text not null references budgets on delete cascade,
  month text not null,
  amount numeric not null,
  threshold integer not null,
  primary key (budget_id, month, amount, threshold)
);
