import { type Invitation, type Member, operations, type Role, roles } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, limitOption, several } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages } from '../pages.ts';
import { keepSession, openSession, type SignInOptions } from '../session.ts';

export function memberCommands(program: Command, app: App): void {
  const members = group(program, 'members', 'People of your account and their roles');
  leaf(members, 'list', 'Members and their roles', { examples: ['souk members list'] }).action(async () => {
    const client = await app.client();
    printMembers(app, (await client.call(operations.listMembers)).items);
  });
  leaf(members, 'set <member>', 'Give a member exactly these roles', {
    examples: [
      'souk members set ada@example.com --role publisher --role finance',
      "souk members set ada@example.com --role lister --withhold 'arn:*:model-package/secret-*'",
    ],
    notes:
      'What the roles are for: souk roles. --withhold keeps model packages and algorithms from the member, who can then neither\nread nor list them; what is withheld stays until --withhold-nothing or other ARNs are given.',
  })
    .addOption(roleOption().makeOptionMandatory())
    .addOption(several('--withhold <arn>', 'a resource by ARN, * for any part'))
    .option('--withhold-nothing', 'withhold nothing any more')
    .action(async (who: string, options: SetOptions) => {
      const client = await app.client();
      const withheld = options.withholdNothing ? [] : options.withhold;
      const body = given({ roles: rolesOf(options.role), withheld });
      const params = { personId: await personId(app, who) };
      printMembers(app, [await client.call(operations.updateMember, { params, body })]);
    });
  leaf(members, 'remove <member>', 'Take a member out of the account', {
    examples: ['souk members remove ada@example.com'],
  }).action(async (who: string) => {
    const client = await app.client();
    await client.call(operations.removeMember, { params: { personId: await personId(app, who) } });
    app.output.done(`${who} is no longer a member.`);
  });

  leaf(program, 'invite <email>', 'Invite a person to your account by mail', {
    examples: ['souk invite ada@example.com --role publisher'],
  })
    .addOption(roleOption())
    .action(async (email: string, options: { role?: string[] }) => {
      const client = await app.client();
      const body = { email, roles: rolesOf(options.role ?? ['viewer']) };
      printInvitations(app, [await client.call(operations.createInvitation, { body })]);
    });
  const invitations = group(program, 'invitations', 'Invitations to your account, and to you');
  leaf(invitations, 'list', 'Invitations of the account', { examples: ['souk invitations list'] }).action(
    async () => {
      const client = await app.client();
      printInvitations(app, (await client.call(operations.listInvitations)).items);
    },
  );
  leaf(invitations, 'withdraw <id>', 'Withdraw one that is not accepted yet', {
    examples: ['souk invitations withdraw inv_…'],
  }).action(async (invitationId: string) => {
    const client = await app.client();
    await client.call(operations.withdrawInvitation, { params: { invitationId } });
    app.output.done(`Withdrew ${invitationId}.`);
  });

  leaf(invitations, 'accept <token>', 'Join the account that invites you, and act as it', {
    examples: ['souk invitations accept 3q2-7wQ… --email ada@example.com'],
    notes:
      'The token is the end of the link in the mail. Asks for your password; without a sign-in yet, use\nsouk sign-up --invitation.',
  })
    .option('--email <address>', 'e-mail address')
    .option('--password-stdin', 'read the password from stdin')
    .action(async (token: string, options: SignInOptions) => {
      const opened = await openSession(app, options);
      const session = await opened.client.call(operations.acceptInvitation, { params: { token } });
      await keepSession(app, { ...opened, session });
    });

  const accounts = group(program, 'accounts', 'Accounts you belong to');
  leaf(accounts, 'list', 'Your accounts; every account, for the operator', {
    examples: ['souk accounts list', 'souk accounts list --all --query fisher --as operator'],
    notes: 'To act as another of them: souk sign-in --account <id>. A key knows of its own account only.',
  })
    .option('--all', 'every account of the marketplace (operator)')
    .option('--query <text>', 'with --all: only those that match')
    .addOption(limitOption(100))
    .action((options: AccountListOptions) => listAccounts(app, options));
  leaf(accounts, 'create <name>', 'Create a further account, become its admin, and act as it', {
    examples: ['souk accounts create "Fisher Lab" --email ada@example.com'],
    notes: 'A key cannot do this: it asks for your password.',
  })
    .option('--email <address>', 'e-mail address')
    .option('--password-stdin', 'read the password from stdin')
    .action(async (name: string, options: SignInOptions) => {
      const opened = await openSession(app, options);
      const { id: accountId } = await opened.client.call(operations.createAccount, { body: { name } });
      const session = await opened.client.call(operations.switchAccount, { body: { accountId } });
      await keepSession(app, { ...opened, session });
    });
}

