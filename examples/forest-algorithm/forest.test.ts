import assert from 'node:assert/strict';
import { test } from 'node:test';
import { cannotRunPython, runPythonTests } from '../container-images/python-tests.ts';
import { columns, stands } from './generate.ts';

test('the forest learns, stops, refuses and answers as its README says (Python)', {
  skip: cannotRunPython('sklearn'),
}, async () => {
  await runPythonTests('examples/forest-algorithm/tests');
});

test('the generated stands are the same on every machine, and every column has a number', () => {
  const rows = [...stands(200, 1)];
  assert.equal(rows.length, 201);
  assert.deepEqual([...stands(200, 1)], rows);
  assert.notDeepEqual([...stands(200, 2)], rows);
  for (const row of rows.slice(1)) {
    const cells = row.trimEnd().split(',');
    assert.equal(cells.length, columns.length + 1);
    assert.ok(
      cells.slice(0, -1).every((cell) => Number.isFinite(Number(cell))),
      row,
    );
  }
  assert.deepEqual([...new Set(rows.slice(1).map((r) => r.trimEnd().split(',').at(-1)))].sort(), [
    'beech',
    'oak',
    'pine',
    'spruce',
  ]);
});
