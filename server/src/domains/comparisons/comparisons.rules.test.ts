import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ComparedAnswer } from '@souk/contract';
import { bytesOf, compared, differencesMax, differencesOf, summaryOf, textOf } from './comparisons.rules.ts';

const answer = (body: string, more: Partial<ComparedAnswer> = {}): ComparedAnswer => ({
  version: '1.0.0',
  status: 200,
  contentType: 'application/json',
  body,
  encoding: 'text',
  durationMs: 1,
  recorded: false,
  ...more,
});
const at = (before: string, after: string, tolerance = 1e-6) =>
  differencesOf(answer(before), answer(after), tolerance).map((d) => `${d.at}: ${d.before} ${d.after}`);

test('JSON is compared by value, whatever its order and spaces, and a difference is pointed at', () => {
  assert.deepEqual(at('{"a": 1, "b": [1, 2]}', '{"b":[1,2],"a":1.0}'), []);
  assert.deepEqual(at('{"a":{"x/y":1}}', '{"a":{"x/y":2}}'), ['/a/x~1y: 1 2']);
  assert.deepEqual(at('{"a":[1,2]}', '{"a":[1,2,3],"b":null}'), ['/a/2: null 3', '/b: null null']);
  assert.deepEqual(at('"setosa"', '"virginica"'), ['/: setosa virginica']);
  assert.deepEqual(at('[1]', '{"0":1}'), ['/: [1] {"0":1}']);
});

test('numbers are the same within the tolerance, relative to the larger one, and no further', () => {
  assert.deepEqual(at('[0.1234567]', '[0.1234575]', 1e-6), []);
  assert.deepEqual(at('[0.1234567]', '[0.1234587]', 1e-6), ['/0: 0.1234567 0.1234587']);
  assert.deepEqual(at('[1000000]', '[1000001]', 1e-6), []);
  assert.deepEqual(at('[1000000]', '[1000002]', 1e-6), ['/0: 1000000 1000002']);
  assert.deepEqual(at('[1]', '[1.0000001]', 0), ['/0: 1 1.0000001']);
  assert.deepEqual(at('[1]', '["1"]'), ['/0: 1 1']);
});

test('CSV is compared by cell, JSON Lines by value, and lines that are missing are told', () => {
  assert.deepEqual(at('setosa,0.9\nvirginica,0.8\n', 'setosa,0.90000001\r\nversicolor,0.8'), [
    'line 2, column 1: virginica versicolor',
  ]);
  assert.deepEqual(at('{"a":1}\n{"a":2}', '{"a":1}\n{"a":3}'), ['line 2/a: 2 3']);
  assert.deepEqual(at('a\nb', 'a'), ['line 2: b null']);
});

test('another status and another content type are differences too; bytes are compared as a whole', () => {
  const other = answer('x', { status: 400, contentType: 'text/plain; charset=utf-8' });
  assert.deepEqual(
    differencesOf(answer('x'), other, 0).map((d) => d.at),
    ['status', 'content type'],
  );
  assert.deepEqual(
    differencesOf(answer('x', { contentType: 'text/plain' }), { ...other, status: 200 }, 0),
    [],
  );
  const bytes = answer('AAA=', { encoding: 'base64' });
  assert.deepEqual(differencesOf(bytes, { ...bytes }, 0), []);
  assert.equal(differencesOf(bytes, { ...bytes, body: 'AAB=' }, 0)[0]?.at, 'body');
});

test('a long list of differences is cut and says by how much; without an answer nothing is claimed', () => {
  const rows = (add: number) => JSON.stringify(Array.from({ length: 80 }, (_, i) => i + add));
  const sample = { number: 1, contentType: 'text/csv', body: '', encoding: 'text' } as const;
  const cut = compared(sample, answer(rows(0)), answer(rows(1)), 0);
  assert.deepEqual(
    [cut.differences.length, cut.moreDifferences, cut.outcome],
    [differencesMax, 30, 'different'],
  );
  const unknown = compared(sample, null, answer('1'), 0);
  assert.deepEqual([unknown.outcome, unknown.differences], ['unknown', []]);
  const summary = summaryOf([
    cut,
    unknown,
    compared(sample, answer('1', { durationMs: 50, recorded: true }), answer('1', { durationMs: 3 }), 0),
  ]);
  assert.deepEqual(summary, {
    samples: 3,
    same: 1,
    different: 1,
    unknown: 1,
    medianBeforeMs: 1,
    medianAfterMs: 1,
  });
});

test('any bytes come back as they were', () => {
  for (const bytes of [Buffer.from('a,ä\n'), Buffer.from([0xff, 0, 1]), Buffer.from('\ufeffa')]) {
    const { body, encoding } = textOf(bytes);
    assert.deepEqual(bytesOf(body, encoding), bytes);
  }
});
