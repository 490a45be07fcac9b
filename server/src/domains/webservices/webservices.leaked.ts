import { hashApiKey, isApiKey, newApiKey } from '../../platform/api-keys.ts';
import { inTx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Revoker, TellOwners } from '../leaks/index.ts';
import * as store from './webservices.sql.ts';

/**
 * Keys of endpoints that somebody found. In the place of a leaked key stands one that nobody was ever shown: calls with the old one are
 * refused at once, the endpoint's other key works on, and the owner makes a new one when they read of it.
 */
export function newEndpointKeyRevoker({ db }: Pick<Platform, 'db'>, tell: TellOwners): Revoker {
  return {
    recognises: isApiKey,
    revoke: (text, where) =>
      inTx(db, async (tx) => {
        const sha256 = hashApiKey(text);
        for (const e of await store.endpointsOfKey(tx, sha256)) {
          const key = e.primarySha256 === sha256 ? 'primary' : 'secondary';
          await store.setKey(tx, e.id, key, { sha256: hashApiKey(newApiKey()), hint: 'revoked: it leaked' });
          await audit(
            tx,
            'system:leak-report',
            'webservice.key_leaked',
            e.id,
            { service: e.service, name: e.name, key, where },
            { accountId: e.accountId },
          );
          await tell(tx, {
            accountId: e.accountId,
            roles: ['admin', 'buyer'],
            title: `A key of the web service “${e.service}” leaked and was revoked`,
            text: words({ ...e, key, where }),
            link: `/web-services/${e.serviceId}`,
            source: `webservice-key:${sha256.slice(0, 32)}:leaked`,
            mail: true,
          });
        }
      }),
  };
}

const words = (m: { service: string; name: string; key: string; where: string | null }) =>
  `Somebody found the ${m.key} key of the endpoint “${m.name}” of the web service “${m.service}” where others can read it, and reported it.${
    m.where === null ? '' : `\nWhere, in their words: ${m.where}`
  }

Souk revoked it at once: calls with it are refused. The endpoint’s other key works on.

What to do now:
1. Give the programs that used this key the other one, or regenerate the ${m.key} key and give them the new one.
2. Take the old key out of the place where it was found.
3. Look at the endpoint’s traffic for calls that were not yours: they were billed to you until now.`;
