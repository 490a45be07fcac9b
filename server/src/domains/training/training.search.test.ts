import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { HyperParameter, TuningConfig } from '@souk/contract';
import { expectedImprovement, fitGaussian } from './training.gaussian.ts';
import { nextTrial, type Observed } from './training.search.ts';
import { decode, encode, sidesOf } from './training.space.ts';

const declared: HyperParameter[] = [
  { name: 'x', type: 'Continuous', range: { min: '-5', max: '10' }, isTunable: true },
  { name: 'y', type: 'Continuous', range: { min: '0', max: '15' }, isTunable: true },
  { name: 'rate', type: 'Continuous', range: { min: '0.0001', max: '1' }, isTunable: true },
  { name: 'depth', type: 'Integer', range: { min: '1', max: '4' }, isTunable: true },
  { name: 'mode', type: 'Categorical', range: { values: ['a', 'b', 'c'] }, isTunable: true },
];
const configOf = (
  strategy: TuningConfig['strategy'],
  names: readonly string[],
  more: Partial<TuningConfig> = {},
): TuningConfig => ({
  strategy,
  objective: { type: 'Minimize', metricName: 'loss' },
  maxJobs: 100,
  maxParallelJobs: 1,
  ranges: names.map((name) => ({ name })),
  ...more,
});

/** The usual yardstick; its least value is 0.3979. */
const branin = (x: number, y: number) =>
  (y - (5.1 / (4 * Math.PI ** 2)) * x * x + (5 / Math.PI) * x - 6) ** 2 +
  10 * (1 - 1 / (8 * Math.PI)) * Math.cos(x) +
  10;

function tune(
  config: TuningConfig,
  jobs: number,
  loss: (values: Record<string, string>) => number,
): Observed[] {
  const past: Observed[] = [];
  for (let n = 1; n <= jobs; n++) {
    const values = nextTrial(declared, config, n, past);
    if (!values) break;
    past.push({ values, objective: loss(values) });
  }
  return past;
}
const least = (past: readonly Observed[]) =>
  Math.min(...past.map((o) => o.objective ?? Number.POSITIVE_INFINITY));

test('every value that a search gives is one that the algorithm takes, and comes back from its coordinates', () => {
  const sides = sidesOf(declared, [
    { name: 'rate', scaling: 'Logarithmic' },
    { name: 'depth' },
    { name: 'mode' },
    { name: 'y', min: '0', max: '0.9', scaling: 'ReverseLogarithmic' },
  ]);
  for (let i = 0; i <= 20; i++) {
    const values = decode(sides, Array(6).fill(i / 20));
    assert.ok(Number(values.rate) >= 0.0001 && Number(values.rate) <= 1, values.rate);
    assert.match(values.depth ?? '', /^[1-4]$/);
    assert.ok(Number(values.y) >= 0 && Number(values.y) <= 0.9);
    assert.deepEqual(decode(sides, encode(sides, values)), values);
  }
});

test('a logarithmic range is as much tried in each power of ten', () => {
  const config = configOf('Random', ['rate'], { ranges: [{ name: 'rate', scaling: 'Logarithmic' }] });
  const tried = tune(config, 100, () => 0).map((o) => Number(o.values.rate));
  const small = tried.filter((rate) => rate < 0.01).length;
  assert.ok(small > 30 && small < 70, `${small} of 100 are below 0.01`);
});

test('a grid gives each of its points once, then none', () => {
  const config = configOf('Grid', [], {
    ranges: [{ name: 'depth' }, { name: 'mode' }, { name: 'x', values: ['1', '2'] }],
  });
  const tried = tune(config, 100, () => 0).map((o) => JSON.stringify(o.values));
  assert.equal(tried.length, 4 * 3 * 2);
  assert.equal(new Set(tried).size, 24);
});

test('nothing is tried twice, and a space that is used up ends the search', () => {
  for (const strategy of ['Random', 'Bayesian'] as const) {
    const tried = tune(configOf(strategy, ['depth', 'mode']), 100, (v) => Number(v.depth));
    assert.equal(new Set(tried.map((o) => JSON.stringify(o.values))).size, tried.length, strategy);
    assert.ok(tried.length >= 11 && tried.length <= 12, `${strategy}: ${tried.length} of 12`);
  }
});

test('the same seed and past give the same trial; another seed gives another', () => {
  const config = configOf('Bayesian', ['x', 'y'], { seed: 7 });
  const past = tune(config, 12, (v) => branin(Number(v.x), Number(v.y)));
  assert.deepEqual(nextTrial(declared, config, 13, past), nextTrial(declared, config, 13, past));
  assert.notDeepEqual(nextTrial(declared, config, 1, []), nextTrial(declared, { ...config, seed: 8 }, 1, []));
});

test('a Bayesian search comes nearer to the least of a known function than a random one, whatever the seed', () => {
  const loss = (v: Record<string, string>) => branin(Number(v.x), Number(v.y));
  const of = (strategy: 'Bayesian' | 'Random') =>
    [1, 2, 3, 4, 5].map((seed) => least(tune(configOf(strategy, ['x', 'y'], { seed }), 30, loss)));
  const [bayesian, random] = [of('Bayesian'), of('Random')];
  assert.ok(
    bayesian.every((l) => l < 1),
    `${bayesian}`,
  );
  assert.ok(bayesian.filter((l, i) => l < (random[i] ?? 0)).length >= 4, `${bayesian} against ${random}`);
});

test('a Bayesian search turns to what is large where it is to maximize', () => {
  const config = configOf('Bayesian', ['x', 'mode'], {
    objective: { type: 'Maximize', metricName: 'score' },
  });
  const tried = tune(config, 30, (v) => -((Number(v.x) - 3) ** 2) + (v.mode === 'b' ? 5 : 0));
  const best = tried.sort((a, b) => (b.objective ?? 0) - (a.objective ?? 0))[0];
  assert.equal(best?.values.mode, 'b');
  assert.ok(Math.abs(Number(best?.values.x) - 3) < 0.5, best?.values.x);
});

test('trials that run are not proposed again beside each other', () => {
  const config = configOf('Bayesian', ['x', 'y']);
  const past = tune(config, 15, (v) => branin(Number(v.x), Number(v.y)));
  const first = nextTrial(declared, config, 16, past) ?? {};
  const second = nextTrial(declared, config, 17, [...past, { values: first, objective: null }]) ?? {};
  assert.notDeepEqual(first, second);
});

test('a Gaussian process goes through what it was told, and is unsure elsewhere', () => {
  const points = Array.from({ length: 9 }, (_, i) => [i / 8]);
  const fit = fitGaussian(
    points,
    points.map(([x = 0]) => Math.sin(6 * x)),
  );
  for (const [x = 0] of points) assert.ok(Math.abs(fit.at([x]).mean - Math.sin(6 * x)) < 0.15);
  assert.ok(Math.abs(fit.at([0.4]).mean - Math.sin(2.4)) < 0.2);
  assert.ok(fit.at([3]).deviation > 2 * fit.at([0.5]).deviation);
  assert.ok(
    expectedImprovement({ mean: 0, deviation: 1 }, 1) > expectedImprovement({ mean: 2, deviation: 1 }, 1),
  );
});

test('points that are all alike, or all equal in what came of them, break nothing', () => {
  assert.ok(Number.isFinite(fitGaussian([[0.5], [0.5], [0.5]], [1, 2, 3]).at([0.5]).mean));
  assert.ok(Number.isFinite(fitGaussian([[0.1], [0.9]], [1, 1]).at([0.5]).deviation));
});
