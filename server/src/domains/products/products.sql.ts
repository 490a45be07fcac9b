import type { ProductDocument } from '@souk/contract';
import { changed, type Db, json, row, rows, sql, type Tx } from '../../platform/db.ts';
import type { ProductRow } from './products.ts';

const columns = sql`p.id, p.account_id as "accountId", b.slug as publisher, p.slug, p.type, p.draft, p.draft_version as "draftVersion", p.draft_sha256 as "draftSha256",
  p.draft_saved_at as "draftSavedAt", p.test_accounts as "testAccounts", p.preview_revision_id as "previewRevisionId", preview.number as "previewRevision",
  p.live_revision_id as "liveRevisionId", live.number as "liveRevision", live.document as "liveDocument", newest.sha256 as "newestSha256", newest.document as "newestDocument",
  s.id as "submissionId", s.state as "submissionState", s.stage as "submissionStage",
  (select x.state from removals x where x.product_id = p.id and x.state in ('down', 'leaving', 'removed') order by x.state limit 1) as "removalState", p.created_by as "createdBy", p.created_at as "createdAt", p.updated_at as "updatedAt"`;
const tables = sql`products p join publishers b on b.account_id = p.account_id
  left join revisions preview on preview.id = p.preview_revision_id
  left join revisions live on live.id = p.live_revision_id
  left join lateral (select sha256, document from revisions r where r.product_id = p.id order by number desc limit 1) newest on true
  left join lateral (select id, state, stage from submissions x where x.product_id = p.id order by submitted_at desc limit 1) s on true`;

export const find = (db: Db, accountId: string, id: string) =>
  row<ProductRow>(
    db,
    sql`select ${columns} from ${tables} where p.id = ${id} and p.account_id = ${accountId}`,
  );

/** Locks the product first, so that what is read with it stays true until the transaction ends. */
export async function lock(tx: Tx, accountId: string, id: string): Promise<ProductRow | undefined> {
  await sql`select from products where id = ${id} and account_id = ${accountId} for update`.execute(tx);
  return find(tx, accountId, id);
}

/** Newest first; the cursor is the last id, which sorts by time of creation. */
export const list = (
  db: Db,
  accountId: string,
  before: string | null,
  limit: number,
  only: readonly string[] | null = null,
) =>
  rows<ProductRow>(
    db,
    sql`select ${columns} from ${tables} where p.account_id = ${accountId} and (${before}::text is null or p.id < ${before})
        and (${only && [...only]}::text[] is null or p.id = any (${only && [...only]}::text[])) order by p.id desc limit ${limit}`,
  );

export async function insert(
  tx: Tx,
  p: {
    id: string;
    accountId: string;
    slug: string;
    type: string;
    draft: ProductDocument;
    draftSha256: string;
    testAccounts: readonly string[];
    by: string;
  },
): Promise<void> {
  await sql`insert into products (id, account_id, slug, type, draft, draft_sha256, test_accounts, created_by)
    values (${p.id}, ${p.accountId}, ${p.slug}, ${p.type}, ${json(p.draft)}, ${p.draftSha256}, ${[...p.testAccounts]}::text[], ${p.by})`.execute(
    tx,
  );
}

/** Saves the draft over the version that was read; 0 when somebody else saved first. */
export const saveDraft = (
  tx: Tx,
  id: string,
  version: number,
  draft: ProductDocument,
  sha256: string,
  by: string,
) =>
  changed(
    tx,
    sql`update products set draft = ${json(draft)}, draft_version = draft_version + 1, draft_sha256 = ${sha256}, draft_saved_at = now(), draft_saved_by = ${by}, updated_at = now()
    where id = ${id} and draft_version = ${version}`,
  );

/** The draft's version moves too: an editor that still shows the audience of before must not save it back. */
export const setTestAccounts = (tx: Tx, id: string, accounts: readonly string[]) =>
  changed(
    tx,
    sql`update products set test_accounts = ${[...accounts]}::text[], draft_version = draft_version + 1, updated_at = now() where id = ${id}`,
  );

export const remove = (tx: Tx, id: string) => changed(tx, sql`delete from products where id = ${id}`);

export const insertRevision = (
  tx: Tx,
  r: { id: string; productId: string; document: ProductDocument; sha256: string; by: string },
) =>
  row<{ number: number }>(
    tx,
    sql`insert into revisions (id, product_id, number, document, sha256, created_by)
    select ${r.id}, ${r.productId}, coalesce(max(number), 0) + 1, ${json(r.document)}, ${r.sha256}, ${r.by} from revisions where product_id = ${r.productId} returning number`,
  );

