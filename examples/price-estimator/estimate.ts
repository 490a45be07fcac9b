import { districts, type Flat } from './flats.ts';

export interface Model {
  /** Of the logarithm of the price, in the order of `features`. */
  readonly weights: readonly number[];
  /** Standard deviation of what the weights do not explain, of the logarithm. */
  readonly sigma: number;
}

export interface Estimate {
  readonly PriceEur: number;
  readonly LowEur: number;
  readonly HighEur: number;
}

const names = Object.keys(districts);

/** What the model looks at: a constant, the flat's own figures near to one, and its district. */
export const features = (flat: Flat): number[] => [
  1,
  Math.log(flat.AreaSqm / 70),
  flat.Rooms / 5,
  (flat.YearBuilt - 1970) / 50,
  flat.Floor / 8,
  flat.Balcony ? 1 : 0,
  // The first district is what the others are held against.
  ...names.slice(1).map((name) => (name === flat.District ? 1 : 0)),
];

const inWholeHundreds = (n: number) => Math.round(n / 100) * 100;

/** Four of five flats sell between low and high. */
const spread = 1.2816;

export function estimate(model: Model, flat: Flat): Estimate {
  const log = features(flat).reduce((sum, x, i) => sum + x * (model.weights[i] ?? 0), 0);
  const at = (deviations: number) => inWholeHundreds(Math.exp(log + deviations * model.sigma));
  return { PriceEur: at(0), LowEur: at(-spread), HighEur: at(spread) };
}
