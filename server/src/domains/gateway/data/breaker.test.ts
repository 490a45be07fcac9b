import assert from 'node:assert/strict';
import { test } from 'node:test';
import { newBreaker } from './breaker.ts';

test('five failures in a row let a service rest; one call then tells whether it works again', () => {
  let now = 0;
  const breaker = newBreaker(() => now);
  for (let i = 0; i < 4; i++) breaker.failed('a');
  breaker.succeeded('a');
  for (let i = 0; i < 5; i++) {
    assert.equal(breaker.enter('a'), undefined);
    breaker.failed('a');
  }
  assert.deepEqual(breaker.enter('a'), { failures: 5, seconds: 10 });
  assert.deepEqual(breaker.rest('a'), { failures: 5, seconds: 10 });
  assert.equal(breaker.enter('b'), undefined);
  now = 10_000;
  assert.equal(breaker.rest('a'), undefined, 'who only looks is no probe');
  assert.equal(breaker.enter('a'), undefined, 'the probe');
  assert.deepEqual(breaker.enter('a'), { failures: 5, seconds: 1 }, 'one probe at a time');
  breaker.failed('a');
  assert.deepEqual(breaker.enter('a'), { failures: 6, seconds: 20 }, 'twice as long');
  now = 30_000;
  assert.equal(breaker.enter('a'), undefined);
  breaker.unknown('a');
  assert.equal(breaker.enter('a'), undefined, 'a probe whose caller left is made again');
  breaker.succeeded('a');
  assert.equal(breaker.resting(), 0);
  assert.equal(breaker.enter('a'), undefined);
});

test('a rest is never longer than a minute', () => {
  let now = 0;
  const breaker = newBreaker(() => now);
  for (let i = 0; i < 20; i++) {
    now += 100_000;
    breaker.enter('a');
    breaker.failed('a');
  }
  assert.deepEqual(breaker.enter('a'), { failures: 20, seconds: 60 });
});
