import type { MetricCurve } from '@souk/contract';

const completedMin = 4;
const pointsMin = 3;

/**
 * The median rule: a trial whose best so far is worse than the median of what the completed ones had averaged by then is not going to be
 * the best. Compared by how often the metric was printed, not by time, which differs with whatever else the machine does.
 */
export function isWorseThanMost(
  trial: MetricCurve,
  completed: readonly MetricCurve[],
  type: 'Maximize' | 'Minimize',
): boolean {
  if (completed.length < completedMin || trial.count < pointsMin) return false;
  const averages = completed
    .filter((c) => c.count >= trial.count)
    .map((c) =>
      average(c.points.slice(0, Math.max(1, Math.round((c.points.length * trial.count) / c.count)))),
    )
    .sort((a, b) => a - b);
  if (averages.length < completedMin) return false;
  const middle = averages.length / 2;
  const median = ((averages[Math.ceil(middle) - 1] ?? 0) + (averages[Math.floor(middle)] ?? 0)) / 2;
  return type === 'Maximize' ? trial.max < median : trial.min > median;
}

const average = (points: readonly number[][]) =>
  points.reduce((sum, [, value = 0]) => sum + value, 0) / points.length;
