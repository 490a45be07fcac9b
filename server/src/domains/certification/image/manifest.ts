import { createHash } from 'node:crypto';
import { ArchiveProblem } from '../archive/archive-problem.ts';

/** A part of an image by its digest, `sha256:` and 64 hexadecimal digits. */
export type Descriptor = {
  readonly mediaType: string;
  readonly digest: string;
  readonly sizeBytes: number;
  readonly platform: { readonly os: string; readonly architecture: string } | null;
  readonly name: string | null;
};

export type ImageManifest = { readonly config: Descriptor; readonly layers: readonly Descriptor[] };

/** What an image says about itself, as far as running it depends on it. */
export type ImageConfig = {
  readonly architecture: string;
  readonly os: string;
  readonly created: string | null;
  readonly entrypoint: readonly string[];
  readonly cmd: readonly string[];
  readonly environment: readonly string[];
  readonly user: string;
  readonly workingDir: string;
  readonly exposedPorts: readonly string[];
  readonly labels: Readonly<Record<string, string>>;
  readonly stopSignal: string | null;
  /** Digests of the unpacked layers, lowest first. */
  readonly diffIds: readonly string[];
  /** The instruction that made each layer, where the history tells. */
  readonly createdBy: readonly (string | null)[];
};

export type Platform = { readonly os: string; readonly architecture: string };

export const manifestType = 'application/vnd.oci.image.manifest.v1+json';
export const configType = 'application/vnd.oci.image.config.v1+json';
export const indexTypes = [
  'application/vnd.oci.image.index.v1+json',
  'application/vnd.docker.distribution.manifest.list.v2+json',
];
export const manifestTypes = [manifestType, 'application/vnd.docker.distribution.manifest.v2+json'];
const layerTypes =
  /^application\/vnd\.(?:oci\.image\.layer\.v1\.tar(?:\+gzip|\+zstd)?|docker\.image\.rootfs\.diff\.tar(?:\.gzip|\.zstd)?)$/;
/** The overlay of container tools holds no more. */
export const layersMax = 127;
const digestForm = /^sha256:[0-9a-f]{64}$/;

export const sha256Digest = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
export const hexOf = (digest: string): string => digest.slice('sha256:'.length);

const invalid = (message: string) => new ArchiveProblem('image.manifest_invalid', message);

type Json = Readonly<Record<string, unknown>>;

export function readJson(bytes: Buffer, what: string): Json | readonly unknown[] {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value === 'object' && value !== null) return value as Json | unknown[];
  } catch {
    // Said below.
  }
  throw invalid(`${what} is not JSON.`);
}

