import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import * as store from './instances.sql.ts';
import type { Meter } from './instances.ts';

/** Signs of life come every 30 s; a process that is stopped, or a database that is away, for longer than this is not paid for. */
export const gapSeconds = 120;

export function newMeter({ db, clock }: Pick<Platform, 'db' | 'clock'>): Meter & {
  closeLapsed(): Promise<number>;
} {
  return {
    async begin(tx, run) {
      const id = newId('run');
      if (!(await store.insert(tx, id, run, clock.now())))
        fail('instance.subscription_not_active', { subscriptionId: run.subscriptionId });
      return id;
    },
    async beat(ids) {
      if (ids.length > 0) await inTx(db, (tx) => store.meter(tx, ids, clock.now(), gapSeconds, false));
    },
    end: (tx, id) => store.meter(tx, [id], clock.now(), gapSeconds, true),
    closeLapsed: () =>
      inTx(db, (tx) => store.closeLapsed(tx, new Date(clock.now().getTime() - gapSeconds * 1000))),
  };
}
