import {
  type DocumentChange,
  documentFindings,
  hasNoErrors,
  type ProductDocument,
  type ProductType,
  type StageName,
  type Submission,
} from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { enqueue } from '../../platform/jobs.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { requireDescribe } from '../access/index.ts';
import { audit } from '../audit/index.ts';
import { diffDocuments } from '../products/index.ts';
import { stagesFor } from './pipeline.ts';
import { type ArrivalNeeds, newArrivals } from './publishing.arrivals.ts';
import { changesToTry } from './publishing.changes.ts';
import { newDecisions } from './publishing.decisions.ts';
import { releasedBefore, reviewedBefore, reviewsOf } from './publishing.review.sql.ts';
import { firstStage, stageJob } from './publishing.rules.ts';
import * as store from './publishing.sql.ts';
import type { SubmissionRow } from './publishing.ts';
import { submissionView } from './publishing.view.ts';

/** What publishing needs of others; compose gives it. */
export interface PublishingNeeds extends ArrivalNeeds {
  /** Findings of a document against the account's resources and the marketplace's regions. */
  documentContext(
    accountId: string,
    document: ProductDocument,
  ): Promise<Parameters<typeof documentFindings>[1]>;
  loadForSubmission(
    tx: Tx,
    accountId: string,
    productId: string,
  ): Promise<{ id: string; type: ProductType; draft: ProductDocument; draftVersion: number } | undefined>;
  createRevision(
    tx: Tx,
    productId: string,
    accountId: string,
    by: string,
  ): Promise<{ id: string; number: number }>;
  slots(productId: string): Promise<
    | {
        previewRevisionId: string | null;
        liveRevisionId: string | null;
        liveDocument: ProductDocument | null;
      }
    | undefined
  >;
  isMember(personId: string, accountId: string): Promise<boolean>;
  addTestAccounts(tx: Tx, productId: string, accountId: string, accounts: readonly string[]): Promise<void>;
}

export type Publishing = ReturnType<typeof newPublishing>;

