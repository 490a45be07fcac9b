/** One line of the benchmark's table. What could not be measured is null and says why in `unit`. */
export interface BenchRow {
  readonly name: string;
  readonly unit: string;
  readonly ours: number | null;
  readonly peer: number | null;
  readonly peerName: string | null;
  readonly ratio: number | null;
  readonly goal: number | null;
  /** What the goal bounds; without it, the ratio must be at least the goal. */
  readonly goalOf?: GoalOf;
  readonly reached: boolean | null;
}

export type GoalOf = 'ratio at least' | 'ratio at most' | 'ours at most';

interface SideBySide {
  readonly name: string;
  readonly unit: string;
  /** One figure per round; the medians are compared. */
  readonly ours: readonly number[];
  readonly peer: readonly number[];
  readonly peerName: string;
  /** `ours / peer` unless told: then above 1 means that the peer takes longer. */
  readonly inverted?: boolean;
  readonly goal?: readonly [GoalOf, number];
}

export function sideBySide({
  name,
  unit,
  ours,
  peer,
  peerName,
  inverted = false,
  goal,
}: SideBySide): BenchRow {
  const [a, b] = [median(ours), median(peer)];
  const ratio = rounded(inverted ? b / a : a / b);
  return {
    name,
    unit,
    ours: rounded(a),
    peer: rounded(b),
    peerName,
    ratio,
    ...judged(goal, rounded(a), ratio),
  };
}

export function alone(given: {
  name: string;
  unit: string;
  ours: readonly number[];
  atMost?: number;
}): BenchRow {
  const ours = rounded(median(given.ours));
  return {
    name: given.name,
    unit: given.unit,
    ours,
    peer: null,
    peerName: null,
    ratio: null,
    ...judged(given.atMost === undefined ? undefined : ['ours at most', given.atMost], ours, null),
  };
}

export const notRun = (name: string, reason: string): BenchRow => ({
  name,
  unit: `not run: ${reason}`,
  ours: null,
  peer: null,
  peerName: null,
  ratio: null,
  goal: null,
  reached: null,
});

function judged(goal: readonly [GoalOf, number] | undefined, ours: number, ratio: number | null) {
  if (!goal) return { goal: null, reached: null };
  const [goalOf, bound] = goal;
  const reached =
    goalOf === 'ours at most'
      ? ours <= bound
      : ratio !== null && (goalOf === 'ratio at least' ? ratio >= bound : ratio <= bound);
  return { goal: bound, goalOf, reached };
}

export const median = (numbers: readonly number[]): number =>
  [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;

/** Three significant digits: more would only show the noise. */
export const rounded = (n: number): number =>
  Math.abs(n) >= 1000 ? Math.round(n) : Number(n.toPrecision(3));
