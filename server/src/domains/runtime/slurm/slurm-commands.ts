import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { SoukError } from '../../../platform/errors.ts';

export interface ClusterJob {
  /** `17`, or `17_3` for the third of an array. */
  readonly jobId: string;
  /** Of an array, which of it. */
  readonly index: number | null;
  /** `PENDING`, `RUNNING`, `COMPLETED`, `TIMEOUT`, ... */
  readonly state: string;
  /** Why it waits, where it does: `Resources`, `Priority`, ... */
  readonly reason: string;
}

export interface Cluster {
  /** Answers the id of the new job. */
  submit(args: readonly string[]): Promise<string>;
  /** Jobs of this name that Slurm still knows, each of an array by itself, the latest last; of those that have ended only the accounting may know. */
  jobs(name: string): Promise<ClusterJob[]>;
  cancel(jobId: string): Promise<void>;
  /** SIGTERM to the job's own program and to nothing that it has started, unlike a cancellation: it ends in its own way. */
  ask(jobId: string): Promise<void>;
  /** Partitions and how many of their nodes can work. */
  partitions(): Promise<{ name: string; nodes: number; usable: number }[]>;
}

const run = promisify(execFile);
const timeoutMs = 30_000;
const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

/** What the cluster does that nobody outside can mend by asking otherwise: tried again. Refusals have codes of their own. */
export class SlurmError extends Error {}

const instanceType = 'the instance type';

/** Slurm's own words for what it refuses; nothing else tells the cases apart. */
const refusals: readonly (readonly [RegExp, (problem: string) => SoukError])[] = [
  [
    /unable to contact|connection (refused|timed out)|socket timed out|could not establish|no route|zero bytes/i,
    (problem) => new SoukError('cluster.unreachable', { problem }),
  ],
  [
    /invalid partition/i,
    (problem) =>
      new SoukError('cluster.partition_unknown', { partition: 'of that name', partitions: problem }),
  ],
  [/time limit/i, (problem) => new SoukError('cluster.time_limit', { problem })],
  [/invalid account|qos/i, (problem) => new SoukError('cluster.account_refused', { problem })],
  [
    /memory specification|node configuration|cpu count|more processors|node count/i,
    (problem) => new SoukError('cluster.too_large', { instanceType, problem }),
  ],
];

/** The commands of Slurm as this computer has them. */
export function slurmCommands(environment: Readonly<Record<string, string>>): Cluster {
  async function command(file: string, args: readonly string[]): Promise<string> {
    try {
      const { stdout } = await run(file, [...args], { timeout: timeoutMs, env: { ...environment } });
      return stdout;
    } catch (error) {
      const { code, stderr, message, killed } = error as {
        code?: unknown;
        stderr?: string;
        message: string;
        killed?: boolean;
      };
      if (code === 'ENOENT') throw new SoukError('cluster.command_missing', { command: file });
      const said = lines(stderr || message)
        .at(-1)
        ?.replace(/^\w+: error: /, '');
      const problem = `${file}: ${killed ? `no answer within ${timeoutMs / 1000} s` : (said ?? 'failed')}`;
      const refusal = refusals.find(([words]) => words.test(stderr || message))?.[1](problem);
      if (killed || (file !== 'sbatch' && !refusal)) throw new SoukError('cluster.unreachable', { problem });
      throw refusal ?? new SoukError('cluster.refused', { problem });
    }
  }
  return {
    async submit(args) {
      const answered = await command('sbatch', ['--parsable', ...args]);
      const [id = ''] = answered.trim().split(';');
      if (!/^\d+$/.test(id)) throw new SlurmError(`sbatch answered "${answered.trim().slice(0, 200)}"`);
      return id;
    },
    async jobs(name) {
      const queued = lines(
        await command('squeue', [
          '--noheader',
          '--states=all',
          '--array',
          `--name=${name}`,
          '--format=%i|%T|%r',
        ]),
      );
      // Slurm forgets an ended job after minutes; the accounting remembers, where there is one.
      const known =
        queued.length > 0
          ? queued
          : lines(
              await command('sacct', [
                '--noheader',
                '--parsable2',
                '--allocations',
                '--array',
                '--starttime=now-30days',
                `--name=${name}`,
                '--format=JobID,State',
              ]).catch(() => ''),
            );
      return known
        .map((line) => {
          const [jobId = '', state = '', reason = ''] = line.split('|');
          const [, index] = jobId.split('_');
          // `CANCELLED by 0` is CANCELLED.
          return {
            jobId,
            index: index === undefined ? null : Number(index),
            state: state.split(' ')[0] ?? '',
            reason,
          };
        })
        .sort((a, b) => Number.parseInt(a.jobId, 10) - Number.parseInt(b.jobId, 10));
    },
    async cancel(jobId) {
      await command('scancel', [jobId]);
    },
    async ask(jobId) {
      await command('scancel', ['--batch', '--signal=TERM', jobId]);
    },
    async partitions() {
      const found = lines(await command('sinfo', ['--noheader', '--format=%R|%F']));
      return found.map((line) => {
        const [name = '', counts = ''] = line.split('|');
        const [allocated = 0, idle = 0, , nodes = 0] = counts.split('/').map(Number);
        return { name, nodes, usable: allocated + idle };
      });
    },
  };
}

const waitsForEver: Readonly<Record<string, (problem: string) => SoukError>> = {
  PartitionTimeLimit: (problem) => new SoukError('cluster.time_limit', { problem }),
  PartitionNodeLimit: (problem) => new SoukError('cluster.too_large', { instanceType, problem }),
  BadConstraints: (problem) => new SoukError('cluster.too_large', { instanceType, problem }),
  InvalidAccount: (problem) => new SoukError('cluster.account_refused', { problem }),
  InvalidQOS: (problem) => new SoukError('cluster.account_refused', { problem }),
};

/** A cluster that does not enforce its limits at once takes such jobs, and lets them wait for ever. */
export function hopeless(jobs: readonly ClusterJob[]): SoukError | undefined {
  for (const { state, reason } of jobs)
    if (state === 'PENDING' && Object.hasOwn(waitsForEver, reason))
      return waitsForEver[reason]?.(`it would wait for ever (${reason})`);
  return undefined;
}

/** States in which a job may still do something. */
export const isAlive = (state: string): boolean =>
  /^(PENDING|RUNNING|CONFIGURING|COMPLETING|SUSPENDED|RESIZING|REQUEUED|STAGE_OUT|SIGNALING|STOPPED)$/.test(
    state,
  );
