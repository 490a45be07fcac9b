import { createHash } from 'node:crypto';
import { type Distribution, type InstalledPackage, purlOf } from './packages.ts';

export type ImageBomInput = {
  readonly name: string;
  readonly digest: string;
  readonly layers: readonly { readonly digest: string; readonly sizeBytes: number }[];
  readonly packages: readonly InstalledPackage[];
  readonly distribution: Distribution | null;
};

/** CycloneDX 1.6 of a container image: what is installed in it. The same image has the same document. */
export function imageBom({ name, digest, layers, packages, distribution }: ImageBomInput) {
  const image = `image:${digest}`;
  const components = packages.map((one) => ({
    type: 'library',
    'bom-ref': purlOf(one, distribution),
    name: one.name,
    version: one.version,
    purl: purlOf(one, distribution),
    ...(one.licence === null ? {} : { licenses: [{ license: { name: one.licence } }] }),
    properties: [{ name: 'souk:foundIn', value: `/${one.path}` }],
  }));
  const system =
    distribution === null
      ? []
      : [
          {
            type: 'operating-system',
            'bom-ref': `os:${distribution.id}@${distribution.version}`,
            name: distribution.id,
            version: distribution.version,
            description: distribution.name,
          },
        ];
  return {
    $schema: 'http://cyclonedx.org/schema/bom-1.6.schema.json',
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuidOf(digest)}`,
    version: 1,
    metadata: {
      tools: { components: [{ type: 'application', name: 'Souk' }] },
      component: {
        type: 'container',
        'bom-ref': image,
        name,
        version: digest,
        hashes: [{ alg: 'SHA-256', content: digest.replace(/^sha256:/, '') }],
        properties: layers.map((layer, i) => ({
          name: `souk:layer:${i + 1}`,
          value: `${layer.digest} ${layer.sizeBytes}`,
        })),
      },
    },
    components: [...system, ...components],
    dependencies: [{ ref: image, dependsOn: [...system, ...components].map((c) => c['bom-ref']) }],
  };
}

/** An image as a part of something else: what is installed in it, without where; two places of one package are one. */
export function imageComponent({ digest, name, packages, distribution }: Omit<ImageBomInput, 'layers'>) {
  const image = `image:${digest}`;
  const known = new Map(packages.map((one) => [purlOf(one, distribution), one]));
  return {
    type: 'container',
    'bom-ref': image,
    name,
    version: digest,
    hashes: [{ alg: 'SHA-256', content: digest.replace(/^sha256:/, '') }],
    components: [
      ...(distribution === null
        ? []
        : [
            {
              type: 'operating-system',
              'bom-ref': `${image}#os`,
              name: distribution.id,
              version: distribution.version,
            },
          ]),
      ...[...known].map(([purl, one]) => ({
        type: 'library',
        'bom-ref': `${image}#${purl}`,
        name: one.name,
        version: one.version,
        purl,
        ...(one.licence === null ? {} : { licenses: [{ license: { name: one.licence } }] }),
      })),
    ],
  };
}

/** A UUID made from a digest (RFC 9562, version 8). */
function uuidOf(digest: string): string {
  const bytes = createHash('sha256').update(digest).digest().subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x80;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex');
  return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join('-');
}
