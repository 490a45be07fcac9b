import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Plan } from '@souk/contract';
import { documentOf, freePlan, usagePlan, version } from '../../../test/catalog.ts';
import { latestVersion, priceOf, projectEntry, ratingScore } from './catalog.projection.ts';
import type { ShownProduct } from './catalog.ts';

const given = {
  accountId: '1',
  publisher: 'botany',
  slug: 'iris',
  title: 'Iris classifier',
  keywords: ['flowers'],
} as const;
const shown = (more: Partial<Parameters<typeof documentOf>[0]> = {}): ShownProduct => ({
  productId: 'prd_1',
  revisionId: 'rev_1',
  publisher: 'botany',
  publisherName: 'Botany Lab',
  slug: 'iris',
  type: 'model-package',
  document: documentOf({ ...given, ...more }),
  publishedAt: new Date('2026-11-01T00:00:00Z'),
  versions: [],
  aside: [],
  rated: null,
});

test('the latest version is the last that new buyers can choose, whoever set the others aside', () => {
  const versions = [version('1.0.0'), version('2.0.0'), version('3.0.0', { state: 'restricted' })];
  assert.equal(latestVersion(versions), '2.0.0');
  assert.equal(latestVersion(versions, ['2.0.0']), '1.0.0');
  assert.equal(latestVersion(versions, ['*']), undefined);
  assert.equal(latestVersion(versions, ['1.0.0', '2.0.0']), undefined);
});

test('a price in a line says the cheapest, and that there is a free plan', () => {
  const dear: Plan = {
    id: 'dear',
    currency: 'EUR',
    parts: [{ kind: 'usage', dimension: 'inference.count', pricePerUnit: '0.10' }],
  };
  assert.deepEqual(priceOf([freePlan]), { priceKind: 'free', priceText: 'Free' });
  assert.deepEqual(priceOf([usagePlan]), { priceKind: 'usage', priceText: '0.002 USD per inference' });
  assert.deepEqual(priceOf([dear, usagePlan]), {
    priceKind: 'usage',
    priceText: 'From 0.002 USD per inference',
  });
  assert.deepEqual(priceOf([dear, freePlan]), {
    priceKind: 'free',
    priceText: 'Free, or from 0.10 EUR per inference',
  });
  assert.equal(
    priceOf([{ id: 'nothing', parts: [{ kind: 'usage', dimension: 'tokens', pricePerUnit: '0.000' }] }])
      .priceText,
    'Free',
  );
});

test('the latest version is the last that is listed', () => {
  assert.equal(
    latestVersion([version('1.9.0'), version('1.10.0'), version('2.0.0', { state: 'restricted' })]),
    '1.10.0',
  );
  assert.equal(latestVersion([]), undefined);
});

test('an entry is private unless the document says public', () => {
  assert.equal(projectEntry(shown()).private, false);
  assert.equal(projectEntry(shown({ visibility: 'private' })).private, true);
  const silent = shown();
  assert.equal(projectEntry({ ...silent, document: {} }).private, true);
});

test('an entry can be filtered by what it is counted by, its publisher and its regions', () => {
  const entry = projectEntry(shown({ region: 'souk-north-1', plans: [usagePlan] }));
  for (const facet of entry.facets) assert.ok(entry.filters.includes(facet));
  assert.ok(entry.filters.includes('publisher:botany'));
  assert.ok(entry.filters.includes('region:souk-north-1'));
  assert.ok(projectEntry(shown()).filters.includes('region:*'));
});

test('the same product gives the same entry', () => {
  assert.deepEqual(projectEntry(shown()), projectEntry(shown()));
});

test('a rating is the plain mean to people, a step to the facets, and an order that one enthusiast does not lead', () => {
  const one = { ...shown(), rated: { reviews: 1, points: 5 } };
  assert.deepEqual(projectEntry(one).item.rating, { count: 1, average: 5 });
  const many = { ...shown(), rated: { reviews: 20, points: 87 } };
  assert.deepEqual(projectEntry(many).item.rating, { count: 20, average: 4.4 });
  assert.ok(ratingScore(many.rated) > ratingScore(one.rated));
  assert.deepEqual(
    projectEntry(many).facets.filter((f) => f.startsWith('rating:')),
    ['rating:1', 'rating:2', 'rating:3', 'rating:4'],
  );
  // 3.96 is 4.0 to people, so it is among those of 4 or better.
  assert.ok(projectEntry({ ...shown(), rated: { reviews: 25, points: 99 } }).facets.includes('rating:4'));
  assert.ok(!projectEntry({ ...shown(), rated: { reviews: 10, points: 39 } }).facets.includes('rating:4'));
  assert.equal(projectEntry(shown()).item.rating, null);
  assert.equal(projectEntry({ ...shown(), rated: { reviews: 0, points: 0 } }).item.rating, null);
  assert.equal(ratingScore(null), 3.5);
});
