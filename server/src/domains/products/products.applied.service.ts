import {
  type Applied,
  type AppliedPlan,
  arnToCome,
  documentFindings,
  type ProductDocument,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { requireDescribe } from '../access/index.ts';
import { audit } from '../audit/index.ts';
import { findApplied, findDraftSaver, writeApplied } from './products.applied.sql.ts';
import { diffDocuments } from './products.diff.ts';
import { frozenFindings } from './products.frozen.ts';
import { withoutAudience } from './products.rules.ts';
import { lock } from './products.sql.ts';
import type { ProductRow } from './products.ts';

interface Drafts {
  own(accountId: string, id: string): Promise<ProductRow>;
  /** Saves over the locked product; refuses what is frozen. */
  replaceDraft(tx: Tx, caller: Member, p: ProductRow, document: ProductDocument): Promise<void>;
  documentContext(
    accountId: string,
    document: ProductDocument,
  ): Promise<Parameters<typeof documentFindings>[1]>;
}

/** Listings as code: files say what the draft is; what people changed in between is told, never overwritten unseen. */
export function newApplied(platform: Platform, { own, replaceDraft, documentContext }: Drafts) {
  const { db, clock, events } = platform;

  async function get(accountId: string, id: string): Promise<Applied> {
    const p = await own(accountId, id);
    const mark = await findApplied(db, id);
    const drift = mark ? diffDocuments(mark.document, p.draft) : [];
    const saved = drift.length > 0 ? await findDraftSaver(db, id) : undefined;
    return {
      draftVersion: p.draftVersion,
      applied: mark
        ? {
            sha256: mark.sha256,
            source: mark.source,
            draftVersion: mark.draftVersion,
            appliedBy: mark.appliedBy,
            appliedAt: mark.appliedAt.toISOString(),
          }
        : null,
      drift,
      changedBy: saved?.by ?? null,
      changedAt: saved?.at.toISOString() ?? null,
    };
  }

  async function plan(
    caller: Member,
    id: string,
    given: { document: ProductDocument; newModels?: readonly number[] },
  ): Promise<AppliedPlan> {
    const p = await own(caller.accountId, id);
    await requireDescribe(platform, caller, given.document, p.draft);
    const wanted = withModelsToCome(given.document, given.newModels ?? []);
    const { draft } = withoutAudience(wanted);
    const changes = diffDocuments(p.draft, draft);
    const applied = await get(caller.accountId, id);
    const findings = documentFindings(draft, await documentContext(p.accountId, given.document));
    const frozen = frozenFindings({ submitted: p.newestDocument, released: p.liveDocument }, draft);
    return {
      applied,
      changes,
      undone: applied.drift
        .filter((d) => changes.some((c) => touches(c.pointer, d.pointer)))
        .map((d) => d.pointer),
      // That the resource does not exist yet is no finding of a plan that makes it.
      findings: [...frozen, ...findings].filter((f) => !isOfModelToCome(f.pointer, given.newModels ?? [])),
    };
  }

  async function apply(
    caller: Member,
    id: string,
    given: { draftVersion: number; document: ProductDocument; source?: string },
  ): Promise<Applied> {
    const { draft, testAccounts } = withoutAudience(given.document);
    await requireDescribe(platform, caller, draft, (await own(caller.accountId, id)).draft);
    const sha256 = canonicalSha256(draft);
    await inTx(db, async (tx) => {
      const p = (await lock(tx, caller.accountId, id)) ?? fail('product.missing', { product: id });
      if (p.draftVersion !== given.draftVersion)
        fail('product.apply_conflict', { current: p.draftVersion, given: given.draftVersion });
      // Applied again the same files leave the draft as it is, so that nobody's open editor is disturbed.
      const same =
        p.draftSha256 === sha256 && (!testAccounts || testAccounts.join() === p.testAccounts.join());
      if (!same) await replaceDraft(tx, caller, p, given.document);
      const source = given.source ?? null;
      await writeApplied(tx, {
        productId: id,
        document: draft,
        sha256,
        source,
        appliedBy: caller.email,
        appliedAt: clock.now(),
      });
      await events.publish(tx, { type: 'product.applied', subject: id, accountId: p.accountId });
      await audit(tx, caller, 'product.applied', id, { sha256, source, changed: !same });
    });
    return get(caller.accountId, id);
  }

  return { getApplied: get, planDraft: plan, apply };
}

const withModelsToCome = (document: ProductDocument, places: readonly number[]): ProductDocument =>
  document.versions
    ? {
        ...document,
        versions: document.versions.map((v, i) =>
          places.includes(i) ? { ...v, modelPackageArn: arnToCome } : v,
        ),
      }
    : document;

const isOfModelToCome = (pointer: string | null, places: readonly number[]) =>
  places.some((i) => pointer === `/versions/${i}/modelPackageArn`);

/** One holds the other, or they are the same place. */
const touches = (a: string, b: string) => a === b || a.startsWith(`${b}/`) || b.startsWith(`${a}/`);
