import type { VerificationState } from '@souk/contract';
import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ProfileRow, PublisherRow } from './publishers.ts';

const columns = sql`b.account_id as "accountId", b.slug, b.display_name as "displayName", b.description, b.website_url as "websiteUrl",
  b.contact_email as "contactEmail", b.logo_sha256 as "logoSha256", b.verification = 'verified' as verified, b.created_at as "createdAt",
  a.operator, b.verification, b.verification_version as "verificationVersion", b.verification_text as "verificationText",
  b.verification_since as "verificationSince", b.identity_verified_at as "identityVerifiedAt"`;
const tables = sql`publishers b join accounts a on a.id = b.account_id`;

export const find = (db: Db, accountId: string) =>
  row<PublisherRow>(db, sql`select ${columns} from ${tables} where b.account_id = ${accountId}`);

/**
 * Locked against a product that is created at the same time: its foreign key waits for us, or we for it. So a name cannot
 * change between the look and the first product; and of two changes to what is verified, the second sees the first.
 */
export const lock = (tx: Tx, accountId: string) =>
  row<PublisherRow>(
    tx,
    sql`select ${columns} from ${tables} where b.account_id = ${accountId} for update of b`,
  );

export const hasProducts = (db: Db, accountId: string) =>
  row(db, sql`select 1 from products where account_id = ${accountId} limit 1`).then((r) => r !== undefined);

export async function put(tx: Tx, p: Omit<ProfileRow, 'createdAt' | 'verified'>): Promise<void> {
  await sql`insert into publishers (account_id, slug, display_name, description, website_url, contact_email, logo_sha256)
    values (${p.accountId}, ${p.slug}, ${p.displayName}, ${p.description}, ${p.websiteUrl}, ${p.contactEmail}, ${p.logoSha256})
    on conflict (account_id) do update set slug = excluded.slug, display_name = excluded.display_name, description = excluded.description,
      website_url = excluded.website_url, contact_email = excluded.contact_email, logo_sha256 = excluded.logo_sha256, updated_at = now()`.execute(
    tx,
  );
}

export interface ListedRow extends PublisherRow {
  readonly taxForm: 'W-9' | 'W-8BEN' | 'W-8BEN-E' | null;
  readonly hasBank: boolean;
  readonly products: number;
  readonly liveProducts: number;
}

/** By name, or, of one verification state, those that wait longest first. */
export const list = (
  db: Db,
  verification: VerificationState | undefined,
  after: readonly string[],
  limit: number,
) => {
  const [first = '', slug = ''] = after;
  const [where, order] =
    verification === undefined
      ? [sql`b.slug > ${first}`, sql`b.slug`]
      : [
          sql`b.verification = ${verification} and (${first} = '' or (b.verification_since, b.slug) > (nullif(${first}, '')::timestamptz, ${slug}))`,
          sql`b.verification_since, b.slug`,
        ];
  return rows<ListedRow>(
    db,
    sql`select ${columns},
        (select d.form from publisher_payment_details d where d.account_id = b.account_id and d.what = 'tax' order by d.version desc limit 1) as "taxForm",
        exists (select from publisher_payment_details d where d.account_id = b.account_id and d.what = 'bank') as "hasBank",
        (select count(*)::int from products p where p.account_id = b.account_id) as products,
        (select count(p.live_revision_id)::int from products p where p.account_id = b.account_id) as "liveProducts"
      from ${tables} where ${where} order by ${order} limit ${limit}`,
  );
};

export const productsOf = (db: Db, accountId: string) =>
  rows<{ id: string; slug: string; title: string; live: boolean }>(
    db,
    sql`select id, slug, coalesce(draft -> 'listing' ->> 'title', slug) as title, live_revision_id is not null as live
      from products where account_id = ${accountId} order by slug`,
  );
