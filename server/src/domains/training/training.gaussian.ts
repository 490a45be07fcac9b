/** A Gaussian process over points in the unit cube: what is likely at places that nobody has tried, and how sure that is. */
export interface Posterior {
  at(point: readonly number[]): { readonly mean: number; readonly deviation: number };
}

const scales = [0.1, 0.2, 0.4, 0.8, 1.6];
const noises = [1e-6, 1e-4, 1e-2, 1e-1];

/**
 * Fits values (which it brings to mean 0 and deviation 1 itself) with a Matérn 5/2 kernel: smooth, but not as smooth as no loss curve is. Of
 * a few scales and noises it takes the likeliest; with some hundred points that costs milliseconds, and needs no gradient to be trusted.
 */
export function fitGaussian(points: readonly (readonly number[])[], values: readonly number[]): Posterior {
  const mean = values.reduce((a, b) => a + b, 0) / values.length;
  const spread = Math.sqrt(values.reduce((a, b) => a + (b - mean) ** 2, 0) / values.length) || 1;
  const y = values.map((v) => (v - mean) / spread);
  let best: { likelihood: number; scale: number; factor: number[][]; weights: number[] } | undefined;
  for (const scale of scales)
    for (const noise of noises) {
      const factor = cholesky(
        points.map((a, i) => points.map((b, j) => matern(a, b, scale) + (i === j ? noise : 0))),
      );
      if (!factor) continue;
      const weights = solve(factor, y);
      const likelihood =
        -0.5 * dot(y, weights) - factor.reduce((sum, row, i) => sum + Math.log(row[i] ?? 1), 0);
      if (!best || likelihood > best.likelihood) best = { likelihood, scale, factor, weights };
    }
  if (!best) throw new Error('no Gaussian process fits these points');
  const { scale, factor, weights } = best;
  return {
    at(point) {
      const k = points.map((p) => matern(p, point, scale));
      const v = forward(factor, k);
      return {
        mean: mean + spread * dot(k, weights),
        deviation: spread * Math.sqrt(Math.max(1e-12, 1 - dot(v, v))),
      };
    },
  };
}

/** How much better than `best` (the least so far) a place is expected to be. */
export function expectedImprovement(
  { mean, deviation }: { readonly mean: number; readonly deviation: number },
  best: number,
): number {
  const z = (best - mean) / deviation;
  const density = Math.exp(-0.5 * z * z) / Math.sqrt(2 * Math.PI);
  return deviation * (z * below(z) + density);
}

/** The normal distribution; Abramowitz and Stegun 7.1.26, to 1.5e-7. */
function below(z: number): number {
  const x = Math.abs(z) / Math.SQRT2;
  const t = 1 / (1 + 0.3275911 * x);
  const erf =
    1 -
    ((((1.061405429 * t - 1.453152027) * t + 1.421413741) * t - 0.284496736) * t + 0.254829592) *
      t *
      Math.exp(-x * x);
  return z >= 0 ? 0.5 * (1 + erf) : 0.5 * (1 - erf);
}

function matern(a: readonly number[], b: readonly number[], scale: number): number {
  let square = 0;
  for (let i = 0; i < a.length; i++) square += ((a[i] ?? 0) - (b[i] ?? 0)) ** 2;
  const r = Math.sqrt(5 * square) / scale;
  return (1 + r + (r * r) / 3) * Math.exp(-r);
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

/** Lower triangle; undefined where the matrix is not positive definite. */
function cholesky(matrix: readonly (readonly number[])[]): number[][] | undefined {
  const n = matrix.length;
  const factor: number[][] = [];
  for (let i = 0; i < n; i++) {
    const row: number[] = new Array(i + 1).fill(0);
    for (let j = 0; j <= i; j++) {
      let sum = matrix[i]?.[j] ?? 0;
      const other = j === i ? row : (factor[j] ?? []);
      for (let k = 0; k < j; k++) sum -= (row[k] ?? 0) * (other[k] ?? 0);
      if (i === j) {
        if (sum <= 0) return undefined;
        row[j] = Math.sqrt(sum);
      } else row[j] = sum / (factor[j]?.[j] ?? 1);
    }
    factor.push(row);
  }
  return factor;
}

function forward(factor: readonly (readonly number[])[], y: readonly number[]): number[] {
  const x: number[] = [];
  for (let i = 0; i < factor.length; i++) {
    let sum = y[i] ?? 0;
    for (let k = 0; k < i; k++) sum -= (factor[i]?.[k] ?? 0) * (x[k] ?? 0);
    x.push(sum / (factor[i]?.[i] ?? 1));
  }
  return x;
}

function solve(factor: readonly (readonly number[])[], y: readonly number[]): number[] {
  const x = forward(factor, y);
  for (let i = factor.length - 1; i >= 0; i--) {
    let sum = x[i] ?? 0;
    for (let k = i + 1; k < factor.length; k++) sum -= (factor[k]?.[i] ?? 0) * (x[k] ?? 0);
    x[i] = sum / (factor[i]?.[i] ?? 1);
  }
  return x;
}