function objectOf(value: unknown, what: string): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${what} is not as an image has it.`);
  return value as Json;
}

export function descriptorOf(value: unknown, what: string): Descriptor {
  const { mediaType, digest, size, platform, annotations } = objectOf(value, what);
  if (typeof digest !== 'string' || !digestForm.test(digest)) throw invalid(`${what} has no SHA-256 digest.`);
  if (!Number.isSafeInteger(size) || Number(size) < 0) throw invalid(`${what} states no size.`);
  const where = platform === undefined ? null : objectOf(platform, `${what}’s platform`);
  const names = annotations === undefined ? {} : objectOf(annotations, `${what}’s annotations`);
  const name = names['io.containerd.image.name'] ?? names['org.opencontainers.image.ref.name'];
  return {
    mediaType: typeof mediaType === 'string' ? mediaType : '',
    digest,
    sizeBytes: Number(size),
    platform: where && { os: String(where.os ?? ''), architecture: String(where.architecture ?? '') },
    name: typeof name === 'string' ? name.slice(0, 255) : null,
  };
}

/** The images that an index offers. What only attests to others names no platform, and is none of them. */
export function readIndex(bytes: Buffer, what: string): Descriptor[] {
  const { manifests } = objectOf(readJson(bytes, what), what);
  if (!Array.isArray(manifests) || manifests.length > 1000) throw invalid(`${what} lists no manifests.`);
  return manifests
    .map((one, i) => descriptorOf(one, `${what}, entry ${i + 1}`))
    .filter(({ platform }) => platform?.os !== 'unknown');
}

export function readManifest(bytes: Buffer): ImageManifest {
  const { schemaVersion, config, layers } = objectOf(readJson(bytes, 'The manifest'), 'The manifest');
  if (schemaVersion !== 2) throw invalid('The manifest is not of schema version 2.');
  if (!Array.isArray(layers) || layers.length === 0) throw invalid('The manifest names no layers.');
  if (layers.length > layersMax)
    throw new ArchiveProblem(
      'image.too_many_layers',
      `The image has ${layers.length} layers; at most ${layersMax} can be mounted.`,
    );
  const read = layers.map((one, i) => descriptorOf(one, `Layer ${i + 1}`));
  for (const [i, { mediaType }] of read.entries())
    if (!layerTypes.test(mediaType))
      throw new ArchiveProblem(
        'image.layer_kind',
        `Layer ${i + 1} is of the kind “${mediaType.slice(0, 100)}”.`,
      );
  return { config: descriptorOf(config, 'The configuration'), layers: read };
}

const wordsMax = 1000;
const words = (value: unknown, what: string): readonly string[] => {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value) || value.length > wordsMax || value.some((v) => typeof v !== 'string'))
    throw invalid(`${what} is not a list of words.`);
  return value as string[];
};

export function readConfig(bytes: Buffer, layers: number): ImageConfig {
  const all = objectOf(readJson(bytes, 'The configuration'), 'The configuration');
  const { architecture, os, created, rootfs, history } = all;
  const run = objectOf(all.config ?? {}, 'The configuration’s config');
  if (typeof architecture !== 'string' || typeof os !== 'string')
    throw invalid('The configuration does not say for which platform the image is.');
  const diffIds = words(objectOf(rootfs, 'The configuration’s rootfs').diff_ids, 'rootfs.diff_ids');
  if (diffIds.length !== layers || diffIds.some((d) => !digestForm.test(d)))
    throw invalid(`The configuration names ${diffIds.length} layers, the manifest ${layers}.`);
  const ports = objectOf(run.ExposedPorts ?? {}, 'ExposedPorts');
  const labels = Object.entries(objectOf(run.Labels ?? {}, 'Labels')).slice(0, wordsMax);
  const text = (value: unknown) => (typeof value === 'string' ? value : '');
  return {
    architecture: architecture.slice(0, 50),
    os: os.slice(0, 50),
    created: typeof created === 'string' ? created.slice(0, 50) : null,
    entrypoint: words(run.Entrypoint, 'Entrypoint'),
    cmd: words(run.Cmd, 'Cmd'),
    environment: words(run.Env, 'Env'),
    user: text(run.User),
    workingDir: text(run.WorkingDir),
    exposedPorts: Object.keys(ports).slice(0, wordsMax),
    labels: Object.fromEntries(labels.map(([name, value]) => [name, String(value)])),
    stopSignal: text(run.StopSignal) || null,
    diffIds,
    createdBy: createdBy(history, layers),
  };
}

function createdBy(history: unknown, layers: number): (string | null)[] {
  const steps = (Array.isArray(history) ? history : [])
    .filter((one): one is Json => typeof one === 'object' && one !== null && !(one as Json).empty_layer)
    .map(({ created_by: by }) => (typeof by === 'string' ? by.slice(0, 2000) : null));
  return Array.from({ length: layers }, (_, i) => (steps.length === layers ? (steps[i] ?? null) : null));
}

/** The one manifest of an index that is for this platform. */
export function chosenOf(offered: readonly Descriptor[], platform: Platform): Descriptor {
  const fits = offered.filter(
    ({ platform: p }) => p === null || (p.os === platform.os && p.architecture === platform.architecture),
  );
  const [one, ...others] = fits;
  if (one === undefined) {
    const shown = offered.map(({ platform: p }) => `${p?.os}/${p?.architecture}`).join(', ') || 'nothing';
    throw new ArchiveProblem(
      'image.architecture',
      `The image is for ${shown.slice(0, 300)}; this marketplace runs ${platform.os}/${platform.architecture}.`,
    );
  }
  if (others.some(({ digest }) => digest !== one.digest))
    throw new ArchiveProblem(
      'image.several',
      `The archive holds ${fits.length} images: ${fits
        .map((f) => f.name ?? f.digest.slice(0, 19))
        .join(', ')
        .slice(0, 300)}.`,
    );
  return one;
}

/** As containers name processors. */
export const hostPlatform: Platform = {
  os: 'linux',
  architecture:
    ({ x64: 'amd64', arm64: 'arm64', ppc64: 'ppc64le', s390x: 's390x', riscv64: 'riscv64' } as const)[
      process.arch as 'x64'
    ] ?? process.arch,
};
