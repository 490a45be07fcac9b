import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { containerTraining } from '../container/container-training.ts';
import type { TrainingRun } from '../training/training.ts';
import { logTo, type NodeJob, podmanOfNode } from './node-serving.ts';
import { jobFiles } from './slurm.ts';

const lookMs = 300;

export interface ImageTraining {
  readonly run: Omit<TrainingRun, 'onLines' | 'onStage' | 'stop' | 'signal'>;
  readonly image: string;
  readonly nodeFolder: string;
}

/** Trains with an image on this node, and writes down what the script of a program writes: its log, then how it ended. */
export async function trainOnNode({ node }: NodeJob, file: string): Promise<void> {
  const { run, image, nodeFolder } = JSON.parse(readFileSync(file, 'utf8')) as ImageTraining;
  const folder = join(run.workDir, jobFiles.folder);
  const podman = await podmanOfNode(nodeFolder);
  if ('missing' in podman) {
    writeFileSync(join(folder, jobFiles.noContainers), `${node} ${podman.missing}`);
    return;
  }
  const say = logTo(join(folder, jobFiles.log(1)), run.limits.logBytesMax);
  const stopping = new AbortController();
  process.on('SIGTERM', () => stopping.abort());
  const looking = setInterval(() => {
    if (existsSync(join(folder, jobFiles.stop))) stopping.abort();
  }, lookMs);
  const backend = containerTraining({
    podman: async () => podman,
    archive: async () => ({ path: image }),
  });
  try {
    const end = await backend.run({
      ...run,
      onLines: (lines) => lines.forEach(say),
      stop: stopping.signal,
      signal: new AbortController().signal,
    });
    const why = end.kind === 'completed' || end.kind === 'failed' ? '-' : end.kind;
    const code = end.exitCode ?? 1;
    const result = [code, why, Math.round(end.memoryPeakBytes / 1024), Math.ceil(end.durationMs / 1000)];
    // An image that has no such program has written no failure of its own.
    if (end.exitCode === null && end.failure) writeFileSync(join(end.outputFolder, 'failure'), end.failure);
    writeFileSync(join(folder, `${jobFiles.result(1)}.part`), `${result.join(' ')}\n`);
    renameSync(join(folder, `${jobFiles.result(1)}.part`), join(folder, jobFiles.result(1)));
  } finally {
    clearInterval(looking);
  }
}
