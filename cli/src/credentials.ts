import { join } from 'node:path';
import { readJson, writePrivateJson } from './data-folder.ts';
import { Failure } from './failure.ts';

export interface Credential {
  readonly url: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly email: string;
  readonly key: string | null;
  /** Null for a key that was made elsewhere: signing out forgets it, but does not revoke it. */
  readonly keyId: string | null;
  /** The session itself, for members whose roles do not let them make keys. */
  readonly cookie: string | null;
}

interface CredentialFile {
  readonly credentials: readonly Credential[];
  /** The account last signed in to, by address; and the address last used. */
  readonly current: Readonly<Record<string, string>>;
  readonly url: string | null;
}

const nothing: CredentialFile = { credentials: [], current: {}, url: null };
const fileIn = (folder: string) => join(folder, 'cli.json');

async function load(folder: string): Promise<CredentialFile> {
  return { ...nothing, ...((await readJson(fileIn(folder))) as Partial<CredentialFile> | undefined) };
}

export async function findCredential(
  folder: string,
  url: string,
  accountId: string | undefined,
): Promise<Credential | undefined> {
  const file = await load(folder);
  const wanted = accountId ?? file.current[url];
  return file.credentials.find((c) => c.url === url && c.accountId === wanted);
}

export const listCredentials = async (folder: string): Promise<readonly Credential[]> =>
  (await load(folder)).credentials;

export const lastUrl = async (folder: string): Promise<string | undefined> =>
  (await load(folder)).url ?? undefined;

export async function storeCredential(folder: string, added: Credential): Promise<void> {
  const file = await load(folder);
  const others = file.credentials.filter((c) => c.url !== added.url || c.accountId !== added.accountId);
  await writePrivateJson(fileIn(folder), {
    credentials: [...others, added],
    current: { ...file.current, [added.url]: added.accountId },
    url: added.url,
  } satisfies CredentialFile);
}

export async function removeCredential(folder: string, removed: Credential): Promise<void> {
  const file = await load(folder);
  const credentials = file.credentials.filter(
    (c) => c.url !== removed.url || c.accountId !== removed.accountId,
  );
  const current = Object.fromEntries(
    Object.entries(file.current).filter(([url, id]) => url !== removed.url || id !== removed.accountId),
  );
  await writePrivateJson(fileIn(folder), { ...file, credentials, current } satisfies CredentialFile);
}

export const demoRoles = ['operator', 'publisher', 'buyer'] as const;
export type DemoRole = (typeof demoRoles)[number];

/** The demo's accounts, written by `npm start` on an empty data folder. */
export async function demoAccount(
  folder: string,
  role: DemoRole,
): Promise<{ url: string; key: string; accountId: string }> {
  const path = join(folder, 'demo.json');
  const demo = (await readJson(path)) as
    | ({ url?: string } & Partial<Record<DemoRole, { apiKey?: string; accountId?: string }>>)
    | undefined;
  const account = demo?.[role];
  if (!demo?.url || !account?.apiKey || !account.accountId)
    throw new Failure({
      kind: 'unauthenticated',
      code: 'cli.no_demo',
      message: demo ? `${path} has no account for ${role}.` : `There is no ${path}.`,
      remedy: 'It is written by npm start on an empty data folder; point SOUK_DATA there, or sign in.',
    });
  return { url: demo.url, key: account.apiKey, accountId: account.accountId };
}
