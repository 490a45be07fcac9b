import type { ServiceSection } from '@souk/contract';
import { inTx, type Tx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import type { News } from '../notifications/index.ts';
import * as store from './data.sql.ts';

export interface Sampled {
  readonly ok: boolean;
  readonly ms: number | null;
  /** Why it failed, for the publisher. */
  readonly error: string | null;
}

export interface WatchNeeds {
  /** One sample call, as buyers' calls go. */
  readonly sample: (productId: string, section: ServiceSection) => Promise<Sampled>;
  readonly notify: (tx: Tx, news: News) => Promise<unknown>;
}

const tickMs = 5000;
const atOnce = 4;

/**
 * Calls the sample of each live data service on its schedule and keeps what came of it. Its publisher is told after two failures in a row,
 * and when it works again; and, once a day, of what calls of buyers failed at that only a publisher can mend.
 */
export function newDataWatch(
  { db, clock, log }: Pick<Platform, 'db' | 'clock' | 'log'>,
  { sample, notify }: WatchNeeds,
) {
  async function check(due: store.Due): Promise<void> {
    let sampled: Sampled;
    try {
      sampled = await sample(due.productId, due.section);
    } catch (error) {
      // Ours, not the service's: the lease runs out, and it is tried again.
      log.warn(`the health of ${due.productId} could not be looked at: ${(error as Error).message}`);
      return;
    }
    const at = clock.now();
    const everyMinutes = due.section.healthEveryMinutes ?? 15;
    await inTx(db, async (tx) => {
      const { ok, ms, error } = sampled;
      const now = await store.insertCheck(tx, { productId: due.productId, at, ok, ms, error, everyMinutes });
      if (!now || now.state === now.before) return;
      if (now.state === 'down')
        await tell(
          tx,
          due,
          at,
          `${due.title} does not work`,
          `Two sample calls in a row failed: ${error ?? 'no reason is known.'} Calls of buyers are answered with an error until it works again, and cost them nothing.`,
        );
      else if (now.before === 'down')
        await tell(tx, due, at, `${due.title} works again`, 'The sample call was answered.');
    });
  }

  const tell = (
    tx: Tx,
    { productId, accountId }: Pick<store.Due, 'productId' | 'accountId'>,
    at: Date,
    title: string,
    text: string,
  ) =>
    notify(tx, {
      accountId,
      roles: ['admin', 'publisher'],
      title,
      text,
      link: `/publish/products/${productId}#health`,
      source: `service-health:${productId}:${at.toISOString()}`,
      mail: true,
    });

  /** Everything that is due now. */
  async function look(): Promise<number> {
    const due = await inTx(db, (tx) => store.claimDue(tx, clock.now(), atOnce));
    await Promise.all(due.map(check));
    await inTx(db, async (tx) => {
      for (const f of await store.tellFailures(tx, clock.now()))
        await tell(
          tx,
          f,
          f.lastAt,
          `Calls of ${f.title} fail (${f.code})`,
          `${f.count} so far, the last one: ${f.detail}. Buyers are told that you know.`,
        );
    });
    return due.length;
  }

  return {
    look,
    run() {
      let ended = false;
      let working: Promise<unknown> = Promise.resolve();
      const tick = async () => {
        try {
          while (!ended && (await look()) === atOnce);
        } catch (error) {
          log.warn(`the health of data services could not be looked at yet: ${(error as Error).message}`);
        }
      };
      let busy = false;
      const timer = setInterval(() => {
        if (busy) return;
        busy = true;
        working = tick().finally(() => {
          busy = false;
        });
      }, tickMs);
      return {
        async stop() {
          ended = true;
          clearInterval(timer);
          await working;
        },
      };
    },
  };
}
