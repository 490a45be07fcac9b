import { operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { Client } from '../client.ts';
import { leaf, limitOption } from '../command.ts';
import { findCredential, listCredentials, removeCredential, storeCredential } from '../credentials.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { listPages } from '../pages.ts';
import { ask, readPassword } from '../prompt.ts';
import {
  keepSession,
  openSession,
  revoke,
  type SignInOptions,
  sessionOf,
  showSession,
  visitor,
} from '../session.ts';

export function accountCommands(program: Command, app: App): void {
  leaf(program, 'sign-up', 'Create a person with an account, and sign in', {
    examples: [
      'souk sign-up --email ada@example.com --name "Ada Lovelace"',
      'echo "$PASSWORD" | souk sign-up --email ada@example.com --name Ada --password-stdin',
    ],
  })
    .option('--email <address>', 'e-mail address')
    .option('--name <name>', 'your name')
    .option('--account-name <name>', 'name of the account; else yours')
    .option('--invitation <token>', 'join the account that invited you')
    .option('--password-stdin', 'read the password from stdin')
    .action((options: SignUpOptions) => signUp(app, options));

  leaf(program, 'sign-in', 'Sign in and keep an API key for this computer', {
    examples: [
      'souk sign-in --email ada@example.com',
      'souk sign-in --email ada@example.com --account 123456789012',
      'souk sign-in --key souk_…',
    ],
    notes:
      'Creates an API key with the scopes manage and call and keeps it in $SOUK_DATA/cli.json, readable by you only; where\n' +
      'your roles allow no keys, the session itself.\n' +
      'With --account, for that one of your accounts. With --key, keeps a key made elsewhere (single sign-on).',
  })
    .option('--email <address>', 'e-mail address')
    .option('--password-stdin', 'read the password from stdin')
    .action((options: SignInOptions) =>
      app.options.key ? keepKey(app, app.options.key) : signIn(app, options),
    );

  leaf(program, 'sign-out', 'Revoke and forget the key of this computer', {
    examples: ['souk sign-out', 'souk sign-out --account 123456789012'],
  }).action(() => signOut(app));

  leaf(program, 'whoami', 'Who you are here: person, account, roles', {
    examples: ['souk whoami', 'souk whoami --as buyer --json'],
  }).action(() => whoami(app));

  leaf(program, 'notifications', 'What happened that concerns you, newest first', {
    examples: ['souk notifications', 'souk notifications --read'],
  })
    .option('--read', 'mark all as read')
    .addOption(limitOption(20))
    .action((options: { read?: boolean; limit: number }) => notifications(app, options));
}

interface SignUpOptions {
  email?: string;
  name?: string;
  accountName?: string;
  invitation?: string;
  passwordStdin?: boolean;
}
async function signUp(app: App, options: SignUpOptions): Promise<void> {
  const email = options.email ?? (await ask(app.host, 'E-mail', '--email'));
  const name = options.name ?? (await ask(app.host, 'Your name', '--name'));
  const password = await readPassword(app.host, options.passwordStdin === true);
  if (!options.passwordStdin && (await readPassword(app.host, false, 'Again')) !== password)
    throw misuse('The two passwords differ.', 'Try again.');
  const client = await visitor(app);
  const { response } = await client.exchange(operations.signUp, {
    body: given({
      email,
      name,
      password,
      accountName: options.accountName,
      invitationToken: options.invitation,
    }),
  });
  await keepSession(app, await sessionOf(app, response));
}

async function signIn(app: App, options: SignInOptions): Promise<void> {
  const opened = await openSession(app, options);
  const wanted = app.options.account;
  if (!wanted || opened.session.account?.id === wanted) return keepSession(app, opened);
  const session = await opened.client.call(operations.switchAccount, { body: { accountId: wanted } });
  await keepSession(app, { ...opened, session });
}

async function keepKey(app: App, key: string): Promise<void> {
  const { url, dataFolder } = await app.address();
  const client = new Client({ url, key, signal: app.host.signal });
  const session = await client.call(operations.getSession);
  const { account, person } = session;
  if (!account) throw notSignedIn('The key is not good here.');
  await storeCredential(dataFolder, {
    url,
    accountId: account.id,
    accountName: account.name,
    email: person?.email ?? '',
    key,
    keyId: null,
    cookie: null,
  });
  showSession(app, session, url);
  app.output.done(`The key is kept in ${dataFolder}/cli.json.`);
}

async function signOut(app: App): Promise<void> {
  const { url, dataFolder } = await app.address();
  const known = await findCredential(dataFolder, url, app.options.account);
  if (!known) {
    const others = (await listCredentials(dataFolder)).map((c) => `${c.accountId} at ${c.url}`);
    throw new Failure({
      kind: 'missing',
      code: 'cli.not_signed_in',
      message: `This computer keeps no key for ${url}.`,
      remedy: others.length > 0 ? `It keeps one for ${others.join(', ')}.` : 'There is nothing to do.',
    });
  }
  await revoke(app, known);
  await removeCredential(dataFolder, known);
  app.output.done(`Signed out of ${known.accountName} (${known.accountId}) at ${url}.`);
}

async function whoami(app: App): Promise<void> {
  const client = await app.client();
  const session = await client.call(operations.getSession);
  if (!session.account) throw notSignedIn(`You are not signed in at ${client.url}.`);
  showSession(app, session, client.url);
}

const notSignedIn = (message: string) =>
  new Failure({
    kind: 'unauthenticated',
    code: 'cli.not_signed_in',
    message,
    remedy: 'Run souk sign-in, set SOUK_API_KEY, or act as a demo account: --as publisher.',
  });

async function notifications(app: App, options: { read?: boolean; limit: number }): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, options.limit, (query) =>
    client.call(operations.listNotifications, { query }),
  );
  const { output } = app;
  output.list(
    items,
    [
      { title: 'WHEN', value: (n) => time(n.createdAt) },
      { title: '', value: (n) => (n.readAt === null ? 'new' : ''), paint: (t) => output.style('cyan', t) },
      { title: 'WHAT', value: (n) => n.title, flexible: true },
      { title: 'MORE', value: (n) => n.text, flexible: true, optional: true },
    ],
    'There is nothing new.',
  );
  if (options.read) await client.call(operations.markNotificationsRead, { body: {} });
}
