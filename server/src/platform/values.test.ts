import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Decimal } from 'decimal.js';
import { canonicalJson, canonicalSha256 } from './canonical-json.ts';
import { fill, SoukError } from './errors.ts';
import { newAccountId, newId, newToken } from './ids.ts';
import { amountOf, minorUnits } from './money.ts';

test('the same document has the same JSON and digest, however it was put together', () => {
  const one = { b: [1, { z: null, a: 'x' }], a: { d: undefined, c: true } };
  const two = { a: { c: true }, b: [1, { a: 'x', z: null }] };
  assert.equal(canonicalJson(one), '{"a":{"c":true},"b":[1,{"a":"x","z":null}]}');
  assert.equal(canonicalJson(two), canonicalJson(one));
  assert.equal(canonicalSha256(one), createHash('sha256').update(canonicalJson(one)).digest('hex'));
  assert.notEqual(canonicalSha256([1, 2]), canonicalSha256([2, 1]));
});

test('canonical JSON is what JSON.parse reads back, with keys in the order of their code units', () => {
  const odd = { é: 1, e: 2, '\u{1f600}': 3, '\ufb33': 4, '': 5, '"\\\n': [undefined, 1.5e300, -0, ''] };
  const text = canonicalJson(odd);
  assert.deepEqual(JSON.parse(text), { ...odd, '"\\\n': [null, 1.5e300, 0, ''] });
  // RFC 8785: code units, so the emoji (a surrogate) comes before U+FB33.
  assert.deepEqual(Object.keys(JSON.parse(text) as object), ['', '"\\\n', 'e', 'é', '\u{1f600}', '\ufb33']);
  for (const value of [null, true, 0, 'x', [], {}]) assert.equal(canonicalJson(value), JSON.stringify(value));
  assert.equal(canonicalJson(undefined), 'null');
});

test('ids say their kind, sort by time, and do not repeat', async () => {
  const ids = Array.from({ length: 5000 }, () => newId('prd'));
  assert.equal(new Set(ids).size, ids.length);
  for (const id of ids) assert.match(id, /^prd_[0-9a-z]{20}$/);
  await new Promise((resolve) => setTimeout(resolve, 3));
  const later = newId('prd');
  assert.ok(ids.every((id) => id < later));
});

test('account ids have twelve digits, do not begin with zero, and use the whole range', () => {
  const ids = Array.from({ length: 2000 }, newAccountId);
  for (const id of ids) assert.match(id, /^[1-9][0-9]{11}$/);
  assert.equal(new Set(ids).size, ids.length);
  assert.equal(new Set(ids.map((id) => id[0])).size, 9);
  assert.match(newToken(), /^[\w-]{43}$/);
});

test('an amount is exact before its one rounding, half to even, in the currency’s own unit', () => {
  const random = (n: number) => Math.floor(Math.random() * n);
  for (let i = 0; i < 2000; i++) {
    const quantity = random(2 ** (1 + random(50)));
    const price = `${random(1000)}.${String(random(1e8)).padStart(8, '0')}`;
    const currency = ['USD', 'JPY', 'KWD'][random(3)] ?? 'USD';
    const digits = { USD: 2, JPY: 0, KWD: 3 }[currency] ?? 2;
    // In integers: price in 1e-8 units, then rounded by hand.
    const exact = BigInt(quantity) * BigInt(price.replace('.', ''));
    const unit = 10n ** BigInt(8 - digits);
    const [whole, rest] = [exact / unit, exact % unit];
    const up = rest * 2n > unit || (rest * 2n === unit && whole % 2n === 1n);
    const minor = (whole + (up ? 1n : 0n)).toString().padStart(digits + 1, '0');
    const expected = digits === 0 ? minor : `${minor.slice(0, -digits)}.${minor.slice(-digits)}`;
    assert.equal(amountOf(quantity, price, currency), expected, `${quantity} x ${price} ${currency}`);
    assert.equal(minorUnits(currency), digits);
  }
  assert.equal(amountOf(0, '1', 'USD'), '0.00');
  assert.equal(new Decimal('0.1').plus('0.2').toString(), '0.3');
});

test('a declared error speaks with its parameters, and what was not given stays visible', () => {
  const error = new SoukError('product.slug_taken', { slug: 'iris' });
  assert.match(error.message, /iris/);
  assert.equal(error.status, 409);
  assert.equal(fill('{a} and {b}, {a}', { a: 1 }), '1 and {b}, 1');
  assert.equal(fill('{toString}', {}), '{toString}');
});
