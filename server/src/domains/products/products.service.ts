import {
  changesTextsOnly,
  completeness,
  type DocumentChange,
  type Draft,
  documentFindings,
  type Finding,
  hasNoErrors,
  limits,
  type Product,
  type ProductDocument,
  type ProductType,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { requireDescribe } from '../access/index.ts';
import { audit } from '../audit/index.ts';
import { newApplied } from './products.applied.service.ts';
import { copyOf } from './products.copy.ts';
import { diffDocuments } from './products.diff.ts';
import { frozenFindings } from './products.frozen.ts';
import {
  keptCredential,
  newDocument,
  stateOf,
  waitsFor,
  withAudience,
  withoutAudience,
} from './products.rules.ts';
import * as store from './products.sql.ts';
import type { ProductRow } from './products.ts';

export interface ProductNeeds {
  documentContext(
    accountId: string,
    document: ProductDocument,
  ): Promise<Parameters<typeof documentFindings>[1]>;
  hasPublisherProfile(accountId: string): Promise<boolean>;
  /** What certification will say about texts, links, pictures and sample files; said while they are written. */
  listingFindings(accountId: string, document: ProductDocument): Promise<Finding[]>;
}

export type Products = ReturnType<typeof newProducts>;

export function newProducts(platform: Platform, needs: ProductNeeds) {
  const { db, events } = platform;
  const missing = (id: string): never => fail('product.missing', { product: id });

  const own = async (accountId: string, id: string): Promise<ProductRow> =>
    (await store.find(db, accountId, id)) ?? missing(id);
  const get = async (accountId: string, id: string): Promise<Product> => view(await own(accountId, id));

  async function create(
    caller: Member,
    given: { type: ProductType; slug: string; document?: ProductDocument },
  ): Promise<Product> {
    if (!(await needs.hasPublisherProfile(caller.accountId))) fail('publisher.missing');
    const id = newId('prd');
    const { draft, testAccounts = [] } = withoutAudience(newDocument(given.type, given.document));
    await requireDescribe(platform, caller, draft);
    try {
      await inTx(db, async (tx) => {
        await store.insert(tx, {
          id,
          accountId: caller.accountId,
          slug: given.slug,
          type: given.type,
          draft,
          draftSha256: canonicalSha256(draft),
          testAccounts,
          by: caller.email,
        });
        await events.publish(tx, { type: 'product.created', subject: id, accountId: caller.accountId });
        await audit(tx, caller, 'product.created', id, { slug: given.slug, type: given.type });
      });
    } catch (error) {
      if (violated(error) === 'products_account_id_slug_key')
        fail('product.slug_taken', { slug: given.slug });
      throw error;
    }
    return get(caller.accountId, id);
  }

  /** The way out where something is frozen: the same listing as a new product, which has promised nothing yet. */
  async function copy(
    caller: Member,
    id: string,
    given: { slug: string; visibility?: 'public' | 'private' },
  ): Promise<Product> {
    const from = await own(caller.accountId, id);
    const visibility = given.visibility ?? from.draft.listing?.visibility ?? 'private';
    const made = await create(caller, {
      type: from.type,
      slug: given.slug,
      document: copyOf(from.draft, visibility),
    });
    await inTx(db, (tx) =>
      audit(tx, caller, 'product.copied', made.id, { from: from.id, slug: given.slug, visibility }),
    );
    return made;
  }

  /** What a product is doing is worked out from facts, so a page of one state is gathered from as many rows as it takes. */
  async function list(
    accountId: string,
    {
      state,
      cursor,
      limit = 50,
      only = null,
    }: { state?: Product['state']; cursor?: string; limit?: number; only?: readonly string[] | null },
  ): Promise<{ items: Product[]; nextCursor: string | null }> {
    const found: Product[] = [];
    for (let before = cursor ?? null; found.length <= limit; ) {
      const rows = await store.list(db, accountId, before, limit + 1, only);
      found.push(...rows.map(view).filter((p) => state === undefined || p.state === state));
      before = rows.at(-1)?.id ?? null;
      if (rows.length <= limit) break;
    }
    const items = found.slice(0, limit);
    return { items, nextCursor: found.length > limit ? (items.at(-1)?.id ?? null) : null };
  }

  async function remove(caller: Member, id: string): Promise<void> {
    await inTx(db, async (tx) => {
      const p = (await store.lock(tx, caller.accountId, id)) ?? missing(id);
      if (p.newestSha256 !== null) fail('product.submitted', { product: p.slug });
      await store.remove(tx, id);
      await audit(tx, caller, 'product.deleted', id, { slug: p.slug });
    });
  }

  async function getDraft(accountId: string, id: string): Promise<Draft> {
    return draftView(await own(accountId, id));
  }

  /** One message per place: what the document's own rules refuse is not said again by those of its texts. */
  async function allFindings(
    { accountId, type }: Pick<ProductRow, 'accountId' | 'type'>,
    document: ProductDocument,
  ): Promise<Finding[]> {
    const own = documentFindings(document, { ...(await needs.documentContext(accountId, document)), type });
    const refused = new Set(own.filter((f) => f.severity === 'error').map((f) => f.pointer));
    const more = await needs.listingFindings(accountId, document);
    return [...own, ...more.filter((f) => !refused.has(f.pointer))];
  }

  async function draftView(p: ProductRow): Promise<Draft> {
    const document = withAudience(p.draft, p.testAccounts);
    const findings = await allFindings(p, document);
    return {
      productId: p.id,
      version: p.draftVersion,
      document,
      findings,
      completeness: completeness(findings, p.type),
      savedAt: p.draftSavedAt.toISOString(),
    };
  }

  async function saveDraft(
    caller: Member,
    id: string,
    version: number,
    document: ProductDocument,
  ): Promise<Draft> {
    await requireDescribe(platform, caller, document, (await own(caller.accountId, id)).draft);
    await inTx(db, async (tx) => {
      const p = (await store.lock(tx, caller.accountId, id)) ?? missing(id);
      if (p.draftVersion !== version)
        fail('product.draft_changed', { current: p.draftVersion, given: version });
      await replaceDraft(tx, caller, p, document);
    });
    return getDraft(caller.accountId, id);
  }

  async function replaceDraft(tx: Tx, caller: Member, p: ProductRow, document: ProductDocument) {
    const { draft: given, testAccounts } = withoutAudience(document);
    const draft = keptCredential(p.draft, given);
    const frozen = frozenFindings({ submitted: p.newestDocument, released: p.liveDocument }, draft);
    if (!hasNoErrors(frozen))
      fail('product.frozen', { pointer: frozen[0]?.pointer ?? '' }, { findings: frozen });
    await store.saveDraft(tx, p.id, p.draftVersion, draft, canonicalSha256(draft), caller.email);
    if (testAccounts) await changeAudience(caller, tx, p, testAccounts);
  }

  async function diff(
    accountId: string,
    id: string,
    against: 'live' | 'preview',
  ): Promise<{ against: number | null; changes: DocumentChange[]; needsPreview: string[] }> {
    const p = await own(accountId, id);
    const slots = await store.slots(db, id);
    const before = against === 'live' ? slots?.liveDocument : slots?.previewDocument;
    const changes = diffDocuments(before ?? {}, p.draft);
    return {
      against: against === 'live' ? p.liveRevision : p.previewRevision,
      changes,
      needsPreview: changes.filter((c) => !changesTextsOnly(c.pointer)).map((c) => c.place),
    };
  }

  async function putAudience(
    caller: Member,
    id: string,
    given: readonly string[],
  ): Promise<{ testAccounts: string[] }> {
    const testAccounts = [...new Set(given)];
    await inTx(db, async (tx) => {
      const p = (await store.lock(tx, caller.accountId, id)) ?? missing(id);
      await changeAudience(caller, tx, p, testAccounts);
    });
    return { testAccounts };
  }

  async function changeAudience(caller: Member, tx: Tx, p: ProductRow, testAccounts: readonly string[]) {
    const added = testAccounts.filter((a) => !p.testAccounts.includes(a));
    const removed = p.testAccounts.filter((a) => !testAccounts.includes(a));
    if (added.length + removed.length === 0) return;
    await store.setTestAccounts(tx, p.id, testAccounts);
    await events.publish(tx, { type: 'product.audience-changed', subject: p.id, accountId: p.accountId });
    await audit(tx, caller, 'product.audience-changed', p.id, { added, removed });
  }

  return {
    get,
    create,
    copy,
    remove,
    draft: getDraft,
    saveDraft,
    diff,
    ...newApplied(platform, { own, replaceDraft, documentContext: needs.documentContext }),
    putAudience,
    owns: async (accountId: string, id: string) => (await store.find(db, accountId, id)) !== undefined,
    list,

    // For publishing, inside its transaction.
    loadForSubmission: (tx: Tx, accountId: string, id: string) => store.lock(tx, accountId, id),
    /** Freezes the draft as the product's next revision. */
    async createRevision(
      tx: Tx,
      productId: string,
      accountId: string,
      by: string,
    ): Promise<{ id: string; number: number }> {
      const p = (await store.lock(tx, accountId, productId)) ?? missing(productId);
      const id = newId('rev');
      const inserted = await store.insertRevision(tx, {
        id,
        productId,
        document: p.draft,
        sha256: canonicalSha256(p.draft),
        by,
      });
      return { id, number: inserted?.number ?? 1 };
    },
    async addTestAccounts(
      tx: Tx,
      productId: string,
      accountId: string,
      accounts: readonly string[],
    ): Promise<void> {
      const p = (await store.lock(tx, accountId, productId)) ?? missing(productId);
      const together = [...new Set([...p.testAccounts, ...accounts])];
      if (together.length > limits.testAccounts)
        fail('request.invalid', {
          problem: `the audience would have ${together.length} accounts; ${limits.testAccounts} are allowed`,
        });
      if (together.length > p.testAccounts.length) await store.setTestAccounts(tx, productId, together);
    },
    setSlot: async (
      tx: Tx,
      productId: string,
      slot: 'preview' | 'live',
      revisionId: string | null,
    ): Promise<void> => {
      await store.setSlot(tx, productId, slot, revisionId);
    },
    slots: (productId: string) => store.slots(db, productId),
    releasedPackages: async (productId: string): Promise<ReadonlySet<string>> =>
      new Set((await store.releasedPackages(db, productId)).map((v) => v.sha256)),
    saveStatement: store.saveStatement,
    saveVersion: store.saveVersion,
    markReleased: store.markReleased,
  };
}

function view(p: ProductRow): Product {
  return {
    id: p.id,
    type: p.type,
    accountId: p.accountId,
    publisher: p.publisher,
    slug: p.slug,
    title: p.draft.listing?.title ?? p.slug,
    visibility: p.draft.listing?.visibility ?? 'public',
    state: stateOf(p),
    waitsFor: waitsFor(p),
    draftVersion: p.draftVersion,
    draftDiffers: p.newestSha256 !== p.draftSha256,
    previewRevision: p.previewRevision,
    liveRevision: p.liveRevision,
    submissionId: p.submissionId,
    createdBy: p.createdBy,
    createdAt: p.createdAt.toISOString(),
    updatedAt: p.updatedAt.toISOString(),
  };
}
