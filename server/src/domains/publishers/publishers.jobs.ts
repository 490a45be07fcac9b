import { inTx, type Tx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { expiring } from './publishers.details.sql.ts';
import { dayOf } from './publishers.rules.ts';

const noticeDays = 60;
const dayMs = 86_400_000;

/** Tells who is paid, once before and once after, that a tax form ends: without one, payouts wait. */
export function publisherJobs(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  notify: (tx: Tx, news: News) => Promise<unknown>,
): JobDefinition[] {
  return [
    {
      name: 'publishers:tax-forms',
      cron: '23 5 * * *',
      async run() {
        const today = dayOf(clock.now());
        const soon = dayOf(new Date(clock.now().getTime() + noticeDays * dayMs));
        for (const { accountId, form, version, expiresOn } of await expiring(db, soon)) {
          const over = expiresOn < today;
          await inTx(db, (tx) =>
            notify(tx, {
              accountId,
              roles: ['admin', 'finance'],
              title: over ? `Your form ${form} has expired` : `Your form ${form} ends on ${expiresOn}`,
              text: over
                ? 'Payouts and new paid versions wait until it is signed again. Free products are not affected.'
                : 'Look whether the answers still hold, and sign it again before then. Payouts wait after that day.',
              link: '/publish/profile?section=tax',
              source: `tax-form:${accountId}:${version}:${over ? 'over' : 'soon'}`,
              mail: true,
            }),
          );
        }
      },
    },
  ];
}
