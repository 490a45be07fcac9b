import { ArchiveProblem } from '../archive/archive-problem.ts';
import {
  chosenOf,
  type Descriptor,
  hexOf,
  indexTypes,
  type Platform,
  readIndex,
  readManifest,
  sha256Digest,
} from './manifest.ts';
import type { Contents, OpenedImage, Spool } from './opened-image.ts';

const placeOf = (digest: string) => `blobs/sha256/${hexOf(digest)}`;

/** An OCI archive: index.json leads to a manifest, perhaps through a further index of several platforms. */
export async function readLayout(contents: Contents, spool: Spool, platform: Platform): Promise<OpenedImage> {
  const index = contents.documents.get('index.json') ?? Buffer.alloc(0);
  let chosen = chosenOf(readIndex(index, 'index.json'), platform);
  const { name } = chosen;
  for (let depth = 0; indexTypes.includes(chosen.mediaType); depth++) {
    if (depth > 2)
      throw new ArchiveProblem('image.manifest_invalid', 'Indexes lie inside indexes too deeply.');
    chosen = chosenOf(readIndex(documentOf(contents, chosen, 'An index'), 'An index'), platform);
  }
  const manifest = documentOf(contents, chosen, 'The manifest');
  const { config, layers } = readManifest(manifest);
  const configBytes = documentOf(contents, config, 'The configuration');
  for (const [i, layer] of layers.entries()) {
    const size = contents.sizes.get(placeOf(layer.digest));
    if (size === undefined) throw missing(`Layer ${i + 1} (${layer.digest})`);
    if (size !== layer.sizeBytes)
      throw differs(`Layer ${i + 1}`, `${layer.sizeBytes} bytes`, `${size} bytes`);
  }
  const spooled = await spool(new Set(layers.map(({ digest }) => placeOf(digest))));
  for (const [i, { digest }] of layers.entries()) {
    const got = spooled.get(placeOf(digest))?.digest;
    if (got !== digest) throw differs(`Layer ${i + 1}`, digest, got ?? 'nothing');
  }
  return { digest: chosen.digest, manifest, config: configBytes, layers, name };
}

function documentOf(contents: Contents, wanted: Descriptor, what: string): Buffer {
  const bytes = contents.documents.get(placeOf(wanted.digest));
  if (!contents.sizes.has(placeOf(wanted.digest))) throw missing(`${what} (${wanted.digest})`);
  if (bytes === undefined) throw new ArchiveProblem('image.manifest_invalid', `${what} is not JSON.`);
  const digest = sha256Digest(bytes);
  if (digest !== wanted.digest) throw differs(what, wanted.digest, digest);
  if (bytes.length !== wanted.sizeBytes)
    throw differs(what, `${wanted.sizeBytes} bytes`, `${bytes.length} bytes`);
  return bytes;
}

const missing = (what: string) => new ArchiveProblem('image.part_missing', `${what} is not in the archive.`);

export const differs = (what: string, stated: string, got: string) =>
  new ArchiveProblem('image.digest_differs', `${what} is stated as ${stated}, and is ${got}.`);
