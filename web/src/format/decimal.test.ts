import assert from 'node:assert/strict';
import { test } from 'node:test';
import { decimalText, parseDecimal, plus, roundHalfEven, times } from './decimal.ts';

const decimal = (text: string) => {
  const parsed = parseDecimal(text);
  assert.ok(parsed, `${text} is a decimal`);
  return parsed;
};

test('a price times a count is exact where floats are not', () => {
  assert.equal(decimalText(times(decimal('0.1'), 3)), '0.3');
  assert.equal(decimalText(times(decimal('0.00000001'), 9_007_199_254_740_991)), '90071992.54740991');
});

test('adding keeps every digit of both', () => {
  assert.equal(decimalText(plus(decimal('1.5'), decimal('0.00025'))), '1.50025');
  assert.equal(decimalText(plus(decimal('-1'), decimal('0.5'))), '-0.5');
});

test('an amount in the middle goes to the even neighbour', () => {
  const round = (text: string) => decimalText(roundHalfEven(decimal(text), 2));
  assert.equal(round('0.125'), '0.12');
  assert.equal(round('0.135'), '0.14');
  assert.equal(round('0.1250001'), '0.13');
  assert.equal(round('-0.125'), '-0.12');
  assert.equal(round('7'), '7.00');
});

test('what is not a decimal is not guessed at', () => {
  for (const text of ['', '1,5', '1e3', 'abc', '1.', '.5', '--1'])
    assert.equal(parseDecimal(text), null, text);
});
