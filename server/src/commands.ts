import { readFileSync } from 'node:fs';
import { compose } from './compose.ts';
import { verifyAuditChain } from './domains/audit/index.ts';
import { backup, restore } from './platform/backup.ts';
import { type Config, ConfigError } from './platform/config.ts';
import type { BlobBucket } from './platform/config-blobs.ts';
import { openDatabase } from './platform/db.ts';
import { SoukError } from './platform/errors.ts';
import { newLog } from './platform/log.ts';
import { migrate, migrations } from './platform/migrate.ts';
import { findPodman } from './platform/podman.ts';
import { runningPostgres, startPostgres } from './platform/postgres.ts';
import { findSandbox } from './platform/sandbox.ts';
import { dumpSchema } from './platform/schema-dump.ts';

const say = (line: string) => process.stdout.write(`${line}\n`);

/** Runs `work` on the configured database or on our own: the one that `serve` runs, else one that is started for it. */
async function withDatabase<T>(config: Config, work: (url: string) => Promise<T>): Promise<T> {
  const running = config.databaseUrl ?? (await runningPostgres(config.dataDir));
  if (running) return work(running);
  const postgres = await startPostgres(config.dataDir, newLog('souk', config.logLevel));
  try {
    return await work(postgres.url);
  } finally {
    await postgres.stop();
  }
}

export async function migrateCommand(config: Config): Promise<number> {
  const applied = await withDatabase(config, (url) => migrate(url, newLog('souk', config.logLevel)));
  say(applied.length ? `applied ${applied.join(', ')}` : 'nothing to do: the schema is up to date');
  return 0;
}

export async function backupCommand(config: Config, to: string | undefined, keys: boolean): Promise<number> {
  if (!to) throw new ConfigError('backup needs a file, as in `souk backup souk-2026-11-21.tar`.');
  const given = { to, keys, blobs: config.blobs ? 'elsewhere' : 'in this archive' } as const;
  const made = config.databaseUrl
    ? await backup(config.dataDir, { ...given, ownDatabaseUrl: undefined })
    : await withDatabase(config, (url) => backup(config.dataDir, { ...given, ownDatabaseUrl: url }));
  say(`${to} holds what Souk keeps, as of ${made.madeAt}.`);
  if (made.database === 'elsewhere')
    say('Your database is not in it: back it up yourself, before this (pg_dump).');
  if (config.blobs)
    say(`${nameOf(config.blobs)} is not in it: copy the bucket, after this, or keep its versions.`);
  say(
    made.keys
      ? 'It holds the keys that unseal secrets: keep it as you keep them.'
      : 'Without the keys folder, kept apart, its secrets stay sealed and its signatures cannot be continued.',
  );
  return 0;
}

export async function restoreCommand(config: Config, file: string | undefined): Promise<number> {
  if (!file) throw new ConfigError('restore needs the file of a backup.');
  const { madeAt, database, blobs, keys } = await restore(file, config.dataDir);
  say(`${config.dataDir} is as of ${madeAt}.`);
  if (!keys) say('Put the keys folder back into it before the next start.');
  if (blobs === 'elsewhere')
    say('Blobs and files were in a bucket: restore it if it was lost, and start with the same SOUK_BLOBS.');
  if (database === 'elsewhere') say('Restore your database too, then start with DATABASE_URL.');
  return 0;
}

const nameOf = ({ bucket, prefix }: BlobBucket) => `s3://${bucket}/${prefix}`;

interface Given {
  readonly email?: string | undefined;
  readonly name?: string | undefined;
  readonly account?: string | undefined;
  readonly 'if-empty'?: boolean | undefined;
}

/** Makes the operator's account. The password comes on standard input, so that it is in no list of processes. */
export async function createOperatorCommand(config: Config, given: Given): Promise<number> {
  const { email, name = 'Operator', account = 'Marketplace' } = given;
  if (!email)
    throw new ConfigError('create-operator needs --email; the password is read from standard input.');
  const password = readFileSync(0, 'utf8').trim();
  return withDatabase(config, async (url) => {
    await migrate(url, newLog('souk', config.logLevel));
    const souk = await compose(config, url);
    try {
      const made = await souk.createOperator(
        { email, name, accountName: account, password },
        given['if-empty'] ?? false,
      );
      if (!made) {
        process.stderr.write('souk: this marketplace has accounts already\n');
        return 7;
      }
      say(JSON.stringify({ accountId: made.accountId, email }));
      return 0;
    } catch (error) {
      if (!(error instanceof SoukError)) throw error;
      process.stderr.write(`souk: ${error.message} ${error.remedy}\n`);
      return 2;
    } finally {
      await souk.close();
    }
  });
}

/** Holds this installation against what it should be, one line a check; 1 when something must be mended. */
export async function doctorCommand(config: Config): Promise<number> {
  let wrong = 0;
  const check = (name: string, ok: boolean, detail: string, remedy = '') => {
    if (!ok) wrong++;
    say(`${ok ? 'ok   ' : 'WRONG'} ${name}: ${detail}${!ok && remedy ? ` -> ${remedy}` : ''}`);
  };
  const sandbox = await findSandbox();
  say(
    `${sandbox.kind === 'bubblewrap' ? 'ok   ' : 'note '} sandbox: ${sandbox.kind === 'bubblewrap' ? `bubblewrap ${sandbox.version}` : `${sandbox.reason} (apt-get install bubblewrap)`}`,
  );
  const podman = await findPodman(config.dataDir);
  say(
    'missing' in podman
      ? `note  containers: ${podman.missing}`
      : `ok    containers: podman ${podman.version} (${podman.runtime}${podman.rootless ? ', not as root' : ''})`,
  );
  if (config.slurm) {
    const { slurmBackend } = await import('./domains/runtime/training/slurm/slurm-backend.ts');
    const why = await slurmBackend({ settings: config.slurm }).unavailable();
    check(
      'cluster',
      why === null,
      why ?? `trains and runs batch jobs in ${config.slurm.folder}`,
      'docs/operating/slurm.md',
    );
  }
  if (config.blobs) {
    const { checkBucketOf } = await import('./platform/blobs-check.ts');
    const { ok, detail, remedy } = await checkBucketOf(config.blobs);
    check(`storage ${nameOf(config.blobs)}`, ok, detail, remedy);
  }
  await withDatabase(config, async (url) => {
    const { db, pool, close } = openDatabase(url, newLog('doctor', config.logLevel), 2);
    try {
      const { rows } = await pool
        .query<{ name: string }>('select name from souk_migrations')
        .catch(() => ({ rows: [] }));
      const missing = migrations().filter((m) => !rows.some((r) => r.name === m.name));
      check(
        'migrations',
        missing.length === 0,
        missing.length ? `missing ${missing.map((m) => m.name).join(', ')}` : `${rows.length} applied`,
        'souk migrate',
      );
      if (missing.length) return;
      const same =
        (await dumpSchema(pool)) === readFileSync(new URL('../schema.sql', import.meta.url), 'utf8');
      check(
        'schema',
        same,
        same ? 'as committed' : 'differs from server/schema.sql',
        'somebody changed the database by hand: compare and undo it',
      );
      const chain = await verifyAuditChain(db);
      check(
        'audit log',
        chain.ok,
        chain.ok ? `${chain.entries} entries, chain whole` : `broken at entry ${chain.brokenAt}`,
        'restore the database from a backup made before',
      );
    } finally {
      await close();
    }
  });
  return wrong ? 1 : 0;
}
