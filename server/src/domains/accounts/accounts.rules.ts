import type { ErrorCode, Role } from '@souk/contract';
import type { ApiKeyRow, InvitationRow } from './accounts.ts';

export const normalEmail = (text: string): string => text.trim().toLowerCase();

/** The addresses that the sign-in library takes; rarer ones (quoted, without a dot) could sign up but never in. */
export const isPlainEmail = (email: string): boolean =>
  /^(?!\.)(?!.*\.\.)[a-z0-9_'+.-]*[a-z0-9_+-]@(?:[a-z0-9][a-z0-9-]*\.)+[a-z]{2,}$/i.test(email);

/** Names go into mails and pages: on one line, without characters that cannot be seen. */
export const cleanName = (text: string): string => text.replace(/[\p{Cc}\p{Cf}\s]+/gu, ' ').trim();

/** Long enough, and not one of the two that everybody tries first. */
export function isWeakPassword(password: string, email: string): boolean {
  const characters = [...password];
  if (characters.length < 10 || characters.length > 128) return true;
  return new Set(characters).size === 1 || normalEmail(password) === normalEmail(email);
}

export function invitationState(
  invitation: Pick<InvitationRow, 'state' | 'expiresAt'>,
  now: Date,
): 'pending' | 'accepted' | 'withdrawn' | 'expired' {
  return invitation.state === 'pending' && invitation.expiresAt <= now ? 'expired' : invitation.state;
}

export function keyState(
  key: Pick<ApiKeyRow, 'revokedAt' | 'expiresAt'>,
  now: Date,
): 'active' | 'revoked' | 'expired' {
  if (key.revokedAt) return 'revoked';
  return key.expiresAt && key.expiresAt <= now ? 'expired' : 'active';
}

const isOperatorRole = (role: Role) => role.startsWith('operator-');

/** Why the roles may not be given; undefined when they may. Who gives or takes an operator's role must be an operator admin. */
export function refusedRoles(change: {
  before: readonly Role[];
  after: readonly Role[];
  ofOperator: boolean;
  byOperatorAdmin: boolean;
}): { code: ErrorCode; role: Role } | undefined {
  const { before, after, ofOperator, byOperatorAdmin } = change;
  const given = after.filter((r) => isOperatorRole(r) && !before.includes(r));
  const taken = before.filter((r) => isOperatorRole(r) && !after.includes(r));
  const [role] = ofOperator ? [] : after.filter(isOperatorRole);
  if (role) return { code: 'account.role_of_operator', role };
  const [unallowed] = byOperatorAdmin ? [] : [...given, ...taken];
  return unallowed && { code: 'request.forbidden', role: unallowed };
}

/** The role that nobody would have after the change; without it nobody could mend the account again. */
export function missingRole(
  members: readonly { roles: readonly Role[] }[],
  ofOperator: boolean,
): Role | undefined {
  const needed: Role[] = ofOperator ? ['admin', 'operator-admin'] : ['admin'];
  return needed.find((role) => !members.some((m) => m.roles.includes(role)));
}

/** Where to go after single sign-on: a path of our own, never another site (`//evil.example`, `/\evil.example`). */
export function returnPath(text: string | undefined): string {
  if (!text || !/^\/(?![/\\])[\x21-\x7e]*$/.test(text) || text.startsWith('/api/')) return '/';
  const url = new URL(text, 'http://souk.invalid');
  return url.origin === 'http://souk.invalid' ? `${url.pathname}${url.search}${url.hash}` : '/';
}
