import { Readable } from 'node:stream';
import { type ContainerSpecification, environmentMax, reservedVariable } from '@souk/contract';
import { pack } from 'tar-stream';
import type { Blobs } from '../../platform/blobs.ts';
import { canonicalJson } from '../../platform/canonical-json.ts';
import type { Db } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Servable } from '../runtime/index.ts';
import type { OwnedFile } from '../uploads/index.ts';

export interface PackageNeeds {
  /** A finished upload of the account; refuses with the declared errors of uploads. */
  finishedUpload(db: Db, accountId: string, uploadId: string): Promise<OwnedFile>;
  /** An image of the account that passed its checks. */
  image(db: Db, accountId: string, digest: string): Promise<{ readonly sizeBytes: number } | undefined>;
}

/** A server that may serve the packages of an account. */
export interface OpenServer {
  readonly id: string;
  readonly name: string;
}

export interface Packaged {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly fileName: string;
  readonly imageOnly: boolean;
}

const noFile = 'container.json';
const noFileServer = 'server.json';

/** What is registered: an upload, or, where there is nothing beside an image or a server, a file that names it. */
export async function packageOf(
  { db, blobs }: { readonly db: Db; readonly blobs: Blobs },
  needs: PackageNeeds,
  accountId: string,
  given: {
    readonly name: string;
    readonly uploadId?: string | undefined;
    readonly containers: readonly (ContainerSpecification | undefined)[];
    readonly server?: OpenServer | undefined;
  },
): Promise<Packaged> {
  if (given.server) return named(blobs, noFileServer, { server: given.server });
  const containers = given.containers.filter((c) => c !== undefined);
  for (const container of containers) await requireUsable(db, needs, accountId, container);
  if (given.uploadId !== undefined)
    return { ...(await needs.finishedUpload(db, accountId, given.uploadId)), imageOnly: false };
  if (containers.length === 0) return fail('container.nothing_to_run', { name: given.name });
  return named(blobs, noFile, containers);
}

/** A file that names what has the model in itself, so that what is signed and compared has one digest as everywhere else. */
async function named(blobs: Blobs, fileName: string, content: unknown): Promise<Packaged> {
  const archive = pack();
  archive.entry({ name: fileName, mtime: new Date(0) }, canonicalJson(content));
  archive.finalize();
  return { ...(await blobs.put(Readable.from(archive))), fileName, imageOnly: true };
}

async function requireUsable(
  db: Db,
  needs: PackageNeeds,
  accountId: string,
  { image, environment = {} }: ContainerSpecification,
): Promise<void> {
  const names = Object.keys(environment);
  const reserved = names.find(reservedVariable);
  if (reserved !== undefined)
    fail('container.environment_invalid', {
      variable: reserved,
      problem: 'it is set by whoever runs the container',
    });
  if (names.length > environmentMax)
    fail('container.environment_invalid', {
      variable: names[environmentMax] ?? '',
      problem: `at most ${environmentMax} may be set`,
    });
  if (!(await needs.image(db, accountId, image))) fail('container.image_missing', { image });
}

/** What serves a package with this container. */
export const servedContainer = (
  { image, environment = {} }: ContainerSpecification,
  packageSha256: string | null,
): Servable => ({ kind: 'container', imageDigest: image, packageSha256, environment });
