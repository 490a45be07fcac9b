import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { type RunningSouk, until } from './souk.ts';

/** Kills parts of a running Souk at moments that are known, and looks at what is left. */
export const processes = {
  controlPlane: 'main.ts control',
  gateway: 'gateway.main.ts',
  /** The server itself, inside its sandbox. */
  model: 'model-server/main.ts',
  postgres: '/bin/postgres -D',
} as const;
export type Part = keyof typeof processes;

export function pidsOf(souk: RunningSouk, part: Part): number[] {
  return souk.children(processes[part]);
}

export function kill(souk: RunningSouk, part: Part, signal: NodeJS.Signals = 'SIGKILL'): number[] {
  const pids = pidsOf(souk, part);
  assert.ok(pids.length > 0, `no process ${processes[part]}`);
  // The innermost: what is around it, a sandbox or a shell, is not what crashes.
  for (const pid of part === 'model' ? pids.slice(-1) : pids.slice(0, 1)) process.kill(pid, signal);
  return pids;
}

export const isAlive = (pid: number): boolean => {
  try {
    return !/^State:\s+[ZX]/m.test(readFileSync(`/proc/${pid}/status`, 'utf8'));
  } catch {
    return false;
  }
};

export const back = (souk: RunningSouk) =>
  until(
    'the control plane',
    () => fetch(`${souk.url}/readyz`).catch(() => undefined),
    (r) => r?.ok === true,
    30_000,
  );

/** Straight into the database of a running Souk. */
export async function database(souk: RunningSouk): Promise<pg.Client> {
  const { port, password } = JSON.parse(readFileSync(join(souk.dataDir, 'postgres.json'), 'utf8')) as {
    port: number;
    password: string;
  };
  const client = new pg.Client({ connectionString: `postgres://souk:${password}@127.0.0.1:${port}/souk` });
  client.on('error', () => {});
  await client.connect();
  return client;
}

let gates = 0;

/**
 * Acts while somebody is in the middle of a change of that table that is as `when` says: it has done its work and waits, in its
 * transaction, for the lock that we hold. So a process is met there however short the moment is, on the slowest machine.
 */
export async function actAt(client: pg.Client, table: string, when: string, act: () => void): Promise<void> {
  const [key, name] = [4200 + ++gates, `gate_${gates}`];
  const waiters = `select 1 from pg_locks where locktype = 'advisory' and objid = ${key} and not granted`;
  await client.query(`select pg_advisory_lock(${key})`);
  await client.query(`create function ${name}() returns trigger language plpgsql as $$
    begin perform pg_advisory_xact_lock(${key}); return new; end $$`);
  await client.query(
    `create trigger ${name} before update on ${table} for each row when (${when}) execute function ${name}()`,
  );
  await until(
    `a change of ${table} when ${when}`,
    async () => (await client.query(waiters)).rowCount,
    (n) => (n ?? 0) > 0,
  );
  act();
  // The database itself may have been ended too; its gates then open by themselves.
  await client
    .query(`select pg_advisory_unlock(${key})`)
    .then(() => client.query(`drop function ${name} cascade`))
    .catch(() => {});
}

/** Files that only a process under way has: what is unpacked, received or half written. */
export const leftovers = (souk: RunningSouk): string[] =>
  ['work/*', 'uploads/*', 'blobs/incoming/*', 'clamav/tmp/*', 'run/m-*'].flatMap((pattern) =>
    globSync(pattern, { cwd: souk.dataDir }),
  );
