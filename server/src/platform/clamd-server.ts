import { type ChildProcess, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, chmod, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { clamdClient } from './clamd-client.ts';
import { databaseNote, readSignatures, type SignatureSet } from './clamd-signatures.ts';
import type { Log } from './log.ts';

export type RunningClamd = {
  readonly socket: string;
  /** What it knows, as evidence: a scan with one test signature must not look like a scan with eight million. */
  readonly signatures: SignatureSet;
  stop(): Promise<void>;
};

export type StartClamdOptions = {
  /** A folder of the scanner's own: configuration, log, socket, temporary files. */
  readonly dataDir: string;
  readonly log?: Pick<Log, 'warn' | 'info'>;
  /** Where freshclam keeps its databases. */
  readonly databaseDir?: string;
  readonly startTimeoutMs?: number;
};

/** The largest that clamd takes: it cannot look into files of 2 GiB and more. */
const fileBytesMax = 2 ** 31 - 1;
const scanBytesMax = 4 * 2 ** 30 - 1;
/** The scanners' common test file, by digest and size, so that a scanner without any database can start and be tried. */
const ownSignature = '44d88612fea8a8f36de82e1278abb02f:68:Souk.Test.EICAR\n';

/**
 * Runs the installed clamd as a child, on a socket of its own, with the machine's signatures or, where there are none,
 * with one test signature. It ends when this process does, however that happens. Undefined where clamd is not installed.
 */
export async function startClamd(options: StartClamdOptions): Promise<RunningClamd | undefined> {
  const binary = await findClamd();
  if (binary === null) return undefined;
  const folder = options.dataDir;
  await mkdir(join(folder, 'tmp'), { recursive: true });
  const given = options.databaseDir ?? '/var/lib/clamav';
  const databaseDir = await chooseDatabase(folder, given);
  const socketDir = await shortFolder(folder);
  const socketPath = join(socketDir, 'clamd.sock');
  await writeFile(join(socketDir, databaseNote), databaseDir);
  const configPath = join(folder, 'clamd.conf');
  await writeFile(configPath, config(folder, databaseDir, socketPath));
  await rm(socketPath, { force: true });
  const child = spawnBound(binary, ['--foreground', '--config-file', configPath]);
  const stop = async () => {
    await end(child);
    if (socketDir !== folder) await rm(socketDir, { recursive: true, force: true });
  };
  try {
    await answering(socketPath, child, options.startTimeoutMs ?? 120_000, join(folder, 'clamd.log'));
  } catch (error) {
    await stop();
    throw error;
  }
  const signatures = await readSignatures(databaseDir);
  if (databaseDir !== given)
    options.log?.warn(
      { databaseDir: given },
      'no virus signatures are installed; the scanner knows its test file only (run freshclam)',
    );
  return { socket: socketPath, signatures, stop };
}

async function findClamd(): Promise<string | null> {
  for (const path of [
    '/usr/sbin/clamd',
    '/usr/local/sbin/clamd',
    '/opt/homebrew/sbin/clamd',
    '/usr/bin/clamd',
  ]) {
    try {
      await access(path, constants.X_OK);
      return path;
    } catch {
      // the next place
    }
  }
  return null;
}

async function chooseDatabase(folder: string, databaseDir: string): Promise<string> {
  const names = await readdir(databaseDir).catch(() => []);
  if (names.some((name) => /\.(?:cvd|cld|cud|ndb|hdb|hsb|ldb|mdb)$/.test(name))) return databaseDir;
  const own = join(folder, 'signatures');
  await mkdir(own, { recursive: true });
  await writeFile(join(own, 'souk.hdb'), ownSignature);
  return own;
}

/** A socket's path may have at most 107 bytes. */
async function shortFolder(folder: string): Promise<string> {
  if (Buffer.byteLength(join(folder, 'clamd.sock')) <= 100) return folder;
  const short = await mkdtemp(join(tmpdir(), 'souk-clamd-'));
  await chmod(short, 0o700);
  return short;
}

function config(folder: string, databaseDir: string, socketPath: string): string {
  return [
    'Foreground yes',
    `LocalSocket ${socketPath}`,
    'LocalSocketMode 600',
    'FixStaleSocket yes',
    `PidFile ${join(folder, 'clamd.pid')}`,
    `LogFile ${join(folder, 'clamd.log')}`,
    'LogFileMaxSize 4M',
    'LogTime yes',
    `DatabaseDirectory ${databaseDir}`,
    `TemporaryDirectory ${join(folder, 'tmp')}`,
    `StreamMaxLength ${scanBytesMax}`,
    `MaxScanSize ${scanBytesMax}`,
    `MaxFileSize ${fileBytesMax}`,
    'MaxScanTime 600000',
    'MaxFiles 30000',
    'MaxRecursion 17',
    'MaxThreads 4',
    'MaxQueue 100',
    'ReadTimeout 300',
    'CommandReadTimeout 60',
    // What it could not look into must be said, not passed over.
    'AlertExceedsMax yes',
    'ConcurrentDatabaseReload no',
    'SelfCheck 3600',
    'ExitOnOOM yes',
    '',
  ].join('\n');
}

/**
 * Binds the child's life to ours: a shell in between waits on a pipe that only we hold open, so that even when this
 * process is killed outright, the pipe closes and the scanner ends.
 */
function spawnBound(command: string, args: readonly string[]): ChildProcess {
  const script =
    '"$@" & child=$!; { read -r _ <&3; kill "$child" 2>/dev/null; } & guard=$!; wait "$child"; code=$?; kill "$guard" 2>/dev/null; exit $code';
  return spawn('/bin/sh', ['-c', script, 'sh', command, ...args], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe'],
  });
}

async function answering(
  socket: string,
  child: ChildProcess,
  timeoutMs: number,
  logPath: string,
): Promise<void> {
  const client = clamdClient({ address: { socket }, timeoutMs: 5000 });
  for (const deadline = Date.now() + timeoutMs; Date.now() < deadline; ) {
    if (child.exitCode !== null || child.signalCode !== null) {
      const log = await readFile(logPath, 'utf8').catch(() => '');
      throw new Error(`clamd ended while starting: ${log.trim().split('\n').slice(-3).join('; ')}`);
    }
    try {
      await client.ping();
      return;
    } catch {
      await sleep(50); // it reads its signatures first; with the full database that takes some ten seconds
    }
  }
  throw new Error(`clamd did not answer within ${timeoutMs / 1000} seconds`);
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise<void>((resolve) => {
    child.once('exit', () => resolve());
  });
  child.stdio[3]?.destroy();
  const timer = setTimeout(() => child.kill('SIGKILL'), 10_000);
  await ended;
  clearTimeout(timer);
}
