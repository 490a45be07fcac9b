import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, record, Timestamp } from './schema.ts';

export const comparisonLimits = {
  samples: 50,
  sampleBytes: 65_536,
  recordedCalls: 50,
  keptDays: 30,
  perHour: 30,
  toleranceDefault: 0.000_001,
} as const;

export const comparisonErrors = defineErrors({
  'comparison.missing': {
    kind: 'missing',
    message: 'There is no comparison {comparisonId} of this subscription.',
    remedy: 'List the comparisons; they are kept for 30 days.',
  },
  'comparison.same_version': {
    kind: 'invalid',
    message: 'Version {version} is the one that the subscription has chosen.',
    remedy: 'Name another version to compare it with.',
  },
  'comparison.no_samples': {
    kind: 'precondition',
    message: 'There is nothing to compare with: no calls of this subscription were recorded.',
    remedy: 'Turn recording on and call the product, or give samples of your own.',
  },
  'comparison.sample_too_large': {
    kind: 'invalid',
    status: 413,
    message: 'Sample {number} is larger than {limitBytes} bytes.',
    remedy: 'Give a smaller one.',
  },
  'comparison.limited': {
    kind: 'limited',
    message: 'A subscription may start {limit} comparisons an hour.',
    remedy: 'Try again in {seconds} seconds.',
  },
  'comparison.sample_missing': {
    kind: 'missing',
    message: 'There is no recorded call {sampleId} of this subscription.',
    remedy: 'List the recorded calls; older ones give way to newer ones.',
  },
});

const Encoding = oneOf(['text', 'base64'], 'base64 where the bytes are not UTF-8.');

export const ComparedAnswer = record('ComparedAnswer', {
  version: Type.String(),
  status: Type.Integer(),
  contentType: Type.String(),
  body: Type.String(),
  encoding: Encoding,
  durationMs: Type.Number(),
  recorded: Type.Boolean({
    description: 'From the recording, since the version no longer answers; else run anew.',
  }),
});
export type ComparedAnswer = Static<typeof ComparedAnswer>;

export const Difference = record('Difference', {
  at: Type.String({ description: 'status, content type, a JSON Pointer, or line and column.' }),
  before: nullable(Type.String()),
  after: nullable(Type.String()),
});
export type Difference = Static<typeof Difference>;

export const ComparedSample = record('ComparedSample', {
  number: Type.Integer(),
  contentType: Type.String(),
  body: Type.String(),
  encoding: Encoding,
  before: nullable(ComparedAnswer),
  after: nullable(ComparedAnswer),
  outcome: oneOf(['same', 'different', 'unknown'], 'Unknown where there is no answer to compare with.'),
  differences: Type.Array(Difference),
  moreDifferences: Type.Integer(),
});
export type ComparedSample = Static<typeof ComparedSample>;

export const Comparison = record('Comparison', {
  id: idOf('cmp'),
  subscriptionId: idOf('sub'),
  from: Type.String(),
  to: Type.String(),
  source: oneOf(['recorded', 'given']),
  state: oneOf(['running', 'done', 'failed']),
  failure: nullable(Type.String()),
  tolerance: Type.Number(),
  units: Type.Integer({
    description: 'What it costs: always 0, trials of a replacement are not counted as calls.',
  }),
  summary: nullable(
    fields({
      samples: Type.Integer(),
      same: Type.Integer(),
      different: Type.Integer(),
      unknown: Type.Integer(),
      medianBeforeMs: nullable(Type.Number()),
      medianAfterMs: nullable(Type.Number()),
    }),
  ),
  samples: Type.Array(ComparedSample),
  createdBy: Type.String(),
  createdAt: Timestamp,
  endedAt: nullable(Timestamp),
});
export type Comparison = Static<typeof Comparison>;

