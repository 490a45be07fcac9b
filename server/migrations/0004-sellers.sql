-- Who a publisher is, as the operator has made sure of it; tax interviews and bank details, sealed.

alter table publishers
  add column verification text not null default 'unverified'
    check (verification in ('unverified', 'pending', 'verified', 'more-needed', 'rejected')),
  -- Grows with every change of what is verified: the operator decides on what it has seen, or not at all.
  add column verification_version integer not null default 1,
  add column verification_text text not null default '',
  add column verification_since timestamptz not null default now(),
  -- Kept while only payment details are looked at again: products may go on, payouts wait.
  add column identity_verified_at timestamptz;
create index publishers_waiting on publishers (verification, verification_since);

create table publisher_verification_history (
  id bigint generated always as identity primary key,
  account_id text not null references publishers on delete cascade,
  event text not null check (event in ('requested', 'approved', 'more-asked', 'rejected', 'changed')),
  from_state text not null,
  to_state text not null,
  text text not null,
  actor text not null,
  by_operator boolean not null,
  at timestamptz not null
);
create index publisher_verification_history_account on publisher_verification_history (account_id, id);

-- Every version that was given is kept: what a payout or a tax form was based on can be shown later.
create table publisher_payment_details (
  id text primary key,
  account_id text not null references publishers on delete cascade,
  what text not null check (what in ('tax', 'bank')),
  version integer not null,
  -- The whole interview or account, AES-256-GCM, bound to this row's id. Nothing of it stands anywhere else.
  sealed text not null,
  form text check (form in ('W-9', 'W-8BEN', 'W-8BEN-E')),
  expires_on date,
  created_by text not null,
  created_at timestamptz not null,
  unique (account_id, what, version),
  check ((what = 'tax') = (form is not null))
);
create index publisher_payment_details_expiry on publisher_payment_details (expires_on) where expires_on is not null;
