import { ArchiveProblem } from '../archive/archive-problem.ts';
import { configType, layersMax, manifestType, readJson, sha256Digest } from './manifest.ts';
import { differs } from './oci-layout.ts';
import type { Contents, OpenedImage, Spool } from './opened-image.ts';

/**
 * A Docker archive has no manifest with digests: one is written here, always the same for the same layers and configuration. Its
 * layers are told by the digests that the configuration states of them, which are compared when they are unpacked.
 */
export async function readDocker(contents: Contents, spool: Spool): Promise<OpenedImage> {
  const given = readJson(contents.documents.get('manifest.json') ?? Buffer.alloc(0), 'manifest.json');
  const images = Array.isArray(given) ? (given as unknown[]) : [];
  if (images.length > 1)
    throw new ArchiveProblem('image.several', `The archive holds ${images.length} images.`);
  const { Config, Layers, RepoTags } = (images[0] ?? {}) as Record<string, unknown>;
  if (
    typeof Config !== 'string' ||
    !Array.isArray(Layers) ||
    Layers.length === 0 ||
    Layers.some((l) => typeof l !== 'string')
  )
    throw new ArchiveProblem('image.manifest_invalid', 'manifest.json names no configuration and layers.');
  if (Layers.length > layersMax)
    throw new ArchiveProblem(
      'image.too_many_layers',
      `The image has ${Layers.length} layers; at most ${layersMax} can be mounted.`,
    );
  const config = contents.documents.get(contents.resolve(Config) ?? '');
  if (config === undefined)
    throw new ArchiveProblem(
      'image.part_missing',
      `The configuration (${Config.slice(0, 100)}) is not in the archive.`,
    );
  // Docker and podman name the configuration by its digest.
  const named = /(?:^|\/)([0-9a-f]{64})(?:\.json)?$/.exec(Config)?.[1];
  const configDigest = sha256Digest(config);
  if (named !== undefined && configDigest !== `sha256:${named}`)
    throw differs('The configuration', `sha256:${named}`, configDigest);
  const places = (Layers as string[]).map((layer, i) => {
    const place = contents.resolve(layer);
    if (place === null)
      throw new ArchiveProblem(
        'image.part_missing',
        `Layer ${i + 1} (${layer.slice(0, 100)}) is not in the archive.`,
      );
    return place;
  });
  const spooled = await spool(new Set(places));
  const layers = places.map((place, i) => {
    const layer = spooled.get(place);
    if (layer === undefined)
      throw new ArchiveProblem('image.part_missing', `Layer ${i + 1} is not in the archive.`);
    return layer;
  });
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: configType, digest: configDigest, size: config.length },
      layers: layers.map(({ mediaType, digest, sizeBytes }) => ({ mediaType, digest, size: sizeBytes })),
    }),
  );
  const [name] = Array.isArray(RepoTags) ? (RepoTags as unknown[]) : [];
  return {
    digest: sha256Digest(manifest),
    manifest,
    config,
    layers,
    name: typeof name === 'string' ? name.slice(0, 255) : null,
  };
}
