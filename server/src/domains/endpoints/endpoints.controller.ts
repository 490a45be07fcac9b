import type { Clock } from '../../platform/clock.ts';
import { type Db, inTx } from '../../platform/db.ts';
import type { Log } from '../../platform/log.ts';
import type { Notifications } from '../../platform/notify.ts';
import { decide, isEmpty } from './endpoints.rules.ts';
import * as store from './endpoints.sql.ts';
import type { EndpointRow } from './endpoints.ts';

const tickMs = 1000;

export interface ControllerOptions {
  readonly db: Db;
  readonly notifications: Notifications;
  readonly clock: Clock;
  readonly log: Log;
}

/**
 * Moves endpoints on: decides by `decide` what is next, and writes it down. Several may do so at once: each endpoint is locked while it
 * is decided about. Where it is killed the next one goes on from what is stored.
 */
export function startEndpointController({ db, notifications, clock, log }: ControllerOptions) {
  let closed = false;

  async function tick() {
    if (closed) return;
    const all = await store.there(db);
    if (all.length === 0) return;
    const [instances, loads] = await Promise.all([
      store.instances(
        db,
        all.map((e) => e.id),
      ),
      store.loads(db),
    ]);
    for (const endpoint of all) {
      const own = instances.filter((i) => i.endpointId === endpoint.id);
      const facts = {
        endpoint,
        instances: own,
        load: loads.get(endpoint.id) ?? 0,
        now: clock.now().getTime(),
      };
      if (!isEmpty(decide(facts))) await moveOn(endpoint);
    }
  }

  /** Decided anew under the lock: what was read before may be old. */
  async function moveOn({ id }: EndpointRow) {
    await inTx(db, async (tx) => {
      const endpoint = await store.tryLock(tx, id);
      if (!endpoint) return;
      const instances = await store.instances(tx, [id]);
      const load = await store.load(tx, id);
      await store.apply(tx, id, decide({ endpoint, instances, load, now: clock.now().getTime() }));
    });
  }

  let working = Promise.resolve();
  let queued = false;
  const again = () => {
    if (queued) return;
    queued = true;
    working = working.then(() => {
      queued = false;
      return tick().catch((error: Error) =>
        log.warn({ err: error.message }, 'endpoints could not be looked after; what runs goes on'),
      );
    });
  };
  const stopListening = notifications.listen('souk_endpoints', again);
  const timer = setInterval(again, tickMs);
  again();
  return {
    async stop() {
      closed = true;
      clearInterval(timer);
      stopListening();
      await working;
    },
  };
}
