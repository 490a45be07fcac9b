import type { ProductDocument, ServiceSection } from '@souk/contract';

/**
 * The document of a new product that begins as a copy. What belongs to the old product's life stays with it: who may see its
 * preview, and versions that it no longer offers. Pictures, samples and model packages are named, not doubled: they belong
 * to the account. A sealed credential stays too: it is given anew for each product that may use it.
 */
export function copyOf(document: ProductDocument, visibility: 'public' | 'private'): ProductDocument {
  const { audience: _, versions, service, ...kept } = structuredClone(document);
  const offered = versions?.filter((v) => v.state !== 'restricted');
  return {
    ...kept,
    ...(offered ? { versions: offered } : {}),
    ...(service ? { service: withoutCredential(service) } : {}),
    listing: { ...kept.listing, visibility },
  };
}

function withoutCredential({ authentication, ...service }: ServiceSection): ServiceSection {
  if (!authentication) return service;
  const { credentialId: _, ...kept } = authentication;
  return { ...service, authentication: kept };
}
