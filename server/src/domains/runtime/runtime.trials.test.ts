import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialResult } from './runtime.trial.ts';
import { newTrials } from './runtime.trials.ts';

const result: TrialResult = {
  answer: { status: 200, contentType: 'application/json', body: Buffer.from('{}'), durationMs: 1 },
  startMs: 300,
  sandbox: 'bubblewrap 0.11.0',
  measured: {
    instanceType: 'ml.m5.large',
    p50Ms: 1,
    p99Ms: 2,
    callsPerSecond: 900,
    calls: 300,
    histogram: [],
    measuredAt: '2026-01-01T00:00:00.000Z',
  },
};
const instance = { name: 'ml.m5.large', cpus: 2, memoryMb: 8192 };
const sample = { contentType: 'text/csv', accept: 'text/csv', body: '1,2' };
const signal = new AbortController().signal;
class Started extends Error {}
const starts = () =>
  newTrials(() => {
    throw new Started();
  });
const model = async () => ({ name: 'iris', path: '/models/iris' });

test('a trial that the check of a package made is taken over, and the package not opened again', async () => {
  const trials = starts();
  trials.keep({ packageSha256: 'a', instance, sample }, result);
  const opened = async () => assert.fail('the package was opened');
  assert.equal(
    await trials.run({ packageSha256: 'a', instance: { ...instance }, sample }, opened, signal),
    result,
  );
});

test('other bytes, another sample or another instance type are tried anew', async () => {
  const trials = starts();
  trials.keep({ packageSha256: 'a', instance, sample }, result);
  for (const other of [
    { packageSha256: 'b', instance, sample },
    { packageSha256: 'a', instance: { ...instance, name: 'ml.m5.xlarge' }, sample },
    { packageSha256: 'a', instance: { ...instance, cpus: 4 }, sample },
    { packageSha256: 'a', instance, sample: { ...sample, body: '3,4' } },
  ])
    await assert.rejects(trials.run(other, model, signal), Started);
});

test('only the last trials are kept', async () => {
  const trials = starts();
  for (let i = 0; i <= 50; i++) trials.keep({ packageSha256: String(i), instance, sample }, result);
  await assert.rejects(trials.run({ packageSha256: '0', instance, sample }, model, signal), Started);
  assert.equal(await trials.run({ packageSha256: '50', instance, sample }, model, signal), result);
});
