import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TrialResult } from './runtime.trial.ts';
import { newTrials } from './runtime.trials.ts';
import { servedOnnx } from './servable.ts';

const result: TrialResult = {
  answer: {
    status: 200,
    contentType: 'application/json',
    body: Buffer.from('{}'),
    durationMs: 1,
    headers: {},
  },
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
const iris = (digest: string) => servedOnnx(digest, 'iris');

test('a trial that the check of a package made is taken over, and nothing started again', async () => {
  const trials = starts();
  trials.keep({ servable: iris('a'), instance, sample }, result);
  assert.equal(
    await trials.run('iris', { servable: iris('a'), instance: { ...instance }, sample }, signal),
    result,
  );
});

test('other bytes, another sample or another instance type are tried anew', async () => {
  const trials = starts();
  trials.keep({ servable: iris('a'), instance, sample }, result);
  for (const other of [
    { servable: iris('b'), instance, sample },
    { servable: iris('a'), instance: { ...instance, name: 'ml.m5.xlarge' }, sample },
    { servable: iris('a'), instance: { ...instance, cpus: 4 }, sample },
    { servable: iris('a'), instance, sample: { ...sample, body: '3,4' } },
  ])
    await assert.rejects(trials.run('iris', other, signal), Started);
});

test('only the last trials are kept', async () => {
  const trials = starts();
  for (let i = 0; i <= 50; i++) trials.keep({ servable: iris(String(i)), instance, sample }, result);
  await assert.rejects(trials.run('iris', { servable: iris('0'), instance, sample }, signal), Started);
  assert.equal(await trials.run('iris', { servable: iris('50'), instance, sample }, signal), result);
});
