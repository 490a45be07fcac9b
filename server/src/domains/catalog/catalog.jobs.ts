import type { JobDefinition } from '../../platform/jobs.ts';
import type { Catalog } from './catalog.service.ts';

export function catalogJobs(catalog: Catalog): JobDefinition[] {
  return [
    {
      name: 'catalog:forget-tries',
      cron: '10 0 * * *',
      run: async () => {
        await catalog.forgetOldTries();
      },
    },
  ];
}
