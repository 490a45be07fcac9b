import { newBudgets } from './governance.budgets.service.ts';
import { type GovernanceNeeds, type GovernancePlatform, newGovernanceContext } from './governance.context.ts';
import { newPolicy } from './governance.policy.service.ts';
import { newRequests } from './governance.requests.service.ts';
import { newSpend } from './governance.spend.service.ts';

export type GovernanceService = ReturnType<typeof newGovernance>;

export function newGovernance(platform: GovernancePlatform, needs: GovernanceNeeds) {
  const context = newGovernanceContext(platform, needs);
  const policy = newPolicy(platform, context);
  return {
    policy,
    requests: newRequests(platform, context, policy),
    spend: newSpend(platform, context, policy),
    budgets: newBudgets(platform, context),
  };
}
