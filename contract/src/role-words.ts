import type { Ability, Role } from './roles.ts';

/** Names and words only, without a schema: the web loads this file on its own. */

/** Roles of the operator's account apply to the whole marketplace; the others to their own account. */
export const roles = [
  'admin',
  'publisher',
  'lister',
  'reports',
  'buyer',
  'finance',
  'viewer',
  'operator-admin',
  'operator-reviewer',
  'operator-finance',
] as const;

/** What an API key that is limited to products may be made for. It never does more than its creator may; `view` is part of each. */
export const abilities = ['view', 'edit', 'register', 'submit', 'release', 'reports'] as const;

/** What a role is for, as the pages of members and `souk roles` say it. What it may do exactly is in the policies. */
export const roleDescriptions: Readonly<Record<Role, string>> = {
  admin: 'Everything in the account: members, keys, products, subscriptions, money, audit.',
  publisher: 'Registers models, writes and submits listings, signs them off, sees their usage.',
  lister: 'Writes and submits listings of registered models. Registers none and signs nothing off.',
  reports: 'Reads usage, revenue and customers of the account’s products, and nothing else of them.',
  buyer: 'Subscribes, calls, chooses versions, cancels.',
  finance: 'Reads usage, revenue and invoices; gives tax and bank details.',
  viewer: 'Reads products, models and subscriptions; changes nothing.',
  'operator-admin': 'Runs the marketplace: policies, accounts, deployments, reviews.',
  'operator-reviewer': 'Reviews submissions.',
  'operator-finance': 'Verifies publishers; opens tax and bank details, with a reason.',
};

export const abilityDescriptions: Readonly<Record<Ability, string>> = {
  view: 'read the product, its draft, submissions and models',
  edit: 'write the draft and the audience, upload images',
  register: 'upload and register models and algorithms',
  submit: 'submit, cancel and run again',
  release: 'sign off what was tested',
  reports: 'read usage, revenue and customers',
};
