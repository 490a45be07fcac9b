import assert from 'node:assert/strict';
import { test } from 'node:test';
import { algorithmFindings, hyperParameterProblems, withDefaultValues } from './algorithm-rules.ts';
import type { HyperParameter, TrainingProfile, TrainingSpecification } from './algorithms.ts';
import { limits } from './limits.ts';

const channel = {
  name: 'train',
  isRequired: true,
  supportedContentTypes: ['text/csv'],
  supportedInputModes: ['File' as const],
};
const specification: TrainingSpecification = {
  trainingChannels: [channel],
  supportedHyperParameters: [
    { name: 'epochs', type: 'Integer', range: { min: '1', max: '10' }, defaultValue: '5', isTunable: true },
  ],
  metricDefinitions: [{ name: 'loss', regex: 'loss=([0-9.]+)' }],
  supportedTuningJobObjectiveMetrics: [{ type: 'Minimize', metricName: 'loss' }],
};
const profile: TrainingProfile = {
  profileName: 'sample',
  training: { channels: [{ channelName: 'train', files: [{ name: 'a.csv', text: '1,2' }] }] },
  input: { contentType: 'text/csv', body: '1' },
  expected: { contentType: 'text/csv' },
};
const codes = (
  s: Partial<TrainingSpecification> = {},
  training: Partial<TrainingProfile['training']> = {},
): string[] =>
  algorithmFindings(
    { ...specification, ...s },
    { ...profile, training: { ...profile.training, ...training } },
  ).map((f) => f.code.replace('algorithm.', ''));
const times = <T>(n: number, make: (i: number) => T) => Array.from({ length: n }, (_, i) => make(i));

test('a whole description is taken as it is', () => {
  assert.deepEqual(codes(), []);
});

const badChannels: readonly [string, Partial<TrainingSpecification>][] = [
  ['channel_missing', { trainingChannels: [] }],
  [
    'channel_too_many',
    { trainingChannels: times(9, (i) => ({ ...channel, isRequired: false, name: `c${i}` })) },
  ],
  ['channel_name', { trainingChannels: [channel, { ...channel, isRequired: false, name: '../x' }] }],
  ['channel_name', { trainingChannels: [channel, { ...channel, isRequired: false, name: '..' }] }],
  ['channel_duplicate', { trainingChannels: [channel, channel] }],
  ['channel_description', { trainingChannels: [{ ...channel, description: 'x'.repeat(257) }] }],
  ['channel_content_type', { trainingChannels: [{ ...channel, supportedContentTypes: [] }] }],
  ['channel_input_mode', { trainingChannels: [{ ...channel, supportedInputModes: [] }] }],
];
for (const [code, change] of badChannels)
  test(`channels: ${code} is said by name`, () => {
    assert.ok(codes(change).includes(code), `${codes(change)}`);
  });

const integer = { name: 'n', type: 'Integer' } as const;
const badParameters: readonly [string, HyperParameter][] = [
  ['hyperparameter_name', { name: 'a b', type: 'FreeText' }],
  ['hyperparameter_name', { name: '', type: 'FreeText' }],
  ['hyperparameter_description', { ...integer, description: 'x'.repeat(257) }],
  ['hyperparameter_range_kind', { ...integer, range: { values: ['1'] } }],
  ['hyperparameter_range_kind', { name: 'c', type: 'Categorical', range: { min: '1' } }],
  ['hyperparameter_range_kind', { name: 'f', type: 'FreeText', range: { min: '1' } }],
  ['hyperparameter_range_missing', { ...integer, isTunable: true }],
  ['hyperparameter_range_number', { ...integer, range: { min: 'one', max: '3' } }],
  ['hyperparameter_range_number', { ...integer, range: { min: '0.5', max: '3' } }],
  ['hyperparameter_range_order', { ...integer, range: { min: '4', max: '3' } }],
  ['hyperparameter_values', { name: 'c', type: 'Categorical' }],
  ['hyperparameter_values', { name: 'c', type: 'Categorical', range: { values: ['a', 'a'] } }],
  ['hyperparameter_values', { name: 'c', type: 'Categorical', range: { values: times(31, String) } }],
  ['hyperparameter_tunable', { name: 'f', type: 'FreeText', isTunable: true }],
  ['hyperparameter_default', { ...integer, defaultValue: '1.5' }],
  ['hyperparameter_default', { ...integer, range: { min: '1', max: '3' }, defaultValue: '4' }],
  ['hyperparameter_default', { name: 'c', type: 'Categorical', range: { values: ['a'] }, defaultValue: 'b' }],
];
for (const [code, parameter] of badParameters)
  test(`hyperparameters: ${code} is said of ${JSON.stringify(parameter).slice(0, 90)}`, () => {
    assert.ok(codes({ supportedHyperParameters: [parameter] }).includes(code));
  });

