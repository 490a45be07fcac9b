import { join } from 'node:path';
import type { FoundPodman, Podman } from '../../../platform/podman.ts';
import { findSandbox, type Mount } from '../../../platform/sandbox.ts';
import { endInTime } from '../training/ending.ts';
import { folderOf, hostNames, layOut, readFailure, type WorkPart } from '../training/opt-ml.ts';
import { startPipes } from '../training/pipes.ts';
import type {
  TrainingBackend,
  TrainingCode,
  TrainingEnd,
  TrainingEndKind,
  TrainingRun,
} from '../training/training.ts';
import { type Container, type ContainerEnd, startContainer } from './container.ts';
import { hostInterface, hostsMax, noHostNetwork, openHostNetwork } from './host-network.ts';
import { ensureImage, type ImageArchive } from './image-store.ts';

export interface ContainerTraining {
  readonly podman: () => Promise<FoundPodman>;
  readonly archive: ImageArchive;
}

type OfContainer = Extract<TrainingCode, { kind: 'container' }>;

/** Trains with images by podman: `train` over /opt/ml, one container for each host, and no network but that of the hosts. */
export function containerTraining(parts: ContainerTraining): TrainingBackend {
  return {
    kind: 'container',
    hostsMax,
    durable: false,
    workRoot: null,
    async unavailable() {
      const podman = await parts.podman();
      return 'missing' in podman ? podman.missing : null;
    },
    async run(run) {
      const podman = await parts.podman();
      if ('missing' in podman) throw new Error(podman.missing);
      const { program } = run;
      if (program.kind !== 'container') throw new Error(`podman runs images, not a ${program.kind}`);
      run.onStage?.('loading-image');
      const image = await ensureImage(podman, parts.archive, program.imageDigest);
      const network = run.hosts === 1 ? undefined : await peers(run.hosts);
      const pipes = await layOutHosts(run);
      try {
        return await train(podman, run, program, image, network);
      } finally {
        for (const pipe of pipes) pipe.stop();
        await network?.remove();
      }
    },
  };
}

async function peers(hosts: number) {
  const why = hosts > hostsMax ? `a training has at most ${hostsMax} hosts here` : await noHostNetwork();
  if (why !== null) throw new Error(why);
  return await openHostNetwork(hostNames(hosts));
}

/** The first host's layout is the run's own; the others have a configuration and pipes of their own, and share the rest. */
const hostFolder = (run: TrainingRun, host: number) =>
  host === 1 ? run.workDir : join(run.workDir, 'hosts', `${host}`);

async function layOutHosts(run: TrainingRun) {
  const pipes = [];
  const sandbox = await findSandbox();
  for (let host = 1; host <= run.hosts; host++) {
    const own = { ...run, workDir: hostFolder(run, host) };
    await layOut(own, { host, ...(run.hosts === 1 ? {} : { interface: hostInterface }) });
    pipes.push(await startPipes(sandbox, own));
  }
  return pipes;
}

async function train(
  podman: Podman,
  run: TrainingRun,
  program: OfContainer,
  image: string,
  network: Awaited<ReturnType<typeof peers>> | undefined,
): Promise<TrainingEnd> {
  const began = performance.now();
  const containers: Container[] = [];
  /** Also what is still being started. */
  let killed = false;
  const ending = endInTime(run, {
    ask() {
      for (const container of containers) container.ask();
      return containers.length === run.hosts;
    },
    kill() {
      killed = true;
      for (const container of containers) void container.kill();
    },
  });
  let logBytes = 0;
  /** How the first ended that did not end well. */
  let first: ContainerEnd | undefined;
  const startHost = async (host: number) => {
    const container = await startContainer(podman, {
      image,
      command: ['train'],
      environment: environmentOf(run, program),
      mounts: mountsOf(run, host),
      cpus: run.instance.cpus,
      memoryMb: run.instance.memoryMb,
      processesMax: run.limits.processesMax,
      diskBytesMax: run.limits.diskBytesMax,
      graceMs: run.limits.stopGraceMs ?? 0,
      hostname: `algo-${host}`,
      hosts: network?.hosts ?? { 'algo-1': '127.0.0.1' },
      network: network?.networks[host - 1] ?? 'none',
      written: [
        folderOf(run.workDir, 'model'),
        folderOf(run.workDir, 'output'),
        ...(run.checkpoints ? [run.checkpoints.folder] : []),
      ],
      onLines: host === 1 ? run.onLines : (lines) => run.onLines(lines.map((l) => `[algo-${host}] ${l}`)),
      logAllowed(bytes) {
        logBytes += bytes;
        return logBytes <= run.limits.logBytesMax;
      },
    });
    containers.push(container);
    // What ended it while it was being started.
    if (killed || first !== undefined) void container.kill();
    return container.ended.then((end) => {
      // Its peers wait for it for ever.
      if (end.exitCode !== 0 || end.kind !== 'itself') {
        first ??= end;
        for (const other of containers) if (other !== container) void other.kill();
      }
      return end;
    });
  };
  try {
    run.onStage?.('running');
    const ends = await Promise.all(Array.from({ length: run.hosts }, (_, i) => startHost(i + 1)));
    const end = first ?? ends[0];
    if (end === undefined) throw new Error('a training without a host');
    const outputFolder = folderOf(run.workDir, 'output');
    return {
      kind: ending.why() ?? kindOf(end),
      exitCode: end.kind === 'not-started' ? null : end.exitCode,
      signal: end.exitCode > 128 ? `signal ${end.exitCode - 128}` : null,
      failure: (await readFailure(outputFolder)) ?? (end.kind === 'not-started' ? end.words : null),
      modelFolder: folderOf(run.workDir, 'model'),
      outputFolder,
      durationMs: performance.now() - began,
      memoryPeakBytes: Math.max(...ends.map((e) => e.seen.memoryPeakBytes)),
      sandbox: `podman ${podman.version} (${podman.runtime})`,
    };
  } catch (error) {
    killed = true;
    await Promise.all(containers.map((container) => container.kill()));
    throw error;
  } finally {
    ending.done();
  }
}

function kindOf({ kind, exitCode }: ContainerEnd): TrainingEndKind {
  if (kind === 'memory' || kind === 'disk' || kind === 'processes' || kind === 'log') return kind;
  return kind === 'itself' && exitCode === 0 ? 'completed' : 'failed';
}

function mountsOf(run: TrainingRun, host: number): Mount[] {
  const at = (part: WorkPart, workDir: string, to: string, writable: boolean): Mount => ({
    from: folderOf(workDir, part),
    to,
    writable,
  });
  const own = hostFolder(run, host);
  return [
    at('config', own, '/opt/ml/input/config', false),
    at('data', own, '/opt/ml/input/data', false),
    ...run.channels
      .filter((c) => c.inputMode !== 'Pipe')
      .map((c) => ({ from: c.folder, to: `/opt/ml/input/data/${c.name}` })),
    at('model', run.workDir, '/opt/ml/model', true),
    at('output', run.workDir, '/opt/ml/output', true),
    ...(run.checkpoints ? [{ from: run.checkpoints.folder, to: run.checkpoints.path, writable: true }] : []),
  ];
}

const environmentOf = (run: TrainingRun, program: OfContainer): Record<string, string> => ({
  // Metrics are read while it runs, not when a buffer happens to be full.
  PYTHONUNBUFFERED: '1',
  OMP_NUM_THREADS: `${Math.max(1, Math.floor(run.instance.cpus))}`,
  ...program.environment,
  TRAINING_JOB_NAME: run.jobName,
  TRAINING_JOB_ARN: run.jobArn,
});
