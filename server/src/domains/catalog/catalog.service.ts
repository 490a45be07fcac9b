import type { Subscriber } from '../../platform/events.ts';
import type { Platform } from '../../platform/platform.ts';
import { newCatalogEntries } from './catalog.entries.ts';
import { newCatalogPages, type PageNeeds } from './catalog.page.ts';
import { newCatalogSamples } from './catalog.samples.ts';
import { newCatalogSearch } from './catalog.search.ts';
import { newCatalogTries, type TryNeeds } from './catalog.tries.ts';

export type CatalogNeeds = PageNeeds & TryNeeds;
export type Catalog = ReturnType<typeof newCatalog>;

export function newCatalog(
  platform: Pick<Platform, 'db' | 'clock' | 'config' | 'keys' | 'blobs'>,
  needs: CatalogNeeds,
) {
  const entries = newCatalogEntries(platform);
  const pages = newCatalogPages(platform, needs);
  const { search, expire } = newCatalogSearch(platform);
  const tries = newCatalogTries(platform, pages, needs);
  const subscriber: Subscriber = {
    ...entries.subscriber,
    async handle(event) {
      await entries.subscriber.handle(event);
      expire();
    },
  };
  return {
    search,
    product: pages.product,
    bom: pages.bom,
    sample: newCatalogSamples(pages, platform.blobs),
    statement: pages.statement,
    signingKey: pages.signingKey,
    publisher: pages.publisher,
    /** A product as one viewer sees it; for subscribing. */
    shown: pages.shown,
    tryProduct: tries.run,
    forgetOldTries: tries.forgetOldDays,
    rebuild: async () => {
      const done = await entries.rebuild();
      expire();
      return done;
    },
    drift: entries.drift,
    /** Puts a product into the search, or out of it, in the transaction that decides it. */
    draw: entries.draw,
    subscriber,
  };
}
