import type { Catalog } from './domains/catalog/index.ts';
import { dataRoutes, newData, newDataWatch, type Sampled } from './domains/data/index.ts';
import type { NotificationsService } from './domains/notifications/index.ts';
import type { Services } from './domains/services/index.ts';
import type { Platform } from './platform/platform.ts';

interface Parts {
  readonly catalog: Pick<Catalog, 'product'>;
  readonly services: Pick<Services, 'reach'>;
  readonly news: Pick<NotificationsService, 'notify'>;
}

/** My data, and the watch over data services. */
export function composeData(platform: Platform, { catalog, services, news }: Parts) {
  const watch = newDataWatch(platform, {
    async sample(productId, section): Promise<Sampled> {
      const { ok, sampleMs, findings } = await services.reach(
        productId,
        section,
        AbortSignal.timeout(120_000),
      );
      return { ok, ms: sampleMs, error: ok ? null : (findings[0]?.message ?? 'it was not answered') };
    },
    notify: news.notify,
  });
  return {
    routes: dataRoutes(newData(platform), (caller, publisher, product) =>
      catalog.product(caller, publisher, product, undefined),
    ),
    watch,
  };
}
