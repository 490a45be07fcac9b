import { Kysely, PostgresDialect, sql, type Transaction } from 'kysely';
import pg from 'pg';
import type { Log } from './log.ts';

/** Statements are plain SQL (`sql` of Kysely) in each domain's `.sql.ts`, so no table types are kept beside the migrations. */
type Tables = Record<never, never>;

/** Reads. A `Tx` may stand wherever a `Db` is wanted, never the other way round. */
export type Db = Kysely<Tables>;
/** Writes take one, always as their first argument. Only `inTx` makes it. */
export type Tx = Transaction<Tables>;

// PostgreSQL's 64-bit counts come as text; ours stay below 2^53.
pg.types.setTypeParser(pg.types.builtins.INT8, Number);

export interface Database {
  readonly db: Db;
  readonly pool: pg.Pool;
  close(): Promise<void>;
}

export function openDatabase(url: string, log: Log, connectionsMax = 10): Database {
  const pool = new pg.Pool({
    connectionString: url,
    max: connectionsMax,
    connectionTimeoutMillis: 10_000,
    idleTimeoutMillis: 30_000,
  });
  // An idle connection that breaks (PostgreSQL restarted) must not end the process; the pool opens another.
  pool.on('error', (error) => log.warn({ err: error.message }, 'a database connection broke'));
  pool.on('connect', (client) => client.on('error', () => {}));
  const db = new Kysely<Tables>({ dialect: new PostgresDialect({ pool }) });
  return { db, pool, close: () => db.destroy() };
}

const attemptsMax = 5;

/**
 * Runs `work` in one transaction; again from the start when PostgreSQL says that a repetition will do (serialization failure,
 * deadlock). So `work` does nothing outside the database: no network, no files.
 */
export async function inTx<T>(db: Db, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await db.transaction().execute(work);
    } catch (error) {
      if (attempt >= attemptsMax || !isRepeatable(error)) throw error;
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** attempt));
    }
  }
}

/** Several questions about one moment: what is written between them is seen by none. */
export const inSnapshot = <T>(db: Db, read: (tx: Tx) => Promise<T>): Promise<T> =>
  db.transaction().setIsolationLevel('repeatable read').setAccessMode('read only').execute(read);

const isRepeatable = (error: unknown): boolean => ['40001', '40P01'].includes(sqlState(error) ?? '');

/** SQLSTATE of a database error; recovery goes by it, never by a message. */
export function sqlState(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError ? error.code : undefined;
}

/** The name of the violated constraint, when that is what went wrong. */
export function violated(error: unknown): string | undefined {
  return error instanceof pg.DatabaseError && error.code?.startsWith('23') ? error.constraint : undefined;
}

const connectionErrors = new Set([
  'ECONNREFUSED',
  'ECONNRESET',
  'EPIPE',
  'ETIMEDOUT',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ENOTFOUND',
  'EAI_AGAIN',
]);

/** True when the database itself is away, rather than unhappy with a statement. */
export function isUnavailable(error: unknown): boolean {
  const state = sqlState(error);
  if (state) return state.startsWith('57P') || state.startsWith('08') || state.startsWith('53');
  const code = (error as { code?: unknown } | null)?.code;
  return (
    connectionErrors.has(String(code)) ||
    // For these pg has no code.
    /Connection terminated|timeout exceeded when trying to connect|is not queryable/.test(String(error))
  );
}

const againMs = 250;

/** Runs `work`, again and again while the database is away. */
export async function whenAvailable<T>(log: Log, work: () => Promise<T>): Promise<T> {
  for (let failures = 0; ; failures++)
    try {
      return await work();
    } catch (error) {
      if (!isUnavailable(error)) throw error;
      if (failures % 40 === 0) log.warn({ err: (error as Error).message }, 'waiting for the database');
      await new Promise((resolve) => setTimeout(resolve, againMs));
    }
}

/** True when a text held NUL, which no column can: the sender's, not ours. */
export const holdsNul = (error: unknown): boolean => ['22021', '22P05'].includes(sqlState(error) ?? '');

export async function rows<R>(db: Db, statement: ReturnType<typeof sql<R>>): Promise<R[]> {
  return (await statement.execute(db)).rows;
}

export async function row<R>(db: Db, statement: ReturnType<typeof sql<R>>): Promise<R | undefined> {
  return (await statement.execute(db)).rows[0];
}

/** How many rows a write touched: 0 means that its condition did not hold. */
export async function changed(tx: Tx, statement: ReturnType<typeof sql<unknown>>): Promise<number> {
  return Number((await statement.execute(tx)).numAffectedRows ?? 0n);
}

export { sql };
/** A value for a jsonb column. Half a surrogate pair, which PostgreSQL refuses, becomes U+FFFD as in every text column. */
export function json(value: unknown) {
  const text = JSON.stringify(value);
  const whole = /\\ud[89a-f]/.test(text)
    ? JSON.stringify(value, (_key, v: unknown) => (typeof v === 'string' ? v.toWellFormed() : v))
    : text;
  return sql`${whole}::jsonb`;
}
