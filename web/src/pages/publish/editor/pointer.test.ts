import assert from 'node:assert/strict';
import { test } from 'node:test';
import { valueAt } from './pointer.ts';

test('a pointer finds fields, list items and names with slashes and tildes', () => {
  const document = { listing: { highlights: ['a', 'b'] }, 'x/y~z': 1 };
  assert.equal(valueAt(document, '/listing/highlights/1'), 'b');
  assert.equal(valueAt(document, '/x~1y~0z'), 1);
  assert.equal(valueAt(document, ''), document);
});

test('a pointer to nothing is no error', () => {
  assert.equal(valueAt({ listing: 'text' }, '/listing/title'), undefined);
  assert.equal(valueAt({}, '/versions/0/number'), undefined);
});
