import type { Account, Session } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import { newLimiter } from '../../platform/limiter.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { newAuthenticator } from './accounts.authenticate.ts';
import { type Context, limited, limits, tell } from './accounts.context.ts';
import { newInvitations } from './accounts.invitations.service.ts';
import { findPendingInvitation } from './accounts.invitations.sql.ts';
import { newKeyRevoker } from './accounts.keys.leaked.ts';
import { newKeys } from './accounts.keys.service.ts';
import { newLibrary } from './accounts.library.ts';
import { newMembers } from './accounts.members.service.ts';
import { ensureAccount, foundAccount, newPeople } from './accounts.people.service.ts';
import { findPerson } from './accounts.people.sql.ts';
import { newProviders } from './accounts.providers.service.ts';
import { newResets } from './accounts.reset.service.ts';
import { cleanName } from './accounts.rules.ts';
import { newSessions } from './accounts.sessions.service.ts';
import { findAccount, hasAccounts, listAccounts, removeExpired, renameAccount } from './accounts.sql.ts';
import { accountView } from './accounts.views.ts';

export interface AccountsDependencies {
  /** The operator's policy on who may sign up. */
  readonly signUpPolicy: () => Promise<'open' | 'invitation'>;
}

export function newAccounts(platform: Platform, { signUpPolicy }: AccountsDependencies) {
  const { db, clock } = platform;
  const authenticator = newAuthenticator(platform);
  const limiter = newLimiter(() => clock.now().getTime());
  const context: Context = { platform, limiter, signUpPolicy, forget: authenticator.forget };
  const invitations = newInvitations(context);
  const resets = newResets(context, () => library);
  const library = newLibrary(platform, {
    ...resets.hooks,
    accountFor: (personId) => ensureAccount(context, invitations, personId),
    mayJoin: async ({ email, emailVerified }) =>
      (await signUpPolicy()) === 'open' ||
      (emailVerified && (await findPendingInvitation(db, email, clock.now())) !== undefined),
  });
  const sessions = newSessions(context, library);

  return {
    authenticate: authenticator.authenticate,
    ...newPeople(context, library, sessions, invitations),
    sessions,
    resets,
    providers: newProviders(context, library),
    members: newMembers(context),
    invitations: {
      ...invitations,
      accept: (caller: Caller, token: string, headers: Parameters<typeof sessions.switchAccount>[1]) =>
        accept(caller, token, headers),
    },
    keys: newKeys(context),
    /** What revokes its keys when somebody found them. */
    keyRevoker: (notify: Parameters<typeof newKeyRevoker>[1]) =>
      newKeyRevoker(platform, notify, context.forget),

    /** False for a data folder that nobody has used yet. */
    hasAccounts: () => hasAccounts(db, 'any'),

    async create(caller: Caller, name: string): Promise<Account> {
      const personId = caller.personId ?? fail('request.unauthenticated');
      if (caller.accountId === null && (await signUpPolicy()) === 'invitation')
        fail('account.invitation_needed');
      limited(context, [[limits.accounts, personId]]);
      const account = await inTx(db, async (tx) => {
        const person = (await findPerson(tx, personId)) ?? fail('request.unauthenticated');
        return await foundAccount(context, tx, person, cleanName(name));
      });
      context.forget();
      return accountView(account);
    },

    async get(caller: Member): Promise<Account> {
      const account = await findAccount(db, caller.accountId);
      return accountView(account ?? fail('account.not_a_member', { accountId: caller.accountId }));
    },

    async rename(caller: Member, name: string): Promise<Account> {
      const account = await inTx(db, async (tx) => {
        const renamed = await renameAccount(tx, caller.accountId, cleanName(name));
        await tell(context, tx, caller, 'account.renamed', caller.accountId, { name: cleanName(name) });
        return renamed ?? fail('account.not_a_member', { accountId: caller.accountId });
      });
      context.forget();
      return accountView(account);
    },

    async list(query: { q?: string; cursor?: string; limit?: number }): Promise<Page<Account>> {
      const { q, cursor, limit = 50 } = query;
      return pageFrom(
        await listAccounts(db, q?.trim() || undefined, cursor, limit + 1),
        limit,
        accountView,
        (a) => a.id,
      );
    },

    jobs: [...resets.jobs, sweep()],
  };

  async function accept(
    caller: Caller,
    token: string,
    headers: Parameters<typeof sessions.switchAccount>[1],
  ): Promise<Session> {
    const invitation = await invitations.ofToken(token);
    await inTx(db, async (tx) => {
      const person = await findPerson(tx, caller.personId ?? fail('request.unauthenticated'));
      await invitations.join(tx, invitation, person ?? fail('request.unauthenticated'), caller);
    });
    return await sessions.switchAccount(caller, headers, invitation.accountId);
  }

  function sweep(): JobDefinition {
    return { name: 'accounts:sweep', cron: '17 3 * * *', run: () => inTx(db, removeExpired) };
  }
}
export type Accounts = ReturnType<typeof newAccounts>;
