import type { Trainable } from '../../../api/types.ts';

export interface ChannelForm {
  readonly uri: string;
  readonly contentType: string;
  readonly mode: string;
  readonly gzip: boolean;
}
export interface RangeForm {
  readonly tuned: boolean;
  readonly min: string;
  readonly max: string;
  readonly logarithmic: boolean;
}
export interface Form {
  readonly kind: 'training' | 'tuning';
  readonly name: string;
  readonly subscriptionId: string;
  readonly channels: Readonly<Record<string, ChannelForm>>;
  readonly values: Readonly<Record<string, string>>;
  readonly ranges: Readonly<Record<string, RangeForm>>;
  readonly instanceType: string;
  readonly instanceCount: string;
  readonly volume: string;
  readonly hours: string;
  readonly checkpoints: string;
  readonly output: string;
  readonly strategy: 'Bayesian' | 'Random' | 'Grid';
  /** `Maximize validation:accuracy` */
  readonly objective: string;
  readonly maxJobs: string;
  readonly parallel: string;
  readonly earlyStopping: boolean;
}

export type Channel = Trainable['specification']['trainingChannels'][number];
export type HyperParameter = NonNullable<Trainable['specification']['supportedHyperParameters']>[number];

export function newForm(a: Trainable): Form {
  const [objective] = a.specification.supportedTuningJobObjectiveMetrics ?? [];
  return {
    kind: 'training',
    name: '',
    subscriptionId: a.subscriptionId,
    channels: Object.fromEntries(
      a.specification.trainingChannels.map((c) => [
        c.name,
        {
          uri: '',
          contentType: c.supportedContentTypes[0] ?? '',
          mode: c.supportedInputModes[0] ?? 'File',
          gzip: false,
        },
      ]),
    ),
    values: {},
    ranges: Object.fromEntries(
      (a.specification.supportedHyperParameters ?? [])
        .filter((h) => h.isTunable)
        .map((h) => [
          h.name,
          { tuned: false, min: h.range?.min ?? '', max: h.range?.max ?? '', logarithmic: false },
        ]),
    ),
    instanceType: a.instanceTypes[0] ?? '',
    instanceCount: '1',
    volume: '10',
    hours: '24',
    checkpoints: '',
    output: '',
    strategy: 'Bayesian',
    objective: objective ? `${objective.type} ${objective.metricName}` : '',
    maxJobs: '10',
    parallel: '1',
    earlyStopping: false,
  };
}

const filled = (values: Readonly<Record<string, string>>) =>
  Object.fromEntries(Object.entries(values).filter(([, value]) => value !== ''));
/** What is no number is sent as one that is refused with words, instead of being guessed. */
const whole = (text: string) => (/^\d+$/.test(text.trim()) ? Number(text) : -1);

function definitionOf(form: Form, a: Trainable) {
  return {
    subscriptionId: form.subscriptionId,
    version: a.version,
    inputDataConfig: Object.entries(form.channels)
      .filter(([, c]) => c.uri.trim() !== '')
      .map(([channelName, c]) => ({
        channelName,
        uri: c.uri.trim(),
        ...(c.contentType ? { contentType: c.contentType } : {}),
        inputMode: c.mode as 'File' | 'FastFile' | 'Pipe',
        ...(c.gzip ? { compressionType: 'Gzip' as const } : {}),
      })),
    resourceConfig: {
      instanceType: form.instanceType,
      instanceCount: whole(form.instanceCount),
      volumeSizeInGB: whole(form.volume),
    },
    stoppingCondition: { maxRuntimeInSeconds: Math.round(Number(form.hours.replace(',', '.')) * 3600) || 0 },
    ...(form.checkpoints.trim() ? { checkpointConfig: { uri: form.checkpoints.trim() } } : {}),
    ...(form.output.trim() ? { outputDataConfig: { uri: form.output.trim() } } : {}),
  };
}

export const jobOf = (form: Form, a: Trainable) => ({
  name: form.name.trim(),
  ...definitionOf(form, a),
  hyperParameters: filled(form.values),
});

export function tuningOf(form: Form, a: Trainable) {
  const tuned = Object.entries(form.ranges).filter(([, r]) => r.tuned);
  const [type = '', ...metric] = form.objective.split(' ');
  const fixed = Object.entries(form.values).filter(([name]) => !tuned.some(([t]) => t === name));
  const kindOf = (name: string) =>
    a.specification.supportedHyperParameters?.find((h) => h.name === name)?.type;
  return {
    name: form.name.trim(),
    config: {
      strategy: form.strategy,
      objective: { type: type as 'Maximize' | 'Minimize', metricName: metric.join(' ') },
      maxJobs: Math.max(1, whole(form.maxJobs)),
      maxParallelJobs: Math.max(1, whole(form.parallel)),
      earlyStopping: form.earlyStopping ? ('Auto' as const) : ('Off' as const),
      ranges: tuned.map(([name, r]) =>
        kindOf(name) === 'Categorical'
          ? { name }
          : {
              name,
              ...filled({ min: r.min, max: r.max }),
              ...(r.logarithmic ? { scaling: 'Logarithmic' as const } : {}),
            },
      ),
    },
    training: { ...definitionOf(form, a), staticHyperParameters: filled(Object.fromEntries(fixed)) },
  };
}
