import { inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Notify } from './review.notices.ts';
import { linkOf } from './review.queue.service.ts';
import { takeOverdue } from './review.queue.sql.ts';

/** Tells the operator's people once of each item whose clock has run out. */
export const reviewJobs = ({ db, clock }: Platform, notify: Notify): JobDefinition[] => [
  {
    name: 'queue-overdue',
    cron: '*/5 * * * *',
    run: () =>
      inTx(db, async (tx) => {
        for (const item of await takeOverdue(tx, clock.now()))
          await notify(tx, {
            accountId: 'operator',
            roles: ['operator-admin', 'operator-reviewer'],
            title: `Overdue: ${item.title}`,
            text: `It was due ${item.dueAt.toISOString().slice(0, 16).replace('T', ' ')} UTC. ${
              item.assigneeEmail ? `${item.assigneeEmail} has taken it.` : 'Nobody has taken it yet.'
            }`,
            link: linkOf(item),
            source: `queue:${item.id}:overdue`,
            mail: true,
          });
      }),
  },
];
