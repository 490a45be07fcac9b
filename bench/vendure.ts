import { existsSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { freePort } from '../test/journeys/souk.ts';
import type { Request } from './load.ts';
import { at, type Started, startListening } from './processes.ts';

/** Vendure as its documentation starts it, on a database of its own on the same PostgreSQL server. */
const folder = at('bench/vendure');

export const vendureMissing = () =>
  existsSync(join(folder, 'node_modules', '@vendure', 'core'))
    ? undefined
    : '@vendure/core is not installed (npm ci --prefix bench/vendure)';

/** The list that a shop opens with, of the lightest fields: no prices, no pictures, no variants. */
export const vendureList: Request = {
  method: 'POST',
  path: '/shop-api',
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({
    query: '{ products(options: { take: 24 }) { totalItems items { id name slug description } } }',
  }),
};

export const vendureProduct = (slug: string): Request => ({
  ...vendureList,
  body: JSON.stringify({
    query: 'query ($slug: String!) { product(slug: $slug) { id name slug description } }',
    variables: { slug },
  }),
});

export async function startVendure(databaseUrl: string): Promise<Started> {
  return startListening(
    process.execPath,
    [join(folder, 'server.mjs'), databaseUrl, String(await freePort())],
    {
      cwd: folder,
    },
  );
}

const batch = 5000;

/** Gives it the same products as the catalogue has: title, text and slug of each. */
export async function copyProducts(from: pg.Client, vendureUrl: string): Promise<number> {
  const to = new pg.Client(vendureUrl);
  await to.connect();
  try {
    for (let after = ''; ; ) {
      const { rows } = await from.query<{ id: string }>(
        `select p.id, p.slug, r.document->'listing'->>'title' as name, r.document->'listing'->>'shortDescription' as description
         from products p join revisions r on r.id = p.live_revision_id where p.id > $1 order by p.id limit $2`,
        [after, batch],
      );
      if (rows.length === 0) break;
      await to.query(
        `with given as (select nextval('product_id_seq') as id, g.* from jsonb_to_recordset($1::jsonb) as g (slug text, name text, description text)),
           products as (insert into product (id, enabled) select id, true from given),
           channels as (insert into product_channels_channel ("productId", "channelId") select given.id, channel.id from given, channel)
         insert into product_translation ("languageCode", name, slug, description, "baseId") select 'en', name, slug, description, id from given`,
        [JSON.stringify(rows)],
      );
      after = rows.at(-1)?.id ?? '';
    }
    await to.query('vacuum analyze');
    const { rows } = await to.query<{ count: string }>('select count(*) from product');
    return Number(rows[0]?.count);
  } finally {
    await to.end();
  }
}
