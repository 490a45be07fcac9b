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
