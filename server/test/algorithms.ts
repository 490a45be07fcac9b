import { readdirSync, readFileSync } from 'node:fs';
import type { TrainingProfile, TrainingSpecification } from '@souk/contract';
import { tarOf } from './models.ts';

const folder = new URL('../../examples/tabular-trainer/', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');

/** The example algorithm, as its publisher would pack and describe it. */
export const trainer = {
  files: Object.fromEntries(
    readdirSync(new URL('program/', folder)).map((name) => [name, read(`program/${name}`)]),
  ),
  table: read('sample-train.csv'),
};

export const trainerArchive = (more: Record<string, string> = {}) => tarOf({ ...trainer.files, ...more });

export const trainerSpecification: TrainingSpecification = {
  trainingChannels: [
    {
      name: 'train',
      isRequired: true,
      supportedContentTypes: ['text/csv'],
      supportedInputModes: ['File', 'FastFile'],
    },
    { name: 'validation', supportedContentTypes: ['text/csv'], supportedInputModes: ['File'] },
  ],
  supportedHyperParameters: [
    {
      name: 'epochs',
      type: 'Integer',
      range: { min: '1', max: '10000' },
      defaultValue: '200',
      isTunable: true,
    },
    { name: 'learning_rate', type: 'Continuous', range: { min: '0.0001', max: '10' }, isTunable: true },
    { name: 'label_column', type: 'Categorical', range: { values: ['first', 'last'] }, defaultValue: 'last' },
  ],
  metricDefinitions: [
    { name: 'train:loss', regex: 'train_loss=([0-9.]+)' },
    { name: 'validation:accuracy', regex: 'validation_accuracy=([0-9.]+)' },
  ],
  supportedTuningJobObjectiveMetrics: [{ type: 'Maximize', metricName: 'validation:accuracy' }],
};

export const trainerProfile: TrainingProfile = {
  profileName: 'sample',
  training: {
    hyperParameters: { epochs: '20' },
    channels: [
      { channelName: 'train', contentType: 'text/csv', files: [{ name: 'iris.csv', text: trainer.table }] },
    ],
  },
  input: { contentType: 'application/json', body: read('sample-input.json') },
  expected: {
    contentType: 'application/json',
    body: JSON.stringify({
      label: ['setosa', 'versicolor', 'virginica'],
      probabilities: [
        [0.9, 0.1, 0],
        [0.1, 0.8, 0.1],
        [0, 0.2, 0.8],
      ],
    }),
  },
};
