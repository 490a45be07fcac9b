import type { Ability, Role } from '@souk/contract';

/** Somebody with a sign-in. */
export interface PersonRow {
  readonly id: string;
  readonly email: string;
  readonly name: string;
  /** True once the person has shown that mail to the address arrives: by an invitation, a reset, or a provider's word. */
  readonly emailVerified: boolean;
}

export interface AccountRow {
  readonly id: string;
  readonly name: string;
  readonly operator: boolean;
  readonly createdAt: Date;
}

export interface MembershipRow {
  readonly account: AccountRow;
  readonly roles: Role[];
}

export interface MemberRow {
  readonly person: PersonRow;
  readonly roles: Role[];
  readonly withheld: string[];
  readonly since: Date;
}

export interface InvitationRow {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly email: string;
  readonly roles: Role[];
  readonly state: 'pending' | 'accepted' | 'withdrawn';
  readonly createdAt: Date;
  readonly expiresAt: Date;
}

export interface ApiKeyRow {
  readonly id: string;
  readonly accountId: string;
  readonly personId: string;
  readonly name: string;
  readonly hint: string;
  readonly scopes: ('call' | 'manage')[];
  /** Of a key limited to products: theirs. A product that is gone has no slug. */
  readonly products: { readonly id: string; readonly slug: string | null }[] | null;
  readonly abilities: Ability[];
  readonly createdBy: string;
  readonly createdAt: Date;
  readonly expiresAt: Date | null;
  readonly revokedAt: Date | null;
  readonly lastUsedAt: Date | null;
  readonly replacedById: string | null;
  /** Null too when the replacement was revoked: then nothing has taken its place. */
  readonly replacedBy: { readonly id: string; readonly hint: string } | null;
  readonly leakedAt: Date | null;
  readonly leakedWhere: string | null;
}

/** The roles of who creates an account. */
export const founderRoles: readonly Role[] = ['admin', 'publisher', 'buyer'];
export const operatorFounderRoles: readonly Role[] = [
  'admin',
  'operator-admin',
  'operator-reviewer',
  'operator-finance',
];

export const sessionCookie = 'souk_session';
export const sessionMs = 7 * 24 * 3600_000;
/** A session that is used lives on; it is prolonged at most once a day. */
export const sessionProlongMs = 24 * 3600_000;
export const invitationMs = 7 * 24 * 3600_000;
export const resetMs = 3600_000;
