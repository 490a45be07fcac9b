import type { ProductDocument } from '@souk/contract';
import { type Db, json, row, sql, type Tx } from '../../platform/db.ts';

export interface AppliedRow {
  readonly document: ProductDocument;
  readonly sha256: string;
  readonly draftVersion: number;
  readonly source: string | null;
  readonly appliedBy: string;
  readonly appliedAt: Date;
}

export const findApplied = (db: Db, productId: string) =>
  row<AppliedRow>(
    db,
    sql`select document, sha256, draft_version as "draftVersion", source, applied_by as "appliedBy", applied_at as "appliedAt"
      from applied_documents where product_id = ${productId}`,
  );

/** The version is the one that the draft has now, at the end of the transaction that applied. */
export async function writeApplied(
  tx: Tx,
  a: Omit<AppliedRow, 'draftVersion'> & { readonly productId: string },
): Promise<void> {
  await sql`insert into applied_documents (product_id, document, sha256, draft_version, source, applied_by, applied_at)
    select id, ${json(a.document)}, ${a.sha256}, draft_version, ${a.source}, ${a.appliedBy}, ${a.appliedAt} from products where id = ${a.productId}
    on conflict (product_id) do update set document = excluded.document, sha256 = excluded.sha256, draft_version = excluded.draft_version,
      source = excluded.source, applied_by = excluded.applied_by, applied_at = excluded.applied_at`.execute(
    tx,
  );
}

/** Nothing lists who saved drafts, so the last one is kept with the draft. */
export const findDraftSaver = (db: Db, productId: string) =>
  row<{ by: string | null; at: Date }>(
    db,
    sql`select draft_saved_by as by, draft_saved_at as at from products where id = ${productId}`,
  );
