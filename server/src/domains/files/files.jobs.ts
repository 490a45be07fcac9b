import type { JobDefinition } from '../../platform/jobs.ts';
import type { Files } from './files.service.ts';

export const fileJobs = (files: Pick<Files, 'sweep'>): JobDefinition[] => [
  { name: 'files-sweep', cron: '41 * * * *', run: () => files.sweep() },
];
