import { type Db, inTx } from '../../platform/db.ts';
import type { StopReason, Workload } from '../instances/index.ts';
import * as store from './training.sql.ts';
import { requestStop } from './training.stop.ts';

/** Trainings as cancelling a subscription and the page of what runs know them. A training cannot be paused: suspended, it stops. */
export function trainingWorkload(db: Db): Workload {
  const stop = async (id: string, { code, reason, cause }: StopReason) =>
    inTx(db, (tx) => requestStop(tx, id, { code: cause === 'asked' ? 'asked' : code, reason }));
  return {
    kind: 'training-job',
    running: async (reader, subscriptionIds) =>
      (await store.underWay(reader, subscriptionIds)).map((j) => ({
        subscriptionId: j.subscriptionId,
        id: j.id,
        name: j.name,
        state: j.secondaryStatus,
        version: j.version,
        page: `/training/${j.name}`,
      })),
    async stop(subscriptionId, why) {
      for (const { id } of await store.underWay(db, [subscriptionId])) await stop(id, why);
    },
    stopOne: stop,
  };
}
