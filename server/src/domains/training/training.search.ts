import { gridValues, type HyperParameter, type TuningConfig } from '@souk/contract';
import { expectedImprovement, fitGaussian } from './training.gaussian.ts';
import { decode, encode, type Side, sidesOf } from './training.space.ts';

/** What was tried, and what came of it; null while it runs, and where nothing came of it. */
export interface Observed {
  readonly values: Readonly<Record<string, string>>;
  readonly objective: number | null;
}

/** Beyond these the oldest that are not among the best say little that the others do not, and cost time in cubes. */
const fittedMax = 120;
const candidates = 1500;

/**
 * The hyperparameters of the next trial; null when there are none left to try. The same seed, number and past give the same answer, so that
 * a tuning that goes on after a restart goes on as it would have.
 */
export function nextTrial(
  declared: readonly HyperParameter[],
  config: TuningConfig,
  number: number,
  past: readonly Observed[],
): Record<string, string> | null {
  if (config.strategy === 'Grid') return gridPoint(declared, config, number);
  const sides = sidesOf(declared, config.ranges);
  const random = randomOf((config.seed ?? 1) * 1_000_003 + number);
  const known = past.flatMap((o) => (o.objective === null ? [] : [{ ...o, objective: o.objective }]));
  const width = sides.reduce((n, s) => n + s.width, 0);
  const guess =
    config.strategy === 'Bayesian' && known.length >= Math.min(10, Math.max(4, 2 * width))
      ? () => bayesian(sides, config, known, past, random)
      : () => decode(sides, anywhere(width, random));
  return unlike(past, guess, () => decode(sides, anywhere(width, random)));
}

const anywhere = (width: number, random: () => number) => Array.from({ length: width }, random);

/** Nothing is tried twice while there is something else. */
function unlike(
  past: readonly Observed[],
  first: () => Record<string, string>,
  others: () => Record<string, string>,
): Record<string, string> | null {
  const seen = new Set(past.map((o) => keyOf(o.values)));
  for (let i = 0; i < 200; i++) {
    const values = i === 0 ? first() : others();
    if (!seen.has(keyOf(values))) return values;
  }
  return null;
}
const keyOf = (values: Readonly<Record<string, string>>) => JSON.stringify(Object.entries(values).sort());

function bayesian(
  sides: readonly Side[],
  config: TuningConfig,
  known: readonly { values: Readonly<Record<string, string>>; objective: number }[],
  past: readonly Observed[],
  random: () => number,
): Record<string, string> {
  const sign = config.objective.type === 'Minimize' ? 1 : -1;
  const sorted = [...known].sort((a, b) => sign * (a.objective - b.objective));
  const fitted =
    sorted.length <= fittedMax ? sorted : [...sorted.slice(0, fittedMax / 2), ...known.slice(-fittedMax / 2)];
  const points = fitted.map((o) => encode(sides, o.values));
  const values = fitted.map((o) => sign * o.objective);
  const best = Math.min(...values);
  // Those that run are taken to come out average: several trials at a time then do not crowd the same place.
  const average = values.reduce((a, b) => a + b, 0) / values.length;
  for (const o of past)
    if (o.objective === null && points.length < fittedMax + 20) {
      points.push(encode(sides, o.values));
      values.push(average);
    }
  const posterior = fitGaussian(points, values);
  const width = points[0]?.length ?? 0;
  const leaders = points.slice(0, Math.min(5, fitted.length));
  let chosen = anywhere(width, random);
  let most = -1;
  for (let i = 0; i < candidates; i++) {
    // Half anywhere, half around what was best so far, nearer and nearer.
    const leader = leaders[i % leaders.length];
    const at =
      i % 2 === 0 || !leader
        ? anywhere(width, random)
        : leader.map((u) =>
            Math.min(1, Math.max(0, u + (random() + random() + random() - 1.5) * 0.4 * random())),
          );
    // What a program can be given: whole numbers, one of the values. The process must judge that, not what lies between.
    const given = encode(sides, decode(sides, at));
    const improvement = expectedImprovement(posterior.at(given), best);
    if (improvement > most) {
      most = improvement;
      chosen = given;
    }
  }
  return decode(sides, chosen);
}

function gridPoint(
  declared: readonly HyperParameter[],
  { ranges }: TuningConfig,
  number: number,
): Record<string, string> | null {
  const values: Record<string, string> = {};
  let rest = number - 1;
  for (const r of ranges) {
    const steps = gridValues(declared, r);
    values[r.name] = steps[rest % steps.length] ?? '';
    rest = Math.floor(rest / steps.length);
  }
  return rest > 0 ? null : values;
}

/** mulberry32: small, even enough, and the same everywhere. */
export function randomOf(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4_294_967_296;
  };
}
