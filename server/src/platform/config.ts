import { createHash } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { type BlobBucket, blobBucketOf } from './config-blobs.ts';
import { ConfigError } from './config-error.ts';

export { ConfigError } from './config-error.ts';

/** Everything that an operator can set from outside. Read once, by main.ts, from the environment; docs/operating.md lists it. */
export interface Config {
  readonly dataDir: string;
  /** Undefined: Souk runs its own PostgreSQL in the data folder. */
  readonly databaseUrl: string | undefined;
  readonly host: string;
  readonly port: number;
  /** The address that people and mails use. */
  readonly publicUrl: string;
  readonly logLevel: string;
  readonly partition: string;
  readonly regions: readonly string[];
  /** Undefined: in the data folder. */
  readonly blobs: BlobBucket | undefined;
  readonly smtpUrl: string | undefined;
  readonly mailFrom: string;
  readonly sealKeyHex: string | undefined;
  readonly clamd: { readonly host: string; readonly port: number } | { readonly socket: string } | undefined;
  readonly uploadBytesMax: number;
  readonly payloadBytesMax: number;
  readonly callTimeoutMs: number;
  /** The longest answer of a data service that is passed on, unpacked. */
  readonly dataAnswerBytesMax: number;
  /** What a buyer may ask for at most, for endpoints of their own. */
  readonly endpointPayloadBytesMax: number;
  /** What one container or program that serves may take beside the CPUs and the memory of its instance type. */
  readonly serving: {
    readonly diskBytesMax: number;
    readonly processesMax: number;
    readonly logBytesPerSecond: number;
  };
  readonly endpointTimeoutSecondsMax: number;
  readonly oidc: readonly OidcProvider[];
  /** Private networks that outbound calls may reach; empty: none. */
  readonly outboundAllow: readonly string[];
  /** The cluster that trains for instance types whose backend is `slurm`. */
  readonly slurm: {
    /** Seen under the same path by this computer and by every node. */
    readonly folder: string;
    readonly partition: string | null;
    readonly account: string | null;
    readonly network: 'none' | 'cluster';
    readonly hostsMax: number;
    readonly nodeFolder?: string;
    /** What its commands need of the environment. */
    readonly environment: Readonly<Record<string, string>>;
  } | null;
  /** Answers are held against their schemas; on in tests. */
  readonly checkAnswers: boolean;
  readonly nodeName: string;
}

export interface OidcProvider {
  readonly id: string;
  readonly name: string;
  readonly issuer: string;
  readonly clientId: string;
  readonly clientSecret: string;
}

