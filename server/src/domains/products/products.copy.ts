import type { ProductDocument } from '@souk/contract';

/**
 * The document of a new product that begins as a copy. What belongs to the old product's life stays with it: who may see its
 * preview, and versions that it no longer offers. Pictures, samples and model packages are named, not doubled: they belong
 * to the account.
 */
export function copyOf(document: ProductDocument, visibility: 'public' | 'private'): ProductDocument {
  const { audience: _, versions, ...kept } = structuredClone(document);
  const offered = versions?.filter((v) => v.state !== 'restricted');
  return {
    ...kept,
    ...(offered ? { versions: offered } : {}),
    listing: { ...kept.listing, visibility },
  };
}