test('limits hold at their last value and not beyond', () => {
  const parameters = (n: number) => times(n, (i) => ({ ...integer, name: `n${i}` }));
  assert.deepEqual(codes({ supportedHyperParameters: parameters(limits.hyperParameters.max) }), []);
  assert.ok(codes({ supportedHyperParameters: parameters(101) }).includes('hyperparameter_too_many'));
  const metrics = (n: number) => times(n, (i) => ({ name: i === 0 ? 'loss' : `m${i}`, regex: '(1)' }));
  assert.deepEqual(codes({ metricDefinitions: metrics(limits.metrics.max) }), []);
  assert.ok(codes({ metricDefinitions: metrics(41) }).includes('metric_too_many'));
  const values = (n: number) => ({
    name: 'c',
    type: 'Categorical' as const,
    range: { values: times(n, String) },
  });
  assert.deepEqual(codes({ supportedHyperParameters: [values(30)] }), []);
  const regex = (n: number) => [{ name: 'loss', regex: `(${'x'.repeat(n - 2)})` }];
  assert.deepEqual(codes({ metricDefinitions: regex(500) }), []);
  assert.ok(codes({ metricDefinitions: regex(501) }).includes('metric_regex'));
});

test('metrics need a pattern that reads, with a group, and objectives name metrics', () => {
  const of = (regex: string) => codes({ metricDefinitions: [{ name: 'loss', regex }] });
  assert.deepEqual(of('loss=['), ['metric_regex']);
  assert.deepEqual(of('loss=[0-9]+'), ['metric_group']);
  assert.deepEqual(of('(?i)loss=(?P<value>[0-9.]+)'), []);
  assert.deepEqual(codes({ supportedTuningJobObjectiveMetrics: [{ type: 'Maximize', metricName: 'f1' }] }), [
    'objective_unknown',
  ]);
});

test('the sample training is held to channels and hyperparameters', () => {
  const [first = { channelName: '' }] = profile.training.channels;
  assert.deepEqual(codes({}, { channels: [] }), ['sample_channel_missing']);
  assert.ok(codes({}, { channels: [{ ...first, channelName: 'test' }] }).includes('sample_channel_unknown'));
  assert.deepEqual(codes({}, { channels: [{ ...first, contentType: 'image/png' }] }), [
    'sample_content_type',
  ]);
  assert.deepEqual(codes({}, { channels: [{ channelName: 'train' }] }), ['sample_source']);
  assert.deepEqual(codes({}, { channels: [{ channelName: 'train', archivePath: '../x' }] }), ['sample_path']);
  for (const name of ['../a', 'a/b', '', '..'])
    assert.ok(
      codes({}, { channels: [{ channelName: 'train', files: [{ name, text: '' }] }] }).includes(
        'sample_file_name',
      ),
      name,
    );
  assert.deepEqual(codes({}, { channels: [{ channelName: 'train', files: [{ name: 'a' }] }] }), [
    'sample_file',
  ]);
  assert.deepEqual(codes({}, { channels: [{ channelName: 'train', files: [{ name: 'a', base64: '?' }] }] }), [
    'sample_file',
  ]);
  const large = 'x'.repeat(limits.trainingSample.bytesTogether + 1);
  assert.deepEqual(codes({}, { channels: [{ channelName: 'train', files: [{ name: 'a', text: large }] }] }), [
    'sample_too_large',
  ]);
  assert.deepEqual(codes({}, { hyperParameters: { rounds: '1' } }), ['value_unknown']);
  assert.deepEqual(codes({}, { hyperParameters: { epochs: '11' } }), ['value']);
  assert.deepEqual(codes({}, { hyperParameters: { epochs: '1.5' } }), ['value']);
});

test('values for a training: what is needed and missing is named; defaults stand in for the rest', () => {
  const declared: HyperParameter[] = [
    { name: 'k', type: 'Integer', isRequired: true },
    { name: 'mode', type: 'Categorical', range: { values: ['a', 'b'] }, defaultValue: 'a' },
  ];
  assert.deepEqual(
    hyperParameterProblems(declared, {}).map((p) => p.code),
    ['value_missing'],
  );
  assert.deepEqual(hyperParameterProblems(declared, { k: '3' }), []);
  assert.deepEqual(withDefaultValues(declared, { k: '3' }), { mode: 'a', k: '3' });
});
