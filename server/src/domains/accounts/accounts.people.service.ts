import type { BodyOf, operations, Session } from '@souk/contract';
import type { Caller } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { callerOfSession } from './accounts.authenticate.ts';
import { type Context, fromNetwork, limited, limits, type Origin, tell } from './accounts.context.ts';
import type { Invitations } from './accounts.invitations.service.ts';
import { findPendingInvitation } from './accounts.invitations.sql.ts';
import type { Library } from './accounts.library.ts';
import { insertMember, membershipsOf } from './accounts.members.sql.ts';
import { findSession, insertPassword, insertPerson, lockPerson } from './accounts.people.sql.ts';
import { cleanName, isPlainEmail, isWeakPassword, normalEmail } from './accounts.rules.ts';
import type { Sessions, WithCookies } from './accounts.sessions.service.ts';
import { hasAccounts, insertAccount } from './accounts.sql.ts';
import { founderRoles, operatorFounderRoles, type PersonRow } from './accounts.ts';

type SignUp = BodyOf<typeof operations.signUp>;

export interface People {
  signUp(input: SignUp, from: Origin): Promise<WithCookies<Session>>;
  signIn(input: { email: string; password: string }, from: Origin): Promise<WithCookies<Session>>;
  createOperator(
    input: NewOperator,
    onlyIfEmpty?: boolean,
  ): Promise<{ personId: string; accountId: string } | undefined>;
}

type NewOperator = Required<Pick<SignUp, 'email' | 'password' | 'name' | 'accountName'>>;

export function newPeople(
  context: Context,
  library: Library,
  sessions: Sessions,
  invitations: Invitations,
): People {
  const { db } = context.platform;

  async function checked(given: { email: string; password: string; name: string }) {
    const email = normalEmail(given.email);
    if (!isPlainEmail(email)) fail('request.invalid', { problem: 'email is not an ordinary address' });
    if (isWeakPassword(given.password, email)) fail('account.weak_password');
    // Slow on purpose, so not inside the transaction.
    const { hashPassword } = await import('better-auth/crypto');
    return { email, name: cleanName(given.name), passwordHash: await hashPassword(given.password) };
  }

  async function create(
    tx: Tx,
    given: { email: string; name: string; passwordHash: string },
  ): Promise<PersonRow> {
    const { email, name, passwordHash } = given;
    const person = await insertPerson(tx, { id: newId('per'), email, name, emailVerified: false });
    if (!person) return fail('account.email_taken', { email });
    await insertPassword(tx, newId('crd'), person.id, passwordHash);
    return person;
  }

  async function openSession(email: string, password: string, from: Origin) {
    const { api } = await library.base();
    const headers = new Headers({ 'x-forwarded-for': from.ip, 'user-agent': from.userAgent });
    const { response, headers: answered } = await api
      .signInEmail({ body: { email, password }, headers, returnHeaders: true })
      .catch((error: unknown) =>
        isRefusal(error) ? fail('account.wrong_credentials') : Promise.reject(error),
      );
    return { token: response.token, cookies: answered.getSetCookie() };
  }

  async function started(token: string, from: Origin): Promise<Session> {
    const session = (await findSession(db, token)) ?? fail('request.unauthenticated');
    const caller = callerOfSession(session);
    await inTx(db, (tx) => tell(context, tx, caller, 'session.started', session.id, { ip: from.ip }));
    return await sessions.view(caller);
  }

  return {
    /** A person, and either an account of their own or a place in the one that invited them; all of it or nothing. */
    async signUp(input, from) {
      limited(context, [[limits.signUpFrom, fromNetwork(from)]]);
      const invitation =
        input.invitationToken === undefined ? undefined : await invitations.ofToken(input.invitationToken);
      if (invitation && invitation.email !== normalEmail(input.email))
        fail('account.invitation_other_address', { email: invitation.email });
      if (!invitation && (await context.signUpPolicy()) === 'invitation') fail('account.invitation_needed');
      const given = await checked(input);
      await inTx(db, async (tx) => {
        const person = await create(tx, given);
        // The account that invited is joined first, and so is the one that the new session acts for.
        if (invitation)
          await invitations.join(tx, invitation, person, callerOf(person, invitation.accountId));
        if (!invitation || input.accountName !== undefined)
          await foundAccount(context, tx, person, cleanName(input.accountName ?? input.name));
      });
      const { token, cookies } = await openSession(given.email, input.password, from);
      return { answer: await started(token, from), cookies };
    },

    async signIn(input, from) {
      const email = normalEmail(input.email);
      const network = fromNetwork(from);
      const giveBack = limited(context, [
        [limits.signInFrom, network],
        [limits.signInTo, `${email} ${network}`],
        [limits.signInToFromAnywhere, email],
      ]);
      const { token, cookies } = await openSession(email, input.password, from);
      giveBack();
      return { answer: await started(token, from), cookies };
    },

    /**
     * The account that runs the marketplace, and its first person: the beginning of every installation. Undefined when there is
     * one already, or, with `onlyIfEmpty`, any account.
     */
    async createOperator(input, onlyIfEmpty = false) {
      const given = await checked(input);
      return await inTx(db, async (tx) => {
        if (await hasAccounts(tx, onlyIfEmpty ? 'any' : 'operator')) return undefined;
        const person = await create(tx, given);
        const { id: accountId, name } = await insertAccount(tx, cleanName(input.accountName), true);
        await insertMember(tx, accountId, person.id, operatorFounderRoles);
        await tell(
          context,
          tx,
          'system:setup',
          'account.created',
          accountId,
          { name, operator: true },
          accountId,
        );
        return { personId: person.id, accountId };
      });
    },
  };
}

/** An account of which the person is the first member. */
export async function foundAccount(context: Context, tx: Tx, person: PersonRow, name: string) {
  const account = await insertAccount(tx, name);
  await insertMember(tx, account.id, person.id, founderRoles);
  await tell(context, tx, callerOf(person, account.id), 'account.created', account.id, { name });
  return account;
}

/**
 * The account that a new session acts for. Who belongs to none - a person that single sign-on has just made, or one that was
 * removed from their last account - takes up the invitation that waits for their address, or else gets an account of
 * their own where sign-up is open. Done at each sign-in, so a crash after the person was made is mended by the next one.
 */
export async function ensureAccount(
  context: Context,
  invitations: Invitations,
  personId: string,
): Promise<string | null> {
  const { db, clock } = context.platform;
  const [membership] = await membershipsOf(db, personId);
  if (membership) return membership.account.id;
  const policy = await context.signUpPolicy();
  return await inTx(db, async (tx) => {
    const person = await lockPerson(tx, personId);
    const [faster] = await membershipsOf(tx, personId);
    if (!person || faster) return faster?.account.id ?? null;
    const invitation = person.emailVerified
      ? await findPendingInvitation(tx, person.email, clock.now())
      : undefined;
    if (invitation) {
      await invitations.join(tx, invitation, person, callerOf(person, invitation.accountId));
      return invitation.accountId;
    }
    return policy === 'open' ? (await foundAccount(context, tx, person, person.name)).id : null;
  });
}

const callerOf = (person: PersonRow, accountId: string): Caller =>
  callerOfSession({
    person,
    account: { id: accountId, name: '', operator: false, createdAt: new Date(0) },
    roles: [],
    withheld: [],
  });

/** The library says no to the credentials, rather than that something broke. */
const isRefusal = (error: unknown): boolean =>
  [400, 401, 403].includes(Number((error as { statusCode?: unknown } | null)?.statusCode));
