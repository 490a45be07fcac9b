import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createReadStream, createWriteStream } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Finding } from '@souk/contract';
import { type Outbound, type OutboundAnswer, OutboundError } from '../../platform/outbound.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  ArchiveProblem,
  chosenOf,
  found,
  hexOf,
  hostPlatform,
  indexTypes,
  manifestTypes,
  readIndex,
  readManifest,
  sha256Digest,
} from '../certification/index.ts';
import { workFolder } from '../models/index.ts';
import { type Brought, keepParts, sizeFinding } from './images.keep.ts';
import { type Credentials, tokenFor } from './images.registry-token.ts';
import { type Reference, readReference } from './images.rules.ts';

/** The registry did not give the image: what its address or credentials are to blame for. */
export class RegistryFault extends Error {
  readonly finding: Finding;
  constructor(finding: Finding) {
    super(finding.message);
    this.finding = finding;
  }
}

export type PullImage = (
  reference: string,
  credentials: Credentials | null,
  bytesMax: number,
  signal: AbortSignal,
) => Promise<Brought>;

const documentBytesMax = 4 * 2 ** 20;
const documentTimeoutMs = 60_000;
const layerTimeoutMs = 60 * 60_000;

/** Fetches an image by the plain Registry v2 protocol, through the one client for addresses that people typed. */
export function newPull(platform: Platform, outbound: Outbound): PullImage {
  return async (text, credentials, bytesMax, signal) => {
    const reference = readReference(text);
    if ('problem' in reference) throw new Error(`an address that was refused: ${reference.problem}`);
    const registry = registryAt(outbound, reference, credentials);
    try {
      const { digest, manifest } = await manifestOf(registry, reference);
      const { config, layers } = readManifest(manifest);
      const tooLarge = sizeFinding(layers, bytesMax);
      if (tooLarge) return { ok: false, findings: [tooLarge] };
      const folder = workFolder(platform.config);
      await mkdir(folder, { recursive: true });
      try {
        const configBytes = verified(
          (await registry.get(`blobs/${config.digest}`, {})).body,
          config.digest,
          'The configuration',
        );
        await keepParts(platform, digest, manifest, configBytes, async (layer) => {
          signal.throwIfAborted();
          const path = join(folder, hexOf(layer.digest));
          await download(registry, layer, path);
          return createReadStream(path).once('close', () => void rm(path, { force: true }));
        });
      } finally {
        await rm(folder, { recursive: true, force: true });
      }
      return { ok: true, digest, name: null };
    } catch (error) {
      if (error instanceof ArchiveProblem) return { ok: false, findings: [error.toFinding()] };
      throw error;
    }
  };
}

interface Registry {
  get(
    path: string,
    more: {
      readonly accept?: string;
      readonly onBody?: (part: Buffer) => Promise<void>;
      readonly bytesMax?: number;
    },
  ): Promise<OutboundAnswer>;
}

function registryAt(outbound: Outbound, at: Reference, credentials: Credentials | null): Registry {
  const { scheme, host, repository } = at;
  let authorization: string | null = null;
  return {
    async get(path, { accept, onBody, bytesMax }) {
      const ask = () =>
        outbound.request({
          url: `${scheme}://${host}/v2/${repository}/${path}`,
          headers: { ...(accept ? { accept } : {}), ...(authorization ? { authorization } : {}) },
          timeoutMs: onBody ? layerTimeoutMs : documentTimeoutMs,
          redirectsMax: 5,
          bodySizeBytesMax: bytesMax ?? documentBytesMax,
          ...(onBody ? { onBody } : {}),
        });
      try {
        let answer = await ask();
        if (answer.status === 401) {
          const wanted = String(answer.headers['www-authenticate'] ?? '');
          authorization = await tokenFor(outbound, wanted, at, credentials);
          if (authorization !== null) answer = await ask();
        }
        if (answer.status >= 200 && answer.status < 300) return answer;
        throw refusedBy(host, path, answer);
      } catch (error) {
        if (error instanceof OutboundError)
          throw new RegistryFault(
            found('image.registry_unreachable', { message: error.message, remedy: error.remedy }),
          );
        throw error;
      }
    },
  };
}

function refusedBy(host: string, path: string, { status, body }: OutboundAnswer): RegistryFault {
  let words = '';
  try {
    const { errors } = JSON.parse(body.toString('utf8')) as { errors?: { message?: string }[] };
    words = String(errors?.[0]?.message ?? '').slice(0, 200);
  } catch {
    // Not every registry answers in JSON.
  }
  const what = path.startsWith('manifests/') ? 'the image' : 'a part of the image';
  return new RegistryFault(
    found('image.registry_refused', {
      message: `${host} did not give ${what}: status ${status}${words ? `, “${words}”` : ''}.`,
    }),
  );
}

/** The manifest for this platform; an index of several platforms leads to it. */
async function manifestOf(
  registry: Registry,
  { version }: Reference,
): Promise<{ digest: string; manifest: Buffer }> {
  const accept = [...manifestTypes, ...indexTypes].join(', ');
  let wanted = version;
  for (let depth = 0; depth < 3; depth++) {
    const answer = await registry.get(`manifests/${wanted}`, { accept });
    const digest = sha256Digest(answer.body);
    // A tag may point anywhere; a digest that was asked for may not.
    if (wanted.startsWith('sha256:')) verified(answer.body, wanted, 'The manifest');
    const stated = JSON.parse(answer.body.toString('utf8') || '{}') as {
      mediaType?: string;
      manifests?: unknown;
    };
    if (!Array.isArray(stated.manifests)) return { digest, manifest: answer.body };
    wanted = chosenOf(readIndex(answer.body, 'The index'), hostPlatform).digest;
  }
  throw new ArchiveProblem('image.manifest_invalid', 'Indexes lie inside indexes too deeply.');
}

function verified(bytes: Buffer, digest: string, what: string): Buffer {
  const got = sha256Digest(bytes);
  if (got !== digest)
    throw new ArchiveProblem('image.digest_differs', `${what} is stated as ${digest}, and is ${got}.`);
  return bytes;
}

async function download(
  registry: Registry,
  { digest, sizeBytes }: { digest: string; sizeBytes: number },
  path: string,
): Promise<void> {
  const hash = createHash('sha256');
  const file = createWriteStream(path, { mode: 0o600 });
  try {
    await registry.get(`blobs/${digest}`, {
      bytesMax: sizeBytes,
      onBody: async (part) => {
        hash.update(part);
        if (!file.write(part)) await once(file, 'drain');
      },
    });
  } finally {
    file.end();
    await once(file, 'close');
  }
  const got = `sha256:${hash.digest('hex')}`;
  if (got !== digest)
    throw new ArchiveProblem('image.digest_differs', `A layer is stated as ${digest}, and is ${got}.`);
}
