-- Who reads a submission, the operator's queue with its clock, and appeals.

-- How many different people must approve, decided when the submission arrives in review and not changed afterwards.
alter table submissions
  add column reviewers_needed integer not null default 0,
  add column review_why text not null default '',
  -- Who signed it off together with submitting it; null where it is signed off in preview.
  add column signed_off_by text;

create table submission_reviews (
  submission_id text not null references submissions,
  person_id text not null,
  email text not null,
  decision text not null check (decision in ('approve', 'reject')),
  comment text not null,
  at timestamptz not null default now(),
  -- Two reviewers are two people.
  primary key (submission_id, person_id)
);

create table submission_comments (
  id text primary key,
  submission_id text not null references submissions,
  pointer text,
  text text not null,
  side text not null check (side in ('operator', 'publisher')),
  by text not null,
  at timestamptz not null default now()
);
create index submission_comments_submission on submission_comments (submission_id, id);

-- What waits for a person of the operator. One row per wait; it is closed, never removed.
create table queue_items (
  id text primary key,
  kind text not null check (kind in ('review', 'held', 'dispute')),
  subject text not null,
  account_id text not null,
  title text not null,
  product text,
  why text not null,
  opened_at timestamptz not null,
  due_at timestamptz not null,
  closed_at timestamptz,
  assignee_id text,
  assignee_email text,
  assigned_at timestamptz,
  overdue_told_at timestamptz
);
create unique index queue_items_one_open on queue_items (kind, subject) where closed_at is null;
create index queue_items_due on queue_items (due_at) where closed_at is null;

create table disputes (
  id text primary key,
  account_id text not null references accounts,
  of text not null check (of in ('finding', 'decision')),
  submission_id text references submissions,
  model_package text,
  stage text,
  code text not null,
  -- The finding as it was disputed; null for a decision.
  finding jsonb,
  evidence jsonb not null default '[]',
  -- Of the thing that the finding is about, and in words; what an exception is bound to.
  thing_sha256 text not null,
  place text not null,
  -- The package that was examined, so that a corrected check looks again.
  package_sha256 text,
  -- People who made the decision; they do not answer.
  deciders text[] not null default '{}',
  text text not null,
  state text not null default 'open' check (state in ('open', 'granted', 'declined', 'corrected', 'withdrawn')),
  opened_by text not null,
  opened_at timestamptz not null,
  answer text,
  answered_by text,
  answered_at timestamptz
);
-- The same thing is disputed once; a withdrawn dispute was none.
create unique index disputes_once on disputes (account_id, code, thing_sha256, coalesce(submission_id, model_package)) where state <> 'withdrawn';
create index disputes_account on disputes (account_id, id desc);

create table rule_exceptions (
  id text primary key,
  account_id text not null references accounts,
  code text not null,
  thing_sha256 text not null,
  place text not null,
  dispute_id text not null references disputes,
  reason text not null,
  granted_by text not null,
  granted_at timestamptz not null,
  revoked_by text,
  revoked_at timestamptz,
  revoked_reason text
);
create unique index rule_exceptions_one on rule_exceptions (account_id, code, thing_sha256) where revoked_at is null;

create function tell_submission_of_review() returns trigger language plpgsql as $$
begin
  perform pg_notify('souk_submission', to_jsonb(new) ->> 'submission_id');
  return null;
end $$;
create trigger submission_reviews_tell after insert on submission_reviews for each row execute function tell_submission_of_review();

-- Policies of earlier releases: `required` was one reviewer for everything, `off` none.
update policies set document = document
  || jsonb_build_object(
    'review', (select jsonb_object_agg(key, case value #>> '{}' when 'required' then 'one' when 'off' then 'automatic' else value #>> '{}' end)
      from jsonb_each(document -> 'review')),
    'reviewOfTexts', (select jsonb_object_agg(key, case value #>> '{}' when 'required' then 'one' when 'off' then 'automatic' else value #>> '{}' end)
      from jsonb_each(document -> 'review')))
where jsonb_typeof(document -> 'review') = 'object' and document -> 'review' <> '{}';

-- What waits when this is applied has waited since its last change.
insert into queue_items (id, kind, subject, account_id, title, product, why, opened_at, due_at)
  select 'qit_' || substr(md5(s.id), 1, 20), case when s.state = 'held' then 'held' else 'review' end, s.id, s.account_id,
    b.slug || '/' || p.slug || ', revision ' || r.number, b.slug || '/' || p.slug,
    case when s.state = 'held' then 'A fault of ours.' else 'Waits for a reviewer.' end, s.updated_at, s.updated_at + interval '24 hours'
  from submissions s join products p on p.id = s.product_id join publishers b on b.account_id = p.account_id join revisions r on r.id = s.revision_id
  where s.state = 'held' or (s.state = 'waiting' and s.stage = 'review');
update submissions set reviewers_needed = 1, review_why = 'The operator’s policy asks for one reviewer.' where state = 'waiting' and stage = 'review';
