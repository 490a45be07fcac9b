import { governanceOperations as op } from '@souk/contract';
import { memberOf } from '../../platform/authorize.ts';
import { may, type Route, route } from '../../platform/http.ts';
import type { GovernanceService } from './governance.service.ts';

export function governanceRoutes({ policy, requests, spend, budgets }: GovernanceService): Route[] {
  const [read, request, manage] = [
    may('governance:read'),
    may('governance:request'),
    may('governance:manage'),
  ];
  const money = may('invoice:read');
  return [
    route({
      ...op.getGovernance,
      who: read,
      handle: ({ caller }) => policy.view(memberOf(caller).accountId),
    }),
    route({
      ...op.putGovernance,
      who: manage,
      handle: ({ caller, body }) => policy.put(memberOf(caller), body),
    }),
    route({
      ...op.getVerdict,
      who: read,
      handle: ({ caller, query }) => requests.verdict(memberOf(caller), query),
    }),
    route({
      ...op.createAccessRequest,
      who: request,
      handle: ({ caller, body }) => requests.create(memberOf(caller), body),
    }),
    route({
      ...op.listAccessRequests,
      who: read,
      handle: ({ caller, query }) => requests.list(memberOf(caller), query),
    }),
    route({
      ...op.decideAccessRequest,
      who: manage,
      handle: ({ caller, params, body }) => requests.decide(memberOf(caller), params.requestId, body),
    }),
    route({
      ...op.withdrawAccessRequest,
      who: request,
      handle: ({ caller, params }) => requests.withdraw(memberOf(caller), params.requestId),
    }),
    route({
      ...op.listGovernedSubscriptions,
      who: money,
      handle: async ({ caller, query }) => ({ items: await spend.subscriptions(memberOf(caller), query) }),
    }),
    route({
      ...op.putCostCentre,
      who: manage,
      handle: ({ caller, params, body }) =>
        spend.putCostCentre(memberOf(caller), params.subscriptionId, body.costCentre),
    }),
    route({
      ...op.getSpend,
      who: money,
      handle: ({ caller, query }) => spend.spend(memberOf(caller), query),
    }),
    route({
      ...op.listBudgets,
      who: money,
      handle: async ({ caller }) => ({ items: await budgets.list(memberOf(caller).accountId) }),
    }),
    route({
      ...op.createBudget,
      who: manage,
      handle: ({ caller, body }) => budgets.create(memberOf(caller), body),
    }),
    route({
      ...op.updateBudget,
      who: manage,
      handle: ({ caller, params, body }) => budgets.update(memberOf(caller), params.budgetId, body),
    }),
    route({
      ...op.removeBudget,
      who: manage,
      handle: ({ caller, params }) => budgets.remove(memberOf(caller), params.budgetId),
    }),
  ];
}
