import { type Finding, finding } from '@souk/contract';
import { type FindingCode, found } from '../certification/index.ts';
import type { ReadMetrics, TrainingEnd, TrainingEndKind, TrainingLimits } from '../runtime/index.ts';

const limitCodes: Partial<Record<TrainingEndKind, FindingCode>> = {
  time: 'training.time_exceeded',
  memory: 'training.memory_exceeded',
  disk: 'training.disk_exceeded',
  processes: 'training.processes_exceeded',
  log: 'training.log_exceeded',
};

/** Why a sample training is refused; empty where it ended well. A failure file counts even beside a good exit code. */
export function endFindings(
  end: Pick<TrainingEnd, 'kind' | 'exitCode' | 'signal' | 'failure'>,
  instance: { readonly name: string; readonly memoryMb: number },
  limits: TrainingLimits,
): Finding[] {
  const words = end.failure === null ? '' : ` It wrote: ${end.failure}`;
  const code = limitCodes[end.kind];
  if (code !== undefined)
    return [
      found(code, { message: `The sample training ${limitWords(end.kind, instance, limits)}.${words}` }),
    ];
  if (end.kind === 'completed' && end.failure === null) return [];
  const how =
    end.kind === 'completed'
      ? 'ended with exit code 0, but left a failure file'
      : end.exitCode === null
        ? `was ended by ${end.signal ?? 'a signal'}`
        : `ended with exit code ${end.exitCode}`;
  return [found('training.failed', { message: `The program ${how}.${words}` })];
}

function limitWords(
  kind: TrainingEndKind,
  instance: { readonly name: string; readonly memoryMb: number },
  limits: TrainingLimits,
): string {
  switch (kind) {
    case 'time':
      return `did not end within ${limits.timeMs / 1000} seconds`;
    case 'memory':
      return `took more memory than ${instance.name} has (${instance.memoryMb} MB)`;
    case 'disk':
      return `wrote more than ${limits.diskBytesMax} bytes`;
    case 'processes':
      return `started more than ${limits.processesMax} processes`;
    default:
      return `printed more than ${limits.logBytesMax} bytes`;
  }
}

export function metricFindings(read: ReadMetrics): Finding[] {
  if (read.slow !== null)
    return [
      found('training.metric_slow', {
        message: `The pattern of ${read.slow} did not come to an end on the log of the sample training.`,
      }),
    ];
  return [
    ...read.missing.map((name) =>
      found('training.metric_missing', {
        message: `The metric ${name} never appeared in the log of the sample training.`,
      }),
    ),
    ...read.notNumbers.map(({ name, found: text }) =>
      found('training.metric_not_number', {
        message: `The pattern of ${name} finds “${text}”, which is not a number.`,
      }),
    ),
  ];
}

export const serveMissing = () =>
  found('training.serve_missing', {
    message: 'The training made no ONNX model, and there is no program named serve beside train.',
  });
export const serveNotOpen = () =>
  found('training.serve_not_open', {
    file: 'serve',
    message:
      'The training made no ONNX model, and the operator has not named this account among those whose programs serve models.',
  });

/** What is wrong with a trained model is said in the words for models, and that a training made it. */
export const ofTrainedModel = (findings: readonly Finding[]): Finding[] =>
  findings.map((f) =>
    finding({
      ...f,
      file: f.file === null ? null : `/opt/ml/model/${f.file}`,
      message: `In the model that the sample training made: ${f.message}`,
    }),
  );