export function newPublishing(platform: Platform, needs: PublishingNeeds) {
  const { db, events } = platform;
  const arrivals = newArrivals(platform, needs);

  /** Own account's submission, or any for those who review. Missing and not allowed look the same. */
  async function get(caller: Caller, id: string): Promise<SubmissionRow> {
    const found = await store.find(db, id);
    if (!found || (found.accountId !== caller.accountId && !platform.authorizer.may(caller, 'review:read')))
      return fail('submission.missing', { submissionId: id });
    return found;
  }

  const shown = async (s: SubmissionRow): Promise<Submission> =>
    submissionView(
      s,
      await store.stagesOf(db, s.id),
      await estimates(),
      s.reviewersNeeded > 0 ? await reviewsOf(db, s.id) : [],
    );
  const view = async (id: string): Promise<Submission> =>
    shown((await store.find(db, id)) ?? fail('submission.missing', { submissionId: id }));

  let known: { at: number; byStage: Map<StageName, number> } | undefined;
  async function estimates() {
    if (!known || Date.now() - known.at > 60_000) {
      const list = await store.measuredEstimates(db);
      known = { at: Date.now(), byStage: new Map(list.map((e) => [e.stage, Math.round(e.medianMs)])) };
    }
    return known.byStage;
  }

  async function submit(
    caller: Member,
    productId: string,
    given: { draftVersion?: number; testAccounts?: readonly string[]; signOff?: boolean },
  ): Promise<Submission> {
    const id = store.newSubmissionId();
    const draft =
      (await inTx(db, (tx) => needs.loadForSubmission(tx, caller.accountId, productId))) ??
      fail('product.missing', { product: productId });
    await requireDescribe(platform, caller, draft.draft);
    const findings = documentFindings(draft.draft, {
      ...(await needs.documentContext(caller.accountId, draft.draft)),
      type: draft.type,
    });
    if (!hasNoErrors(findings))
      fail(
        'submission.incomplete',
        { errors: findings.filter((f) => f.severity === 'error').length },
        { findings },
      );
    try {
      await inTx(db, async (tx) => {
        const product =
          (await needs.loadForSubmission(tx, caller.accountId, productId)) ??
          fail('product.missing', { product: productId });
        const wanted = given.draftVersion ?? draft.draftVersion;
        if (product.draftVersion !== wanted)
          fail('product.draft_changed', { current: product.draftVersion, given: wanted });
        if (given.signOff) await expectTextsOnly(caller, productId, product.draft);
        await supersede(tx, productId, caller);
        if (given.testAccounts?.length)
          await needs.addTestAccounts(tx, productId, caller.accountId, given.testAccounts);
        const revision = await needs.createRevision(tx, productId, caller.accountId, caller.email);
        await store.insert(tx, {
          id,
          productId,
          revisionId: revision.id,
          accountId: caller.accountId,
          stages: stagesFor(product.type).map((s) => s.stage),
          by: caller.email,
          signedOffBy: given.signOff ? caller.email : null,
        });
        await enqueue(tx, stageJob, { submissionId: id, stage: firstStage(product.type) });
        await events.publish(tx, {
          type: 'submission.submitted',
          subject: id,
          accountId: caller.accountId,
          data: { productId, revision: revision.number },
        });
        await audit(tx, caller, 'product.submitted', productId, {
          submissionId: id,
          revision: revision.number,
          ...(given.signOff ? { signedOff: true } : {}),
        });
      });
    } catch (error) {
      if (violated(error) !== 'submissions_one_under_way') throw error;
      const other = await store.underWay(db, productId);
      fail('product.under_way', { submissionId: other?.id ?? '' });
    }
    return view(id);
  }

  /** Editing and submitting again during preview: the tested revision gives way to the new one. Anything else under way stays. */
  async function supersede(tx: Tx, productId: string, caller: Member) {
    const other = await store.underWay(tx, productId);
    if (!other) return;
    if (other.state !== 'waiting' || other.stage !== 'sign-off')
      fail('product.under_way', { submissionId: other.id });
    await store.move(tx, other, 'superseded', other.stage, caller.email);
    await store.cancelOpenStages(tx, other.id);
  }

  /** Without a preview goes only what nobody would try there: texts, media and prices of a product that is live. */
  async function expectTextsOnly(caller: Member, productId: string, draft: ProductDocument): Promise<void> {
    if (!platform.authorizer.may(caller, 'product:release'))
      fail('request.forbidden', { accountId: caller.accountId, action: 'product:release' });
    const live = (await needs.slots(productId))?.liveDocument;
    const toTry = live ? changesToTry(live, draft) : undefined;
    if (toTry && toTry.length === 0) return;
    fail('submission.needs_preview', {
      changes: toTry
        ? toTry
            .map((c) => c.place)
            .join(', ')
            .slice(0, 500)
        : 'the product is not live yet',
    });
  }

  /** What it changes: against what buyers saw before it, against what a reviewer read last, or the whole of it. */
  async function diff(
    caller: Caller,
    id: string,
    against: 'live' | 'reviewed' | 'nothing' = 'live',
  ): Promise<{ against: number | null; changes: DocumentChange[] }> {
    const s = await get(caller, id);
    const base =
      against === 'nothing'
        ? undefined
        : against === 'reviewed'
          ? ((await reviewedBefore(db, s.productId, id)) ?? (await releasedBefore(db, s.productId, id)))
          : await releasedBefore(db, s.productId, id);
    return {
      against: base?.revision ?? null,
      changes: diffDocuments(base?.document ?? {}, s.document),
    };
  }

  return {
    arrivals,
    get,
    view,
    submit,
    diff,
    ...newDecisions(platform, arrivals, {
      get,
      view,
      queue: needs.review.queue,
      isMember: needs.isMember,
    }),
    list: async (
      productId: string,
      { cursor, limit = 50 }: { cursor?: string; limit?: number },
    ): Promise<Page<Submission>> => {
      const found = await store.list(db, productId, cursor ?? null, limit + 1);
      return pageFrom(
        await Promise.all(found.map(shown)),
        limit,
        (s) => s,
        (s) => s.id,
      );
    },
    estimates,
  };
}
