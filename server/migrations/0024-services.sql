-- Products of the type web-service: what Souk signs in with at the services behind them, and their one version.

-- Sealed for their own row, and never answered. `origin` is whom the credential was given for: whoever edits a draft to point elsewhere
-- has to give it again, so that nobody can have it sent to a server of their own.
create table if not exists service_credentials (
  id text primary key,
  product_id text not null references products,
  sealed text not null,
  made_at timestamptz not null default now(),
  made_by text not null
);
alter table service_credentials add column if not exists origin text not null default '';
alter table service_credentials drop constraint service_credentials_product_id_fkey,
  add constraint service_credentials_product_id_fkey foreign key (product_id) references products on delete cascade;
create index if not exists service_credentials_product on service_credentials (product_id);

-- As in migration 0003; and a web service, which lists no versions, has the one version v1.
create or replace function revision_versions(p_document jsonb, p_state text) returns text[] language sql immutable as $$
  select case when p_state = 'listed' and jsonb_typeof(p_document -> 'service') = 'object' and coalesce(p_document -> 'versions', '[]') = '[]' then array['v1']
    else coalesce((select array_agg(v ->> 'number' order by position)
      from jsonb_array_elements(case jsonb_typeof(p_document -> 'versions') when 'array' then p_document -> 'versions' else '[]' end)
        with ordinality as t (v, position)
      where coalesce(v ->> 'state', 'listed') = p_state and v ->> 'number' is not null), '{}') end
$$;
