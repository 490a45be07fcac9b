import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { PublisherRow } from './publishers.ts';

const columns = sql`account_id as "accountId", slug, display_name as "displayName", description, website_url as "websiteUrl",
  contact_email as "contactEmail", logo_sha256 as "logoSha256", created_at as "createdAt"`;

export const find = (db: Db, accountId: string) =>
  row<PublisherRow>(db, sql`select ${columns} from publishers where account_id = ${accountId}`);

/**
 * Locked against a product that is created at the same time: its foreign key waits for us, or we for it. So a name cannot
 * change between the look and the first product.
 */
export const lock = (tx: Tx, accountId: string) =>
  row<PublisherRow>(tx, sql`select ${columns} from publishers where account_id = ${accountId} for update`);

export const hasProducts = (db: Db, accountId: string) =>
  row(db, sql`select 1 from products where account_id = ${accountId} limit 1`).then((r) => r !== undefined);

export const put = (tx: Tx, p: Omit<PublisherRow, 'createdAt'>) =>
  row<PublisherRow>(
    tx,
    sql`insert into publishers (account_id, slug, display_name, description, website_url, contact_email, logo_sha256)
    values (${p.accountId}, ${p.slug}, ${p.displayName}, ${p.description}, ${p.websiteUrl}, ${p.contactEmail}, ${p.logoSha256})
    on conflict (account_id) do update set slug = excluded.slug, display_name = excluded.display_name, description = excluded.description,
      website_url = excluded.website_url, contact_email = excluded.contact_email, logo_sha256 = excluded.logo_sha256, updated_at = now()
    returning ${columns}`,
  );

export const list = (db: Db, after: string, limit: number) =>
  rows<PublisherRow>(
    db,
    sql`select ${columns} from publishers where slug > ${after} order by slug limit ${limit}`,
  );
