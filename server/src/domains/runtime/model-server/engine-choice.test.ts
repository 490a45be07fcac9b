import assert from 'node:assert/strict';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { openEngine } from './engine-choice.ts';
import { openThread } from './engine-thread.ts';
import { gatherModel, identityModel, slowModel } from './testing.ts';

const shape = (side: number) => ({
  shape: { type: 'int64', dims: [2], data: BigInt64Array.of(BigInt(side), BigInt(side)) },
});

test('a small file that turns out slow is moved to a thread, and the event loop is free again', async () => {
  const engine = await openEngine(slowModel(), 200, 1);
  const longestPauseMs = async () => {
    let longest = 0;
    let running = true;
    const run = engine.run(shape(2400), ['total']).finally(() => {
      running = false;
    });
    for (let last = performance.now(); running; ) {
      await sleep(1);
      longest = Math.max(longest, performance.now() - last);
      last = performance.now();
    }
    assert.equal((await run).total?.data[0], 0);
    return longest;
  };
  const before = await longestPauseMs();
  let after = before;
  for (let i = 0; i < 50 && after > before / 2; i++) after = await longestPauseMs();
  assert.ok(after <= before / 2, `the loop still stands for ${after} ms, at first ${before} ms`);
  await engine.close();
});

test('calls that run while a model moves are all answered', async () => {
  const engine = await openEngine(slowModel(), 200, 1);
  const results = [];
  for (let i = 0; i < 12; i++) {
    results.push(engine.run(shape(1400), ['total']));
    await sleep(20);
  }
  for (const result of await Promise.all(results)) assert.equal(result.total?.data[0], 0);
  await engine.close();
});

test('a thread carries every kind of value, half floats too, and errors', async () => {
  const half = await openThread(identityModel(10), 1);
  const type = 'float16';
  const { Float16Array } = globalThis as unknown as {
    Float16Array: { of(...values: number[]): Float32Array };
  };
  const { y } = await half.run({ x: { type, dims: [2], data: Float16Array.of(0.5, -2) } }, ['y']);
  assert.equal(y?.data.join(','), '0.5,-2');
  await half.close();
  const text = await openThread(identityModel(8), 1);
  const strings = await text.run({ x: { type: 'string', dims: [1], data: ['süd'] } }, ['y']);
  assert.deepEqual(strings.y?.data, ['süd']);
  await text.close();
  const gather = await openThread(gatherModel(), 1);
  const index = { type: 'int64', dims: [1], data: BigInt64Array.of(9n) };
  await assert.rejects(gather.run({ index }, ['row']), /out of data bounds/);
  await gather.close();
  await assert.rejects(gather.run({ index }, ['row']), /has ended/);
});

test('a model that a thread cannot load is refused with the reason', async () => {
  await assert.rejects(openThread(Uint8Array.of(1, 2, 3), 1), /protobuf|failed|model/i);
});
