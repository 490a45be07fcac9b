import { EventEmitter } from 'node:events';
import {
  type JobHelpers,
  Logger,
  parseCronItems,
  run,
  type TaskList,
  type WorkerEvents,
} from 'graphile-worker';
import type { Pool, PoolClient } from 'pg';
import { isUnavailable, json, sql, type Tx } from './db.ts';
import type { Log } from './log.ts';

/** One kind of job. The payload is what `enqueue` was given; a job may run more than once, so it must be repeatable. */
export interface JobDefinition {
  readonly name: string;
  run(
    payload: Record<string, unknown>,
    job: { attempt: number; attemptsMax: number; signal: AbortSignal },
  ): Promise<void>;
  /** Cron pattern (UTC) for jobs that run by themselves. */
  readonly cron?: string;
}

export interface EnqueueOptions {
  /** A second job with the same key replaces a waiting one. */
  readonly key?: string;
  readonly runAt?: Date;
  readonly attemptsMax?: number;
  /** Jobs of one queue run one after the other. */
  readonly queue?: string;
}

/** Enqueues in the caller's transaction: a job exists if and only if what it belongs to was committed. */
export async function enqueue(
  tx: Tx,
  name: string,
  payload: Record<string, unknown>,
  options: EnqueueOptions = {},
): Promise<void> {
  await sql`select graphile_worker.add_job(${name}, ${json(payload)}::json, queue_name := ${options.queue ?? null}::text,
    run_at := ${options.runAt ?? null}::timestamptz, max_attempts := ${options.attemptsMax ?? 25}::int, job_key := ${options.key ?? null}::text)`.execute(
    tx,
  );
}

export interface JobRunner {
  stop(): Promise<void>;
}

export interface JobRunnerOptions {
  readonly definitions: readonly JobDefinition[];
  readonly log: Log;
  /** Names this process across restarts: what an earlier process of the same name held is taken over at once. */
  readonly processName: string;
  readonly concurrency?: number;
}

const heartbeatMs = 5000;
const lostAfterMs = 30_000;

export async function runJobs(
  pool: Pool,
  { definitions, log, processName, concurrency = 4 }: JobRunnerOptions,
): Promise<JobRunner> {
  await unlockOwnJobs(pool, processName);
  await unlockLostJobs(pool);
  // Jobs are locked by the pool of workers, not by one of them.
  let poolId: string | undefined;
  const beat = async () => {
    if (poolId === undefined) return;
    await pool.query(
      'insert into job_workers (worker_id, process) values ($1, $2) on conflict (worker_id) do update set seen_at = now()',
      [poolId, processName],
    );
  };
  const events = new EventEmitter() as WorkerEvents;
  events.on('pool:create', ({ workerPool }) => {
    poolId = workerPool.id;
    void beat().catch(() => {});
  });
  const inHand = new Set<string>();
  events.on('job:start', ({ job }) => inHand.add(job.id));
  events.on('job:complete', ({ job }) => inHand.delete(job.id));
  const runner = await run({
    pgPool: patient(pool),
    events,
    taskList: tasksOf(definitions),
    concurrency,
    pollInterval: 2000,
    noHandleSignals: true,
    parsedCronItems: parseCronItems(
      definitions.flatMap((d) => (d.cron ? [{ task: d.name, match: d.cron, identifier: d.name }] : [])),
    ),
    noPreparedStatements: true,
    logger: jobLogger(log),
  });
  const timer = setInterval(() => {
    void beat()
      .then(() => unlockLostJobs(pool))
      .then(() => (poolId === undefined ? undefined : unlockUnheard(pool, poolId, inHand)))
      .catch((error: Error) => log.warn({ err: error.message }, 'no heartbeat of the job workers'));
  }, heartbeatMs);
  return {
    async stop() {
      clearInterval(timer);
      await runner.stop();
    },
  };
}

function tasksOf(definitions: readonly JobDefinition[]): TaskList {
  const tasks: TaskList = {};
  for (const d of definitions)
    tasks[d.name] = async (payload: unknown, helpers: JobHelpers) => {
      const { attempts, max_attempts } = helpers.job;
      const signal = helpers.abortSignal ?? new AbortController().signal;
      await d.run((payload ?? {}) as Record<string, unknown>, {
        attempt: attempts,
        attemptsMax: max_attempts,
        signal,
      });
    };
  return tasks;
}

/**
 * Jobs of workers that were killed. graphile-worker itself would hold them for four hours; here a worker that has not been
 * seen for 30 s counts as lost, and one whose process has started again counts at once.
 */
async function unlockLostJobs(pool: Pool): Promise<void> {
  // The second half finds workers that were killed before they were written down; a lock that is younger than that may belong
  // to one that is just being written down.
  const { rows } = await pool.query<{ id: string }>(
    `with lost as (delete from job_workers where seen_at < now() - $1 * interval '1 millisecond' returning worker_id)
    select worker_id as id from lost union
    select locked_by from graphile_worker._private_jobs where locked_at < now() - $1 * interval '1 millisecond' and locked_by not in (select worker_id from job_workers)`,
    [lostAfterMs],
  );
  await unlock(pool, rows);
}

/** Jobs that the database gave us in an answer that never came, because it ended just then: locked by us, and in nobody's hand. */
async function unlockUnheard(pool: Pool, poolId: string, inHand: ReadonlySet<string>): Promise<void> {
  await pool.query(
    `update graphile_worker._private_jobs set locked_by = null, locked_at = null
    where locked_by = $1 and locked_at < now() - $2 * interval '1 millisecond' and id <> all ($3::bigint[])`,
    [poolId, lostAfterMs, [...inHand]],
  );
}

/**
 * The pool as graphile-worker gets it. It writes how a job ended without anybody waiting for that, and tries again on few errors
 * only: the process would end when the database does. An outage therefore looks to it as what it repeats every few seconds.
 */
function patient(pool: Pool): Pool {
  const repeatable = (error: unknown): never => {
    if (error instanceof Error && isUnavailable(error)) Object.assign(error, { code: '40001' });
    throw error;
  };
  const over = <T extends object>(target: T, own: Readonly<Record<string, unknown>>): T =>
    new Proxy(target, {
      get: (_, name) => {
        if (typeof name === 'string' && name in own) return own[name];
        const value: unknown = Reflect.get(target, name);
        return typeof value === 'function' ? value.bind(target) : value;
      },
    });
  const patientClient = (client: PoolClient) =>
    over(client, { query: (...args: [string]) => client.query(...args).catch(repeatable) });
  return over(pool, {
    // Whoever gives a callback listens for notifications, and connects again by itself.
    connect: (callback?: Parameters<Pool['connect']>[0]) =>
      callback ? pool.connect(callback) : pool.connect().then(patientClient, repeatable),
  });
}

async function unlockOwnJobs(pool: Pool, processName: string): Promise<void> {
  const { rows } = await pool.query<{ id: string }>(
    'delete from job_workers where process = $1 returning worker_id as id',
    [processName],
  );
  await unlock(pool, rows);
}

async function unlock(pool: Pool, workers: readonly { id: string }[]): Promise<void> {
  if (workers.length === 0) return;
  await pool.query('select graphile_worker.force_unlock_workers($1::text[])', [workers.map((w) => w.id)]);
}

const jobLogger = (log: Log) =>
  new Logger(() => (level, message) => {
    if (level === 'error') log.error(message);
    else if (level === 'warning') log.warn(message);
    else log.trace(message);
  });
