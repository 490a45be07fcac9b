import type { JobDefinition } from '../../platform/jobs.ts';
import type { Log } from '../../platform/log.ts';
import type { Servers } from './servers.service.ts';

/** Once a minute, so that the operator learns of a lost server from Souk and not from buyers. */
export function serverJobs(servers: Servers, log: Log): JobDefinition[] {
  return [
    {
      name: 'servers:health',
      cron: '* * * * *',
      run: () =>
        servers.lookAtAll((server, error) =>
          log.error({ server, err: error }, 'the health of a server could not be written down'),
        ),
    },
  ];
}
