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

/** For who made the key and for the account's admins: what happened, and what is left to do. */
export const leakWords = (m: {
  key: {
    readonly name: string;
    readonly hint: string;
    readonly createdBy: string;
    readonly lastUsedAt: Date | null;
  };
  accountName: string;
  where: string | null;
}) => ({
  title: `The API key “${m.key.name}” leaked and was revoked`,
  text: `Somebody found the API key “${m.key.name}” (${m.key.hint}), made by ${m.key.createdBy} for ${m.accountName}, where others can read it, and reported it.${
    m.where === null ? '' : `\nWhere, in their words: ${m.where}`
  }

Souk revoked it at once: whoever has it can do nothing with it any more, and programs of yours that use it are refused.

What to do now:
1. Make a new key, and give it to the programs that used this one.
2. Take the old key out of the place where it was found, and keep the new one out of there: in a variable of the build server, not in a file.
3. Look into the account's audit log for what was changed with it. It was last used ${m.key.lastUsedAt ? `on ${day(m.key.lastUsedAt)}` : 'never'}.`,
});

const day = (date: Date) => `${date.toISOString().slice(0, 16).replace('T', ' ')} UTC`;
