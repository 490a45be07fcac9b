import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { estimate, features, type Model } from './estimate.ts';
import { inventedSales, type Sale, toCsv } from './flats.ts';

/** Makes sales.csv, model.json and metrics.json anew: the same bytes each time. */
export const sales = () => inventedSales(1200, 4);
const isHeldOut = (sale: Sale) => sale.Id % 5 === 0;
const ridge = 1e-3;

export function train(all: readonly Sale[]) {
  const seen = all.filter((s) => !isHeldOut(s));
  const rows = seen.map(features);
  const targets = seen.map((s) => Math.log(s.PriceEur));
  const weights = solve(normalEquations(rows, targets)).map((w) => Number(w.toPrecision(10)));
  const residuals = rows.map((row, i) => (targets[i] as number) - dot(row, weights));
  const sigma = Math.sqrt(dot(residuals, residuals) / (rows.length - weights.length));
  const model: Model = { weights, sigma: Number(sigma.toPrecision(10)) };
  return { model, metrics: measure(model, all.filter(isHeldOut)) };
}

/** On flats that the training has not seen. */
function measure(model: Model, held: readonly Sale[]) {
  const errors = held
    .map((s) => Math.abs(estimate(model, s).PriceEur / s.PriceEur - 1))
    .sort((a, b) => a - b);
  const inside = held.filter((s) => {
    const { LowEur, HighEur } = estimate(model, s);
    return s.PriceEur >= LowEur && s.PriceEur <= HighEur;
  });
  const percent = (n: number) => Number((n * 100).toFixed(1));
  return {
    heldOutSales: held.length,
    medianErrorPercent: percent(errors[Math.floor(errors.length / 2)] as number),
    meanErrorPercent: percent(errors.reduce((sum, e) => sum + e, 0) / errors.length),
    insideRangePercent: percent(inside.length / held.length),
  };
}

const dot = (a: readonly number[], b: readonly number[]) => a.reduce((sum, x, i) => sum + x * (b[i] ?? 0), 0);

function normalEquations(rows: readonly number[][], targets: readonly number[]): number[][] {
  const width = rows[0]?.length ?? 0;
  return Array.from({ length: width }, (_, i) => [
    ...Array.from({ length: width }, (__, j) =>
      rows.reduce((sum, row) => sum + (row[i] as number) * (row[j] as number), i === j ? ridge : 0),
    ),
    rows.reduce((sum, row, r) => sum + (row[i] as number) * (targets[r] as number), 0),
  ]);
}

/** Gaussian elimination; the ridge keeps every pivot above zero. */
function solve(system: number[][]): number[] {
  const m = system.map((row) => [...row]);
  for (const [i, pivot] of m.entries())
    for (const [k, row] of m.entries()) {
      if (k === i) continue;
      const factor = (row[i] as number) / (pivot[i] as number);
      for (let j = i; j < row.length; j++) row[j] = (row[j] as number) - factor * (pivot[j] as number);
    }
  return m.map((row, i) => (row.at(-1) as number) / (row[i] as number));
}

export const here = import.meta.dirname;
export const readModel = () => JSON.parse(readFileSync(join(here, 'model.json'), 'utf8')) as Model;

if (import.meta.main) {
  const all = sales();
  const { model, metrics } = train(all);
  writeFileSync(join(here, 'sales.csv'), toCsv(all));
  writeFileSync(join(here, 'model.json'), `${JSON.stringify(model, null, 2)}\n`);
  writeFileSync(join(here, 'metrics.json'), `${JSON.stringify(metrics, null, 2)}\n`);
  process.stdout.write(`${JSON.stringify(metrics)}\n`);
}
