import assert from 'node:assert/strict';
import { test } from 'node:test';
import { batched } from './batching.ts';
import type { Engine, RuntimeTensors } from './engine.ts';

/** y = 2x, row by row, which counts its runs and refuses a row that begins with a negative number. */
function doubling(options: { shrinking?: boolean } = {}) {
  const runs: number[] = [];
  const engine: Engine = {
    inputNames: ['x'],
    outputShapes: {},
    run: async (feeds: RuntimeTensors) => {
      const x = feeds.x;
      assert.ok(x);
      runs.push(x.dims[0] ?? 0);
      const values = x.data as Float32Array;
      const columns = x.dims[1] ?? 1;
      for (let i = 0; i < values.length; i += columns)
        if ((values[i] ?? 0) < 0) throw new Error(`row ${values[i]} is refused`);
      const data = options.shrinking ? new Float32Array([7]) : values.map((v) => 2 * v);
      return { y: { type: 'float32', dims: options.shrinking ? [1] : x.dims, data } };
    },
    close: async () => {},
  };
  return { engine, runs };
}
const rows = (count: number, columns: number, first: number) => ({
  x: {
    type: 'float32',
    dims: [count, columns],
    data: Float32Array.from({ length: count * columns }, (_, i) => first + i),
  },
});
const numbers = (results: RuntimeTensors | undefined) => Array.from((results?.y?.data ?? []) as Float32Array);
const batching = { windowMs: 5, recordsMax: 64 };

test('calls that come together are run once, and each gets its own rows', async () => {
  const { engine, runs } = doubling();
  const together = batched(engine, batching);
  const answers = await Promise.all(
    [1, 3, 2].map((count, i) => together.run(rows(count, 4, 100 * i), ['y'])),
  );
  assert.deepEqual(runs, [6]);
  for (const [i, count] of [1, 3, 2].entries()) {
    const y = answers[i]?.y;
    assert.deepEqual(y?.dims, [count, 4]);
    assert.deepEqual(
      numbers(answers[i]),
      Array.from({ length: count * 4 }, (_, n) => 2 * (100 * i + n)),
    );
  }
});

test('calls of other widths are never mixed', async () => {
  const { engine, runs } = doubling();
  const together = batched(engine, batching);
  await Promise.all([together.run(rows(1, 4, 0), ['y']), together.run(rows(1, 3, 0), ['y'])]);
  assert.deepEqual(runs, [1, 1]);
});

test('no run takes more records than allowed, and a call that has as many alone does not wait', async () => {
  const { engine, runs } = doubling();
  const together = batched(engine, { windowMs: 60_000, recordsMax: 4 });
  await together.run(rows(4, 2, 0), ['y']);
  assert.deepEqual(runs, [4]);
  await Promise.all(Array.from({ length: 8 }, (_, i) => together.run(rows(1, 2, i), ['y'])));
  assert.deepEqual(runs, [4, 4, 4]);
});

test('an error goes to the call that caused it, and the others are answered', async () => {
  const { engine } = doubling();
  const together = batched(engine, batching);
  const [good, bad, also] = await Promise.allSettled([
    together.run(rows(1, 2, 1), ['y']),
    together.run(rows(1, 2, -5), ['y']),
    together.run(rows(1, 2, 3), ['y']),
  ]);
  assert.equal(good?.status, 'fulfilled');
  assert.equal(also?.status, 'fulfilled');
  assert.match(String(bad?.status === 'rejected' && bad.reason), /row -5 is refused/);
});

test('a model whose answer has not a row for each record is run call by call from then on', async () => {
  const { engine, runs } = doubling({ shrinking: true });
  const together = batched(engine, batching);
  for (let i = 0; i < 2; i++) {
    const answers = await Promise.all([
      together.run(rows(1, 2, 1), ['y']),
      together.run(rows(2, 2, 3), ['y']),
    ]);
    assert.deepEqual(answers.map(numbers), [[7], [7]]);
  }
  assert.deepEqual(runs, [3, 1, 2, 1, 2]);
});

test('a call waits no longer than the window, and not at all when the model is closed', async () => {
  const { engine } = doubling();
  await batched(engine, { windowMs: 1, recordsMax: 64 }).run(rows(1, 1, 1), ['y']);
  const patient = batched(engine, { windowMs: 3_600_000, recordsMax: 64 });
  const answer = patient.run(rows(1, 1, 1), ['y']);
  await patient.close();
  assert.deepEqual(numbers(await answer), [2]);
});
