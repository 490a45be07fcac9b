-- Who may see what is not for everybody, products that leave the marketplace, and what subscribers pay after a change of price.

-- The buyers of a private product (plan '') and of a private plan. An account is named before anybody has to know whether it
-- exists, so there is no reference: a list that refused unknown ids would tell who is here.
create table audience_accounts (
  product_id text not null references products on delete cascade,
  plan_id text not null default '',
  account_id text not null,
  note text not null default '',
  added_by text not null,
  added_at timestamptz not null default now(),
  primary key (product_id, plan_id, account_id)
);
create index audience_accounts_account on audience_accounts (account_id, product_id);

-- Until now a private product showed itself to its test accounts: whoever saw one goes on seeing it.
insert into audience_accounts (product_id, account_id, note, added_by)
  select distinct p.id, tester, 'Was a test account', 'system:migration'
  from products p join revisions r on r.id = p.live_revision_id, unnest(p.test_accounts) as tester
  where r.document -> 'listing' ->> 'visibility' is distinct from 'public';

-- Since when a product is not sold: it is being removed, was removed, or the operator took it down. Follows `removals`.
alter table products add column off_sale_at timestamptz;

create table removals (
  id text primary key,
  product_id text not null references products,
  kind text not null check (kind in ('unpublish', 'take-down')),
  state text not null check (state in ('leaving', 'removed', 'cancelled', 'republished', 'down', 'restored')),
  -- Whom the operator may ask about it.
  email text,
  reason text not null,
  replacement_product_id text references products,
  requested_by text not null,
  requested_at timestamptz not null,
  cancellable_until timestamptz,
  -- When the subscriptions that are left end.
  ends_at timestamptz,
  -- What a restored product starts again.
  stopped_versions text[] not null default '{}',
  ended_by text,
  ended_reason text,
  ended_at timestamptz,
  check ((kind = 'unpublish') = (state in ('leaving', 'removed', 'cancelled', 'republished'))),
  check ((kind = 'unpublish') = (ends_at is not null))
);
-- One at a time of each kind; a product that leaves can still be taken down.
create unique index removals_one_leaving on removals (product_id) where state in ('leaving', 'removed');
create unique index removals_one_down on removals (product_id) where state = 'down';
create index removals_product on removals (product_id, requested_at desc);
create index removals_due on removals (ends_at) where state = 'leaving';

-- Which reminders were written, each with its mails in one transaction.
create table removal_notices (
  removal_id text not null references removals,
  days_before integer not null,
  at timestamptz not null,
  primary key (removal_id, days_before)
);

-- The last word on new subscriptions: waits for whoever takes the product off sale at this moment, and then knows.
create function subscription_is_sold() returns trigger language plpgsql as $$
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
end $$;
create trigger subscriptions_on_sale before insert on subscriptions for each row execute function subscription_is_sold();

-- What a subscription costs from an hour on, where that is no longer what was accepted. A row that began is never changed; one
-- that is still to come ends without having held when it is cancelled, or when a later release takes its place.
create table subscription_prices (
  id bigint generated always as identity primary key,
  subscription_id text not null references subscriptions,
  revision_id text not null references revisions,
  parts jsonb not null,
  kind text not null check (kind in ('decrease', 'increase')),
  announced_at timestamptz not null,
  valid_from timestamptz not null check (date_trunc('hour', valid_from, 'UTC') = valid_from),
  dropped_at timestamptz,
  dropped_by text
);
-- Two rows of one hour (released twice within it): the later one holds.
create index subscription_prices_valid on subscription_prices (subscription_id, valid_from, id) where dropped_at is null;
create index subscription_prices_revision on subscription_prices (revision_id);

-- From when on the price holds that holds in an hour; null: the one that was accepted.
create function price_valid_from(p_subscription_id text, p_hour timestamptz) returns timestamptz language sql stable as $$
  select max(valid_from) from subscription_prices where subscription_id = p_subscription_id and valid_from <= p_hour and dropped_at is null
$$;
