import type { Finding, ProductDocument, SampleFile } from '@souk/contract';
import type { Db } from '../../../platform/db.ts';
import { found } from '../rules.ts';
import { listingTextFindings } from './listing-findings.ts';
import { imageShapeFindings, logoShapeFindings, type Shape } from './pictures.ts';

/** What is asked about the files that a listing names; uploads answers it. */
export interface ListingFiles {
  missingMedia(reader: Db, accountId: string, digests: readonly string[]): Promise<string[]>;
  picture(reader: Db, sha256: string): Promise<Shape | undefined>;
  ownSamples(
    reader: Db,
    accountId: string,
    digests: readonly string[],
  ): Promise<readonly { readonly sha256: string; readonly sizeBytes: number }[]>;
}

type Check = (accountId: string, document: ProductDocument) => Promise<Finding[]>;

/** What certification says about everything of a listing that is no package: texts, links, pictures, sample files. */
export function listingFindings(files: ListingFiles, db: Db): Check {
  return async (accountId, document) => [
    ...listingTextFindings(document),
    ...(await pictures(accountId, document)),
    ...(await samples(accountId, document)),
  ];

  async function pictures(accountId: string, { promotion = {} }: ProductDocument): Promise<Finding[]> {
    const { logo, images = [] } = promotion;
    const shown = [
      ...(logo ? [{ pointer: '/promotion/logo', sha256: logo.sha256, logo: true }] : []),
      ...images.flatMap(({ image }, i) =>
        image ? [{ pointer: `/promotion/images/${i}/image`, sha256: image.sha256, logo: false }] : [],
      ),
    ];
    const missing = await files.missingMedia(
      db,
      accountId,
      shown.map((s) => s.sha256),
    );
    const findings: Finding[] = [];
    for (const { pointer, sha256, logo } of shown) {
      const picture = missing.includes(sha256) ? undefined : await files.picture(db, sha256);
      if (picture)
        findings.push(
          ...(logo ? logoShapeFindings(picture, { pointer }) : imageShapeFindings(picture, { pointer })),
        );
      else if (logo)
        findings.push(
          found('logo.missing', { pointer, message: 'The logo is not among the pictures of this account.' }),
        );
      else
        findings.push(
          found('image.missing', {
            pointer,
            message: 'The image is not among the pictures of this account.',
          }),
        );
    }
    return findings;
  }

  async function samples(accountId: string, document: ProductDocument): Promise<Finding[]> {
    const named = sampleFilesOf(document);
    const owned = await files.ownSamples(
      db,
      accountId,
      named.map(({ file }) => file.sha256),
    );
    return named.flatMap(({ pointer, file }) => {
      const known = owned.find((o) => o.sha256 === file.sha256);
      if (!known)
        return [
          found('sample.missing', {
            pointer,
            message: `The sample file ${file.fileName} is not among those of this account.`,
          }),
        ];
      if (known.sizeBytes !== file.sizeBytes)
        return [
          found('sample.size_differs', {
            pointer,
            message: `The document says ${file.sizeBytes} bytes; the file has ${known.sizeBytes}.`,
          }),
        ];
      return [];
    });
  }
}

function sampleFilesOf({ versions = [] }: ProductDocument): { pointer: string; file: SampleFile }[] {
  const found: { pointer: string; file: SampleFile }[] = [];
  for (const [i, version] of versions.entries())
    for (const side of ['input', 'output'] as const) {
      const { samples, formats = [] } = version[side] ?? {};
      const places = [
        { at: `/versions/${i}/${side}/samples`, given: samples },
        ...formats.map((given, f) => ({ at: `/versions/${i}/${side}/formats/${f}`, given })),
      ];
      for (const { at, given } of places)
        for (const name of ['realtimeFile', 'batchFile'] as const) {
          const file = given?.[name];
          if (file) found.push({ pointer: `${at}/${name}`, file });
        }
    }
  return found;
}
