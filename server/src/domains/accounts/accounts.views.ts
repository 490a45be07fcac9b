import type { Account, ApiKey, Invitation, Member, Person } from '@souk/contract';
import { invitationState, keyState } from './accounts.rules.ts';
import type { AccountRow, ApiKeyRow, InvitationRow, MemberRow, PersonRow } from './accounts.ts';

/** Rows as the contract shows them. */

export const accountView = ({ id, name, operator, createdAt }: AccountRow): Account => ({
  id,
  name,
  operator,
  createdAt: createdAt.toISOString(),
});

export const personView = ({ id, email, name }: PersonRow): Person => ({ id, email, name });

export const memberView = ({ person, roles, withheld, since }: MemberRow): Member => ({
  person: personView(person),
  roles,
  withheld,
  since: since.toISOString(),
});

export const invitationView = (i: InvitationRow, now: Date): Invitation => ({
  id: i.id,
  email: i.email,
  roles: i.roles,
  accountName: i.accountName,
  state: invitationState(i, now),
  createdAt: i.createdAt.toISOString(),
  expiresAt: i.expiresAt.toISOString(),
});

export const keyView = (k: ApiKeyRow, now: Date): ApiKey => ({
  id: k.id,
  name: k.name,
  hint: k.hint,
  scopes: k.scopes,
  products: k.products,
  abilities: k.abilities,
  state: keyState(k, now),
  createdBy: k.createdBy,
  createdAt: k.createdAt.toISOString(),
  expiresAt: k.expiresAt?.toISOString() ?? null,
  lastUsedAt: k.lastUsedAt?.toISOString() ?? null,
  replacedBy: k.replacedBy,
  leak: k.leakedAt && { reportedAt: k.leakedAt.toISOString(), where: k.leakedWhere },
});
