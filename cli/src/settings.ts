import { type DemoRole, demoAccount, findCredential, lastUrl } from './credentials.ts';
import { findDataFolder } from './data-folder.ts';
import { Failure, misuse } from './failure.ts';
import type { Host } from './host.ts';

export interface GlobalOptions {
  readonly json?: boolean;
  readonly url?: string;
  readonly key?: string;
  readonly account?: string;
  readonly as?: DemoRole;
}

export interface Address {
  readonly url: string;
  readonly dataFolder: string;
}
export interface Settings extends Address {
  readonly key?: string | undefined;
  readonly cookie?: string | undefined;
}

/** Where: a flag wins over the environment, and that over where one signed in last. */
export async function readAddress(host: Host, options: GlobalOptions): Promise<Address> {
  const { SOUK_URL, SOUK_DATA, SOUK_PORT } = host.env;
  const dataFolder = findDataFolder(host.cwd, SOUK_DATA);
  const remembered = async () =>
    options.as ? (await demoAccount(dataFolder, options.as)).url : await lastUrl(dataFolder);
  const text =
    options.url ??
    (SOUK_URL || (SOUK_PORT ? `http://127.0.0.1:${SOUK_PORT}` : await remembered())) ??
    'http://127.0.0.1:4600';
  return { url: addressOf(text), dataFolder };
}

/** As whom: a flag, the environment, or the sign-in kept for that address; nobody is fine for the catalogue. */
export async function readSettings(host: Host, options: GlobalOptions): Promise<Settings> {
  if ([options.key, options.as, options.account].filter((o) => o !== undefined).length > 1)
    throw misuse('--key, --as and --account name three ways to be someone.', 'Give one of them.');
  const address = await readAddress(host, options);
  const { dataFolder, url } = address;
  if (options.key) return { ...address, key: options.key };
  if (options.as) return { ...address, key: (await demoAccount(dataFolder, options.as)).key };
  if (!options.account && host.env.SOUK_API_KEY) return { ...address, key: host.env.SOUK_API_KEY };
  const credential = await findCredential(dataFolder, url, options.account);
  if (options.account && !credential)
    throw new Failure({
      kind: 'unauthenticated',
      code: 'cli.not_signed_in',
      message: `This computer keeps no key for account ${options.account} at ${url}.`,
      remedy: `Run: souk sign-in --account ${options.account}`,
    });
  return { ...address, key: credential?.key ?? undefined, cookie: credential?.cookie ?? undefined };
}

function addressOf(text: string): string {
  const url = URL.parse(text);
  if (!url || !['http:', 'https:'].includes(url.protocol))
    throw misuse(`${text} is not the address of a Souk.`, 'Write it as http://host:port.');
  return `${url.origin}${url.pathname.replace(/\/+$/, '')}`;
}
