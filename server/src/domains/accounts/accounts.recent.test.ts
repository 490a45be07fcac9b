import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newRecent } from './accounts.recent.ts';

function counted() {
  let now = 0;
  let loads = 0;
  const recent = newRecent<number>(1000, 3, () => now);
  return {
    recent,
    get: (key = 'a') => recent.get(key, async () => ++loads),
    pass: (ms: number) => {
      now += ms;
    },
  };
}

test('what was read is believed for its time and not a moment longer', async () => {
  const { get, pass } = counted();
  assert.deepEqual(await Promise.all([get(), get()]), [1, 1]);
  pass(999);
  assert.equal(await get(), 1);
  pass(1);
  assert.equal(await get(), 2);
});

test('after a change nothing old is believed, not even what was being read meanwhile', async () => {
  const { recent, get } = counted();
  let answer: (n: number) => void = () => {};
  const slow = recent.get(
    'a',
    () =>
      new Promise((done) => {
        answer = done;
      }),
  );
  recent.clear();
  answer(99);
  assert.equal(await slow, 99);
  assert.equal(await get(), 1);
});

test('a failure is not remembered', async () => {
  const { recent, get } = counted();
  await assert.rejects(recent.get('a', async () => assert.fail('away')));
  assert.equal(await get(), 1);
});

test('it never holds more than its bound', async () => {
  const { get } = counted();
  for (const key of ['a', 'b', 'c', 'd']) await get(key);
  assert.equal(await get('a'), 5, 'the first was forgotten');
});
