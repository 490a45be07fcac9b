import type { Role } from '../../api/types.ts';

export const roleWords: Record<Role, { readonly name: string; readonly may: string }> = {
  admin: { name: 'Admin', may: 'Everything in this account, members and keys included.' },
  publisher: { name: 'Publisher', may: 'Registers models, writes products, submits and releases them.' },
  buyer: { name: 'Buyer', may: 'Subscribes, makes keys, sees usage.' },
  finance: { name: 'Finance', may: 'Reads subscriptions, usage and invoices.' },
  viewer: { name: 'Viewer', may: 'Reads products, models and usage.' },
  'operator-admin': {
    name: 'Operator admin',
    may: 'Runs the marketplace: policies, instance types, mail, health.',
  },
  'operator-reviewer': { name: 'Operator reviewer', may: 'Reviews submissions.' },
};

export const accountRoles = [
  'admin',
  'publisher',
  'buyer',
  'finance',
  'viewer',
] as const satisfies readonly Role[];
export const operatorRoles = ['operator-admin', 'operator-reviewer'] as const satisfies readonly Role[];
