import { type Db, inTx } from '../../platform/db.ts';
import type { Workload } from '../instances/index.ts';
import * as store from './endpoints.sql.ts';

/** What cancelling and suspending a subscription know of endpoints. One that is stopped stays, out of service, until it is updated or deleted. */
export function endpointWorkload(db: Db): Workload {
  async function stopThese(ids: readonly string[], why: Parameters<Workload['stop']>[1]) {
    for (const id of ids)
      await inTx(db, async (tx) => {
        if ((await store.stop(tx, id, why.reason, why.cause)) > 0)
          await store.note(tx, id, { kind: 'stopped', message: why.reason, details: { code: why.code } });
      });
  }

  return {
    kind: 'endpoint',
    async running(reader, subscriptionIds) {
      const found = await store.ofSubscriptions(reader, subscriptionIds);
      return found.map((e) => ({
        subscriptionId: e.subscriptionId,
        id: e.id,
        name: e.name,
        state: e.asleep ? 'InService, asleep' : e.state,
        version: e.version,
        page: `/endpoints/${e.name}`,
      }));
    },
    async stop(subscriptionId, why) {
      const found = await store.ofSubscriptions(db, [subscriptionId]);
      await stopThese(
        found.map((e) => e.id),
        why,
      );
    },
    stopOne: (id, why) => stopThese([id], why),
    async resume(subscriptionId) {
      await inTx(db, async (tx) => {
        for (const { id } of await store.resume(tx, subscriptionId))
          await store.note(tx, id, {
            kind: 'resumed',
            message: 'The subscription goes on, so its instances are started again.',
          });
      });
    },
  };
}
