import type { JobDefinition } from '../../platform/jobs.ts';
import type { PlanNotices } from './plans.notices.ts';
import type { Plans } from './plans.service.ts';

/**
 * Once a minute. Nothing waits for it: quota and invoices go by the terms and the time themselves, so a control plane that was
 * down changes neither; it writes down what began, and tells people.
 */
export function planJobs(plans: Pick<Plans, 'tick'>, notices: PlanNotices): JobDefinition[] {
  return [
    {
      name: 'plans:clock',
      cron: '* * * * *',
      async run() {
        await plans.tick();
        await notices.tell();
      },
    },
  ];
}
