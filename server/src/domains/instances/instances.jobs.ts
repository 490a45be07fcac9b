import type { Subscriber } from '../../platform/events.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { newMeter } from './instances.meter.ts';
import type { Instances } from './instances.service.ts';

export function instanceJobs(
  meter: Pick<ReturnType<typeof newMeter>, 'closeLapsed'>,
  instances: Pick<Instances, 'followAstray'>,
): JobDefinition[] {
  return [
    {
      name: 'instances:sweep',
      cron: '* * * * *',
      async run() {
        await meter.closeLapsed();
        await instances.followAstray();
      },
    },
  ];
}

/** What runs under a subscription stops, pauses and goes on with it, whoever ended or held it; and ends with its version. */
export const instanceSubscribers = (instances: Pick<Instances, 'follow' | 'stopVersion'>): Subscriber[] => [
  {
    name: 'running-follows',
    types: ['subscription.ended', 'subscription.suspended', 'subscription.resumed'],
    handle: ({ subject }) => instances.follow(subject),
  },
  {
    name: 'running-versions',
    types: ['version.ended', 'version.withdrawn'],
    async handle({ type, subject, data }) {
      const version = String(data.version);
      const ended = type === 'version.ended';
      await instances.stopVersion(subject, version, {
        cause: 'version-ended',
        code: type,
        reason: ended
          ? `Version ${version} reached its announced end.`
          : `Version ${version} was withdrawn. ${data.reason}`,
        by: 'system:instances',
      });
    },
  },
];
