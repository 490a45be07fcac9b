import { createReadStream } from 'node:fs';
import { mkdir, stat } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { type Finding, hasNoErrors, type TrainingTrial, withDefaultValues } from '@souk/contract';
import type { Platform } from '../../platform/platform.ts';
import { ensureUnpackedContents, ensureUnpackedProgram, workFolder } from '../models/index.ts';
import {
  readMetrics,
  removeWorkDir,
  type TrainingBackend,
  type TrainingCode,
  type TrainingEnd,
} from '../runtime/index.ts';
import { endFindings, metricFindings } from './algorithms.findings.ts';
import { packModel } from './algorithms.model.ts';
import { logLineCharsMax, logLinesKept, profileOf, sampleLimits } from './algorithms.rules.ts';
import { sampleInputs } from './algorithms.sample.ts';
import type { AlgorithmRow } from './algorithms.ts';

export interface Instance {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMb: number;
}

export interface TrainNeeds {
  backend(code: TrainingCode['kind']): TrainingBackend;
  readonly limits?: Partial<typeof sampleLimits>;
}

export interface SampleTraining {
  readonly findings: readonly Finding[];
  readonly log: readonly string[];
  /** What was made; null where the training made nothing. The model is not yet examined. */
  readonly trial: TrainingTrial | null;
}

export type SampleTrainer = ReturnType<typeof newSampleTraining>;

/** Trains with the sample of the profile, and keeps the model that it made among the blobs, as the package that it is from then on. */
export function newSampleTraining(platform: Platform, needs: TrainNeeds) {
  const { config, db, blobs, clock } = platform;

  return async (a: AlgorithmRow, instance: Instance, signal: AbortSignal): Promise<SampleTraining> => {
    const workDir = workFolder(config, 'training');
    const { program, top } = await programOf(a);
    try {
      for (const folder of ['data', 'run']) await mkdir(join(workDir, folder), { recursive: true });
      const profile = profileOf(a);
      const sample = await sampleInputs(a.trainingSpecification, profile, top, join(workDir, 'data'));
      if (!hasNoErrors(sample.findings)) return { findings: sample.findings, log: [], trial: null };
      const log: string[] = [];
      const metrics = readMetrics(a.trainingSpecification.metricDefinitions ?? []);
      const end = await needs.backend(program.kind).run({
        id: basename(workDir),
        jobName: `sample-${a.name}`.slice(0, 63),
        jobArn: a.arn.replace(/:algorithm\/.*$/, `:training-job/sample-${a.name}`),
        program,
        hosts: 1,
        checkpoints: null,
        channels: sample.inputs,
        hyperParameters: withDefaultValues(
          a.trainingSpecification.supportedHyperParameters ?? [],
          profile.training.hyperParameters ?? {},
        ),
        instance,
        limits: { ...sampleLimits, ...needs.limits },
        workDir: join(workDir, 'run'),
        onLines: (lines) => {
          metrics.feed(lines);
          log.push(...lines.slice(-logLinesKept).map((line) => line.slice(0, logLineCharsMax)));
          log.splice(0, log.length - logLinesKept);
        },
        signal,
      });
      const read = await metrics.finish();
      if (end.kind === 'cancelled') throw new Error('the sample training was cancelled');
      const ended = endFindings(end, instance, { ...sampleLimits, ...needs.limits });
      if (ended.length > 0) return { findings: ended, log, trial: null };
      const packed = await keep(end, workDir);
      if ('findings' in packed) return { findings: packed.findings, log, trial: null };
      const trial: TrainingTrial = {
        instanceType: instance.name,
        trainedInMs: Math.round(end.durationMs),
        memoryPeakBytes: end.memoryPeakBytes,
        metrics: [...read.metrics],
        model: packed,
        onnx: null,
        measured: [],
        sandbox: end.sandbox,
        trainedAt: clock.now().toISOString(),
      };
      return { findings: metricFindings(read), log, trial };
    } finally {
      await removeWorkDir(workDir);
    }
  };

  /** What is started, and the folder of the archive that it came in. */
  async function programOf(a: AlgorithmRow): Promise<{ program: TrainingCode; top: string }> {
    const parts = { config, db, blobs };
    const { container } = a.trainingSpecification;
    if (container) {
      const { image, environment = {} } = container;
      const top = await ensureUnpackedContents(parts, a.archiveSha256);
      return { program: { kind: 'container', imageDigest: image, environment }, top };
    }
    const { top, ...program } = await ensureUnpackedProgram(parts, a.archiveSha256);
    return { program: { kind: 'process', ...program }, top };
  }

  async function keep(
    end: TrainingEnd,
    workDir: string,
  ): Promise<{ findings: Finding[] } | { sha256: string; sizeBytes: number }> {
    const file = join(workDir, 'model.tar.gz');
    const findings = await packModel(end.modelFolder, file);
    if (findings.length > 0) return { findings };
    const { sha256 } = await blobs.put(createReadStream(file));
    return { sha256, sizeBytes: (await stat(file)).size };
  }
}
