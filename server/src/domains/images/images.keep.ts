import { createReadStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import type { Finding } from '@souk/contract';
import { inTx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Sandbox } from '../../platform/sandbox.ts';
import { found, hexOf, hostPlatform, imageLimits, readManifest } from '../certification/index.ts';
import { workFolder } from '../models/index.ts';
import { askChild } from './images.examine.ts';
import * as parts from './images.parts.sql.ts';
import * as store from './images.sql.ts';
import type { ImageContents } from './images.ts';

/** What became of an attempt to have the image here. */
export type Brought =
  | { readonly ok: true; readonly digest: string; readonly name: string | null }
  | { readonly ok: false; readonly findings: readonly Finding[] };

export type KeepArchive = (archiveSha256: string, bytesMax: number, signal: AbortSignal) => Promise<Brought>;

/** Takes a pushed archive apart in the sandbox, and keeps each part once, under the digest that it truly has. */
export function newKeepArchive(platform: Platform, sandbox: Sandbox): KeepArchive {
  const { config, imageParts } = platform;
  return async (archiveSha256, bytesMax, signal) => {
    const folder = workFolder(config);
    const intoDir = join(folder, 'parts');
    const archivePath = await imageParts.pathOf(archiveSha256);
    try {
      const answer = await askChild(
        { what: 'open', archivePath, intoDir, limits: imageLimits, platform: hostPlatform },
        { sandbox, folder, readOnly: [archivePath], signal },
      );
      if (answer.what === 'refused') return { ok: false, findings: answer.findings };
      if (answer.what !== 'opened') throw new Error('what looks at images answered out of turn');
      const manifest = Buffer.from(answer.manifest, 'base64');
      const tooLarge = sizeFinding(answer.layers, bytesMax);
      if (tooLarge) return { ok: false, findings: [tooLarge] };
      await keepParts(platform, answer.digest, manifest, Buffer.from(answer.config, 'base64'), (layer) =>
        createReadStream(join(intoDir, hexOf(layer.digest))),
      );
      return { ok: true, digest: answer.digest, name: answer.name };
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  };
}

export function sizeFinding(layers: readonly { sizeBytes: number }[], bytesMax: number): Finding | undefined {
  const bytes = layers.reduce((sum, l) => sum + l.sizeBytes, 0);
  if (bytes <= bytesMax) return undefined;
  const shown = (n: number) => `${(n / 2 ** 20).toFixed(0)} MB`;
  return found('image.size_exceeded', {
    message: `The layers of the image have ${shown(bytes)}; this marketplace takes ${shown(bytesMax)}.`,
  });
}

/** Writes what is not here yet, then enters the image. Where a layer is here already, not a byte of it is written again. */
export async function keepParts(
  { db, imageParts }: Pick<Platform, 'db' | 'imageParts'>,
  digest: string,
  manifest: Buffer,
  config: Buffer,
  open: (layer: { digest: string; sizeBytes: number }) => Readable | Promise<Readable>,
): Promise<void> {
  const { config: configPart, layers } = readManifest(manifest);
  const { mediaType } = JSON.parse(manifest.toString('utf8')) as { mediaType?: string };
  const contents: ImageContents = {
    digest,
    mediaType: mediaType ?? 'application/vnd.oci.image.manifest.v1+json',
    manifestBytes: manifest.length,
    configDigest: configPart.digest,
    layers: layers.map((l) => ({ digest: l.digest, mediaType: l.mediaType, sizeBytes: l.sizeBytes })),
    sizeBytes: layers.reduce((sum, l) => sum + l.sizeBytes, 0),
  };
  const all = [digest, configPart.digest, ...layers.map((l) => l.digest)].map(hexOf);
  await inTx(db, (tx) => parts.countOn(tx, all));
  const put = async (part: string, content: () => Readable | Promise<Readable>) => {
    if (await imageParts.has(hexOf(part))) return;
    const { sha256 } = await imageParts.put(await content());
    if (`sha256:${sha256}` !== part) throw new Error(`a part of ${digest} is ${sha256}, not ${part}`);
  };
  for (const layer of layers) await put(layer.digest, () => open(layer));
  await put(configPart.digest, () => Readable.from([config]));
  await put(digest, () => Readable.from([manifest]));
  await inTx(db, (tx) => store.insertContents(tx, contents));
  // A sweep that had begun before we counted on them may have taken one along: then all is done again.
  for (const part of all)
    if (!(await imageParts.has(part))) throw new Error(`the part ${part} of ${digest} went away`);
}
