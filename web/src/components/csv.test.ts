import assert from 'node:assert/strict';
import { test } from 'node:test';
import { toCsv } from './csv.ts';

test('quotes, commas and line breaks stay inside their cell', () => {
  assert.equal(toCsv([['a,b', 'say "x"', 'two\nlines']]), '"a,b","say ""x""","two\nlines"');
});

test('text that a spreadsheet would run as a formula is disarmed, numbers stay numbers', () => {
  assert.equal(
    toCsv([['=HYPERLINK("x")', '+49', '@cmd', -5, '-0.002']]),
    `"'=HYPERLINK(""x"")",+49,'@cmd,-5,-0.002`.replace(',+49', ",'+49"),
  );
});

test('what is absent is an empty cell', () => {
  assert.equal(toCsv([[null, undefined, 0, '']]), ',,0,');
});
