import assert from 'node:assert/strict';
import { test } from 'node:test';
import { wordSpans } from './words.ts';

const marked = (spans: readonly { text: string; changed: boolean }[]) =>
  spans.map((s) => (s.changed ? `[${s.text}]` : s.text)).join('');

test('only the words that differ are marked, and nothing is lost', () => {
  const { before, after } = wordSpans('Tells three species of iris', 'Tells all species of iris apart');
  assert.equal(marked(before), 'Tells [three] species of iris');
  assert.equal(marked(after), 'Tells [all] species of iris[ ][apart]');
  assert.equal(marked(wordSpans('', 'new').after), '[new]');
  assert.equal(marked(wordSpans('same', 'same').before), 'same');
});
