import { hashApiKey, isApiKey } from '../../platform/api-keys.ts';
import { inTx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Revoker, TellOwners } from '../leaks/index.ts';
import { findKey, leakKey } from './accounts.keys.sql.ts';
import { leakWords } from './accounts.mails.ts';
import { findAccount } from './accounts.sql.ts';

/** Keys of accounts that somebody found: revoked, and their maker and the account's admins told, by mail too, in one transaction. */
export function newKeyRevoker(
  { db, clock, events }: Pick<Platform, 'db' | 'clock' | 'events'>,
  tell: TellOwners,
  forget: () => void,
): Revoker {
  return {
    recognises: isApiKey,
    async revoke(text, where) {
      const now = clock.now();
      const revoked = await inTx(db, async (tx) => {
        const found = await leakKey(tx, hashApiKey(text), where, now);
        if (!found) return false;
        const { id, accountId } = found;
        const [key, account] = [await findKey(tx, accountId, id), await findAccount(tx, accountId)];
        if (!key || !account) throw new Error(`the key ${id} is of no account`);
        const news = {
          ...{ accountId, link: '/account/keys', source: `key:${id}:leaked`, mail: true },
          ...leakWords({ key, accountName: account.name, where }),
        };
        await tell(tx, { ...news, roles: [], personId: key.personId });
        await tell(tx, { ...news, roles: ['admin'] });
        const details = { name: key.name, where };
        await events.publish(tx, { type: 'key.leaked', subject: id, accountId, data: details });
        await audit(tx, 'system:leak-report', 'key.leaked', id, details, { accountId });
        return true;
      });
      if (revoked) forget();
    },
  };
}
