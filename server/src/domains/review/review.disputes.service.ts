import { type Dispute, type Finding, isGrantable } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as store from './review.disputes.sql.ts';
import { insertException } from './review.exceptions.sql.ts';
import type { Queue } from './review.queue.service.ts';
import type { ReviewNeeds } from './review.service.ts';
import { disputed, type GivenDispute } from './review.subjects.ts';
import type { DisputeRow } from './review.ts';

export interface Paging {
  readonly cursor?: string;
  readonly limit?: number;
}
type Answer = 'granted' | 'declined' | 'corrected';

/** Appeals: a publisher disagrees with a finding or a decision, and a human who did not make it answers in writing. */
export function newDisputes(platform: Platform, needs: ReviewNeeds, queue: Queue) {
  const { db, events, clock, authorizer } = platform;

  const missing = (id: string): never => fail('dispute.missing', { disputeId: id });
  const view = async (id: string): Promise<Dispute> =>
    shown((await store.findDispute(db, id)) ?? missing(id));

  /** Own account's, or any for those who review. Missing and not allowed look the same. */
  async function get(caller: Caller, id: string): Promise<DisputeRow> {
    const found = await store.findDispute(db, id);
    if (!found || (found.accountId !== caller.accountId && !authorizer.may(caller, 'review:read')))
      return missing(id);
    return found;
  }

  async function open(caller: Member, given: GivenDispute): Promise<Dispute> {
    const about = await disputed(needs, caller, given);
    const id = newId('dsp');
    const openedAt = clock.now();
    try {
      await inTx(db, async (tx) => {
        await store.insertDispute(tx, {
          ...about.dispute,
          id,
          accountId: caller.accountId,
          text: given.text?.trim() ?? '',
          openedBy: caller.email,
          openedAt,
        });
        await queue.open(tx, {
          kind: 'dispute',
          subject: id,
          accountId: caller.accountId,
          title: about.title,
          product: about.product,
          why: `${about.dispute.code}: ${given.text?.trim() || 'the publisher disputes it without words.'}`.slice(
            0,
            500,
          ),
        });
        await events.publish(tx, {
          type: 'dispute.opened',
          subject: id,
          accountId: caller.accountId,
          data: { title: about.title, code: about.dispute.code },
        });
        await audit(tx, caller, 'dispute.opened', id, {
          code: about.dispute.code,
          thing: about.dispute.thingSha256,
          submissionId: about.dispute.submissionId,
          modelPackage: about.dispute.modelPackage,
          algorithm: about.dispute.algorithm,
        });
      });
    } catch (error) {
      if (violated(error) !== 'disputes_once') throw error;
      const same = await store.findSame(db, { ...about.dispute, accountId: caller.accountId });
      fail('dispute.exists', { disputeId: same?.id ?? '' });
    }
    return view(id);
  }

  /** Refuses who made the decision, or belongs to the account that disputes it. */
  async function mayAnswer(caller: Member, id: string): Promise<DisputeRow> {
    const d = (await store.findDispute(db, id)) ?? missing(id);
    if (d.deciders.includes(caller.personId)) fail('dispute.own_decision');
    if (d.accountId === caller.accountId || (await needs.isMember(caller.personId, d.accountId)))
      fail('dispute.own_account');
    return d;
  }

  async function answer(caller: Member, id: string, to: Answer, text: string): Promise<Dispute> {
    const d = await mayAnswer(caller, id);
    if (to === 'granted' && !isGrantable(d.code)) fail('dispute.not_grantable', { code: d.code });
    const at = clock.now();
    await inTx(db, async (tx) => {
      await end(tx, d, to, { text, by: caller.email, at });
      if (to === 'granted')
        await insertException(tx, {
          id: newId('exc'),
          accountId: d.accountId,
          code: d.code,
          thingSha256: d.thingSha256,
          place: d.place,
          disputeId: id,
          reason: text,
          grantedBy: caller.email,
          grantedAt: at,
        });
      if (to === 'corrected' && d.packageSha256) await needs.forgetVerdicts(tx, d.packageSha256);
      await events.publish(tx, {
        type: 'dispute.answered',
        subject: id,
        accountId: d.accountId,
        data: { answer: to, code: d.code, text: text.slice(0, 2000) },
      });
      await audit(
        tx,
        caller,
        `dispute.${to}`,
        id,
        { code: d.code, thing: d.thingSha256, text },
        { accountId: d.accountId },
      );
    });
    return view(id);
  }

  async function withdraw(caller: Member, id: string): Promise<Dispute> {
    const d = await store.findDispute(db, id);
    if (d?.accountId !== caller.accountId) return missing(id);
    await inTx(db, async (tx) => {
      await end(tx, d, 'withdrawn', null);
      await audit(tx, caller, 'dispute.withdrawn', id, { code: d.code });
    });
    return view(id);
  }

  async function end(
    tx: Parameters<typeof store.moveDispute>[0],
    d: DisputeRow,
    to: Answer | 'withdrawn',
    words: { text: string; by: string; at: Date } | null,
  ): Promise<void> {
    if (d.state !== 'open') fail('dispute.answered', { state: d.state });
    if (!(await store.moveDispute(tx, d, to, words)))
      fail('dispute.answered', { state: (await store.findDispute(tx, d.id))?.state ?? 'answered' });
    await queue.close(tx, d.id);
  }

  const list = async (
    filter: Omit<store.DisputeFilter, 'before' | 'limit'>,
    { cursor, limit = 50 }: Paging,
  ): Promise<Page<Dispute>> =>
    pageFrom(
      await store.listDisputes(db, { ...filter, before: cursor ?? null, limit: limit + 1 }),
      limit,
      shown,
      (d) => d.id,
    );

  const shown = (d: DisputeRow): Dispute => ({
    id: d.id,
    accountId: d.accountId,
    publisher: d.publisher,
    of: d.of,
    product: d.product,
    productId: d.productId,
    submissionId: d.submissionId,
    modelPackage: d.modelPackage,
    algorithm: d.algorithm,
    stage: d.stage,
    code: d.code,
    finding: d.finding as Finding | null,
    evidence: d.evidence,
    grantable: isGrantable(d.code),
    text: d.text,
    state: d.state,
    openedBy: d.openedBy,
    openedAt: d.openedAt.toISOString(),
    dueAt: d.dueAt?.toISOString() ?? null,
    overdue: d.dueAt !== null && d.dueAt <= clock.now(),
    answer: d.answer,
    answeredBy: d.answeredBy,
    answeredAt: d.answeredAt?.toISOString() ?? null,
    exceptionId: d.exceptionId,
  });

  return {
    open,
    mayAnswer,
    answer,
    withdraw,
    list,
    get: async (caller: Caller, id: string): Promise<Dispute> => shown(await get(caller, id)),
  };
}
