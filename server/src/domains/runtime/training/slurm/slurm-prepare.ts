import { cp, mkdir, writeFile } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { confine, type Sandbox } from '../../../../platform/sandbox.ts';
import type { ImageArchive } from '../../container/image-store.ts';
import { sharedImage } from '../../slurm/cluster-serving.ts';
import { nodeRuntime } from '../../slurm/node-runtime.ts';
import type { ImageTraining } from '../../slurm/node-training.ts';
import { jobFiles, jobName, nodeFolderOf, type SlurmSettings } from '../../slurm/slurm.ts';
import type { Interpreter } from '../interpreters.ts';
import { folderOf, layOut, type WorkPart } from '../opt-ml.ts';
import { listFiles } from '../pipes.ts';
import { confinedRun } from '../process-backend.ts';
import type { TrainingCode, TrainingRun } from '../training.ts';
import { hostScript, jobScript, quoted } from './slurm-script.ts';

type OfContainer = Extract<TrainingCode, { kind: 'container' }>;
type ProcessCode = Extract<TrainingCode, { kind: 'process' }>;
type Confining = Extract<Sandbox, { kind: 'bubblewrap' }>;

const shared: readonly WorkPart[] = ['model', 'output'];

/** Lays out everything that the job needs in the shared folder; answers the path of the script for sbatch. */
export async function prepareJob(
  settings: SlurmSettings,
  sandbox: Confining,
  interpreter: Interpreter,
  run: TrainingRun,
  program: ProcessCode,
): Promise<string> {
  const folder = join(run.workDir, jobFiles.folder);
  await mkdir(join(folder, 'lists'), { recursive: true });
  const staged = (path: string, as: string) => stage(settings.folder, path, join(folder, as));
  const channels = [];
  for (const c of run.channels) channels.push({ ...c, folder: await staged(c.folder, `channel-${c.name}`) });
  const here = { ...run, channels };
  const code = { ...program, folder: await staged(program.folder, 'program') };
  const piped = channels.filter((c) => c.inputMode === 'Pipe');
  for (const c of piped)
    await writeFile(
      join(folder, 'lists', c.name),
      (await listFiles(c.folder)).map((path) => `${path}\0`).join(''),
    );
  await layOut(here);
  const networked = run.hosts > 1;
  for (let host = 1; host <= run.hosts; host++) {
    const own = run.hosts === 1 ? run.workDir : join(run.workDir, 'hosts', `algo-${host}`);
    if (own !== run.workDir) {
      await mkdir(own, { recursive: true });
      await layOut({ ...here, workDir: own }, { host, interface: 'eth0' });
    }
    const place = (part: WorkPart) => folderOf(shared.includes(part) ? run.workDir : own, part);
    const confined = confinedRun(interpreter, here, code, place);
    const hostsFile = networked ? join(own, 'hosts') : null;
    const text = hostScript({
      host,
      folder,
      confined: confine(networked ? withNetwork(sandbox) : sandbox, {
        ...confined,
        mounts: [...(confined.mounts ?? []), ...(hostsFile ? [{ from: hostsFile, to: '/etc/hosts' }] : [])],
      }),
      pipes: piped.map((c) => ({ path: join(place('data'), c.name), list: join(folder, 'lists', c.name) })),
      written: [
        ...(['model', 'output', 'tmp', 'shm'] as const).map(place),
        ...(run.checkpoints ? [run.checkpoints.folder] : []),
      ],
      hostsFile,
      hosts: run.hosts,
      memoryMb: run.instance.memoryMb,
      processesMax: run.limits.processesMax,
      logBytesMax: run.limits.logBytesMax,
      diskBytesMax: run.limits.diskBytesMax,
      timeMs: run.limits.timeMs,
      graceMs: run.limits.stopGraceMs ?? 0,
    });
    await writeFile(join(folder, jobFiles.script(host)), text);
  }
  const script = join(folder, 'job.sh');
  await writeFile(script, jobScript(jobName(run.id), folder, run.hosts));
  return script;
}

/** The same for an image: the node trains with the backend that trains here. */
export async function prepareImageJob(
  settings: SlurmSettings,
  archive: ImageArchive,
  run: TrainingRun,
  program: OfContainer,
): Promise<string> {
  const folder = join(run.workDir, jobFiles.folder);
  await mkdir(folder, { recursive: true });
  const runtime = await nodeRuntime(settings.folder);
  const channels = [];
  for (const c of run.channels)
    channels.push({
      ...c,
      folder: await stage(settings.folder, c.folder, join(folder, `channel-${c.name}`)),
    });
  const { onLines: _lines, onStage: _stage, stop: _stop, signal: _signal, ...rest } = run;
  const training: ImageTraining = {
    run: { ...rest, channels },
    image: await sharedImage(settings, archive, program.imageDigest),
    nodeFolder: nodeFolderOf(settings),
  };
  const file = join(folder, 'train.json');
  await writeFile(file, JSON.stringify(training), { mode: 0o600 });
  await writeFile(
    join(folder, jobFiles.script(1)),
    `export PATH=/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin
exec ${quoted(runtime.node)} --disable-warning=ExperimentalWarning ${quoted(runtime.main)} train ${quoted(file)}
`,
  );
  const script = join(folder, 'job.sh');
  await writeFile(script, jobScript(jobName(run.id), folder, 1));
  return script;
}

const withNetwork = (sandbox: Confining): Confining => ({
  ...sandbox,
  flags: sandbox.flags.filter((flag) => flag !== '--unshare-net'),
});

/** What does not lie in the folder that the nodes see is copied there. */
async function stage(root: string, path: string, to: string): Promise<string> {
  const inside = relative(resolve(root), resolve(path));
  if (inside !== '' && !inside.startsWith('..')) return path;
  await cp(path, to, { recursive: true, dereference: false, force: true });
  return to;
}
