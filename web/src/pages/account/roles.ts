import { roleDescriptions } from '@souk/contract/role-words';
import type { Role } from '../../api/types.ts';

const names: Record<Role, string> = {
  admin: 'Admin',
  publisher: 'Publisher',
  lister: 'Lister',
  reports: 'Reports',
  buyer: 'Buyer',
  finance: 'Finance',
  viewer: 'Viewer',
  'operator-admin': 'Operator admin',
  'operator-reviewer': 'Operator reviewer',
  'operator-finance': 'Operator finance',
};

export const roleWords = Object.fromEntries(
  Object.entries(names).map(([role, name]) => [role, { name, may: roleDescriptions[role as Role] }]),
) as Record<Role, { readonly name: string; readonly may: string }>;

export const accountRoles = [
  'admin',
  'publisher',
  'lister',
  'reports',
  'buyer',
  'finance',
  'viewer',
] as const satisfies readonly Role[];
export const operatorRoles = [
  'operator-admin',
  'operator-reviewer',
  'operator-finance',
] as const satisfies readonly Role[];
