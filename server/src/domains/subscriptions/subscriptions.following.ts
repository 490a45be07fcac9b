import { inTx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import * as store from './subscriptions.sql.ts';

/**
 * Moves subscriptions that follow the latest version, when a newer one was released. The choice is written as if its account had
 * made it, so that what is called is always what the page shows; the gateway decides nothing. Back to an older version it never
 * moves: where the latest is withdrawn, calls are refused until somebody chooses.
 */
export function followSubscriber({ db, events }: Pick<Platform, 'db' | 'events'>): Subscriber {
  return {
    name: 'subscription-following',
    types: ['submission.released'],
    async handle({ subject }) {
      for (const { id, from, to } of await store.behind(db, subject))
        await inTx(db, async (tx) => {
          const s = await store.lock(tx, id);
          // Its account may have chosen otherwise since it was listed above.
          if (!s?.followsLatest || s.version !== from) return;
          if (!(await store.move(tx, s, 'version-chosen', 'system:follow-latest', { from, to }))) return;
          await store.setVersion(tx, id, to, true);
          await events.publish(tx, {
            type: 'subscription.moved',
            subject: id,
            accountId: s.accountId,
            data: { productId: s.productId, from, to },
          });
        });
    },
  };
}
