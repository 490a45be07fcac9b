import { inTx, type Tx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import * as store from './catalog.entries.sql.ts';
import { projectEntry } from './catalog.projection.ts';

export type CatalogEntries = ReturnType<typeof newCatalogEntries>;

const batchSize = 500;

/** The search projection: drawn from the live slot as it is now, never from what an event says, so the order of news is no matter. */
export function newCatalogEntries({ db }: Pick<Platform, 'db'>) {
  async function draw(tx: Tx, productIds: readonly string[]): Promise<void> {
    await store.lockProducts(tx, productIds);
    const shown = await store.shownProducts(tx, 'live', productIds);
    const entries = shown.map(projectEntry);
    const changes = new Map<string, number>();
    const count = (words: readonly string[], by: number) => {
      for (const w of words) changes.set(w, (changes.get(w) ?? 0) + by);
    };
    for (const { words } of await store.wordsOfEntries(tx, productIds)) count(words, -1);
    // A private product lends no word to anybody's suggestions.
    for (const e of entries) if (!e.private) count(e.words, 1);
    const live = new Set(entries.map((e) => e.productId));
    await store.removeEntries(
      tx,
      productIds.filter((id) => !live.has(id)),
    );
    if (entries.length > 0) await store.upsertEntries(tx, entries);
    await store.countWords(tx, changes);
  }

  async function rebuild(): Promise<{ drawn: number; removed: number }> {
    let drawn = 0;
    for (let after = ''; ; ) {
      const ids = (await store.liveProductIds(db, after, batchSize)).map((r) => r.id);
      const last = ids.at(-1);
      if (last === undefined) break;
      await inTx(db, (tx) => draw(tx, ids));
      drawn += ids.length;
      after = last;
    }
    const removed = await inTx(db, async (tx) => {
      const stray = await store.removeStrayEntries(tx);
      await store.recountWords(tx);
      return stray.length;
    });
    return { drawn, removed };
  }

  async function drawPublisher(accountId: string): Promise<void> {
    const ids = (await store.productIdsOf(db, accountId)).map((r) => r.id);
    for (let i = 0; i < ids.length; i += batchSize)
      await inTx(db, (tx) => draw(tx, ids.slice(i, i + batchSize)));
  }

  /** The subject of a product's news is the product, of a publisher's (another name) the account. */
  const subscriber: Subscriber = {
    name: 'catalog-entries',
    types: [
      'submission.released',
      'product.withdrawn',
      'product.returned',
      'product.rated',
      'publisher.updated',
      'version.restricted',
      'version.withdrawn',
      'version.restored',
      'version.ended',
    ],
    handle: ({ type, subject }) =>
      type === 'publisher.updated' ? drawPublisher(subject) : inTx(db, (tx) => draw(tx, [subject])),
  };

  return {
    draw,
    /** Draws every entry again from the products; for doctor, and after a change of the projection's code. */
    rebuild,
    drift: async () => (await store.drift(db))[0] ?? { missing: 0, outdated: 0, stray: 0 },
    subscriber,
  };
}
