import type { ApiKey, BodyOf, NewApiKey, operations } from '@souk/contract';
import type { Static } from 'typebox';
import { hashApiKey, hintOf, newApiKey } from '../../platform/api-keys.ts';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Context, tell } from './accounts.context.ts';
import { newRotation } from './accounts.keys.rotation.ts';
import { findKey, findOwnProducts, insertKey, listKeys, revokeKey } from './accounts.keys.sql.ts';
import { cleanName } from './accounts.rules.ts';
import { keyView } from './accounts.views.ts';

const dayMs = 24 * 3600_000;

export function newKeys(context: Context) {
  const { db, clock, authorizer } = context.platform;
  return {
    rotate: newRotation(context),

    async list(caller: Member): Promise<{ items: ApiKey[] }> {
      const now = clock.now();
      return { items: (await listKeys(db, caller.accountId)).map((k) => keyView(k, now)) };
    },

    /** A key acts as its creator in this account, with the roles that the creator has when it is used. */
    async create(
      caller: Member,
      {
        name,
        products: named,
        abilities = [],
        scopes = named ? ['manage'] : ['call'],
        expiresInDays,
      }: BodyOf<typeof operations.createApiKey>,
    ): Promise<Static<typeof NewApiKey>> {
      const key = newApiKey();
      const now = clock.now();
      const id = newId('key');
      if (named && (abilities.length === 0 || scopes.join() !== 'manage'))
        fail('account.key_products', {
          problem: abilities.length === 0 ? 'no ability was given' : 'a scope for calls was given',
        });
      if (!named && abilities.length > 0) fail('account.key_products', { problem: 'no product was given' });
      const made = await inTx(db, async (tx) => {
        const products = named ? await ownProducts(tx, caller, named) : null;
        await insertKey(tx, {
          id,
          accountId: caller.accountId,
          personId: caller.personId,
          name: cleanName(name),
          keySha256: hashApiKey(key),
          hint: hintOf(key),
          scopes,
          products,
          abilities,
          expiresAt: expiresInDays ? new Date(now.getTime() + expiresInDays * dayMs) : null,
        });
        const made = await findKey(tx, caller.accountId, id);
        await tell(context, tx, caller, 'key.created', id, {
          name: cleanName(name),
          scopes,
          ...(products ? { products, abilities } : {}),
        });
        return made ?? fail('account.key_missing');
      });
      return { key, details: keyView(made, now) };
    },

    /** One's own keys, or as an admin anybody's. */
    async revoke(caller: Member, keyId: string): Promise<void> {
      await inTx(db, async (tx) => {
        const key = (await findKey(tx, caller.accountId, keyId)) ?? fail('account.key_missing');
        if (key.personId !== caller.personId && !authorizer.may(caller, 'member:manage'))
          fail('request.forbidden', { accountId: caller.accountId, action: 'member:manage' });
        if (await revokeKey(tx, keyId))
          await tell(context, tx, caller, 'key.revoked', keyId, { name: key.name });
      });
      context.forget();
    },
  };
}
/** Ids of the products that were named, all of the caller's account. A product of another account is none. */
async function ownProducts(tx: Tx, caller: Member, named: readonly string[]): Promise<string[]> {
  const found = await findOwnProducts(tx, caller.accountId, named);
  for (const name of named)
    if (!found.some((p) => p.id === name || p.slug === name))
      fail('account.key_products', { problem: `this account has no product ${name}` });
  return found.map((p) => p.id);
}
export type Keys = ReturnType<typeof newKeys>;
