import { access, mkdir, readFile, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { SoukError } from '../../../../platform/errors.ts';
import { findSandbox, type Sandbox } from '../../../../platform/sandbox.ts';
import type { ImageArchive } from '../../container/image-store.ts';
import { LogTail } from '../../slurm/log-tail.ts';
import { clusterProblem, inWords } from '../../slurm/readiness.ts';
import { jobFiles, jobName, type SlurmSettings } from '../../slurm/slurm.ts';
import { type Cluster, hopeless, isAlive, SlurmError, slurmCommands } from '../../slurm/slurm-commands.ts';
import { findInterpreter, type InterpreterName } from '../interpreters.ts';
import { folderOf, readFailure } from '../opt-ml.ts';
import type { TrainingBackend, TrainingEnd, TrainingEndKind, TrainingRun } from '../training.ts';
import { prepareImageJob, prepareJob } from './slurm-prepare.ts';

export interface SlurmBackendOptions {
  readonly settings: SlurmSettings | null;
  readonly cluster?: Cluster;
  readonly sandbox?: () => Promise<Sandbox>;
  /** Images, for nodes that have podman. */
  readonly archive?: ImageArchive;
  /** How often the shared folder is looked at; Slurm itself is asked much less often. */
  readonly pollMs?: number;
}

const pollMsUsual = 1000;
const askSlurmEveryPolls = 5;
/** A job that Slurm no longer knows may still have written its end to a folder that a slow network brings late. */
const goneTimesMax = 3;
const spareMinutes = 2;
/** For a folder that brings news late; then the cluster itself is asked to end the job. */
const unheardMs = 60_000;
/** For what starts and watches a container. */
const agentMb = 256;

/**
 * Trainings as jobs of a cluster. Souk and the job speak through files in the shared folder, so neither needs the other to be there: the
 * limits hold while Souk is away, and a training that ended meanwhile is found ended.
 */
export function slurmBackend(options: SlurmBackendOptions): TrainingBackend {
  const { settings, sandbox: find = findSandbox } = options;
  const cluster = options.cluster ?? slurmCommands(settings?.environment ?? {});
  const pollMs = options.pollMs ?? pollMsUsual;

  async function unavailable(): Promise<string | null> {
    const problem = await clusterProblem(settings, cluster);
    if (problem) return inWords(problem);
    const sandbox = await find();
    return sandbox.kind === 'none' ? sandbox.reason : null;
  }

  async function run(run: TrainingRun): Promise<TrainingEnd> {
    if (!settings) throw new SoukError('cluster.not_configured');
    const outside = relative(resolve(settings.folder), resolve(run.workDir)).startsWith('..');
    if (outside) throw new SlurmError(`${run.workDir} does not lie in the shared folder ${settings.folder}`);
    const most = run.program.kind === 'container' ? 1 : hostsMax(settings);
    if (run.hosts > most) throw new SlurmError(`a training here has at most ${most} hosts, not ${run.hosts}`);
    const sandbox = await find();
    if (sandbox.kind === 'none') throw new SlurmError(`there is no sandbox to train in: ${sandbox.reason}`);
    const watch = watchJob(
      run,
      run.program.kind === 'container' ? 'podman, Slurm' : `bubblewrap ${sandbox.version}, Slurm`,
    );
    if (!(await isKnown(run))) {
      const script = await prepare(settings, sandbox, run);
      await cluster.submit([...submission(settings, run), script]).catch((error: unknown) => {
        if (error instanceof SoukError && error.code === 'cluster.too_large')
          throw new SoukError(error.code, { ...error.params, instanceType: run.instance.name });
        throw error;
      });
    }
    return await watch();
  }

  /**
   * Whether this training was submitted before, by a keeper that ended since: by its name while Slurm knows it, by its claim afterwards.
   * What neither knows has not run: a job that starts later, because sbatch was slow, finds the claim of the one that replaces it.
   */
  async function isKnown(run: TrainingRun): Promise<boolean> {
    if ((await jobs(run)).some((j) => isAlive(j.state))) return true;
    const folder = join(run.workDir, jobFiles.folder);
    return (await exists(join(folder, jobFiles.claim))) || (await exists(join(folder, jobFiles.ended)));
  }

  async function prepare(
    s: SlurmSettings,
    sandbox: Extract<Sandbox, { kind: 'bubblewrap' }>,
    run: TrainingRun,
  ): Promise<string> {
    const { program } = run;
    if (program.kind === 'container') {
      if (!options.archive) throw new SlurmError('nobody hands images to the cluster');
      return await prepareImageJob(s, options.archive, run, program);
    }
    const interpreter = await findInterpreter(program.interpreter as InterpreterName);
    if (!interpreter) throw new SlurmError(`this computer has no ${program.interpreter}`);
    return await prepareJob(s, sandbox, interpreter, run, program);
  }

  const jobs = (run: TrainingRun) => cluster.jobs(jobName(run.id));

  function watchJob(run: TrainingRun, sandbox: string): () => Promise<TrainingEnd> {
    const folder = join(run.workDir, jobFiles.folder);
    const tails = Array.from(
      { length: run.hosts },
      (_, i) =>
        new LogTail(join(folder, jobFiles.log(i + 1)), run.limits.logBytesMax, (lines) =>
          // Whoever reads one host's log only reads the first one's.
          run.onLines(i === 0 ? lines : lines.map((line) => `[algo-${i + 1}] ${line}`)),
        ),
    );
    let stage: 'queued' | 'running' | undefined;
    const onStage = (next: 'queued' | 'running') => {
      if (next !== stage) run.onStage?.(next);
      stage = next;
    };
    let gone = 0;
    let askedToStop = 0;
    let cancelledJob = false;

    return async () => {
      for (let poll = 0; ; poll++) {
        const ended = await exists(join(folder, jobFiles.ended));
        for (const tail of tails) await tail.poll(ended);
        if (ended) return await wholeEnd(run, sandbox);
        // It goes on by itself, and is found again.
        if (run.signal.aborted) return cancelled(run, sandbox);
        if (run.stop?.aborted && askedToStop === 0) {
          askedToStop = performance.now();
          if (await stopped(run)) return cancelled(run, sandbox);
        }
        // A node that no longer sees the shared folder does not see that it is to end.
        const waited = askedToStop === 0 ? 0 : performance.now() - askedToStop;
        if (waited > (run.limits.stopGraceMs ?? 0) + unheardMs && !cancelledJob)
          cancelledJob = await cancelAll(run).catch(() => false);
        if (poll % askSlurmEveryPolls === 0) {
          // A controller that is away says nothing about the job.
          const known = await jobs(run).catch(() => undefined);
          const alive = known?.filter((j) => isAlive(j.state));
          if (alive?.some((j) => j.state !== 'PENDING' && j.state !== 'CONFIGURING')) onStage('running');
          else if (alive && alive.length > 0) onStage('queued');
          const never = alive && hopeless(alive);
          if (never) {
            await cancelAll(run);
            throw never;
          }
          gone = known === undefined || alive?.length ? 0 : gone + 1;
          if (gone > goneTimesMax) return await lost(run, sandbox, known?.at(-1)?.state);
        }
        await sleep(pollMs, undefined, { signal: run.signal }).catch(() => undefined);
      }
    };
  }

  async function cancelAll(run: TrainingRun): Promise<boolean> {
    for (const { jobId, state } of await jobs(run)) if (isAlive(state)) await cluster.cancel(jobId);
    return true;
  }

  /** True where nothing has begun, so that nothing need be waited for. */
  async function stopped(run: TrainingRun): Promise<boolean> {
    await writeFile(join(run.workDir, jobFiles.folder, jobFiles.stop), '');
    const alive = (await jobs(run)).filter((j) => isAlive(j.state));
    if (alive.some((j) => j.state !== 'PENDING')) return false;
    for (const { jobId } of alive) await cluster.cancel(jobId);
    // It may have begun just then: its claim says so, and then it ends by itself.
    const begun = await exists(join(run.workDir, jobFiles.folder, jobFiles.claim));
    if (!begun) await mkdir(join(run.workDir, jobFiles.folder, jobFiles.claim));
    return !begun;
  }

  async function lost(run: TrainingRun, sandbox: string, state: string | undefined): Promise<TrainingEnd> {
    if (await exists(join(run.workDir, jobFiles.folder, jobFiles.ended))) return wholeEnd(run, sandbox);
    const kind = state === undefined ? undefined : ofSlurm[state];
    if (kind !== undefined) return { ...(await theEnd(run, sandbox)), kind };
    throw await unexplained(run, state ?? 'Slurm does not know it any more');
  }

  /** An end of which a host has said nothing is the cluster's, unless another host failed first. */
  async function wholeEnd(run: TrainingRun, sandbox: string): Promise<TrainingEnd> {
    const end = await theEnd(run, sandbox);
    const lacking = await readFile(join(run.workDir, jobFiles.folder, jobFiles.noContainers), 'utf8').catch(
      () => '',
    );
    if (lacking !== '') {
      const [node = '', ...problem] = lacking.split(' ');
      throw new SoukError('cluster.no_containers', { node, problem: problem.join(' ') });
    }
    if (end.kind === 'failed' && end.exitCode === null) throw await unexplained(run, 'a host did not begin');
    return end;
  }

  async function unexplained(run: TrainingRun, why: string): Promise<SlurmError> {
    const said = await readFile(join(run.workDir, jobFiles.folder, jobFiles.jobLog), 'utf8').catch(() => '');
    return new SlurmError(
      `the job of ${run.jobName} ended without a result (${why})${said ? `: ${said.trim().slice(-500)}` : ''}`,
    );
  }

  return {
    kind: 'slurm',
    hostsMax: settings ? hostsMax(settings) : 1,
    durable: true,
    workRoot: settings?.folder ?? null,
    unavailable,
    run,
  };
}

const hostsMax = (s: SlurmSettings) => (s.network === 'cluster' ? s.hostsMax : 1);

/** How Slurm ends a job by itself, as trainings end. */
const ofSlurm: Readonly<Record<string, TrainingEndKind>> = {
  TIMEOUT: 'time',
  DEADLINE: 'time',
  OUT_OF_MEMORY: 'memory',
  CANCELLED: 'cancelled',
};

function submission(s: SlurmSettings, run: TrainingRun): string[] {
  const { instance, limits } = run;
  const folder = join(run.workDir, jobFiles.folder);
  const minutes = Math.ceil((limits.timeMs + (limits.stopGraceMs ?? 0)) / 60_000) + spareMinutes;
  return [
    `--job-name=${jobName(run.id)}`,
    ...(s.partition === null ? [] : [`--partition=${s.partition}`]),
    ...(s.account === null ? [] : [`--account=${s.account}`]),
    `--nodes=${run.hosts}`,
    '--ntasks-per-node=1',
    `--cpus-per-task=${Math.max(1, Math.ceil(instance.cpus))}`,
    `--mem=${instance.memoryMb + (run.program.kind === 'container' ? agentMb : 0)}M`,
    `--time=${minutes}`,
    `--chdir=${folder}`,
    `--output=${join(folder, jobFiles.jobLog)}`,
    '--open-mode=append',
    // Begun twice it would find its own folders full; whoever asked decides whether it is tried again.
    '--no-requeue',
    '--export=NONE',
    `--comment=${run.jobName}`,
  ];
}

interface HostResult {
  readonly code: number;
  readonly why: string;
  readonly peakKb: number;
  readonly seconds: number;
}

async function resultOf(folder: string, host: number): Promise<HostResult | undefined> {
  const text = await readFile(join(folder, jobFiles.result(host)), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  const [code, why = '-', peak, seconds] = text.trim().split(' ');
  return { code: Number(code), why, peakKb: Number(peak), seconds: Number(seconds) };
}

const kinds: readonly string[] = [
  'time',
  'memory',
  'disk',
  'processes',
  'log',
  'cancelled',
] satisfies TrainingEndKind[];

async function theEnd(run: TrainingRun, sandbox: string): Promise<TrainingEnd> {
  const folder = join(run.workDir, jobFiles.folder);
  const results: HostResult[] = [];
  for (let host = 1; host <= run.hosts; host++) {
    const found = await resultOf(folder, host);
    if (found) results.push(found);
  }
  const limit = results.find((r) => kinds.includes(r.why))?.why as TrainingEndKind | undefined;
  // A host that was ended because another one failed is not the one that failed.
  const failed = results.find((r) => r.code !== 0 && r.why !== 'peer');
  const whole = results.length === run.hosts && failed === undefined;
  const outputFolder = folderOf(run.workDir, 'output');
  const code = failed?.code ?? (whole ? 0 : null);
  return {
    kind: limit ?? (whole ? 'completed' : 'failed'),
    exitCode: code,
    signal: null,
    failure: await readFailure(outputFolder),
    modelFolder: folderOf(run.workDir, 'model'),
    outputFolder,
    durationMs: Math.max(0, ...results.map((r) => r.seconds)) * 1000,
    memoryPeakBytes: Math.max(0, ...results.map((r) => r.peakKb)) * 1024,
    sandbox,
  };
}

async function cancelled(run: TrainingRun, sandbox: string): Promise<TrainingEnd> {
  return { ...(await theEnd(run, sandbox)), kind: 'cancelled' };
}

const exists = (path: string) =>
  access(path).then(
    () => true,
    () => false,
  );
