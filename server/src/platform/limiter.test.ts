import assert from 'node:assert/strict';
import { test } from 'node:test';
import { networkOf, newLimiter } from './limiter.ts';

const limit = { name: 'sign-in', attempts: 3, periodMs: 60_000 };

test('the attempt after the last is refused and says how long to wait', () => {
  let now = 1_000_000;
  const limiter = newLimiter(() => now);
  assert.deepEqual(
    [1, 2, 3].map(() => limiter.take(limit, 'a')),
    [0, 0, 0],
  );
  assert.equal(limiter.take(limit, 'a'), 20);
  now += 20_000;
  assert.equal(limiter.take(limit, 'a'), 0, 'a third of the period gives one attempt back');
  assert.equal(limiter.take(limit, 'a'), 20);
});

test('a refused attempt is not counted, so that waiting as told is enough', () => {
  let now = 1_000_000;
  const limiter = newLimiter(() => now);
  for (let i = 0; i < 50; i++) limiter.take(limit, 'a');
  now += 20_000;
  assert.equal(limiter.take(limit, 'a'), 0);
});

test('one name does not spend the attempts of another, nor one limit those of another', () => {
  const limiter = newLimiter(() => 1_000_000);
  for (let i = 0; i < 4; i++) limiter.take(limit, 'a');
  assert.equal(limiter.take(limit, 'b'), 0);
  assert.equal(limiter.take({ ...limit, name: 'sign-up' }, 'a'), 0);
});

test('an attempt that is given back does not count', () => {
  const limiter = newLimiter(() => 1_000_000);
  for (let i = 0; i < 100; i++) {
    assert.equal(limiter.take(limit, 'a'), 0);
    limiter.giveBack(limit, 'a');
  }
});

test('a flood of other names does not make the limiter forget', () => {
  const limiter = newLimiter(() => 1_000_000);
  for (let i = 0; i < 4; i++) limiter.take(limit, 'victim');
  for (let i = 0; i < 200_000; i++) limiter.take(limit, `flood-${i}`);
  assert.ok(limiter.take(limit, 'victim') > 0);
});

test('addresses of one IPv6 /64 count as one, IPv4 addresses as themselves', () => {
  assert.equal(networkOf('2001:db8:0:1::1'), networkOf('2001:db8::1:ffff:1:2:3'));
  assert.notEqual(networkOf('2001:db8:0:1::1'), networkOf('2001:db8:0:2::1'));
  assert.equal(networkOf('192.0.2.7'), '192.0.2.7');
  assert.equal(networkOf('::ffff:192.0.2.7'), '::ffff:192.0.2.7');
  assert.equal(networkOf('::1'), '0:0:0:0::/64');
});
