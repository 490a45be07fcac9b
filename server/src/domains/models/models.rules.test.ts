import assert from 'node:assert/strict';
import { test } from 'node:test';
import { finding, modelPackageStatuses } from '@souk/contract';
import { arnOf, failureReason, inferenceSpecification, unknownInstanceType } from './models.rules.ts';
import { type ModelPackageEvent, transitions } from './models.ts';

const error = (n: number) =>
  finding({
    rule: 'r',
    code: `r.${n}`,
    severity: 'error',
    message: `Problem ${n}.`,
    remedy: `Mend ${n}.`,
  });
const warning = { ...error(9), severity: 'warning' as const };

test('every state can be reached, only the last has no way on, and nothing comes back', () => {
  const reached = new Set<string>(['Pending']);
  for (const status of modelPackageStatuses)
    for (const to of Object.values(transitions[status])) {
      if (reached.has(status)) reached.add(to);
      assert.ok(
        modelPackageStatuses.indexOf(to) > modelPackageStatuses.indexOf(status),
        `${status} -> ${to}`,
      );
    }
  assert.deepEqual([...reached].sort(), [...modelPackageStatuses].sort());
  const ends = modelPackageStatuses.filter((s) => Object.keys(transitions[s]).length === 0);
  assert.deepEqual(ends, ['Deleting']);
});

test('only finished packages can be deleted, and only checked ones pass or fail', () => {
  const from = (event: ModelPackageEvent) => modelPackageStatuses.filter((s) => transitions[s][event]);
  assert.deepEqual(from('deleted'), ['Completed', 'Failed']);
  assert.deepEqual(from('checks-passed'), ['InProgress']);
  assert.deepEqual(from('refused'), ['InProgress']);
  assert.deepEqual(from('checks-begun'), ['Pending']);
});

test('the ARN is the one that clients know', () => {
  assert.equal(
    arnOf({ partition: 'aws', region: 'souk-home-1', accountId: '123456789012', name: 'iris-1' }),
    'arn:aws:sagemaker:souk-home-1:123456789012:model-package/iris-1',
  );
});

test('without a specification a package does what Souk’s own server does, on every instance type', () => {
  assert.deepEqual(inferenceSpecification(undefined, ['a', 'b']), {
    supportedContentTypes: ['application/json', 'text/csv'],
    supportedResponseMIMETypes: ['application/json', 'text/csv'],
    supportedRealtimeInferenceInstanceTypes: ['a', 'b'],
    supportedTransformInstanceTypes: ['a', 'b'],
  });
});

test('an instance type that does not exist is named', () => {
  const given = inferenceSpecification(undefined, ['a', 'b']);
  assert.equal(unknownInstanceType(given, ['a', 'b', 'c']), undefined);
  assert.equal(unknownInstanceType(given, ['a']), 'b');
  assert.equal(unknownInstanceType({ ...given, supportedTransformInstanceTypes: ['z'] }, ['a', 'b']), 'z');
});

test('the reason says the first problem, what to do, and how much more there is', () => {
  assert.equal(failureReason([warning, error(1)]), 'Problem 1. Mend 1.');
  assert.equal(
    failureReason([error(1), error(2)]),
    'Problem 1. Mend 1. One more finding names what else to mend.',
  );
  assert.match(failureReason([error(1), warning, error(2), error(3)]), /2 more findings name/);
  assert.ok(failureReason([{ ...error(1), message: 'x'.repeat(5000) }, error(2)]).length <= 1000);
});
