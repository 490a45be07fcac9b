import { type ApiKey, type BodyOf, keyLimits, type operations } from '@souk/contract';
import { hashApiKey, hintOf, newApiKey } from '../../platform/api-keys.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Context, tell } from './accounts.context.ts';
import { findKey, insertKey, replaceKey } from './accounts.keys.sql.ts';
import { keyState } from './accounts.rules.ts';
import type { ApiKeyRow } from './accounts.ts';
import { keyView } from './accounts.views.ts';

const hourMs = 3600_000;
const dayMs = 24 * hourMs;

/**
 * A new key in the place of an old one, without a moment in which neither works: both do until the overlap is over, then the old one
 * expires by itself. The new one acts as whoever made the old one, so nobody else is handed it, not even an admin.
 */
export function newRotation(context: Context) {
  const { db, clock } = context.platform;
  return async (
    caller: Member,
    keyId: string,
    given: BodyOf<typeof operations.rotateApiKey>,
  ): Promise<{ key: string; details: ApiKey; replaced: ApiKey }> => {
    const { overlapHours = keyLimits.overlapHours, expiresInDays } = given;
    const key = newApiKey();
    const id = newId('key');
    const now = clock.now();
    const until = new Date(now.getTime() + overlapHours * hourMs);
    const [made, replaced] = await inTx(db, async (tx) => {
      const find = async (which: string) =>
        (await findKey(tx, caller.accountId, which)) ?? fail('account.key_missing');
      const old = await find(keyId);
      if (old.personId !== caller.personId)
        fail('account.key_of_another', { name: old.name, createdBy: old.createdBy });
      const state = keyState(old, now);
      if (state !== 'active') fail('account.key_not_active', { name: old.name, state });
      if (old.replacedBy) alreadyReplaced(old);
      // What was rotated before ends with its overlap; how long it was made for shows in the key that took its place.
      const model = old.replacedById ? await find(old.replacedById) : old;
      await insertKey(tx, {
        ...{ id, accountId: caller.accountId, personId: caller.personId, name: old.name },
        ...{ keySha256: hashApiKey(key), hint: hintOf(key), scopes: old.scopes, abilities: old.abilities },
        products: old.products === null ? null : old.products.map((p) => p.id),
        expiresAt: expiresInDays ? new Date(now.getTime() + expiresInDays * dayMs) : asLong(model, now),
      });
      if (!(await replaceKey(tx, old, id, until))) alreadyReplaced(await find(keyId));
      await tell(context, tx, caller, 'key.rotated', keyId, { name: old.name, replacedBy: id, overlapHours });
      return [await find(id), await find(keyId)] as const;
    });
    context.forget();
    return { key, details: keyView(made, now), replaced: keyView(replaced, clock.now()) };
  };
}

const alreadyReplaced = (k: ApiKeyRow): never =>
  fail('account.key_replaced', {
    name: k.name,
    hint: k.replacedBy?.hint ?? '',
    until: k.expiresAt?.toISOString() ?? '',
  });

const asLong = ({ createdAt, expiresAt }: ApiKeyRow, now: Date): Date | null =>
  expiresAt && new Date(now.getTime() + expiresAt.getTime() - createdAt.getTime());
