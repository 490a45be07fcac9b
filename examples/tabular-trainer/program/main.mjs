/**
 * A training program over /opt/ml: reads tables, fits a softmax regression by gradient descent, prints one line of metrics for each
 * round, and leaves model.onnx. Needs Node and nothing else: a training reaches no network.
 */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { softmaxModel } from './onnx.mjs';
import { accuracyOf, fit } from './softmax.mjs';
import { readTables, shuffled } from './table.mjs';

const root = process.env.OPT_ML ?? '/opt/ml';
const config = (name) => JSON.parse(readFileSync(join(root, 'input/config', `${name}.json`), 'utf8'));

/** Every value of hyperparameters.json is text, whatever its type. */
function settings() {
  const given = config('hyperparameters');
  return {
    labelColumn: given.label_column ?? 'last',
    epochs: Number(given.epochs ?? 200),
    learningRate: Number(given.learning_rate ?? 0.5),
    l2: Number(given.l2 ?? 0.0001),
    validationShare: Number(given.validation_share ?? 0.2),
    seed: Number(given.seed ?? 1),
  };
}

function channel(name) {
  const folder = join(root, 'input/data', name);
  return readdirSync(folder)
    .sort()
    .map((file) => ({ file, text: readFileSync(join(folder, file), 'utf8') }));
}

try {
  const { labelColumn, epochs, learningRate, l2, validationShare, seed } = settings();
  const channels = Object.keys(config('inputdataconfig'));
  const table = readTables(channel('train'), labelColumn);
  let [training, validation] = [table.rows, []];
  if (channels.includes('validation'))
    validation = readTables(channel('validation'), labelColumn, table.classes).rows;
  else {
    const mixed = shuffled(table.rows, seed);
    const kept = Math.round(mixed.length * validationShare);
    [validation, training] = [mixed.slice(0, kept), mixed.slice(kept)];
  }
  console.log(
    `rows=${training.length} validation_rows=${validation.length} features=${table.width} classes=${table.classes.length}`,
  );
  const fitted = fit(training, {
    width: table.width,
    classes: table.classes.length,
    epochs,
    learningRate,
    l2,
    onEpoch: (epoch, loss, model) =>
      console.log(
        `epoch=${epoch} train_loss=${loss.toFixed(6)} train_accuracy=${accuracyOf(model, training).toFixed(4)} ` +
          `validation_accuracy=${accuracyOf(model, validation).toFixed(4)}`,
      ),
  });
  mkdirSync(join(root, 'model'), { recursive: true });
  writeFileSync(join(root, 'model/model.onnx'), softmaxModel(fitted, table.width, table.classes));
} catch (error) {
  // The first 1024 characters are what its user reads.
  mkdirSync(join(root, 'output'), { recursive: true });
  writeFileSync(join(root, 'output/failure'), `${error.message}\n`);
  console.error(error.stack);
  process.exitCode = 1;
}