interface SetOptions {
  role: string[];
  withhold?: string[];
  withholdNothing?: boolean;
}
interface AccountListOptions {
  all?: boolean;
  query?: string;
  limit: number;
}

const roleOption = () => several('--role <role>', `one of ${roles.join(', ')}`);
const isRole = (word: string): word is Role => (roles as readonly string[]).includes(word);

function rolesOf(words: readonly string[]): Role[] {
  return [...new Set(words)].map((word) => {
    if (!isRole(word)) throw misuse(`There is no role ${word}.`, `Roles are ${roles.join(', ')}.`);
    return word;
  });
}

/** People are named by e-mail address; the API wants their id. */
async function personId(app: App, who: string): Promise<string> {
  if (!who.includes('@')) return who;
  const client = await app.client();
  const { items } = await client.call(operations.listMembers);
  const found = items.find((m) => m.person.email.toLowerCase() === who.toLowerCase());
  if (found) return found.person.id;
  throw new Failure({
    kind: 'missing',
    code: 'account.member_missing',
    message: `${who} is not a member of this account.`,
    remedy: 'souk members list shows who is; souk invite asks others in.',
  });
}

function printMembers(app: App, members: readonly Member[]): void {
  app.output.list(
    members,
    [
      { title: 'E-MAIL', value: (m) => m.person.email },
      { title: 'NAME', value: (m) => m.person.name, flexible: true },
      { title: 'ROLES', value: (m) => m.roles.join(', ') },
      { title: 'WITHHELD', value: (m) => m.withheld.join(', '), optional: true },
      { title: 'SINCE', value: (m) => time(m.since), optional: true },
      { title: 'ID', value: (m) => m.person.id, optional: true },
    ],
    'There are no members.',
  );
}

function printInvitations(app: App, invitations: readonly Invitation[]): void {
  app.output.list(
    invitations,
    [
      { title: 'E-MAIL', value: (i) => i.email },
      { title: 'ROLES', value: (i) => i.roles.join(', ') },
      { title: 'STATE', value: (i) => i.state, paint: (t) => state(app.output.style, t) },
      { title: 'EXPIRES', value: (i) => time(i.expiresAt) },
      { title: 'ID', value: (i) => i.id },
    ],
    'There are no invitations.',
  );
}

async function listAccounts(app: App, options: AccountListOptions): Promise<void> {
  const client = await app.client();
  if (!options.all) {
    const { memberships, account } = await client.call(operations.getSession);
    return printAccounts(
      app,
      memberships.map((m) => ({ ...m.account, roles: m.roles, current: m.account.id === account?.id })),
    );
  }
  const items = await listPages(app, options.limit, ({ cursor }) =>
    client.call(operations.listAccounts, { query: given({ cursor, q: options.query }) }),
  );
  printAccounts(app, items);
}

interface ShownAccount {
  readonly id: string;
  readonly name: string;
  readonly operator: boolean;
  readonly createdAt: string;
  readonly roles?: readonly string[];
  readonly current?: boolean;
}

function printAccounts(app: App, accounts: readonly ShownAccount[]): void {
  app.output.list(
    accounts,
    [
      { title: 'ACCOUNT', value: (a) => a.id },
      { title: 'NAME', value: (a) => a.name, flexible: true },
      { title: 'ROLES', value: (a) => a.roles?.join(', ') ?? '' },
      {
        title: '',
        value: (a) => [a.operator ? 'operator' : '', a.current ? 'current' : ''].filter(Boolean).join(', '),
      },
      { title: 'CREATED', value: (a) => time(a.createdAt), optional: true },
    ],
    'There are no accounts.',
  );
}