export function readConfig(env: Readonly<Record<string, string | undefined>>): Config {
  const port = integer(env, 'SOUK_PORT', 4600, 0, 65_535);
  const dataDir = resolve(env.SOUK_DATA || '.souk');
  const host = env.SOUK_HOST || '127.0.0.1';
  return {
    dataDir,
    databaseUrl: databaseUrlOf(env.DATABASE_URL),
    host,
    port,
    publicUrl: publicUrlOf(env.SOUK_URL || `http://127.0.0.1:${port}`),
    logLevel: matching(
      env,
      'SOUK_LOG',
      'warn',
      /^(trace|debug|info|warn|error|fatal|silent)$/,
      'trace, debug, info, warn, error, fatal or silent',
    ),
    partition: matching(
      env,
      'SOUK_PARTITION',
      'aws',
      /^[a-z][a-z0-9-]{0,31}$/,
      'small letters, digits and hyphens',
    ),
    regions: regionsOf(list(env.SOUK_REGIONS, ['souk-home-1'])),
    blobs: blobBucketOf(env),
    smtpUrl: env.SOUK_SMTP_URL || undefined,
    mailFrom: env.SOUK_MAIL_FROM || 'Souk <souk@localhost>',
    sealKeyHex: sealKeyOf(env.SOUK_SEAL_KEY),
    clamd: clamdOf(env.SOUK_CLAMD),
    uploadBytesMax: integer(env, 'SOUK_UPLOAD_BYTES_MAX', 20 * 1024 ** 3, 1),
    payloadBytesMax: integer(env, 'SOUK_PAYLOAD_BYTES_MAX', 25 * 1024 ** 2, 1),
    callTimeoutMs: integer(env, 'SOUK_CALL_TIMEOUT_MS', 60_000, 100),
    dataAnswerBytesMax: integer(env, 'SOUK_DATA_ANSWER_BYTES_MAX', 1024 ** 3, 1024),
    serving: {
      diskBytesMax: integer(env, 'SOUK_SERVING_DISK_MB', 10_240, 10) * 1024 ** 2,
      processesMax: integer(env, 'SOUK_SERVING_PROCESSES', 1000, 10, 100_000),
      logBytesPerSecond: integer(env, 'SOUK_SERVING_LOG_BYTES_PER_SECOND', 256 * 1024, 1000),
    },
    endpointPayloadBytesMax: integer(env, 'SOUK_ENDPOINT_PAYLOAD_BYTES_MAX', 100 * 1024 ** 2, 1),
    endpointTimeoutSecondsMax: integer(env, 'SOUK_ENDPOINT_TIMEOUT_SECONDS_MAX', 900, 1),
    oidc: oidcOf(env.SOUK_OIDC),
    outboundAllow: list(env.SOUK_OUTBOUND_ALLOW, []),
    slurm: slurmOf(env),
    checkAnswers: env.SOUK_CHECK_ANSWERS === '1',
    nodeName: matching(
      env,
      'SOUK_NODE',
      'node-1',
      /^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$/,
      'a name of letters, digits, dots and hyphens',
    ),
  };
}

/** Where things lie below the data folder. */
export const folders = (dataDir: string): Record<FolderName, string> => ({
  blobs: join(dataDir, 'blobs'),
  files: join(dataDir, 'files'),
  images: join(dataDir, 'images'),
  uploads: join(dataDir, 'uploads'),
  blobCache: join(dataDir, 'blob-cache'),
  packages: join(dataDir, 'packages'),
  work: join(dataDir, 'work'),
  outbox: join(dataDir, 'outbox'),
  policies: join(dataDir, 'policies'),
  usage: join(dataDir, 'usage'),
  sockets: socketFolder(dataDir),
  clamav: join(dataDir, 'clamav'),
  logs: join(dataDir, 'logs'),
});

type FolderName =
  | 'blobs'
  | 'files'
  | 'images'
  | 'uploads'
  | 'blobCache'
  | 'packages'
  | 'work'
  | 'outbox'
  | 'policies'
  | 'usage'
  | 'sockets'
  | 'clamav'
  | 'logs';

/** A socket's path has 107 bytes at most; below a deep data folder the sockets go to a short one of their own. */
function socketFolder(dataDir: string): string {
  const own = join(dataDir, 'run');
  if (own.length <= 70) return own;
  return join(
    tmpdir(),
    `souk-${process.getuid?.() ?? 0}-${createHash('sha256').update(dataDir).digest('hex').slice(0, 10)}`,
  );
}

function integer(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  otherwise: number,
  min: number,
  max = Number.MAX_SAFE_INTEGER,
) {
  const text = env[name];
  if (!text) return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < min || value > max)
    throw new ConfigError(`${name} must be a whole number from ${min} to ${max}, not "${text}".`);
  return value;
}

function matching(
  env: Readonly<Record<string, string | undefined>>,
  name: string,
  otherwise: string,
  form: RegExp,
  words: string,
): string {
  const text = env[name];
  if (!text) return otherwise;
  if (!form.test(text)) throw new ConfigError(`${name} must be ${words}, not "${text}".`);
  return text;
}

const slurmWord = /^[A-Za-z0-9][A-Za-z0-9._,-]{0,127}$/;

