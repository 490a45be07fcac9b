import type { Readable } from 'node:stream';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { locationOf, uriOf } from './files.rules.ts';
import type { Files } from './files.service.ts';
import * as store from './files.sql.ts';
import type { LocatedFile, Location, StagedFile, Store } from './files.ts';

/** Where inputs are read and outputs go: files of the account, and buckets that it keeps credentials for. */
export interface Locations {
  /** Refuses what is no location, is another account's, or cannot be used for want of credentials. */
  check(accountId: string, uri: string): Promise<void>;
  /** What is there: the file itself, or all whose path begins so, in order. Nothing there is an empty list. */
  list(accountId: string, uri: string): AsyncIterable<LocatedFile>;
  /** Refuses with `location.missing`. */
  open(accountId: string, uri: string): Promise<Readable>;
  /** Writes whole; it is to be seen from `commit` on (in a bucket at once). An older file there is replaced. */
  stage(accountId: string, uri: string, content: Readable, contentType?: string): Promise<StagedFile>;
}

/** The store of a bucket of the account; undefined where it keeps no credentials for it. */
export type BucketStore = (accountId: string, bucket: string) => Promise<Store | undefined>;

const pageSize = 1000;

export function newLocations(
  { db, accountFiles }: Platform,
  files: Pick<Files, 'take' | 'enter'>,
  bucket: BucketStore,
): Locations {
  const own = (accountId: string): Store => ({
    async *list(prefix) {
      for (let after: string | null = null; ; ) {
        const page = await store.list(db, accountId, prefix, after, pageSize);
        yield* page;
        const last = page.at(-1);
        if (!last || page.length < pageSize) return;
        after = last.path;
      }
    },
    async open(path) {
      const found = await store.find(db, accountId, path);
      return found && accountFiles.read(found.sha256);
    },
    async stage(path, content) {
      const { sha256, sizeBytes, limitBytes } = await files.take(accountId, path, content);
      return {
        sha256,
        sizeBytes,
        commit: async (tx, createdBy) => {
          await files.enter(tx, { accountId, path, sha256, sizeBytes, createdBy }, limitBytes, true);
        },
      };
    },
  });

  async function storeOf(accountId: string, at: Location): Promise<Store> {
    if (at.scheme === 'souk') return own(accountId);
    return (
      (await bucket(accountId, at.authority)) ?? fail('location.no_credentials', { bucket: at.authority })
    );
  }

  return {
    async check(accountId, uri) {
      await storeOf(accountId, locationOf(accountId, uri));
    },
    async *list(accountId, uri) {
      const at = locationOf(accountId, uri);
      const place = await storeOf(accountId, at);
      for await (const { path, sizeBytes } of place.list(at.path))
        yield { uri: uriOf({ ...at, path }), sizeBytes };
    },
    async open(accountId, uri) {
      const at = locationOf(accountId, uri);
      const place = await storeOf(accountId, at);
      return (at.path && (await place.open(at.path))) || fail('location.missing', { uri });
    },
    async stage(accountId, uri, content) {
      const at = locationOf(accountId, uri);
      if (at.path === '' || at.path.endsWith('/'))
        fail('location.invalid', { uri, problem: 'a file has a name.' });
      const staged = await (await storeOf(accountId, at)).stage(at.path, content);
      return { ...staged, uri };
    },
  };
}
