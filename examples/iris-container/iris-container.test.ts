import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { cannotRunPython, runPythonTests } from '../container-images/python-tests.ts';

test('the container answers its own samples, and refuses what is no flower (Python)', {
  skip: cannotRunPython('sklearn', 'flask'),
}, async () => {
  await runPythonTests('examples/iris-container/tests');
});

test('the model is the measurements of the classifier’s example, byte for byte', () => {
  const read = (path: string) => readFileSync(new URL(path, import.meta.url));
  assert.deepEqual(read('./model/iris.csv'), read('../iris-classifier/iris.csv'));
});