function slurmOf(env: Readonly<Record<string, string | undefined>>): Config['slurm'] {
  const folder = env.SOUK_SLURM_FOLDER;
  if (!folder) return null;
  if (!folder.startsWith('/'))
    throw new ConfigError(
      `SOUK_SLURM_FOLDER must be the whole path of a folder that every node sees, not "${folder}".`,
    );
  const nodeFolder = env.SOUK_SLURM_NODE_FOLDER;
  const word = (name: string) =>
    env[name] ? matching(env, name, '', slurmWord, 'a name of letters, digits, dots and hyphens') : null;
  const network = matching(env, 'SOUK_SLURM_NETWORK', 'none', /^(none|cluster)$/, 'none or cluster');
  return {
    folder: resolve(folder),
    partition: word('SOUK_SLURM_PARTITION'),
    account: word('SOUK_SLURM_ACCOUNT'),
    network: network === 'cluster' ? 'cluster' : 'none',
    hostsMax: integer(env, 'SOUK_SLURM_HOSTS_MAX', 8, 1, 1000),
    ...(nodeFolder ? { nodeFolder: resolve(nodeFolder) } : {}),
    environment: Object.fromEntries(
      ['PATH', 'HOME', 'USER', 'LANG', 'SLURM_CONF'].flatMap((name) =>
        env[name] ? [[name, env[name]]] : [],
      ),
    ),
  };
}

function publicUrlOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (!url || !/^https?:$/.test(url.protocol) || url.search || url.hash)
    throw new ConfigError(
      `SOUK_URL must be the http:// or https:// address that people use, without a query, not "${text}".`,
    );
  return text.replace(/\/+$/, '');
}

function regionsOf(names: readonly string[]): readonly string[] {
  for (const name of names)
    if (!/^[a-z0-9][a-z0-9-]{0,62}$/.test(name))
      throw new ConfigError(
        `SOUK_REGIONS must be names of small letters, digits and hyphens, not "${name}".`,
      );
  return [...new Set(names)];
}

/** Never repeats what it was given: it may hold a password. */
function databaseUrlOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!/^postgres(ql)?:\/\/./.test(text) || !URL.canParse(text))
    throw new ConfigError('DATABASE_URL must be an address that begins with postgres://.');
  return text;
}

/** Never repeats what it was given: it is a secret. */
function sealKeyOf(text: string | undefined): string | undefined {
  if (!text) return undefined;
  if (!/^[0-9a-f]{64}$/i.test(text))
    throw new ConfigError(
      `SOUK_SEAL_KEY must be 64 hexadecimal digits (openssl rand -hex 32); it has ${text.length} characters.`,
    );
  return text;
}

const list = (text: string | undefined, otherwise: readonly string[]) =>
  text
    ? text
        .split(',')
        .map((s) => s.trim())
        .filter(Boolean)
    : otherwise;

function clamdOf(text: string | undefined): Config['clamd'] {
  if (!text) return undefined;
  if (text.startsWith('/')) return { socket: text };
  const [, bracketed, plain, port = ''] = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  if (!host || Number(port) < 1 || Number(port) > 65_535)
    throw new ConfigError(`SOUK_CLAMD must be host:port or the path of a socket, not "${text}".`);
  return { host, port: Number(port) };
}

function oidcOf(text: string | undefined): OidcProvider[] {
  if (!text) return [];
  try {
    const providers = JSON.parse(text) as OidcProvider[];
    if (!Array.isArray(providers)) throw new Error('it is no list');
    for (const p of providers)
      if (!p.id || !p.issuer || !p.clientId || !p.clientSecret)
        throw new Error('id, issuer, clientId and clientSecret are needed');
    return providers.map((p) => ({ ...p, name: p.name || p.id }));
  } catch (error) {
    throw new ConfigError(
      `SOUK_OIDC must be a JSON list of {id, name, issuer, clientId, clientSecret}: ${(error as Error).message}`,
    );
  }
}
