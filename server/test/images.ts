import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { pack } from 'tar-stream';
import { hostPlatform } from '../src/domains/certification/index.ts';

export interface LayerEntry {
  readonly name: string;
  readonly content?: Buffer | string;
  readonly mode?: number;
  readonly type?: 'file' | 'directory' | 'symlink' | 'link' | 'character-device' | 'fifo';
  readonly linkname?: string;
}

export const digestOf = (bytes: Uint8Array): string =>
  `sha256:${createHash('sha256').update(bytes).digest('hex')}`;

/** A tar as a layer is: modes, links, devices. */
export async function layerOf(...entries: readonly LayerEntry[]): Promise<Buffer> {
  const archive = pack();
  for (const { content = '', ...header } of entries) {
    const about = { mtime: new Date(0), ...header };
    if (header.type === undefined || header.type === 'file') archive.entry(about, content);
    else archive.entry(about);
  }
  archive.finalize();
  const parts: Buffer[] = [];
  for await (const part of archive) parts.push(part as Buffer);
  return Buffer.concat(parts);
}

const busybox = () => readFileSync('/bin/busybox');

/** The least that answers to `serve`: a script over busybox. */
export const servingLayer = (): Promise<Buffer> =>
  layerOf(
    { name: 'bin/', type: 'directory', mode: 0o755 },
    { name: 'bin/busybox', content: busybox(), mode: 0o755 },
    { name: 'bin/sh', type: 'symlink', linkname: '/bin/busybox' },
    { name: 'opt/serve', content: '#!/bin/sh\nexec busybox httpd -f -p 8080\n', mode: 0o755 },
  );

export interface ImageGiven {
  readonly layers: readonly Buffer[];
  readonly packing?: 'plain' | 'gzip' | 'zstd';
  readonly config?: Readonly<Record<string, unknown>>;
  readonly platform?: { readonly os: string; readonly architecture: string };
  readonly history?: readonly Readonly<Record<string, unknown>>[];
  readonly name?: string;
}

export interface BuiltImage {
  readonly digest: string;
  readonly manifest: Buffer;
  readonly config: Buffer;
  readonly layers: readonly Buffer[];
  /** By name in an OCI archive. */
  readonly files: Readonly<Record<string, Buffer>>;
}

const packed = {
  plain: (b: Buffer) => b,
  gzip: (b: Buffer) => gzipSync(b),
  zstd: (b: Buffer) => zstdCompressSync(b),
};

/** An image as any builder makes it. What is given wrong on purpose stays wrong. */
export function buildImage(given: ImageGiven): BuiltImage {
  const packing = given.packing ?? 'gzip';
  const layers = given.layers.map((layer) => packed[packing](layer));
  const config = Buffer.from(
    JSON.stringify({
      ...(given.platform ?? hostPlatform),
      created: '2026-11-21T00:00:00Z',
      config: { Entrypoint: ['/opt/serve'], Env: ['PATH=/bin:/usr/bin'], User: '1000', ...given.config },
      rootfs: { type: 'layers', diff_ids: given.layers.map(digestOf) },
      history: given.history ?? given.layers.map((_, i) => ({ created_by: `COPY layer-${i + 1} /` })),
    }),
  );
  const manifest = Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.manifest.v1+json',
      config: {
        mediaType: 'application/vnd.oci.image.config.v1+json',
        digest: digestOf(config),
        size: config.length,
      },
      layers: layers.map((layer) => ({
        mediaType: `application/vnd.oci.image.layer.v1.tar${packing === 'plain' ? '' : `+${packing}`}`,
        digest: digestOf(layer),
        size: layer.length,
      })),
    }),
  );
  const index = {
    schemaVersion: 2,
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(manifest),
        size: manifest.length,
        annotations: { 'org.opencontainers.image.ref.name': given.name ?? 'test:1' },
      },
    ],
  };
  const blobs = [manifest, config, ...layers].map(
    (b) => [`blobs/sha256/${digestOf(b).slice('sha256:'.length)}`, b] as const,
  );
  return {
    digest: digestOf(manifest),
    manifest,
    config,
    layers,
    files: {
      'oci-layout': Buffer.from('{"imageLayoutVersion":"1.0.0"}'),
      'index.json': Buffer.from(JSON.stringify(index)),
      ...Object.fromEntries(blobs),
    },
  };
}

export const ociArchive = (image: BuiltImage): Promise<Buffer> =>
  layerOf(...Object.entries(image.files).map(([name, content]) => ({ name, content })));

/** As `docker save` and `podman save --format docker-archive` write it. */
export function dockerArchive({ layers, ...given }: ImageGiven): Promise<Buffer> {
  const { config } = buildImage({ layers, ...given, packing: 'plain' });
  const names = layers.map((layer) => `${digestOf(layer).slice('sha256:'.length)}.tar`);
  const configName = `${digestOf(config).slice('sha256:'.length)}.json`;
  const manifest = [{ Config: configName, RepoTags: [given.name ?? 'test:1'], Layers: names }];
  return layerOf(
    ...layers.map((content, i) => ({ name: names[i] ?? '', content })),
    { name: configName, content: config },
    { name: 'manifest.json', content: JSON.stringify(manifest) },
  );
}
