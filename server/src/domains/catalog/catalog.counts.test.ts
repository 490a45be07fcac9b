import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type Counts, facetValues, newCountsCache, together } from './catalog.counts.ts';

const counts = (total: number): Counts => ({
  total,
  groups: [
    { facets: ['type:algorithm', 'category:Text', 'category:Audio'], publisher: null, count: 2 },
    { facets: ['type:algorithm', 'category:Text'], publisher: null, count: 3 },
    { facets: null, publisher: 'botany', count: 5 },
  ],
});

test('values of a facet are added up over all groups, most frequent first', () => {
  assert.deepEqual(facetValues('category', counts(5)), [
    { value: 'Text', count: 5 },
    { value: 'Audio', count: 2 },
  ]);
  assert.deepEqual(facetValues('publisher', together(counts(5), counts(5))), [
    { value: 'botany', count: 10 },
  ]);
  assert.deepEqual(facetValues('contentType', counts(5)), []);
});

test('counts are made once for many who ask at once, and again after something was drawn', async () => {
  let made = 0;
  const cache = newCountsCache(() => 0);
  const count = async () => counts(++made);
  const both = await Promise.all([cache.get('q', count), cache.get('q', count)]);
  assert.deepEqual(
    both.map((c) => c.total),
    [1, 1],
  );
  assert.equal((await cache.get('q', count)).total, 1);
  cache.expire();
  assert.equal((await cache.get('q', count)).total, 2);
});

test('counts that were cheap are made again after some seconds', async () => {
  let [now, made] = [0, 0];
  const cache = newCountsCache(() => now);
  const count = async () => counts(++made);
  await cache.get('q', count);
  now = 10_001;
  assert.equal((await cache.get('q', count)).total, 2);
});

test('dear counts are made again beside the answer, never before it', async () => {
  let [now, made] = [0, 0];
  const cache = newCountsCache(() => now);
  const slow = () => new Promise<Counts>((resolve) => setTimeout(() => resolve(counts(++made)), 40));
  assert.equal((await cache.get('q', slow)).total, 1);
  now = 60_001;
  assert.equal((await cache.get('q', slow)).total, 1);
  for (let i = 0; made < 2 && i < 200; i++) await new Promise((resolve) => setTimeout(resolve, 10));
  await new Promise((resolve) => setImmediate(resolve));
  assert.equal((await cache.get('q', slow)).total, 2);
});

test('a count that failed is not kept', async () => {
  const cache = newCountsCache(() => 0);
  await assert.rejects(cache.get('q', () => Promise.reject(new Error('away'))));
  assert.equal((await cache.get('q', async () => counts(7))).total, 7);
});
