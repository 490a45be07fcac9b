import type { Image, ImageStatus, ImageSummary, ImageUse, Policies } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { hexOf, imageBom } from '../certification/index.ts';
import type { OwnedFile } from '../uploads/index.ts';
import { enqueueCheck } from './images.check.ts';
import * as parts from './images.parts.sql.ts';
import { accountBytesMaxOf, keptOf, pendingMax, readReference, summaryOf, view } from './images.rules.ts';
import * as store from './images.sql.ts';
import type { ImageRow, ImageVerdict, KeptImage } from './images.ts';

const dayMs = 24 * 3600 * 1000;

export interface ImagesNeeds {
  /** A finished upload of the account; refuses with the declared errors of uploads. */
  finishedUpload(db: Db, accountId: string, uploadId: string): Promise<OwnedFile>;
  /** Archives that were sent and not made an image of in time. */
  unusedUploads(tx: Tx): Promise<string[]>;
  policies(): Promise<Policies>;
  /** What names the image. */
  usesOf(db: Db, accountId: string, digest: string): Promise<ImageUse[]>;
}

export type Images = ReturnType<typeof newImagesService>;

/** Images that an account has pushed. Nobody else ever reaches one: neither a route nor an answer carries any part of it. */
export function newImagesService(platform: Platform, needs: ImagesNeeds) {
  const { db, imageParts, clock, sealer } = platform;

  async function register(
    caller: Member,
    given: Pick<store.NewImageRow, 'id' | 'name' | 'source' | 'archiveSha256' | 'credentialsSealed'>,
  ): Promise<Image> {
    const { accountId } = caller;
    const registered = await inTx(db, async (tx) => {
      const pending = await store.countPending(tx, accountId);
      if (pending >= pendingMax) fail('image.too_many_pending', { pending });
      if (given.archiveSha256) await parts.countOn(tx, [given.archiveSha256]);
      const image = await store.insert(tx, { ...given, accountId, createdBy: caller.email });
      await enqueueCheck(tx, image.id);
      await audit(tx, caller, 'image.registered', image.id, { name: image.name, source: image.source });
      return image;
    });
    return view(registered, undefined, null, []);
  }

  const quota = async (accountId: string) => ({
    sizeBytes: await store.keptBytes(db, accountId),
    limitBytes: accountBytesMaxOf(await needs.policies()),
  });

  /** Before anything is fetched or unpacked; what it truly takes is looked at again when it is here. */
  async function requireRoom(accountId: string): Promise<void> {
    const used = await quota(accountId);
    if (used.sizeBytes >= used.limitBytes)
      fail('image.over_quota', {
        usedMegabytes: Math.round(used.sizeBytes / 1e6),
        limitMegabytes: Math.round(used.limitBytes / 1e6),
      });
  }

  async function own(reader: Db, caller: Member, image: string): Promise<ImageRow> {
    return (await store.findNamed(reader, caller.accountId, image)) ?? fail('image.missing', { image });
  }

  const verdictOf = async (i: ImageRow): Promise<ImageVerdict | undefined> =>
    i.verdictKey === null ? undefined : store.findVerdict(db, i.verdictKey);
  const contentsOf = async (i: ImageRow) =>
    i.digest === null ? undefined : store.findContents(db, i.digest);

  return {
    async create(caller: Member, given: { uploadId: string; name?: string }): Promise<Image> {
      const file = await needs.finishedUpload(db, caller.accountId, given.uploadId);
      await requireRoom(caller.accountId);
      return register(caller, {
        id: newId('img'),
        name: given.name ?? file.fileName,
        source: { kind: 'upload', fileName: file.fileName },
        archiveSha256: file.sha256,
        credentialsSealed: null,
      });
    },

    async pull(
      caller: Member,
      given: { reference: string; username?: string; password?: string; name?: string },
    ): Promise<Image> {
      const { reference, username, password } = given;
      const read = readReference(reference);
      if ('problem' in read)
        return fail('image.reference_invalid', { reference: reference.slice(0, 200), problem: read.problem });
      await requireRoom(caller.accountId);
      const id = newId('img');
      const sealed =
        password === undefined
          ? null
          : sealer.seal(JSON.stringify({ username: username ?? '', password }), `images:${id}`);
      const name = given.name ?? `${read.repository}${read.version.includes(':') ? '' : `:${read.version}`}`;
      const source = { kind: 'registry', reference } as const;
      return register(caller, {
        id,
        name: name.slice(0, 255),
        source,
        archiveSha256: null,
        credentialsSealed: sealed,
      });
    },

    async list(
      caller: Member,
      given: { cursor?: string; limit?: number; nameContains?: string; status?: ImageStatus },
    ): Promise<{
      items: ImageSummary[];
      nextCursor: string | null;
      used: { sizeBytes: number; limitBytes: number };
    }> {
      const { cursor, limit = 50, ...filter } = given;
      const found = await store.list(db, caller.accountId, {
        ...filter,
        before: cursor ?? null,
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      return {
        items: page.map((i) => summaryOf(i, i)),
        nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
        used: await quota(caller.accountId),
      };
    },

    async get(caller: Member, image: string): Promise<Image> {
      const i = await own(db, caller, image);
      const uses = i.digest === null ? [] : await needs.usesOf(db, caller.accountId, i.digest);
      return view(i, await verdictOf(i), (await contentsOf(i))?.sizeBytes ?? null, uses);
    },

    /** CycloneDX of what is installed in the image. */
    async bom(caller: Member, image: string): Promise<{ fileName: string; document: unknown }> {
      const i = await own(db, caller, image);
      const verdict = await verdictOf(i);
      if (verdict === undefined || i.digest === null)
        return fail('image.no_packages', { image: i.name, status: i.status });
      const { layers, packages, distribution } = verdict.examined;
      const document = imageBom({ name: i.name, digest: i.digest, layers, packages, distribution });
      return { fileName: `${i.name.replaceAll(/[^A-Za-z0-9._-]+/g, '-')}.cdx.json`, document };
    },

    /** What is installed in an image of the account, for the bill of materials of what it runs. */
    async inside(accountId: string, digest: string) {
      const i = await store.findNamed(db, accountId, digest);
      const verdict = i && (await verdictOf(i));
      if (!i || !verdict) return undefined;
      const { packages, distribution } = verdict.examined;
      return { name: i.name, digest, packages, distribution };
    },

    async remove(caller: Member, image: string): Promise<void> {
      await inTx(db, async (tx) => {
        const { id } = await own(tx, caller, image);
        const i = (await store.lock(tx, id)) ?? fail('image.missing', { image });
        if (i.status !== 'Completed' && i.status !== 'Failed')
          fail('image.not_finished', { image: i.name, status: i.status });
        const uses = i.digest === null ? [] : await needs.usesOf(tx, caller.accountId, i.digest);
        if (i.status === 'Completed' && uses.length > 0)
          fail('image.in_use', {
            image: i.name,
            users: uses
              .map((u) => u.name)
              .join(', ')
              .slice(0, 300),
          });
        await store.remove(tx, id);
        await audit(tx, caller, 'image.deleted', id, { name: i.name, digest: i.digest });
      });
    },

    /** An image of the account that passed its checks, for whatever is to run it. */
    async find(reader: Db, accountId: string, digest: string): Promise<KeptImage | undefined> {
      const i = await store.findNamed(reader, accountId, digest);
      const verdict = i?.verdictKey ? await store.findVerdict(reader, i.verdictKey) : undefined;
      const contents = await store.findContents(reader, digest);
      return i && verdict && contents && keptOf(i, verdict, contents.sizeBytes);
    },

    /** Frees the disk of parts that no image has any more. A day of patience: parts are written before the image that has them. */
    async sweep(): Promise<void> {
      const before = new Date(clock.now().getTime() - dayMs);
      await inTx(db, async (tx) => {
        await parts.countOn(tx, await needs.unusedUploads(tx));
        await parts.removeUnusedContents(tx, before);
      });
      for (const { sha256 } of await parts.unusedParts(db, before))
        if (await inTx(db, (tx) => parts.forget(tx, sha256, before)))
          await imageParts.removeUnlessNewer(sha256, before);
    },

    /** Where the parts of an image lie, by their digests; for tests and the doctor. */
    async partsOf(digest: string): Promise<string[]> {
      const contents = await store.findContents(db, digest);
      return contents
        ? [digest, contents.configDigest, ...contents.layers.map((l) => l.digest)].map(hexOf)
        : [];
    },
  };
}
