import {
  type AccessRequest,
  type BodyOf,
  governanceLimits,
  type governanceOperations,
  type QueryOf,
  type Verdict,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { pageFrom } from '../../platform/paging.ts';
import { audit } from '../audit/index.ts';
import type { GovernanceContext, GovernancePlatform } from './governance.context.ts';
import type { Policy } from './governance.policy.service.ts';
import * as store from './governance.requests.sql.ts';
import { sentenceOf } from './governance.rules.ts';
import type { RequestRow } from './governance.ts';

const dayMs = 86_400_000;

export function newRequests({ db, events }: GovernancePlatform, context: GovernanceContext, policy: Policy) {
  const view = (q: RequestRow, caller: Member): AccessRequest => ({
    id: q.id,
    publisher: q.publisher,
    product: q.product,
    productTitle: q.productTitle,
    planId: q.planId,
    reason: q.reason,
    state: q.state === 'approved' && q.expiresAt && q.expiresAt <= context.now() ? 'expired' : q.state,
    requestedBy: q.requestedBy,
    mine: q.personId === caller.personId,
    decidedBy: q.decidedBy,
    decisionReason: q.decisionReason,
    createdAt: q.createdAt.toISOString(),
    decidedAt: q.decidedAt?.toISOString() ?? null,
    expiresAt: q.expiresAt?.toISOString() ?? null,
  });

  /** One's own; an admin's are all of the account. */
  async function get(caller: Member, id: string): Promise<RequestRow> {
    const found = await store.findRequest(db, caller.accountId, id);
    if (!found || (found.personId !== caller.personId && !context.isAdmin(caller)))
      return fail('governance.request_missing');
    return found;
  }

  async function verdict(
    caller: Member,
    { publisher, product, planId }: QueryOf<typeof governanceOperations.getVerdict>,
  ): Promise<Verdict> {
    const wanted = await context.wanted(caller, publisher, product, planId);
    const book = await policy.bookOf(caller.accountId);
    const decided = policy.judgeWanted(book, caller.accountId, wanted);
    const request = await openRequest(caller, wanted.productId, planId);
    const approves = decided.effect === 'request' && context.isAdmin(caller);
    return {
      effect: approves ? 'allow' : decided.effect,
      rule: decided.rule ? sentenceOf(decided) : null,
      ask: await context.ask(caller.accountId, book),
      request: request ? view(request, caller) : null,
    };
  }

  const openRequest = (caller: Member, productId: string, planId: string) =>
    store.openRequest(db, {
      accountId: caller.accountId,
      personId: caller.personId,
      productId,
      planId,
      now: context.now(),
    });

  async function create(
    caller: Member,
    { publisher, product, planId, reason }: BodyOf<typeof governanceOperations.createAccessRequest>,
  ): Promise<AccessRequest> {
    const wanted = await context.wanted(caller, publisher, product, planId);
    const book = await policy.bookOf(caller.accountId);
    const decided = policy.judgeWanted(book, caller.accountId, wanted);
    if (decided.effect === 'deny')
      fail('governance.denied', {
        product: wanted.name,
        rule: sentenceOf(decided),
        ask: await context.ask(caller.accountId, book),
      });
    if (decided.effect === 'allow' || context.isAdmin(caller))
      fail('governance.not_needed', { product: wanted.name });
    const exists = async () => {
      const open = await openRequest(caller, wanted.productId, planId);
      if (open) fail('governance.request_exists', { product: wanted.name, requestId: open.id });
    };
    await exists();
    const id = newId('arq');
    try {
      await inTx(db, async (tx) => {
        await store.insertRequest(tx, {
          id,
          accountId: caller.accountId,
          personId: caller.personId,
          by: caller.email,
          productId: wanted.productId,
          planId,
          reason,
          at: context.now(),
        });
        await events.publish(tx, {
          type: 'access.requested',
          subject: id,
          accountId: caller.accountId,
          data: { by: caller.email, product: wanted.name, planId, reason },
        });
        await audit(tx, caller, 'access.requested', id, { product: wanted.name, planId, reason });
      });
    } catch (error) {
      if (violated(error) === 'access_requests_one_pending') await exists();
      throw error;
    }
    return view(await get(caller, id), caller);
  }

  async function decide(
    caller: Member,
    id: string,
    { decision, reason, days }: BodyOf<typeof governanceOperations.decideAccessRequest>,
  ): Promise<AccessRequest> {
    const request = await get(caller, id);
    if (request.personId === caller.personId) fail('governance.own_request');
    const state = decision === 'approve' ? 'approved' : 'denied';
    const at = context.now();
    const lastsMs = (days ?? governanceLimits.approvalDays.default) * dayMs;
    await inTx(db, async (tx) => {
      const expiresAt = state === 'approved' ? new Date(at.getTime() + lastsMs) : null;
      if (!(await store.decideRequest(tx, id, { state, by: caller.email, reason, at, expiresAt })))
        fail('governance.request_decided', {
          state: (await store.findRequest(tx, caller.accountId, id))?.state ?? request.state,
        });
      await events.publish(tx, {
        type: 'access.decided',
        subject: id,
        accountId: caller.accountId,
        data: {
          personId: request.personId,
          by: caller.email,
          product: `${request.publisher}/${request.product}`,
          title: request.productTitle,
          state,
          reason,
          expiresAt: expiresAt?.toISOString() ?? null,
        },
      });
      await audit(tx, caller, `access.${state}`, id, { requestedBy: request.requestedBy, reason });
    });
    return view(await get(caller, id), caller);
  }

  async function withdraw(caller: Member, id: string): Promise<void> {
    const request = await get(caller, id);
    if (request.personId !== caller.personId) return fail('governance.request_missing');
    await inTx(db, async (tx) => {
      if (!(await store.withdrawRequest(tx, id, caller.personId)))
        fail('governance.request_decided', { state: request.state });
      await audit(tx, caller, 'access.withdrawn', id, {});
    });
  }

  return {
    verdict,
    create,
    decide,
    withdraw,
    list: async (
      caller: Member,
      { state, cursor, limit = 50 }: QueryOf<typeof governanceOperations.listAccessRequests>,
    ) => {
      const personId = context.isAdmin(caller) ? null : caller.personId;
      const filter = { personId, state, before: cursor, now: context.now() };
      const found = await store.listRequests(db, caller.accountId, filter, limit + 1);
      return pageFrom(
        found,
        limit,
        (q) => view(q, caller),
        (q) => q.id,
      );
    },
  };
}
