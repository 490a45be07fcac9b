import type { Role } from '@souk/contract';

/** The texts of this domain's mails. Names in them were cleaned when they were given: one line, nothing invisible. */

const roleWords: Readonly<Record<Role, string>> = {
  admin: 'admin',
  publisher: 'publisher',
  lister: 'lister',
  reports: 'reports',
  buyer: 'buyer',
  finance: 'finance',
  viewer: 'viewer',
  'operator-admin': 'operator admin',
  'operator-reviewer': 'operator reviewer',
  'operator-finance': 'operator finance',
};

export const invitationMail = (m: {
  to: string;
  inviter: string;
  accountName: string;
  roles: readonly Role[];
  url: string;
  expiresAt: Date;
}) => ({
  to: m.to,
  subject: `${m.inviter} invites you to ${m.accountName}`,
  text: `${m.inviter} invites you to the account "${m.accountName}" on Souk, as ${m.roles.map((r) => roleWords[r]).join(', ')}.

Accept here:
${m.url}

The link works until ${day(m.expiresAt)} and for this address only. If you do not know ${m.inviter}, ignore this mail.
`,
});

export const resetMail = (m: { to: string; name: string; url: string }) => ({
  to: m.to,
  subject: 'Set a new password',
  text: `Hello ${m.name},

somebody, probably you, asked for a new password for ${m.to} on Souk. Set it here within an hour:
${m.url}

If it was not you, ignore this mail; your password stays as it is.
`,
});

const day = (date: Date) => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
