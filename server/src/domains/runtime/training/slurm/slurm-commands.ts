import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

export interface ClusterJob {
  readonly jobId: string;
  /** `PENDING`, `RUNNING`, `COMPLETED`, `TIMEOUT`, ... */
  readonly state: string;
}

export interface Cluster {
  /** Answers the id of the new job. */
  submit(args: readonly string[]): Promise<string>;
  /** Jobs of this name that Slurm still knows, the latest last; of those that have ended only the accounting may know. */
  jobs(name: string): Promise<ClusterJob[]>;
  cancel(jobId: string): Promise<void>;
  /** Partitions and how many of their nodes can work. */
  partitions(): Promise<{ name: string; nodes: number; usable: number }[]>;
}

const run = promisify(execFile);
const timeoutMs = 30_000;
const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '');

/** A cluster that cannot be asked, or that refuses, in its own words. */
export class SlurmError extends Error {}

/** The commands of Slurm as this computer has them. */
export function slurmCommands(environment: Readonly<Record<string, string>>): Cluster {
  async function command(file: string, args: readonly string[]): Promise<string> {
    try {
      const { stdout } = await run(file, [...args], { timeout: timeoutMs, env: { ...environment } });
      return stdout;
    } catch (error) {
      const { code, stderr, message } = error as { code?: unknown; stderr?: string; message: string };
      if (code === 'ENOENT')
        throw new SlurmError(`${file} is not installed: install the package slurm-client`);
      throw new SlurmError(
        `${file}: ${
          lines(stderr || message)
            .at(-1)
            ?.replace(/^\w+: error: /, '') ?? 'failed'
        }`,
      );
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
        await command('squeue', ['--noheader', '--states=all', `--name=${name}`, '--format=%i|%T']),
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
                '--starttime=now-30days',
                `--name=${name}`,
                '--format=JobID,State',
              ]).catch(() => ''),
            );
      return known
        .map((line) => {
          const [jobId = '', state = ''] = line.split('|');
          // `CANCELLED by 0` is CANCELLED.
          return { jobId, state: state.split(' ')[0] ?? '' };
        })
        .sort((a, b) => Number(a.jobId) - Number(b.jobId));
    },
    async cancel(jobId) {
      await command('scancel', [jobId]);
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

/** States in which a job may still do something. */
export const isAlive = (state: string): boolean =>
  /^(PENDING|RUNNING|CONFIGURING|COMPLETING|SUSPENDED|RESIZING|REQUEUED|STAGE_OUT|SIGNALING|STOPPED)$/.test(
    state,
  );
