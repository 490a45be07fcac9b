import type { Member as MemberView, Role } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { type Context, tell } from './accounts.context.ts';
import { listMembers, removeMember, setRoles, setWithheld } from './accounts.members.sql.ts';
import { missingRole, refusedRoles } from './accounts.rules.ts';
import { lockAccount } from './accounts.sql.ts';
import type { MemberRow } from './accounts.ts';
import { memberView } from './accounts.views.ts';

export function newMembers(context: Context) {
  const { db, authorizer } = context.platform;

  /** Holds the account, so that the member and the others are as they were read until the change is committed. */
  async function found(tx: Tx, caller: Member, personId: string, after: readonly Role[]): Promise<MemberRow> {
    const account =
      (await lockAccount(tx, caller.accountId)) ??
      fail('account.not_a_member', { accountId: caller.accountId });
    const members = await listMembers(tx, caller.accountId);
    const member = members.find((m) => m.person.id === personId) ?? fail('account.member_missing');
    const byOperatorAdmin = authorizer.may(caller, 'operator:manage');
    const refused = refusedRoles({
      before: member.roles,
      after,
      ofOperator: account.operator,
      byOperatorAdmin,
    });
    if (refused) fail(refused.code, { role: refused.role, accountId: account.id, action: 'operator:manage' });
    const others = members.filter((m) => m !== member);
    const missing = missingRole([...others, { roles: after }], account.operator);
    if (missing) fail('account.last_admin', { role: missing });
    return member;
  }

  return {
    async list(caller: Member): Promise<{ items: MemberView[] }> {
      return { items: (await listMembers(db, caller.accountId)).map(memberView) };
    },

    async update(
      caller: Member,
      personId: string,
      { roles, withheld: given }: { roles: readonly Role[]; withheld?: readonly string[] },
    ): Promise<MemberView> {
      const member = await inTx(db, async (tx) => {
        const member = await found(tx, caller, personId, roles);
        await setRoles(tx, caller.accountId, personId, roles);
        const withheld = [...(given ?? member.withheld)];
        await setWithheld(tx, caller.accountId, personId, withheld);
        const { email } = member.person;
        await tell(context, tx, caller, 'member.changed', personId, {
          email,
          before: member.roles,
          after: roles,
          ...(given ? { withheldBefore: member.withheld, withheld } : {}),
        });
        return { ...member, withheld };
      });
      context.forget();
      return memberView({ ...member, roles: [...roles] });
    },

    async remove(caller: Member, personId: string): Promise<void> {
      await inTx(db, async (tx) => {
        const member = await found(tx, caller, personId, []);
        await removeMember(tx, caller.accountId, personId);
        await tell(context, tx, caller, 'member.removed', personId, { email: member.person.email });
      });
      context.forget();
    },
  };
}
export type Members = ReturnType<typeof newMembers>;
