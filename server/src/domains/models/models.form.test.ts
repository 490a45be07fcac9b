import assert from 'node:assert/strict';
import { test } from 'node:test';
import { compareForm } from './models.rules.ts';

const json = 'application/json';
const compareJson = (expected: unknown, actual: unknown) =>
  compareForm(
    { contentType: json, body: JSON.stringify(expected) },
    { contentType: json, body: JSON.stringify(actual) },
  );
const compareCsv = (expected: string, actual: string) =>
  compareForm({ contentType: 'text/csv', body: expected }, { contentType: 'text/csv', body: actual });
const codes = (findings: ReturnType<typeof compareForm>) => findings.map((f) => f.code);

test('numbers may differ, their form may not', () => {
  assert.deepEqual(compareJson({ label: ['a'], p: [[0.1, 0.9]] }, { label: ['b'], p: [[1, 0]] }), []);
  assert.deepEqual(codes(compareJson({ p: [0.1] }, { p: ['0.1'] })), ['validation.type']);
  assert.deepEqual(codes(compareJson({ p: 0.1 }, { p: [0.1] })), ['validation.type']);
  assert.deepEqual(codes(compareJson({ p: true }, { p: 1 })), ['validation.type']);
  assert.deepEqual(codes(compareJson([1], { 0: 1 })), ['validation.type']);
});

test('a missing key is an error, one that the example does not show a warning', () => {
  const findings = compareJson({ a: 1, b: { c: 2 } }, { b: {}, d: 3 });
  assert.deepEqual(
    findings.map((f) => [f.code, f.severity]),
    [
      ['validation.field_missing', 'error'],
      ['validation.field_unexpected', 'warning'],
      ['validation.field_missing', 'error'],
    ],
  );
  assert.match(findings[0]?.message ?? '', /The field \/a is missing/);
  assert.match(findings[2]?.message ?? '', /The field \/b\/c is missing/);
});

test('lengths must be those of the example, because both answer the same input', () => {
  const [finding] = compareJson(
    {
      p: [
        [1, 2],
        [3, 4],
      ],
    },
    { p: [[1, 2]] },
  );
  assert.equal(finding?.code, 'validation.length');
  assert.match(finding?.message ?? '', /At \/p the model answers 1 element; 2 are expected/);
  assert.deepEqual(codes(compareJson([], [1])), ['validation.length']);
});

test('what is wrong in every row is said once, with how often', () => {
  const rows = (value: unknown) => Array.from({ length: 1000 }, () => ({ score: value }));
  const findings = compareJson(rows(1), rows('x'));
  assert.equal(findings.length, 1);
  assert.match(findings[0]?.message ?? '', /At \/0\/score .* 999 more places/);
});

test('null in the example allows anything, null in the answer is not a number', () => {
  assert.deepEqual(compareJson({ a: null }, { a: [1] }), []);
  assert.deepEqual(codes(compareJson({ a: 1 }, { a: null })), ['validation.type']);
});

test('names that JavaScript objects inherit are not taken for fields', () => {
  assert.deepEqual(codes(compareJson({ toString: 'x' }, {})), ['validation.field_missing']);
});

test('an answer that is not what it says, and an example that is not, are told apart', () => {
  const answer = (expected: string, actual: string) =>
    codes(compareForm({ contentType: json, body: expected }, { contentType: json, body: actual }));
  assert.deepEqual(answer('{}', 'oops'), ['validation.unreadable']);
  assert.deepEqual(answer('oops', '{}'), ['validation.expected_unreadable']);
  assert.deepEqual(codes(compareForm({ contentType: json }, { contentType: json, body: 'oops' })), [
    'validation.unreadable',
  ]);
  assert.deepEqual(compareForm({ contentType: json }, { contentType: json, body: '[1]' }), []);
});

test('the content type must be the expected one, whatever its parameters', () => {
  assert.deepEqual(codes(compareForm({ contentType: json }, { contentType: 'text/csv', body: '1' })), [
    'validation.content_type',
  ]);
  assert.deepEqual(
    compareForm({ contentType: json }, { contentType: `${json}; charset=utf-8`, body: '1' }),
    [],
  );
});

test('CSV: rows, columns and the type of each cell', () => {
  assert.deepEqual(
    compareCsv('setosa,0.99,0\nvirginica,1e-5,1\n', 'virginica,0.5,-3.2e+4\r\nsetosa,.1,NaN'),
    [],
  );
  assert.deepEqual(codes(compareCsv('1\n2\n', '1\n')), ['validation.rows']);
  assert.deepEqual(codes(compareCsv('1,2\n', '1,2,3\n')), ['validation.columns']);
  assert.deepEqual(codes(compareCsv('setosa,1\n', '0,1\n')), ['validation.type']);
  assert.deepEqual(codes(compareCsv('1\n', 'one\n')), ['validation.type']);
  assert.deepEqual(codes(compareCsv('true\n', '1\n')), ['validation.type']);
});

test('CSV: commas, quotes and line breaks inside quotes are content', () => {
  assert.deepEqual(compareCsv('"a,b",1\n"say ""hi""",2\n', 'x,3\n"line\nbreak",4\n'), []);
  assert.deepEqual(compareCsv(',1\n', 'anything,1\n'), []);
});

test('other content types need an answer where the example has one', () => {
  const text = { contentType: 'text/plain', body: 'hello' };
  assert.deepEqual(compareForm(text, text), []);
  assert.deepEqual(codes(compareForm(text, { ...text, body: '' })), ['validation.empty']);
});

test('a flood of differences is cut', () => {
  const wide = (value: unknown) =>
    Object.fromEntries(Array.from({ length: 500 }, (_, i) => [`k${i}`, value]));
  assert.equal(compareJson(wide(1), wide('x')).length, 20);
});
