import { hostname } from 'node:os';
import { type OutputOf, operations } from '@souk/contract';
import type { App } from './app.ts';
import { Client } from './client.ts';
import { type Credential, findCredential, storeCredential } from './credentials.ts';
import { Failure } from './failure.ts';
import { ask, readPassword } from './prompt.ts';

export type Session = OutputOf<typeof operations.getSession>;

/** A sign-in that lasts as long as one command: what a key may not do is done with it. */
export interface OpenSession {
  readonly client: Client;
  readonly cookie: string;
  readonly session: Session;
}

/** Without a key: it works with one that is no longer good, and for an account not yet known here. */
export async function visitor(app: App): Promise<Client> {
  const { url } = await app.address();
  return new Client({ url, signal: app.host.signal });
}

export interface SignInOptions {
  readonly email?: string;
  readonly passwordStdin?: boolean;
}

export async function openSession(app: App, options: SignInOptions): Promise<OpenSession> {
  const email = options.email ?? (await ask(app.host, 'E-mail', '--email'));
  const password = await readPassword(app.host, options.passwordStdin === true);
  const client = await visitor(app);
  const { response } = await client.exchange(operations.signIn, { body: { email, password } });
  return sessionOf(app, response);
}

export async function sessionOf(app: App, response: Response): Promise<OpenSession> {
  const { url } = await app.address();
  const cookie = response.headers
    .getSetCookie()
    .map((c) => c.split(';')[0])
    .join('; ');
  const session = (await response.json()) as Session;
  return { client: new Client({ url, cookie, signal: app.host.signal }), cookie, session };
}

/**
 * Keeps an API key, which can be seen and revoked in the account, and ends the session. Members whose roles do not let them make
 * keys keep the session itself.
 */
export async function keepSession(app: App, { client, cookie, session }: OpenSession): Promise<void> {
  const { account, person } = session;
  if (!account || !person)
    throw new Failure({
      kind: 'precondition',
      code: 'cli.no_account',
      message: 'You belong to no account yet.',
      remedy: 'Begin one: souk accounts create <name>; or join one: souk invitations accept <token>.',
    });
  const { url, dataFolder } = await app.address();
  const before = await findCredential(dataFolder, url, account.id);
  const made = await makeKey(client);
  await storeCredential(dataFolder, {
    url,
    accountId: account.id,
    accountName: account.name,
    email: person.email,
    key: made?.key ?? null,
    keyId: made?.details.id ?? null,
    cookie: made ? null : cookie,
  });
  if (before) await revoke(app, before);
  if (made) await client.call(operations.signOut);
  showSession(app, session, url);
  app.output.done(`Signed in to ${url}; the ${made ? 'key' : 'session'} is kept in ${dataFolder}/cli.json.`);
}

async function makeKey(client: Client) {
  try {
    return await client.call(operations.createApiKey, {
      body: { name: `souk on ${hostname()}`.slice(0, 100), scopes: ['manage', 'call'] },
    });
  } catch (error) {
    if (error instanceof Failure && error.kind === 'forbidden') return undefined;
    throw error;
  }
}

/** That a Souk cannot be reached is no reason to keep its key, so it is only noted. */
export async function revoke(app: App, known: Credential): Promise<void> {
  if (known.keyId === null && known.cookie === null) return;
  const { url, keyId } = known;
  const { signal } = app.host;
  const client = new Client({ url, key: known.key ?? undefined, cookie: known.cookie ?? undefined, signal });
  try {
    if (keyId === null) await client.call(operations.signOut);
    else await client.call(operations.revokeApiKey, { params: { keyId } });
  } catch (error) {
    if (!(error instanceof Failure) || error.kind === 'interrupted') throw error;
    if (error.kind === 'missing' || error.kind === 'unauthenticated') return;
    app.output.note(`It is forgotten here, but could not be revoked there: ${error.message}`);
  }
}

export function showSession(app: App, session: Session, url: string): void {
  app.output.item(session, [
    ['person', session.person ? `${session.person.name} <${session.person.email}>` : null],
    ['account', session.account ? `${session.account.name} (${session.account.id})` : null],
    ['roles', session.roles.join(', ')],
    ['also in', otherAccounts(session)],
    ['at', url],
  ]);
}

const otherAccounts = (session: Session) =>
  session.memberships
    .filter((m) => m.account.id !== session.account?.id)
    .map((m) => `${m.account.name} (${m.account.id})`)
    .join(', ');
