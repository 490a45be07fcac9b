import { Readable } from 'node:stream';
import type { FilePage, StoredFile } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { fail, SoukError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { contentTypeOf } from './files.rules.ts';
import * as store from './files.sql.ts';
import type { FileRow } from './files.ts';

export interface FileNeeds {
  /** The operator's limit for an account. */
  quotaBytes(): Promise<number>;
  /** A finished upload of the account that was sent as data. */
  finishedUpload(
    db: Db,
    accountId: string,
    uploadId: string,
  ): Promise<{ sha256: string; sizeBytes: number; fileName: string }>;
  /** Digests of uploads that nobody kept in time. */
  unusedUploads(tx: Tx): Promise<string[]>;
}

type NewFile = Pick<FileRow, 'accountId' | 'path' | 'sha256' | 'sizeBytes' | 'createdBy'> & {
  readonly contentType?: string;
};

export type Files = ReturnType<typeof newFiles>;

const dayMs = 24 * 3600 * 1000;

export function newFiles(platform: Platform, needs: FileNeeds) {
  const { db, config, clock, accountFiles } = platform;

  /** Enters a content that is already in the store; only here does an account's usage grow. */
  async function enter(tx: Tx, given: NewFile, limitBytes: number, replace: boolean): Promise<FileRow> {
    const { accountId, path, sha256, sizeBytes } = given;
    const used = await store.lockUsed(tx, accountId);
    const old = await store.find(tx, accountId, path);
    if (old && !replace) fail('file.exists', { path });
    const more = sizeBytes - (old?.sizeBytes ?? 0);
    if (more > 0 && used.sizeBytes + more > limitBytes)
      fail('file.over_quota', { usedBytes: used.sizeBytes, limitBytes, sizeBytes: more });
    const kept = await store.put(tx, { ...given, contentType: given.contentType ?? contentTypeOf(path) });
    await store.addUsed(tx, accountId, more, old ? 0 : 1);
    if (old && old.sha256 !== sha256) await store.giveUp(tx, [old.sha256]);
    if (!kept) throw new Error('the file was not entered');
    return kept;
  }

  /**
   * Takes what comes into the store, and stops at the first byte too many: an account at its limit must not fill our disk
   * before it is told.
   */
  async function take(accountId: string, path: string, content: Readable) {
    const limitBytes = await needs.quotaBytes();
    const { sizeBytes: usedBytes } = await store.used(db, accountId);
    const old = await store.find(db, accountId, path);
    const room = limitBytes - usedBytes + (old?.sizeBytes ?? 0);
    const max = Math.min(room, config.uploadBytesMax);
    async function* counted() {
      let sizeBytes = 0;
      // A request that is refused half-way still wants its answer, so it is not torn down here.
      for await (const chunk of content.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        sizeBytes += chunk.length;
        if (sizeBytes > max)
          if (room < config.uploadBytesMax) fail('file.over_quota', { usedBytes, limitBytes, sizeBytes });
          else fail('file.too_large', { limitBytes: config.uploadBytesMax });
        yield chunk;
      }
    }
    const put = await accountFiles.put(Readable.from(counted()));
    return { ...put, limitBytes };
  }

  async function list(
    caller: Member,
    { prefix = '', cursor, limit = 50 }: { prefix?: string; cursor?: string; limit?: number },
  ): Promise<FilePage> {
    const found = await store.list(db, caller.accountId, prefix, cursor ?? null, limit + 1);
    const items = found.slice(0, limit);
    return {
      items: items.map(view),
      nextCursor: found.length > limit ? (items.at(-1)?.path ?? null) : null,
      used: { ...(await store.used(db, caller.accountId)), limitBytes: await needs.quotaBytes() },
    };
  }

  async function create(
    caller: Member,
    given: { path: string; uploadId: string; contentType?: string; replace?: boolean },
  ): Promise<StoredFile> {
    const { accountId, email: createdBy } = caller;
    const { sha256, sizeBytes } = await needs.finishedUpload(db, accountId, given.uploadId);
    const limitBytes = await needs.quotaBytes();
    const { path, contentType, replace = false } = given;
    return inTx(db, async (tx) => {
      const file = { accountId, path, sha256, sizeBytes, createdBy, ...(contentType ? { contentType } : {}) };
      const kept = await enter(tx, file, limitBytes, replace);
      await audit(tx, caller, 'file.kept', path, { sha256, sizeBytes });
      return view(kept);
    });
  }

  async function write(
    caller: Member,
    given: { path: string; sha256?: string },
    content: Readable,
  ): Promise<StoredFile> {
    const { accountId, email: createdBy } = caller;
    const { path, sha256: expected } = given;
    const { sha256, sizeBytes, limitBytes } = await take(accountId, path, content).catch((error: unknown) => {
      if (error instanceof SoukError || content.readableEnded) throw error;
      return fail('file.incomplete', { path }, { internal: error });
    });
    if (expected !== undefined && expected !== sha256) {
      await inTx(db, (tx) => store.giveUp(tx, [sha256]));
      fail('file.digest_mismatch', { actual: sha256, expected });
    }
    return inTx(db, async (tx) => {
      const kept = await enter(tx, { accountId, path, sha256, sizeBytes, createdBy }, limitBytes, true);
      await audit(tx, caller, 'file.kept', path, { sha256, sizeBytes });
      return view(kept);
    });
  }

  async function get(caller: Member, path: string): Promise<FileRow> {
    return (await store.find(db, caller.accountId, path)) ?? fail('file.missing', { path });
  }

  async function removeIn(tx: Tx, accountId: string, path: string): Promise<FileRow | undefined> {
    await store.lockUsed(tx, accountId);
    const gone = await store.remove(tx, accountId, path);
    if (!gone) return undefined;
    await store.addUsed(tx, accountId, -gone.sizeBytes, -1);
    await store.giveUp(tx, [gone.sha256]);
    return gone;
  }

  return {
    list,
    create,
    write,
    get,
    take,
    enter,
    removeIn,
    async remove(caller: Member, path: string): Promise<void> {
      await inTx(db, async (tx) => {
        const gone = await removeIn(tx, caller.accountId, path);
        if (!gone) return fail('file.missing', { path });
        await audit(tx, caller, 'file.removed', path, { sha256: gone.sha256, sizeBytes: gone.sizeBytes });
      });
    },
    /**
     * Frees the disk of contents that nobody has. A day of patience: a content is written before its row, so one that was
     * written again just now may belong to a file that is about to be entered.
     */
    async sweep(): Promise<void> {
      const before = new Date(clock.now().getTime() - dayMs);
      await inTx(db, async (tx) => store.giveUp(tx, await needs.unusedUploads(tx)));
      for (const { sha256 } of await inTx(db, (tx) => store.nobodys(tx, before)))
        if (await accountFiles.removeUnlessNewer(sha256, before))
          await inTx(db, (tx) => store.forget(tx, sha256));
    },
  };
}

const view = (f: FileRow): StoredFile => ({
  path: f.path,
  uri: `souk://${f.accountId}/${f.path}`,
  sizeBytes: f.sizeBytes,
  sha256: f.sha256,
  contentType: f.contentType,
  createdBy: f.createdBy,
  createdAt: f.createdAt.toISOString(),
});
