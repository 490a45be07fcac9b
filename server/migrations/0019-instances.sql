-- Instances that run for a subscription, metered by the second, and what they cost.

create table instance_runs (
  id text primary key,
  subscription_id text not null references subscriptions,
  use text not null check (use in ('realtime', 'transform', 'training')),
  instance_type text not null,
  instances integer not null check (instances > 0),
  -- What it runs for: an endpoint, a job. Its own domain knows it.
  resource_kind text not null,
  resource_id text not null,
  resource_name text not null,
  begun_at timestamptz not null,
  -- The last sign of life.
  beaten_at timestamptz not null,
  -- Up to here it is in usage_records: whole seconds, so at most one second behind the last sign of life.
  metered_until timestamptz not null,
  -- Of one instance.
  seconds bigint not null default 0,
  ended_at timestamptz,
  -- Its signs of life stopped without an end; one that comes after all opens it again.
  lapsed boolean not null default false
);
create index instance_runs_open on instance_runs (subscription_id) where ended_at is null;
create index instance_runs_beaten on instance_runs (beaten_at) where ended_at is null;
create index instance_runs_resource on instance_runs (resource_kind, resource_id);

-- Signs of life of instances, or their end: what ran since the last sign becomes usage, in the hours in which it ran. Time counts
-- only between two signs that are at most p_gap apart, while the subscription is active: what a killed process did not do, and what
-- a hung one did unseen, is nobody's to pay. A clock that was put back or forward by more than that begins anew, one that is
-- put back by less waits until it is past what was metered.
create function meter_instances(p_ids text[], p_now timestamptz, p_gap interval, p_ended boolean) returns void language sql as $$
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
$$;

-- What the marketplace asks for an hour of an instance type, and since when. Usage is known by the hour, so a new price begins with
-- the next one; an invoice that is computed again finds the price of then.
create table instance_type_prices (
  instance_type text not null,
  valid_from timestamptz not null,
  price_per_hour numeric not null,
  currency text not null,
  primary key (instance_type, valid_from)
);
insert into instance_type_prices (instance_type, valid_from, price_per_hour, currency)
  select name, '-infinity', price_per_hour, currency from instance_types;

-- The hour's price of an instance type; none where the marketplace asks nothing for it.
create function instance_type_price_at(p_instance_type text, p_hour timestamptz)
returns table (valid_from timestamptz, price_per_hour numeric, currency text) language sql stable as $$
  select * from (select p.valid_from, p.price_per_hour, p.currency from instance_type_prices p
    where p.instance_type = p_instance_type and p.valid_from <= p_hour order by p.valid_from desc limit 1) last where last.price_per_hour > 0
$$;

create function keep_instance_type_price() returns trigger language plpgsql as $$
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
end $$;
create trigger instance_types_keep_price after insert or update on instance_types for each row execute function keep_instance_type_price();
