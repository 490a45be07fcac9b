import { inTx, type Tx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { News } from '../notifications/index.ts';
import { end } from '../subscriptions/index.ts';
import { dayText, dueReminder, leftText } from './removals.rules.ts';
import type { RemovalNeeds } from './removals.service.ts';
import * as store from './removals.sql.ts';
import { removedCode } from './removals.ts';

type Notify = (tx: Tx, news: News) => Promise<unknown>;
const batchSize = 200;

/** What time does to products that leave: reminders, and the end. Run often; every run does what is due and was not done. */
export function newEnding(platform: Platform, needs: RemovalNeeds, notify: Notify) {
  const { db, events, clock } = platform;

  async function sweep(): Promise<void> {
    const failures: unknown[] = [];
    for (const r of await store.leaving(db)) {
      const now = clock.now();
      const days = dueReminder(r, now);
      const work = now >= r.endsAt ? finish(r.id) : days === undefined ? undefined : remind(r.id, days);
      // One that fails is tried again with the next run, and keeps nobody else waiting.
      await work?.catch((error: unknown) => failures.push(error));
    }
    if (failures.length > 0) throw failures[0];
  }

  /** The row that says it was written and the mails are one transaction: a crash repeats both or neither. */
  async function remind(id: string, days: number): Promise<void> {
    await inTx(db, async (tx) => {
      const r = await store.lock(tx, id);
      if (r?.state !== 'leaving' || r.endsAt === null) return;
      if (!(await store.insertNotice(tx, id, days, clock.now()))) return;
      const left = leftText(r.endsAt, clock.now());
      const source = `removal:${id}:${days}`;
      for (const accountId of await store.subscribers(tx, r.productId))
        await notify(tx, {
          accountId,
          roles: ['admin', 'buyer', 'finance'],
          title: `${r.title} ends in ${left}`,
          text: [
            `Your subscription ends and calls are refused from ${dayText(r.endsAt)} on.`,
            r.replacement
              ? `Its publisher names ${r.replacement.publisher}/${r.replacement.slug} in its place.`
              : '',
            'Export what is yours from the subscription’s page.',
          ]
            .filter(Boolean)
            .join(' '),
          link: r.replacement
            ? `/products/${r.replacement.publisher}/${r.replacement.slug}`
            : '/subscriptions',
          source,
          mail: true,
        });
      await notify(tx, {
        accountId: r.accountId,
        roles: ['admin', 'publisher'],
        title: `${r.title} is removed in ${left}`,
        text: `${r.subscribers} subscriptions are left; they end on ${dayText(r.endsAt)}.`,
        link: `/publish/products/${r.productId}`,
        source,
      });
    });
  }

  /** First every subscription, then what serves them, then the slot: nobody is left with a subscription to nothing. */
  async function finish(id: string): Promise<void> {
    for (;;) {
      const done = await inTx(db, async (tx) => {
        const r = await store.lock(tx, id);
        if (r?.state !== 'leaving' || r.endsAt === null) return true;
        const ids = await store.subscriptionIds(tx, r.productId, undefined, batchSize);
        for (const subscriptionId of ids)
          await end(tx, events, subscriptionId, {
            code: removedCode,
            reason: `The publisher no longer offers ${r.title}; it was supported until ${dayText(r.endsAt)}.`,
            by: 'system:removals',
          });
        if (ids.length === batchSize) return false;
        await store.lockProduct(tx, r.productId);
        await needs.stopDeployments(tx, r.productId, true);
        await store.clearLiveSlot(tx, r.productId);
        await store.move(tx, r, 'ended', 'system:removals', clock.now());
        await notify(tx, {
          accountId: r.accountId,
          roles: ['admin', 'publisher'],
          title: `${r.title} is removed`,
          text: 'Its last subscriptions ended and nothing of it runs any more. Your document, versions and customers can still be exported; to sell it again, submit it again.',
          link: `/publish/products/${r.productId}`,
          source: `removal:${id}:removed`,
          mail: true,
        });
        await audit(
          tx,
          'system:removals',
          'product.removed',
          r.productId,
          { removalId: id },
          { accountId: r.accountId },
        );
        return true;
      });
      if (done) return;
    }
  }

  return { sweep };
}
