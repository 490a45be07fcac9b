import { inTx } from '../../platform/db.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import { end } from '../subscriptions/index.ts';
import { endOf, notifyAll } from './versions.notices.ts';
import { dayMs, dueNotices, noticeDaysBefore } from './versions.rules.ts';
import type { VersionNeeds } from './versions.service.ts';
import * as store from './versions.sql.ts';
import { type OpenSunset, wholeProduct } from './versions.ts';

const endedAtOnce = 200;

type Needs = Pick<VersionNeeds, 'keepRunning'> & {
  notify(tx: Parameters<Parameters<typeof inTx>[1]>[0], news: News): Promise<unknown>;
};

/**
 * Reminds subscribers of end dates, and ends what has reached them. Each end date in a transaction of its own that holds its row:
 * two processes that look at the same time give one notice, and one that is killed gives it at the next look.
 */
export function sunsetJobs(
  { db, clock, events }: Pick<Platform, 'db' | 'clock' | 'events'>,
  needs: Needs,
): JobDefinition[] {
  async function look(seen: OpenSunset): Promise<void> {
    await inTx(db, async (tx) => {
      const s = await store.lockSunset(tx, seen.productId, seen.number);
      if (!s) return;
      const now = clock.now();
      const { due, tell } = dueNotices(s, now);
      if (tell === undefined) return;
      const product = await store.findProduct(tx, s.productId);
      await store.noteNotices(tx, s, due, now);
      // Told before it ends: afterwards nobody would be concerned any more.
      if (product)
        await notifyAll(tx, needs.notify, {
          ...endOf(product, s, tell, now),
          product,
          number: s.number,
          now,
        });
      if (tell > 0) return;
      await store.endSunset(tx, s.productId, s.number, now);
      if (s.number !== wholeProduct) await needs.keepRunning(tx, s.productId, s.number, false);
      await events.publish(tx, {
        type: 'version.ended',
        subject: s.productId,
        accountId: product?.accountId ?? null,
        data: { version: s.number, replacement: s.replacement },
      });
    });
  }

  /** In turns, so that a product with many subscribers does not hold one long transaction. */
  async function endSubscriptions(): Promise<void> {
    for (;;) {
      const left = await store.leftOver(db, endedAtOnce);
      for (const s of left) {
        const next = s.replacement ? ` Its publisher names ${s.replacement} as what comes after it.` : '';
        const reason =
          `The product reached its end on ${s.endsAt.toISOString().slice(0, 10)}. ${s.reason}`.trim();
        await inTx(db, (tx) =>
          end(tx, events, s.subscriptionId, {
            code: 'product.ended',
            reason: `${reason}${next}`,
            by: 'system:sunsets',
          }),
        );
      }
      if (left.length < endedAtOnce) return;
    }
  }

  return [
    {
      name: 'versions-sunsets',
      cron: '* * * * *',
      run: async () => {
        const soon = new Date(clock.now().getTime() + Math.max(...noticeDaysBefore) * dayMs);
        for (const s of await store.openSunsets(db, soon)) await look(s);
        await endSubscriptions();
      },
    },
  ];
}
