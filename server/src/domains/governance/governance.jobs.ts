import type { JobDefinition } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import type { GovernanceService } from './governance.service.ts';

/**
 * Once a minute: usage is in the database within seconds of a call, so a stop comes within little more than a minute of the call
 * that spent the budget, and what is called meanwhile is spent too. The same run lets go on what was stopped when a month begins.
 */
export function governanceJobs({ budgets }: GovernanceService, log: Log): JobDefinition[] {
  return [
    {
      name: 'governance:budgets',
      cron: '* * * * *',
      run: () =>
        budgets.evaluateAll((accountId, error) =>
          log.error({ accountId, err: error }, 'the budgets of an account could not be evaluated'),
        ),
    },
  ];
}
