import assert from 'node:assert/strict';
import { test } from 'node:test';
import { styleFor } from './style.ts';
import { type Column, cut, table } from './table.ts';

const plain = styleFor({}, {});
interface Row {
  readonly name: string;
  readonly size: number;
  readonly note: string;
}
const columns: readonly Column<Row>[] = [
  { title: 'NAME', value: (r) => r.name },
  { title: 'SIZE', value: (r) => r.size, align: 'right' },
  { title: 'NOTE', value: (r) => r.note, flexible: true, optional: true },
];
const rows: readonly Row[] = [
  { name: 'iris', size: 499, note: 'small' },
  { name: '花の種類', size: 12_000, note: 'wide characters count twice' },
];

test('columns line up, also under wide characters, and no line ends in blanks', () => {
  assert.deepEqual(table(rows, columns, plain, undefined), [
    'NAME       SIZE  NOTE',
    'iris        499  small',
    '花の種類  12000  wide characters count twice',
  ]);
});

test('a narrow terminal cuts the flexible column, and then leaves it out', () => {
  assert.deepEqual(table(rows, columns, plain, 30), [
    'NAME       SIZE  NOTE',
    'iris        499  small',
    '花の種類  12000  wide charact…',
  ]);
  assert.deepEqual(table(rows, columns, plain, 20), [
    'NAME       SIZE',
    'iris        499',
    '花の種類  12000',
  ]);
});

test('a pipe is given everything, whatever the width', () => {
  const long = [{ name: 'x', size: 1, note: 'n'.repeat(500) }];
  assert.equal(table(long, columns, plain, undefined)[1], `x        1  ${'n'.repeat(500)}`);
});

test('what others wrote cannot move the cursor or break the line', () => {
  const [, line] = table([{ name: 'a\u001b[2Jb\nc', size: 1, note: '' }], columns, plain, undefined);
  assert.equal(line, 'a [2Jb c     1');
});

test('a cut text has the width asked for, with an ellipsis, and never half a character', () => {
  assert.equal(cut('abcdef', 4), 'abc…');
  assert.equal(cut('👩‍🔬👩‍🔬👩‍🔬', 5), '👩‍🔬👩‍🔬…');
  assert.equal(cut('abc', 3), 'abc');
});

test('colour appears on a terminal only, and never against NO_COLOR', () => {
  const terminal = { isTTY: true };
  assert.notEqual(styleFor(terminal, {})('red', 'x'), 'x');
  assert.equal(styleFor(terminal, { NO_COLOR: '1' })('red', 'x'), 'x');
  assert.equal(styleFor({}, {})('red', 'x'), 'x');
  assert.notEqual(styleFor({}, { FORCE_COLOR: '1' })('red', 'x'), 'x');
});
