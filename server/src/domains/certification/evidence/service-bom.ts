import { createHash } from 'node:crypto';
import type { PublicOperation } from '@souk/contract';

export interface ServiceBomInput {
  readonly product: string;
  readonly title: string;
  readonly supplier: string;
  readonly operations: readonly PublicOperation[];
}

/**
 * CycloneDX 1.6 for a product that is a service: what it takes and gives. What it is made of, and where it runs, is its publisher’s
 * knowledge; buyers call it through the marketplace.
 */
export function serviceBom({ product, title, supplier, operations }: ServiceBomInput) {
  const described = JSON.stringify([product, operations]);
  const hex = createHash('sha256').update(described).digest('hex');
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    // From the content, so that the same service has the same digest each time.
    serialNumber: `urn:uuid:${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`,
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'Souk' }] },
      supplier: { name: supplier },
    },
    services: [
      {
        'bom-ref': `service:${product}`,
        provider: { name: supplier },
        name: title,
        version: 'v1',
        authenticated: true,
        'x-trust-boundary': true,
        data: operations.flatMap((o) => [
          ...o.parameters.map((p) => ({ flow: 'inbound', classification: `${o.name}.${p.name}: ${p.type}` })),
          ...o.columns.map((c) => ({ flow: 'outbound', classification: `${o.name}.${c.name}: ${c.type}` })),
        ]),
      },
    ],
  };
}
