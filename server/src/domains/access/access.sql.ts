import { type Db, row, rows, sql, type Tx } from '../../platform/db.ts';

/** What is made is named `upl_…`, `model-package/name` or `algorithm/name`. */
export async function insertMakings(
  tx: Tx,
  accountId: string,
  made: string,
  products: readonly string[],
): Promise<void> {
  await sql`insert into limited_makings (account_id, made, product_id)
    select ${accountId}, ${made}, p from unnest(${[...products]}::text[]) as p on conflict do nothing`.execute(
    tx,
  );
}

export const productsOfMaking = (db: Db, accountId: string, made: string) =>
  rows<{ id: string }>(
    db,
    sql`select product_id as id from limited_makings where account_id = ${accountId} and made = ${made}`,
  );

export const productOfSubmission = (db: Db, accountId: string, submissionId: string) =>
  row<{ id: string }>(
    db,
    sql`select product_id as id from submissions where id = ${submissionId} and account_id = ${accountId}`,
  );

/** Names of resources (`model-package/name`) that the products name in a draft or a revision, or that their keys made. */
export const resourcesOf = (db: Db, accountId: string, products: readonly string[]) =>
  rows<{ productId: string; name: string }>(
    db,
    sql`with documents as (
          select id as product_id, draft as document from products where account_id = ${accountId} and id = any (${[...products]}::text[])
          union all
          select r.product_id, r.document from revisions r join products p on p.id = r.product_id
          where p.account_id = ${accountId} and p.id = any (${[...products]}::text[])
        )
        select distinct product_id as "productId", substring(field.value from '[^:]*$') as name
        from documents, jsonb_array_elements(case jsonb_typeof(document -> 'versions') when 'array' then document -> 'versions' else '[]' end) as version,
          jsonb_each_text(version) as field
        where field.key in ('modelPackageArn', 'algorithmArn', 'resourceArn')
          and field.value ~ ('^arn:[^:]+:sagemaker:[^:]+:' || ${accountId} || ':(model-package|algorithm)/')
        union
        select product_id, made from limited_makings
        where account_id = ${accountId} and product_id = any (${[...products]}::text[]) and made like '%/%'`,
  );
