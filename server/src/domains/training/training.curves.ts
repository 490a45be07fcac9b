import type { MetricCurve } from '@souk/contract';

const pointsMax = 500;

interface Kept {
  count: number;
  last: number;
  lastAt: number;
  min: number;
  max: number;
  /** Every how many values one is kept: doubled when there are too many, so that the curve stays even. */
  step: number;
  points: [number, number][];
}

/** Curves of metrics as they grow, bounded however long a training prints. */
export function newCurves() {
  const curves = new Map<string, Kept>();
  const touched = new Set<string>();
  return {
    add(name: string, seconds: number, value: number): void {
      const c = curves.get(name) ?? {
        count: 0,
        last: value,
        lastAt: seconds,
        min: value,
        max: value,
        step: 1,
        points: [],
      };
      curves.set(name, c);
      touched.add(name);
      if (c.count % c.step === 0) c.points.push([seconds, value]);
      if (c.points.length >= pointsMax) {
        c.step *= 2;
        c.points = c.points.filter((_, i) => i % 2 === 0);
      }
      c.count++;
      c.last = value;
      c.lastAt = seconds;
      c.min = Math.min(c.min, value);
      c.max = Math.max(c.max, value);
    },
    /** Those that grew since they were last asked for. */
    grown(): MetricCurve[] {
      const grown = [...touched].flatMap((name) => {
        const c = curves.get(name);
        return c ? [curveOf(name, c)] : [];
      });
      touched.clear();
      return grown;
    },
  };
}

function curveOf(name: string, { count, last, lastAt, min, max, points }: Kept): MetricCurve {
  const [at] = points.at(-1) ?? [];
  return {
    name,
    count,
    last,
    min,
    max,
    points: at === lastAt && points.at(-1)?.[1] === last ? [...points] : [...points, [lastAt, last]],
  };
}

/** One curve out of those of several attempts: a training that began again goes on where its checkpoints were. */
export function joinCurves(curves: readonly MetricCurve[]): MetricCurve[] {
  const joined = new Map<string, MetricCurve>();
  for (const c of curves) {
    const before = joined.get(c.name);
    joined.set(
      c.name,
      before
        ? {
            ...c,
            count: before.count + c.count,
            min: Math.min(before.min, c.min),
            max: Math.max(before.max, c.max),
            points: [...before.points, ...c.points].slice(-pointsMax),
          }
        : c,
    );
  }
  return [...joined.values()];
}
