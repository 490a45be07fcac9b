import assert from 'node:assert/strict';
import { test } from 'node:test';
import { diffWords } from './diff-words.ts';

const changed = (spans: { text: string; changed: boolean }[]) =>
  spans.filter((s) => s.changed).map((s) => s.text);
const whole = (spans: { text: string }[]) => spans.map((s) => s.text).join('');

test('only the words that differ are marked', () => {
  const { before, after } = diffWords('Names the species of an iris', 'Names each species of an iris');
  assert.deepEqual(changed(before), ['the']);
  assert.deepEqual(changed(after), ['each']);
});

test('both sides keep their text to the letter', () => {
  const a = 'one  two\nthree';
  const b = 'two\nthree four';
  const result = diffWords(a, b);
  assert.equal(whole(result.before), a);
  assert.equal(whole(result.after), b);
});

test('texts too long to compare are marked whole', () => {
  const long = 'word '.repeat(2000);
  assert.deepEqual(diffWords(long, 'x').before, [{ text: long, changed: true }]);
});