export const setSlot = (tx: Tx, productId: string, slot: 'preview' | 'live', revisionId: string | null) =>
  changed(
    tx,
    slot === 'preview'
      ? sql`update products set preview_revision_id = ${revisionId}, updated_at = now() where id = ${productId}`
      : sql`update products set live_revision_id = ${revisionId}, updated_at = now() where id = ${productId}`,
  );

export const slots = (db: Db, productId: string) =>
  row<{
    previewRevisionId: string | null;
    liveRevisionId: string | null;
    liveDocument: ProductDocument | null;
    previewDocument: ProductDocument | null;
  }>(
    db,
    sql`
    select p.preview_revision_id as "previewRevisionId", p.live_revision_id as "liveRevisionId", live.document as "liveDocument", preview.document as "previewDocument"
    from products p left join revisions live on live.id = p.live_revision_id left join revisions preview on preview.id = p.preview_revision_id where p.id = ${productId}`,
  );

export async function saveStatement(
  tx: Tx,
  revisionId: string,
  envelope: unknown,
  keyId: string,
): Promise<void> {
  await sql`update revisions set statement = ${json(envelope)}, statement_key_id = ${keyId}, signed_at = now() where id = ${revisionId}`.execute(
    tx,
  );
}

/** Writes a packaged version. One that was released keeps what it was released with: only what was measured anew is refreshed, and what a web service offers. */
export async function saveVersion(
  tx: Tx,
  v: {
    productId: string;
    number: string;
    modelPackageId: string;
    packageSha256: string;
    packageSizeBytes: number;
    modelName: string;
    servable: unknown;
    resource: unknown;
    bom: unknown;
    measured: unknown;
    evidence: unknown;
  },
): Promise<void> {
  await sql`insert into product_versions (product_id, number, model_package_id, package_sha256, package_size_bytes, model_name, servable, resource, bom, measured, evidence)
    values (${v.productId}, ${v.number}, ${v.modelPackageId}, ${v.packageSha256}, ${v.packageSizeBytes}, ${v.modelName}, ${v.servable ? json(v.servable) : null}, ${json(v.resource)}, ${json(v.bom)}, ${json(v.measured)}, ${json(v.evidence)})
    on conflict (product_id, number) do update set measured = excluded.measured, evidence = excluded.evidence, bom = excluded.bom,
      model_package_id = case when product_versions.released_at is null then excluded.model_package_id else product_versions.model_package_id end,
      package_sha256 = case when product_versions.released_at is null then excluded.package_sha256 else product_versions.package_sha256 end,
      package_size_bytes = case when product_versions.released_at is null then excluded.package_size_bytes else product_versions.package_size_bytes end,
      model_name = case when product_versions.released_at is null then excluded.model_name else product_versions.model_name end,
      servable = case when product_versions.released_at is null then excluded.servable else product_versions.servable end,
      resource = case when product_versions.released_at is null or excluded.model_package_id = '' then excluded.resource else product_versions.resource end`.execute(
    tx,
  );
}

export async function markReleased(tx: Tx, productId: string, numbers: readonly string[]): Promise<void> {
  await sql`update product_versions set released_at = now() where product_id = ${productId} and number = any (${[...numbers]}::text[]) and released_at is null`.execute(
    tx,
  );
}

/** A product that a model package or an algorithm is part of: in its draft, in a slot, or in a submission under way. */
export const findNaming = (db: Db, accountId: string, arn: string) => {
  const field = /:algorithm\//.test(arn) ? 'algorithmArn' : 'modelPackageArn';
  const naming = json({ versions: [{ [field]: arn }] });
  return row<{ slug: string }>(
    db,
    sql`select p.slug from products p where p.account_id = ${accountId} and (
      p.draft @> ${naming}
      or exists (select 1 from revisions r where r.product_id = p.id and r.document @> ${naming}
        and (r.id in (p.preview_revision_id, p.live_revision_id)
          or exists (select 1 from submissions s where s.revision_id = r.id and s.ended_at is null)))) limit 1`,
  );
};

/** Digests of the packages that buyers have been able to run. */
export const releasedPackages = (db: Db, productId: string) =>
  rows<{ sha256: string }>(
    db,
    sql`select distinct package_sha256 as sha256 from product_versions where product_id = ${productId} and released_at is not null`,
  );
