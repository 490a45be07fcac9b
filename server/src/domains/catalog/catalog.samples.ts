import type { Readable } from 'node:stream';
import type { SampleFile, Version } from '@souk/contract';
import type { Blobs } from '../../platform/blobs.ts';
import { fail } from '../../platform/errors.ts';
import type { CatalogPages } from './catalog.page.ts';
import type { Slot, Viewer } from './catalog.ts';

/** Sample files go to whoever sees the version that names them: a digest that was guessed or heard of gives nobody a file. */
export const newCatalogSamples =
  (pages: Pick<CatalogPages, 'shown'>, blobs: Pick<Blobs, 'read'>) =>
  async (
    viewer: Viewer,
    at: { publisher: string; product: string; version: string; sha256: string },
    slot?: Slot,
  ): Promise<{ file: SampleFile; read: () => Readable }> => {
    const { document, choosable } = await pages.shown(viewer, at.publisher, at.product, slot);
    const version = choosable.includes(at.version)
      ? document.versions?.find((v) => v.number === at.version)
      : undefined;
    const file =
      (version && sampleFiles(version).find((one) => one.sha256 === at.sha256)) ??
      fail('catalog.missing', { product: `${at.publisher}/${at.product} ${at.version}` });
    return { file, read: () => blobs.read(file.sha256) };
  };

const sampleFiles = ({ input, output }: Version): SampleFile[] =>
  [input, output].flatMap((side) =>
    [side?.samples, ...(side?.formats ?? [])].flatMap((samples) =>
      [samples?.realtimeFile, samples?.batchFile].flatMap((file) => file ?? []),
    ),
  );
