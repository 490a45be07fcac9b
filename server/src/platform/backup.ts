import { spawn } from 'node:child_process';
import {
  chmodSync,
  closeSync,
  existsSync,
  fsyncSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import pg from 'pg';
import { ConfigError } from './config.ts';

/** What a backup says about itself, first in the archive. */
export interface BackupManifest {
  readonly format: 1;
  readonly madeAt: string;
  readonly database: 'in this archive' | 'elsewhere';
  /** Absent in archives made before buckets were known: in this archive. */
  readonly blobs?: 'in this archive' | 'elsewhere';
  readonly keys: boolean;
}

const manifestFile = 'souk-backup.json';
/** Where the operator has one. */
const inBucket = ['blobs', 'files', 'images'];
/** After the database: whatever its rows name is on disk by then, and blobs are never changed. */
const filesAfter = [...inBucket, 'policies', 'outbox', 'postgres.json'];

/**
 * Writes the data folder into one tar archive while everything runs. The database is copied as PostgreSQL prescribes for a
 * running server: between pg_backup_start and pg_backup_stop, with the write-ahead log of that time, so that a restored one
 * recovers to the moment of the stop. The archive gets its name when it is whole and on disk.
 */
export async function backup(
  dataDir: string,
  given: {
    readonly to: string;
    readonly ownDatabaseUrl: string | undefined;
    readonly keys: boolean;
    readonly blobs: 'in this archive' | 'elsewhere';
  },
): Promise<BackupManifest> {
  const to = resolve(given.to);
  if (existsSync(to))
    throw new ConfigError(`${to} exists. Name another file; a backup is never overwritten.`);
  const part = `${to}.part`;
  const scratch = mkdtempSync(join(dirname(to), '.souk-backup-'));
  try {
    const manifest: BackupManifest = {
      format: 1,
      madeAt: new Date().toISOString(),
      database: given.ownDatabaseUrl ? 'in this archive' : 'elsewhere',
      blobs: given.blobs,
      keys: given.keys,
    };
    writeFileSync(join(scratch, manifestFile), `${JSON.stringify(manifest, null, 2)}\n`);
    closeSync(openSync(part, 'w', 0o600));
    await tar(['--create', '--file', part, '--directory', scratch, manifestFile]);
    const add = (options: string[], names: string[]) =>
      names.length ? tar(['--append', '--file', part, ...options, ...names]) : undefined;
    const present = (names: string[]) => names.filter((name) => existsSync(join(dataDir, name)));
    // Before the database: usage that is gone from here is in it by then, and what is in both counts once.
    await add(['--directory', dataDir], present(['usage']));
    if (given.ownDatabaseUrl) await addDatabase(given.ownDatabaseUrl, { dataDir, scratch, add });
    await add(
      ['--directory', dataDir, ...inBucket.map((name) => `--exclude=${name}/incoming/*`)],
      present([
        // What was left behind when blobs moved to a bucket is old.
        ...filesAfter.filter((name) => given.blobs === 'in this archive' || !inBucket.includes(name)),
        ...(given.keys ? ['keys'] : []),
      ]),
    );
    const file = openSync(part, 'r');
    fsyncSync(file);
    closeSync(file);
    renameSync(part, to);
    return manifest;
  } finally {
    rmSync(part, { force: true });
    rmSync(scratch, { recursive: true, force: true });
  }
}

interface Place {
  readonly dataDir: string;
  readonly scratch: string;
  add(options: string[], names: string[]): Promise<void> | undefined;
}

async function addDatabase(url: string, { dataDir, scratch, add }: Place): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    // Keeps the log of this time on disk until it is copied; gone with this session, however it ends.
    await client.query("select pg_create_physical_replication_slot('souk_backup', true, true)");
    const start = await client.query<{ segment: string }>(
      "select pg_walfile_name(pg_backup_start('souk', fast => true)) as segment",
    );
    const ofThisServer = ['postmaster.pid', 'postmaster.opts', 'pg_wal/*', 'pg_replslot/*', 'pg_stat_tmp/*'];
    await add(
      ['--directory', dataDir, ...ofThisServer.map((name) => `--exclude=postgres/${name}`)],
      ['postgres'],
    );
    const stop = await client.query<{ segment: string; label: string; tablespaces: string | null }>(
      `select pg_walfile_name(lsn) as segment, labelfile as label, spcmapfile as tablespaces
       from pg_backup_stop(wait_for_archive => false)`,
    );
    const [from, until] = [start.rows[0]?.segment ?? '', stop.rows[0]];
    if (!until || until.tablespaces) throw new Error('a cluster with tablespaces of its own');
    const { uid, gid } = statSync(join(dataDir, 'postgres'));
    mkdirSync(join(scratch, 'postgres'));
    writeFileSync(join(scratch, 'postgres/backup_label'), until.label);
    await add(
      ['--directory', scratch, `--owner=:${uid}`, `--group=:${gid}`, '--no-recursion'],
      ['postgres/backup_label'],
    );
    const segments = readdirSync(join(dataDir, 'postgres/pg_wal')).filter(
      (name) => /^[0-9A-F]{24}$/.test(name) && name >= from && name <= until.segment,
    );
    await add(
      ['--directory', dataDir],
      segments.map((name) => `postgres/pg_wal/${name}`),
    );
  } finally {
    await client.end();
  }
}

/** Makes a data folder out of a backup: whole, or not at all. */
export async function restore(file: string, dataDir: string): Promise<BackupManifest> {
  if (existsSync(dataDir) && readdirSync(dataDir).length > 0)
    throw new ConfigError(
      `${dataDir} is not empty. Restore into a new folder (SOUK_DATA), or move this one away first.`,
    );
  if (!existsSync(file)) throw new ConfigError(`there is no file ${file}.`);
  const fresh = `${dataDir}.restoring`;
  rmSync(fresh, { recursive: true, force: true });
  mkdirSync(fresh, { recursive: true, mode: 0o700 });
  try {
    await tar(['--extract', '--file', resolve(file), '--directory', fresh]).catch((error: Error) => {
      throw new ConfigError(`${file} is no whole backup: ${error.message}`);
    });
    const manifest = readManifest(join(fresh, manifestFile), file);
    rmSync(join(fresh, manifestFile));
    chmodSync(fresh, 0o700);
    rmSync(dataDir, { recursive: true, force: true });
    renameSync(fresh, dataDir);
    return manifest;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

function readManifest(path: string, file: string): BackupManifest {
  if (!existsSync(path)) throw new ConfigError(`${file} is not a backup of Souk.`);
  const manifest = JSON.parse(readFileSync(path, 'utf8')) as BackupManifest;
  if (manifest.format !== 1) throw new ConfigError(`${file} was made by a later version of Souk.`);
  return manifest;
}

/** tar's 1 says that a file changed or went away while it was read: files of a running server do, and its log mends them. */
const changedMeanwhile = 1;

function tar(args: string[]): Promise<void> {
  const child = spawn('tar', ['--warning=no-file-changed', '--warning=no-file-removed', ...args], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { PATH: process.env.PATH ?? '', LC_ALL: 'C' },
  });
  let complaints = '';
  child.stderr.on('data', (d: Buffer) => {
    complaints = (complaints + d.toString()).slice(-1000);
  });
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) =>
      code === 0 || (code === changedMeanwhile && args[0] === '--append')
        ? done()
        : failed(new Error(complaints.trim() || `tar ended with ${code}`)),
    );
  });
}
