import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Session } from '@souk/contract';
import type { Caller } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { callerOfSession } from './accounts.authenticate.ts';
import { type Context, tell } from './accounts.context.ts';
import { expiredCookie, sessionToken } from './accounts.credentials.ts';
import type { Library } from './accounts.library.ts';
import { findMember, membershipsOf } from './accounts.members.sql.ts';
import { findPerson, findSession, removeSession, setSessionAccount } from './accounts.people.sql.ts';
import { findAccount } from './accounts.sql.ts';
import { sessionMs, sessionProlongMs } from './accounts.ts';
import { accountView, personView } from './accounts.views.ts';

type Headers = Readonly<Record<string, string | string[] | undefined>>;

/** An answer that also changes the browser's cookies. */
export interface WithCookies<T> {
  readonly answer: T;
  readonly cookies: readonly string[];
}

export function newSessions(context: Context, library: Library) {
  const { db, clock, authorizer, config, keys } = context.platform;

  async function ofHeaders(headers: Headers) {
    const token = sessionToken(headers, keys.session);
    return token ? await findSession(db, token) : undefined;
  }

  /** Who it is, what may be done here, and where else the person belongs. A key speaks of its own account only. */
  async function view(caller: Caller): Promise<Session> {
    const { personId, accountId } = caller;
    const [person, account, memberships] = await Promise.all([
      personId === null ? undefined : findPerson(db, personId),
      accountId === null ? undefined : findAccount(db, accountId),
      personId === null ? [] : membershipsOf(db, personId),
    ]);
    return {
      person: person ? personView(person) : null,
      account: account ? accountView(account) : null,
      roles: [...caller.roles],
      permissions: authorizer.permissions(caller),
      memberships: memberships
        .filter((m) => caller.via === 'session' || m.account.id === accountId)
        .map(({ account, roles }) => ({ account: accountView(account), roles })),
      demo: existsSync(join(config.dataDir, 'demo.json')),
    };
  }

  return {
    view,

    /** Also where a session in use is prolonged, once a day, since a cookie can only be renewed with an answer. */
    async get(caller: Caller, headers: Headers): Promise<WithCookies<Session>> {
      const session = caller.via === 'session' ? await ofHeaders(headers) : undefined;
      const ageMs = session ? clock.now().getTime() - (session.expiresAt.getTime() - sessionMs) : 0;
      const cookies = ageMs > sessionProlongMs ? await prolong(headers) : [];
      return { answer: await view(caller), cookies };
    },

    async switchAccount(caller: Caller, headers: Headers, accountId: string): Promise<Session> {
      const session = (await ofHeaders(headers)) ?? fail('request.unauthenticated');
      await inTx(db, async (tx) => {
        if (!(await findMember(tx, accountId, session.person.id)))
          fail('account.not_a_member', { accountId });
        await setSessionAccount(tx, session.id, accountId);
        await tell(
          context,
          tx,
          caller,
          'session.switched',
          session.id,
          { from: caller.accountId },
          accountId,
        );
      });
      context.forget();
      const switched = (await ofHeaders(headers)) ?? fail('request.unauthenticated');
      return await view(callerOfSession(switched));
    },

    async end(caller: Caller, headers: Headers): Promise<WithCookies<undefined>> {
      const session = await ofHeaders(headers);
      if (session)
        await inTx(db, async (tx) => {
          if (await removeSession(tx, session.id))
            await tell(context, tx, caller, 'session.ended', session.id);
        });
      context.forget();
      return { answer: undefined, cookies: [expiredCookie(config.publicUrl)] };
    },
  };

  async function prolong(headers: Headers): Promise<string[]> {
    const { api } = await library.base();
    const cookie = String(headers.cookie ?? '');
    const { headers: answered } = await api.getSession({
      headers: new Headers({ cookie }),
      returnHeaders: true,
    });
    return answered.getSetCookie();
  }
}
export type Sessions = ReturnType<typeof newSessions>;
