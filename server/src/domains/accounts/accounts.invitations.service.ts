import { createHash } from 'node:crypto';
import type { Invitation, Role } from '@souk/contract';
import type { Caller, Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId, newToken } from '../../platform/ids.ts';
import { sendMail } from '../../platform/mail.ts';
import { type Context, limited, limits, tell } from './accounts.context.ts';
import {
  findInvitation,
  findInvitationByToken,
  insertInvitation,
  listInvitations,
  moveInvitation,
  withdrawInvitationsTo,
} from './accounts.invitations.sql.ts';
import { invitationMail } from './accounts.mails.ts';
import { findMember, insertMember, setRoles } from './accounts.members.sql.ts';
import { findPerson, findPersonByEmail, markEmailVerified } from './accounts.people.sql.ts';
import { invitationState, isPlainEmail, normalEmail, refusedRoles } from './accounts.rules.ts';
import { lockAccount } from './accounts.sql.ts';
import { type InvitationRow, invitationMs, type PersonRow } from './accounts.ts';
import { invitationView } from './accounts.views.ts';

export function newInvitations(context: Context) {
  const { db, clock, authorizer, config } = context.platform;

  async function create(
    caller: Member,
    given: { email: string; roles: readonly Role[] },
  ): Promise<Invitation> {
    const email = normalEmail(given.email);
    if (!isPlainEmail(email)) fail('request.invalid', { problem: 'email is not an ordinary address' });
    limited(context, [[limits.invitations, caller.accountId]]);
    const token = newToken();
    const id = newId('inv');
    const expiresAt = new Date(clock.now().getTime() + invitationMs);
    const made = await inTx(db, async (tx) => {
      const account =
        (await lockAccount(tx, caller.accountId)) ??
        fail('account.not_a_member', { accountId: caller.accountId });
      const byOperatorAdmin = authorizer.may(caller, 'operator:manage');
      const refused = refusedRoles({
        before: [],
        after: given.roles,
        ofOperator: account.operator,
        byOperatorAdmin,
      });
      if (refused)
        fail(refused.code, { role: refused.role, accountId: account.id, action: 'operator:manage' });
      const person = await findPersonByEmail(tx, email);
      if (person && (await findMember(tx, account.id, person.id))) fail('account.already_member', { email });
      await withdrawInvitationsTo(tx, account.id, email);
      const inviter = (await findPerson(tx, caller.personId))?.name ?? caller.email;
      await insertInvitation(tx, {
        id,
        accountId: account.id,
        email,
        roles: given.roles,
        tokenSha256: hashToken(token),
        invitedBy: caller.personId,
        expiresAt,
      });
      const url = `${config.publicUrl}/invitations/${token}`;
      await sendMail(
        tx,
        invitationMail({ to: email, inviter, accountName: account.name, roles: given.roles, url, expiresAt }),
      );
      const made = await findInvitation(tx, id);
      await tell(context, tx, caller, 'invitation.created', id, { email, roles: given.roles });
      return made ?? fail('account.invitation_missing');
    });
    return invitationView(made, clock.now());
  }

  /** The invitation of a link, if it can still be used; of every other link nothing is told. */
  async function ofToken(token: string): Promise<InvitationRow> {
    const invitation = await findInvitationByToken(db, hashToken(token));
    if (!invitation || invitationState(invitation, clock.now()) !== 'pending')
      return fail('account.invitation_missing');
    return invitation;
  }

  return {
    create,
    ofToken,

    /** Makes the person a member. Who has the link read the mail, so the address is the person's own. */
    async join(tx: Tx, invitation: InvitationRow, person: PersonRow, by: Caller): Promise<void> {
      await lockAccount(tx, invitation.accountId);
      if (invitation.email !== person.email)
        fail('account.invitation_other_address', { email: invitation.email });
      if (!(await moveInvitation(tx, invitation.id, 'accepted'))) fail('account.invitation_missing');
      const member = await findMember(tx, invitation.accountId, person.id);
      const roles = [...new Set([...(member?.roles ?? []), ...invitation.roles])];
      if (member) await setRoles(tx, invitation.accountId, person.id, roles);
      else await insertMember(tx, invitation.accountId, person.id, roles);
      await markEmailVerified(tx, person.id);
      const details = { email: person.email, roles, invitationId: invitation.id };
      await tell(context, tx, by, 'member.joined', person.id, details, invitation.accountId);
    },

    async list(caller: Member): Promise<{ items: Invitation[] }> {
      const now = clock.now();
      return { items: (await listInvitations(db, caller.accountId)).map((i) => invitationView(i, now)) };
    },

    async get(token: string): Promise<Invitation> {
      return invitationView(await ofToken(token), clock.now());
    },

    async withdraw(caller: Member, id: string): Promise<void> {
      await inTx(db, async (tx) => {
        const invitation = await findInvitation(tx, id);
        if (invitation?.accountId !== caller.accountId) fail('account.invitation_missing');
        if (!(await moveInvitation(tx, id, 'withdrawn'))) fail('account.invitation_missing');
        await tell(context, tx, caller, 'invitation.withdrawn', id, { email: invitation.email });
      });
    },
  };
}
export type Invitations = ReturnType<typeof newInvitations>;

const hashToken = (token: string) => createHash('sha256').update(token).digest('hex');