export const RecordedCalls = record('RecordedCalls', {
  recording: Type.Boolean(),
  keeps: Type.Integer({ description: 'At most so many; older ones give way.' }),
  keptDays: Type.Integer(),
  items: Type.Array(
    record('RecordedCall', {
      id: Type.Integer(),
      at: Timestamp,
      version: Type.String(),
      contentType: Type.String(),
      body: Type.String(),
      encoding: Encoding,
      sizeBytes: Type.Integer(),
      status: Type.Integer(),
      durationMs: Type.Number(),
    }),
  ),
});
export type RecordedCalls = Static<typeof RecordedCalls>;

const subscription = fields({ subscriptionId: idOf('sub') });
const tag = 'comparisons';

export const comparisonOperations = {
  listRecordedCalls: operation({
    id: 'listRecordedCalls',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/recorded-calls',
    tag,
    summary: 'The account’s own last calls, where it lets them be recorded; nobody else reads them',
    params: subscription,
    output: RecordedCalls,
    errors: ['subscription.missing'],
  }),
  setRecording: operation({
    id: 'setRecording',
    method: 'PUT',
    path: '/api/subscriptions/:subscriptionId/recording',
    tag,
    summary: 'Let the last calls of a subscription be recorded, or stop it',
    params: subscription,
    body: fields({ on: Type.Boolean() }),
    output: RecordedCalls,
    errors: ['subscription.missing', 'subscription.ended'],
  }),
  deleteRecordedCalls: operation({
    id: 'deleteRecordedCalls',
    method: 'DELETE',
    path: '/api/subscriptions/:subscriptionId/recorded-calls',
    tag,
    summary: 'Delete all recorded calls of a subscription',
    params: subscription,
    output: RecordedCalls,
    errors: ['subscription.missing'],
  }),
  deleteRecordedCall: operation({
    id: 'deleteRecordedCall',
    method: 'DELETE',
    path: '/api/subscriptions/:subscriptionId/recorded-calls/:sampleId',
    tag,
    summary: 'Delete one recorded call',
    params: fields({ subscriptionId: idOf('sub'), sampleId: Type.String({ maxLength: 20 }) }),
    output: RecordedCalls,
    errors: ['subscription.missing', 'comparison.sample_missing'],
  }),
  compareVersions: operation({
    id: 'compareVersions',
    method: 'POST',
    path: '/api/subscriptions/:subscriptionId/comparisons',
    tag,
    summary: 'Try another version on samples, beside the chosen one; costs nothing',
    params: subscription,
    body: fields({
      version: Type.String({ maxLength: 64 }),
      samples: Type.Optional(
        Type.Array(
          fields({
            contentType: Type.String({ minLength: 1, maxLength: 255 }),
            accept: Type.Optional(Type.String({ maxLength: 255 })),
            body: Type.String({ maxLength: 100_000 }),
            encoding: Type.Optional(Encoding),
          }),
          {
            minItems: 1,
            maxItems: comparisonLimits.samples,
            description: 'Without any the recorded calls are used.',
          },
        ),
      ),
      tolerance: Type.Optional(
        Type.Number({
          minimum: 0,
          maximum: 1,
          description: 'Numbers count as the same within this, relative to the larger of both and 1.',
        }),
      ),
    }),
    output: Comparison,
    status: 202,
    errors: [
      'subscription.missing',
      'subscription.ended',
      'subscription.version_missing',
      'comparison.same_version',
      'comparison.no_samples',
      'comparison.sample_too_large',
      'comparison.limited',
    ],
  }),
  listComparisons: operation({
    id: 'listComparisons',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/comparisons',
    tag,
    summary: 'Comparisons of a subscription, newest first, without their samples',
    params: subscription,
    output: record('Comparisons', { items: Type.Array(Comparison) }),
    errors: ['subscription.missing'],
  }),
  getComparison: operation({
    id: 'getComparison',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/comparisons/:comparisonId',
    tag,
    summary: 'One comparison: both answers to each sample, and where they differ',
    params: fields({ subscriptionId: idOf('sub'), comparisonId: idOf('cmp') }),
    output: Comparison,
    errors: ['subscription.missing', 'comparison.missing'],
  }),
};
