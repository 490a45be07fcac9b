import { type Static, Type } from 'typebox';
import { ResourceName } from './models.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, PageQuery, pageOf, record, Timestamp } from './schema.ts';
import { TrainingTemplate, trainingStatuses } from './training.ts';

export const tuningStrategies = ['Bayesian', 'Random', 'Grid'] as const;
export type TuningStrategy = (typeof tuningStrategies)[number];
export const tuningStatuses = ['InProgress', 'Completed', 'Failed', 'Stopping', 'Stopped'] as const;
export type TuningStatus = (typeof tuningStatuses)[number];
export const tuningLimits = { nameChars: 32, jobs: 500, parallel: 20, ranges: 30 } as const;

const optional = Type.Optional;
const Bound = Type.String({ maxLength: 256, description: 'A number, as text.' });

export const TuningRange = record('TuningRange', {
  name: Type.String({ maxLength: 256 }),
  min: optional(Bound),
  max: optional(Bound),
  scaling: optional(oneOf(['Linear', 'Logarithmic', 'ReverseLogarithmic'])),
  values: optional(
    Type.Array(Type.String({ maxLength: 2500 }), {
      maxItems: 100,
      description: 'Of a categorical hyperparameter; or the steps of a grid.',
    }),
  ),
});
export type TuningRange = Static<typeof TuningRange>;

export const TuningConfig = record('TuningConfig', {
  strategy: oneOf(tuningStrategies),
  objective: fields({
    type: oneOf(['Maximize', 'Minimize']),
    metricName: Type.String({ maxLength: 255 }),
  }),
  maxJobs: Type.Integer({ minimum: 1, maximum: tuningLimits.jobs }),
  maxParallelJobs: Type.Integer({ minimum: 1, maximum: tuningLimits.parallel }),
  earlyStopping: optional(oneOf(['Off', 'Auto'], 'Auto: the median rule.')),
  seed: optional(Type.Integer({ minimum: 0, maximum: 2 ** 31 })),
  ranges: Type.Array(TuningRange, { maxItems: 100 }),
});
export type TuningConfig = Static<typeof TuningConfig>;

export const NewTuningJob = record('NewTuningJob', {
  name: Type.String({ pattern: '^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,31}$', maxLength: tuningLimits.nameChars }),
  config: TuningConfig,
  training: TrainingTemplate,
});
export type NewTuningJob = Static<typeof NewTuningJob>;

export const TuningTrial = record('TuningTrial', {
  number: Type.Integer(),
  trainingJob: Type.String(),
  status: oneOf(trainingStatuses),
  hyperParameters: Type.Record(Type.String(), Type.String()),
  objective: nullable(Type.Number()),
  stoppedEarly: Type.Boolean(),
  failureReason: nullable(Type.String()),
  createdAt: Timestamp,
  endedAt: nullable(Timestamp),
});
export type TuningTrial = Static<typeof TuningTrial>;

const summary = {
  id: idOf('tun'),
  name: ResourceName,
  status: oneOf(tuningStatuses),
  failureReason: nullable(Type.String()),
  strategy: oneOf(tuningStrategies),
  product: fields({ id: Type.String(), publisher: Type.String(), slug: Type.String(), title: Type.String() }),
  objective: fields({ type: oneOf(['Maximize', 'Minimize']), metricName: Type.String() }),
  jobs: fields({
    max: Type.Integer(),
    completed: Type.Integer(),
    inProgress: Type.Integer(),
    stopped: Type.Integer(),
    failed: Type.Integer(),
  }),
  best: nullable(TuningTrial),
  createdBy: Type.String(),
  createdAt: Timestamp,
  endedAt: nullable(Timestamp),
};
export const TuningJobSummary = record('TuningJobSummary', summary);
export type TuningJobSummary = Static<typeof TuningJobSummary>;
export const TuningJob = record('TuningJob', {
  ...summary,
  config: TuningConfig,
  training: TrainingTemplate,
  trials: Type.Array(TuningTrial),
});
export type TuningJob = Static<typeof TuningJob>;

const params = fields({ name: ResourceName });
const tag = 'training';

export const tuningOperations = {
  createTuningJob: operation({
    id: 'createTuningJob',
    method: 'POST',
    path: '/api/tuning-jobs',
    tag,
    summary: 'Look for the best hyperparameters with many training jobs',
    body: NewTuningJob,
    output: TuningJob,
    status: 201,
    errors: [
      'tuning.name_taken',
      'tuning.request_invalid',
      'training.no_algorithm',
      'training.unavailable',
      'training.training_off',
      'subscription.missing',
      'subscription.ended',
      'subscription.suspended',
      'subscription.version_missing',
    ],
  }),
  listTuningJobs: operation({
    id: 'listTuningJobs',
    method: 'GET',
    path: '/api/tuning-jobs',
    tag,
    summary: 'Tuning jobs of the account, newest first',
    query: fields({ status: optional(oneOf(tuningStatuses)), ...PageQuery }),
    output: pageOf('TuningJobPage', TuningJobSummary),
    errors: [],
  }),
  getTuningJob: operation({
    id: 'getTuningJob',
    method: 'GET',
    path: '/api/tuning-jobs/:name',
    tag,
    summary: 'One tuning job with its trials and the best of them',
    params,
    output: TuningJob,
    errors: ['tuning.missing'],
  }),
  stopTuningJob: operation({
    id: 'stopTuningJob',
    method: 'POST',
    path: '/api/tuning-jobs/:name/stop',
    tag,
    summary: 'Start no more trainings, and stop those that run',
    params,
    output: TuningJob,
    errors: ['tuning.missing', 'tuning.over'],
  }),
};
