/**
 * Trains the iris classifier and writes model.onnx, metrics.json and the samples beside it. The split is seeded, the
 * fit has no randomness and the weights are rounded, so every run on every machine gives the same files.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { at, type Classifier, type Example, fit, predict, range } from './logistic-regression.ts';
import {
  elementType,
  floatTensor,
  intAttribute,
  model,
  node,
  stringTensor,
  tensorInfo,
} from './onnx-writer.ts';

export const species: readonly string[] = ['setosa', 'versicolor', 'virginica'];
export const featureNames = [
  'sepal_length_cm',
  'sepal_width_cm',
  'petal_length_cm',
  'petal_width_cm',
] as const;
const seed = 1936; // the year of Fisher's paper
const heldOutPerClass = 10;
const ridge = 0.1;

export function readIris(csv: string): Example[] {
  return csv
    .trim()
    .split('\n')
    .slice(1)
    .map((line) => {
      const cells = line.split(',');
      const label = species.indexOf(cells[4] ?? '');
      const features = cells.slice(0, 4).map(Number);
      if (label < 0 || features.length !== 4 || features.some(Number.isNaN))
        throw new Error(`bad row: ${line}`);
      return { features, label };
    });
}

/** mulberry32: a small generator whose sequence is fixed by its seed alone. */
function random(state: number): () => number {
  let s = state;
  return () => {
    s = (s + 0x6d2b79f5) | 0;
    let t = Math.imul(s ^ (s >>> 15), 1 | s);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

function shuffle<T>(values: readonly T[], next: () => number): T[] {
  const order = [...values];
  for (let i = order.length - 1; i > 0; i--) {
    const j = Math.floor(next() * (i + 1));
    const swap = at(order, i);
    order[i] = at(order, j);
    order[j] = swap;
  }
  return order;
}

/** Each class is shuffled by itself, so the held-out rows have every class in equal number. */
export function split(examples: readonly Example[]): { training: Example[]; heldOut: Example[] } {
  const next = random(seed);
  const perClass = species.map((_, c) =>
    shuffle(
      examples.filter((e) => e.label === c),
      next,
    ),
  );
  return {
    training: perClass.flatMap((rows) => rows.slice(heldOutPerClass)),
    heldOut: perClass.flatMap((rows) => rows.slice(0, heldOutPerClass)),
  };
}

function guess(classifier: Classifier, features: readonly number[]): number {
  const p = predict(classifier, features);
  return p.indexOf(Math.max(...p));
}

function confusion(classifier: Classifier, examples: readonly Example[]): number[][] {
  const table = species.map(() => species.map(() => 0));
  for (const { features, label } of examples) {
    const row = at(table, label);
    const column = guess(classifier, features);
    row[column] = at(row, column) + 1;
  }
  return table;
}

function accuracy(table: readonly (readonly number[])[]): number {
  const right = table.reduce((sum, row, i) => sum + at(row, i), 0);
  return round(right / table.flat().reduce((a, b) => a + b, 0), 4);
}

/** Every example predicted by a model that has not seen its tenth of the data: a steadier figure than 30 rows give. */
function crossValidated(examples: readonly Example[]): number {
  const folds = 10;
  const fold = (i: number) => i % folds;
  const perClass = species.map((_, c) =>
    shuffle(
      examples.filter((e) => e.label === c),
      random(seed),
    ),
  );
  const right = range(folds).reduce((sum, k) => {
    const inside = perClass.flatMap((rows) => rows.filter((_, i) => fold(i) !== k));
    const outside = perClass.flatMap((rows) => rows.filter((_, i) => fold(i) === k));
    const classifier = fit(inside, species.length, ridge);
    return sum + outside.filter((e) => guess(classifier, e.features) === e.label).length;
  }, 0);
  return round(right / examples.length, 4);
}

function round(value: number, digits: number): number {
  return Number(value.toFixed(digits));
}

/** Rounded to six digits and to float32, so that what is evaluated is exactly what the file holds. */
function settle(classifier: Classifier): Classifier {
  const settled = (value: number) => Math.fround(round(value, 6));
  return {
    weights: classifier.weights.map((row) => row.map(settled)),
    biases: classifier.biases.map(settled),
  };
}

export function toOnnx({ weights, biases }: Classifier): Uint8Array {
  const columns = featureNames.map((_, j) => weights.map((row) => at(row, j)));
  return model({
    name: 'iris-classifier',
    producer: 'souk-examples',
    description: 'Species of an iris from four lengths in centimetres.',
    opset: 17,
    inputs: [tensorInfo('features', elementType.float, ['N', 4])],
    outputs: [
      tensorInfo('label', elementType.string, ['N']),
      tensorInfo('probabilities', elementType.float, ['N', species.length]),
    ],
    initializers: [
      floatTensor('weights', [featureNames.length, species.length], columns.flat()),
      floatTensor('biases', [species.length], biases),
      stringTensor('species', species),
    ],
    nodes: [
      node({ operator: 'Gemm', inputs: ['features', 'weights', 'biases'], outputs: ['scores'] }),
      node({
        operator: 'Softmax',
        inputs: ['scores'],
        outputs: ['probabilities'],
        attributes: [intAttribute('axis', 1)],
      }),
      node({
        operator: 'ArgMax',
        inputs: ['scores'],
        outputs: ['best'],
        attributes: [intAttribute('axis', 1), intAttribute('keepdims', 0)],
      }),
      node({ operator: 'Gather', inputs: ['species', 'best'], outputs: ['label'] }),
    ],
  });
}

export function train(csv: string) {
  const examples = readIris(csv);
  const { training, heldOut } = split(examples);
  const classifier = settle(fit(training, species.length, ridge));
  const heldOutConfusion = confusion(classifier, heldOut);
  const metrics = {
    model: 'multinomial logistic regression, ridge 0.1, Newton',
    seed,
    trainingRows: training.length,
    trainingAccuracy: accuracy(confusion(classifier, training)),
    heldOutRows: heldOut.length,
    heldOutAccuracy: accuracy(heldOutConfusion),
    crossValidatedAccuracy: crossValidated(examples),
    crossValidation: '10-fold, stratified, all 150 rows',
    classes: species.map((name, c) => {
      const row = at(heldOutConfusion, c);
      return {
        name,
        heldOut: Object.fromEntries(species.map((as, j) => [as, at(row, j)])),
        recall: round(at(row, c) / row.reduce((a, b) => a + b, 0), 4),
      };
    }),
  };
  return { classifier, heldOut, metrics, onnx: toOnnx(classifier) };
}

/** One line per field, spaced as the repository's formatter leaves it. */
function json(fields: Readonly<Record<string, readonly unknown[]>>): string {
  const lines = Object.entries(fields).map(
    ([name, values]) => `  "${name}": ${JSON.stringify(values).replaceAll(',', ', ')}`,
  );
  return `{\n${lines.join(',\n')}\n}\n`;
}

/** The first held-out flower of each species: what a buyer sends, and what the model answers. */
export function samples({ classifier, heldOut }: Pick<ReturnType<typeof train>, 'classifier' | 'heldOut'>) {
  const rows = species.map(
    (_, c) =>
      at(
        heldOut.filter((e) => e.label === c),
        0,
      ).features,
  );
  const probabilities = rows.map((row) => predict(classifier, row).map((p) => round(p, 6)));
  const label = rows.map((row) => at(species, guess(classifier, row)));
  const lines = (cells: readonly (readonly (string | number)[])[]) =>
    `${cells.map((r) => r.join(',')).join('\n')}\n`;
  return {
    'sample-input.json': json({ features: rows }),
    'sample-input.csv': lines(rows),
    'sample-output.json': json({ label, probabilities }),
    'sample-output.csv': lines(label.map((name, i) => [name, ...at(probabilities, i)])),
  };
}

if (import.meta.main) {
  const here = import.meta.dirname;
  const trained = train(readFileSync(join(here, 'iris.csv'), 'utf8'));
  writeFileSync(join(here, 'model.onnx'), trained.onnx);
  writeFileSync(join(here, 'metrics.json'), `${JSON.stringify(trained.metrics, null, 2)}\n`);
  for (const [name, text] of Object.entries(samples(trained))) writeFileSync(join(here, name), text);
  const { heldOutAccuracy, heldOutRows, crossValidatedAccuracy, classes } = trained.metrics;
  console.log(
    `held-out accuracy ${heldOutAccuracy} on ${heldOutRows} rows; 10-fold ${crossValidatedAccuracy}`,
  );
  for (const { name, heldOut } of classes) console.log(`  ${name}: ${JSON.stringify(heldOut)}`);
}
