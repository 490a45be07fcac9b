import { findProduct, lockProduct, saveProductDraft } from './domains/products/index.ts';
import { newServices, serviceRoutes } from './domains/services/index.ts';
import { canonicalSha256 } from './platform/canonical-json.ts';
import type { Lookup } from './platform/outbound.ts';
import type { Platform } from './platform/platform.ts';

/** Products of the type web-service: their credentials, Test Connection and imports. */
export function composeServices(platform: Platform, lookup?: Lookup) {
  const service = newServices(
    platform,
    {
      lockedProduct: lockProduct,
      product: (accountId, id) => findProduct(platform.db, accountId, id),
      saveDraft: async (tx, p, draft, by) => {
        await saveProductDraft(tx, p.id, p.draftVersion, draft, canonicalSha256(draft), by);
      },
    },
    lookup,
  );
  return { service, routes: serviceRoutes(service) };
}
