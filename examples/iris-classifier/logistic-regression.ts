/** Multinomial logistic regression with a ridge penalty, fitted by Newton's method: few steps, no learning rate to tune. */
export type Classifier = {
  /** One row of weights per class, for features as they come (standardisation is folded in). */
  readonly weights: readonly (readonly number[])[];
  readonly biases: readonly number[];
};

export type Example = { readonly features: readonly number[]; readonly label: number };

export function softmax(scores: readonly number[]): number[] {
  const highest = Math.max(...scores);
  const powers = scores.map((score) => Math.exp(score - highest));
  const sum = powers.reduce((a, b) => a + b, 0);
  return powers.map((power) => power / sum);
}

export function predict(classifier: Classifier, features: readonly number[]): number[] {
  return softmax(classifier.weights.map((row, c) => dot(row, features) + at(classifier.biases, c)));
}

export function fit(examples: readonly Example[], classes: number, ridge: number): Classifier {
  const width = at(examples, 0).features.length;
  const { means, deviations } = spread(examples, width);
  const rows = examples.map(({ features, label }) => ({
    label,
    // The constant last column carries the bias.
    x: [...features.map((value, j) => (value - at(means, j)) / at(deviations, j)), 1],
  }));
  const size = classes * (width + 1);
  const parameters = new Array<number>(size).fill(0);
  for (let step = 0; step < 100; step++) {
    const gradient = parameters.map((value) => value * ridge);
    const hessian = parameters.map((_, i) => parameters.map((__, j) => (i === j ? ridge : 0)));
    for (const { x, label } of rows) {
      const p = softmax(range(classes).map((c) => dot(part(parameters, c, width + 1), x)));
      for (const c of range(classes)) {
        const error = at(p, c) - (c === label ? 1 : 0);
        for (const [j, xj] of x.entries()) {
          const i = c * (width + 1) + j;
          gradient[i] = at(gradient, i) + error * xj;
          const line = at(hessian, i);
          for (const d of range(classes)) {
            const curvature = at(p, c) * ((c === d ? 1 : 0) - at(p, d)) * xj;
            for (const [k, xk] of x.entries()) {
              const at2 = d * (width + 1) + k;
              line[at2] = at(line, at2) + curvature * xk;
            }
          }
        }
      }
    }
    const move = solve(hessian, gradient);
    for (const i of range(size)) parameters[i] = at(parameters, i) - at(move, i);
    if (Math.max(...move.map(Math.abs)) < 1e-10) break;
  }
  const weights = range(classes).map((c) =>
    range(width).map((j) => at(parameters, c * (width + 1) + j) / at(deviations, j)),
  );
  const biases = weights.map((row, c) => at(parameters, c * (width + 1) + width) - dot(row, means));
  return { weights, biases };
}

function spread(examples: readonly Example[], width: number) {
  const column = (j: number) => examples.map((e) => at(e.features, j));
  const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
  const means = range(width).map((j) => mean(column(j)));
  const deviations = range(width).map((j) => Math.sqrt(mean(column(j).map((v) => (v - at(means, j)) ** 2))));
  return { means, deviations };
}

/** Gaussian elimination with partial pivoting; the ridge keeps the matrix regular. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, at(right, i)]);
  const size = rows.length;
  for (const i of range(size)) {
    const pivot = range(size)
      .slice(i)
      .reduce((best, r) => (Math.abs(at(at(rows, r), i)) > Math.abs(at(at(rows, best), i)) ? r : best), i);
    const top = at(rows, pivot);
    rows[pivot] = at(rows, i);
    rows[i] = top;
    for (const r of range(size)) {
      if (r === i) continue;
      const row = at(rows, r);
      const factor = at(row, i) / at(top, i);
      for (const k of range(size + 1)) row[k] = at(row, k) - factor * at(top, k);
    }
  }
  return rows.map((row, i) => at(row, size) / at(row, i));
}

function part(values: readonly number[], index: number, length: number): readonly number[] {
  return values.slice(index * length, (index + 1) * length);
}

function dot(a: readonly number[], b: readonly number[]): number {
  return a.reduce((sum, value, i) => sum + value * at(b, i), 0);
}

export function range(length: number): number[] {
  return Array.from({ length }, (_, i) => i);
}

export function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw new RangeError(`nothing at ${index} of ${values.length}`);
  return value;
}
