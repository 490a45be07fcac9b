import { hashApiKey, hintOf, isApiKey } from '../../platform/api-keys.ts';
import { type Caller, visitor } from '../../platform/authorize.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { givenKey, sessionToken } from './accounts.credentials.ts';
import { findKeyByHash, touchKey, type UsableKeyRow } from './accounts.keys.sql.ts';
import { findSession, type SessionRow } from './accounts.people.sql.ts';
import { newRecent } from './accounts.recent.ts';
import { keyState } from './accounts.rules.ts';

export interface Authenticator {
  authenticate(request: {
    readonly headers: Readonly<Record<string, string | string[] | undefined>>;
    readonly ip: string;
  }): Promise<Caller>;
  /** What was changed here is seen at once; other processes see it within a second. */
  forget(): void;
}

const believedMs = 900;
const touchEveryMs = 60_000;

/**
 * Finds out who calls. A wrong API key is an error, since who sends one means it. A cookie that is no longer good is not: the
 * browser sends it by itself, also to the catalogue and to the sign-in.
 */
export function newAuthenticator({
  db,
  clock,
  log,
  keys,
}: Pick<Platform, 'db' | 'clock' | 'log' | 'keys'>): Authenticator {
  const sessions = newRecent<SessionRow | undefined>(believedMs, 5000);
  const usedKeys = newRecent<UsableKeyRow | undefined>(believedMs, 5000);
  const touched = newRecent<void>(touchEveryMs, 5000);

  async function callerOfKey(text: string): Promise<Caller> {
    if (!isApiKey(text)) return fail('account.key_malformed');
    const hash = hashApiKey(text);
    const key = await usedKeys.get(hash, () => findKeyByHash(db, hash));
    if (!key) return fail('account.key_unknown', { hint: hintOf(text) });
    const state = keyState(key, clock.now());
    if (state === 'expired')
      fail('account.key_expired', { hint: key.hint, expiredAt: key.expiresAt?.toISOString() ?? '' });
    if (state === 'revoked' || !key.roles) return fail('account.key_revoked', { hint: key.hint });
    // Nobody waits for this, and a database that is away now is the next request's concern.
    touched
      .get(key.id, async () => void (await touchKey(db, key.id)))
      .catch((error: Error) => log.debug({ err: error.message }, 'the last use of a key was not noted'));
    return {
      kind: 'member',
      personId: key.personId,
      email: key.createdBy,
      accountId: key.accountId,
      roles: key.roles,
      via: 'key',
      scopes: key.scopes,
      keyId: key.id,
      limit: key.products && { products: key.products.map((p) => p.id), abilities: key.abilities },
      withheld: key.withheld ?? [],
    };
  }

  return {
    async authenticate({ headers }) {
      const key = givenKey(headers);
      if (key !== undefined) return await callerOfKey(key);
      const token = sessionToken(headers, keys.session);
      if (!token) return visitor;
      const session = await sessions.get(token, () => findSession(db, token));
      return session && session.expiresAt > clock.now() ? callerOfSession(session) : visitor;
    },
    forget() {
      sessions.clear();
      usedKeys.clear();
    },
  };
}

/** A person who belongs to no account may accept an invitation, and little else. */
export function callerOfSession({
  person,
  account,
  roles,
  withheld,
}: Pick<SessionRow, 'person' | 'account' | 'roles' | 'withheld'>): Caller {
  const who = {
    personId: person.id,
    email: person.email,
    via: 'session',
    scopes: [],
    keyId: null,
    limit: null,
    withheld,
  } as const;
  return account
    ? { ...who, kind: 'member', accountId: account.id, roles }
    : { ...who, kind: 'visitor', accountId: null, roles: [] };
}
