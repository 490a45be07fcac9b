import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProductDocument } from '@souk/contract';
import { diffDocuments } from './products.diff.ts';

const version = (number: string, releaseNotes = 'First.') => ({ number, releaseNotes });
const shown = (before: ProductDocument, after: ProductDocument) =>
  diffDocuments(before, after).map((c) => `${c.kind} ${c.pointer}`);

test('equal documents differ in nothing, whatever the order of their fields', () => {
  assert.deepEqual(
    diffDocuments(
      { listing: { title: 'a', sku: 'b' }, regions: { mode: 'all' } },
      { regions: { mode: 'all' }, listing: { sku: 'b', title: 'a' } },
    ),
    [],
  );
});

test('fields that were added, removed and edited are told with their values', () => {
  const before: ProductDocument = { listing: { title: 'a', sku: 'x' }, promotion: { keywords: ['k'] } };
  const after: ProductDocument = { listing: { title: 'b' }, promotion: { keywords: ['k', 'l'] } };
  assert.deepEqual(diffDocuments(before, after), [
    { pointer: '/listing/title', place: 'Listing › Title', kind: 'edited', before: 'a', after: 'b' },
    { pointer: '/listing/sku', place: 'Listing › SKU', kind: 'removed', before: 'x' },
    {
      pointer: '/promotion/keywords/1',
      place: 'Promotion › Keywords › Keyword 2',
      kind: 'added',
      after: 'l',
    },
  ]);
});

test('a version inserted at the top is one addition, not a change of all', () => {
  const before = { versions: [version('1.0.0'), version('1.1.0')] };
  const after = { versions: [version('2.0.0'), version('1.0.0'), version('1.1.0', 'Better.')] };
  assert.deepEqual(shown(before, after), ['added /versions/0', 'edited /versions/2/releaseNotes']);
});

test('what was removed is told where it stood before', () => {
  const before = { plans: [{ id: 'a' }, { id: 'b' }, { id: 'c' }] };
  assert.deepEqual(shown(before, { plans: [{ id: 'c' }] }), ['removed /plans/0', 'removed /plans/1']);
});

test('another order alone is a change too', () => {
  const [a, b] = [version('1.0.0'), version('2.0.0')];
  assert.deepEqual(diffDocuments({ versions: [a, b] }, { versions: [b, a] }), [
    {
      pointer: '/versions',
      place: 'Versions',
      kind: 'edited',
      before: ['1.0.0', '2.0.0'],
      after: ['2.0.0', '1.0.0'],
    },
  ]);
});

test('versions without a number, or with one that is taken, are not lost', () => {
  const before = { versions: [version('1.0.0'), version('1.0.0', 'Twice.'), { releaseNotes: 'None.' }] };
  assert.deepEqual(diffDocuments(before, before), []);
  assert.deepEqual(shown(before, { versions: [version('1.0.0')] }), [
    'removed /versions/1',
    'removed /versions/2',
  ]);
});

test('a first submission adds whole sections', () => {
  assert.deepEqual(shown({}, { listing: { title: 'a' }, plans: [{ id: 'free' }] }), [
    'added /listing',
    'added /plans',
  ]);
});
