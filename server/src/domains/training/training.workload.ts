import { type Db, inTx } from '../../platform/db.ts';
import type { StopReason, Workload } from '../instances/index.ts';
import * as store from './training.sql.ts';
import { requestStop } from './training.stop.ts';
import { askToStop } from './training.tuning.service.ts';
import * as tunings from './training.tuning.sql.ts';

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

/** Tunings: between two of their trainings nothing runs, and yet the next would begin. */
export function tuningWorkload(db: Db): Workload {
  const stop = async (id: string, { reason }: StopReason) => inTx(db, (tx) => askToStop(tx, id, reason));
  return {
    kind: 'tuning-job',
    running: async (reader, subscriptionIds) =>
      (await tunings.underWayOf(reader, subscriptionIds)).map((t) => ({
        subscriptionId: t.subscriptionId,
        id: t.id,
        name: t.name,
        state: t.status,
        version: t.version,
        page: `/training/tuning/${t.name}`,
      })),
    async stop(subscriptionId, why) {
      for (const { id } of await tunings.underWayOf(db, [subscriptionId])) await stop(id, why);
    },
    stopOne: stop,
  };
}
