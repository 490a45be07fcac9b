import type { PublisherProfile } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as store from './publishers.sql.ts';
import type { GivenProfile, PublisherRow } from './publishers.ts';

export interface PublishersNeeds {
  /** Those of the digests that are not media of the account. */
  missingMedia(db: Db, accountId: string, digests: readonly string[]): Promise<string[]>;
}

export type Publishers = ReturnType<typeof newPublishersService>;

export function newPublishersService({ db, events }: Platform, { missingMedia }: PublishersNeeds) {
  /** What is left out of the body stays as it is; null removes it. */
  async function put(caller: Member, given: GivenProfile): Promise<PublisherProfile> {
    const { accountId } = caller;
    try {
      return await inTx(db, async (tx) => {
        const before = await store.lock(tx, accountId);
        if (before && before.slug !== given.slug && (await store.hasProducts(tx, accountId)))
          fail('publisher.slug_frozen', { slug: before.slug });
        const logoSha256 = given.logoSha256 === undefined ? (before?.logoSha256 ?? null) : given.logoSha256;
        if (logoSha256 && (await missingMedia(tx, accountId, [logoSha256])).length > 0) fail('blob.missing');
        const saved = await store.put(tx, {
          accountId,
          slug: given.slug,
          displayName: given.displayName.trim(),
          description: given.description ?? before?.description ?? '',
          websiteUrl: given.websiteUrl === undefined ? (before?.websiteUrl ?? null) : given.websiteUrl,
          contactEmail:
            given.contactEmail === undefined ? (before?.contactEmail ?? null) : given.contactEmail,
          logoSha256,
        });
        if (!saved) throw new Error('the publisher was not written');
        await events.publish(tx, { type: 'publisher.updated', subject: accountId, accountId });
        await audit(tx, caller, before ? 'publisher.updated' : 'publisher.created', accountId, {
          slug: saved.slug,
        });
        return view(saved);
      });
    } catch (error) {
      if (violated(error) !== 'publishers_slug_key') throw error;
      return fail('publisher.slug_taken', { slug: given.slug });
    }
  }

  return {
    get: async (caller: Member): Promise<PublisherProfile> =>
      view((await store.find(db, caller.accountId)) ?? fail('publisher.missing')),
    put,
    find: async (reader: Db, accountId: string): Promise<PublisherProfile | undefined> => {
      const found = await store.find(reader, accountId);
      return found && view(found);
    },
    /** Every publisher by name; for the operator. */
    list: async ({ cursor = '', limit = 50 }: { cursor?: string; limit?: number }) => {
      const found = await store.list(db, cursor, limit + 1);
      const items = found.slice(0, limit).map(view);
      return { items, nextCursor: found.length > limit ? (items.at(-1)?.slug ?? null) : null };
    },
  };
}

const view = (p: PublisherRow): PublisherProfile => ({ ...p, createdAt: p.createdAt.toISOString() });
