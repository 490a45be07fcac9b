import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  askedWords,
  filterQuery,
  isEverything,
  readCursor,
  searchOf,
  sortOf,
  wordQueries,
  writeCursor,
} from './catalog.search.rules.ts';

test('only the last word may be a beginning, and not a beginning of two letters', () => {
  const queries = wordQueries(askedWords(['iris', 'clas']) ?? assert.fail());
  assert.deepEqual([queries.all, queries.last, queries.beginning], ['iris', 'clas', 'clas:*']);
  assert.equal(wordQueries(askedWords(['ir']) ?? assert.fail()).beginning, '');
});

test('a question of a thousand words is cut to eight', () => {
  assert.equal(searchOf({ q: 'word '.repeat(1000) }).asked?.words.length, 8);
});

test('a filter cannot leave its quotes', () => {
  const text = filterQuery(searchOf({ contentType: "text/csv' | 'price:free\\" }));
  assert.equal(text, "'content:text/csv'' | ''price:free\\\\'");
});

test('filters are intersected; a region also finds what is sold everywhere', () => {
  assert.equal(
    filterQuery(searchOf({ type: 'algorithm', priceKind: 'free', region: 'souk-home-1' })),
    "'type:algorithm' & 'price:free' & ('region:souk-home-1' | 'region:*')",
  );
});

test('nothing asked is everything, newest first', () => {
  const s = searchOf({ q: '  ?! ' });
  assert.ok(isEverything(s));
  assert.equal(sortOf('relevance', s), 'newest');
  assert.equal(sortOf(undefined, searchOf({ q: 'iris' })), 'relevance');
});

test('a cursor is read as it was written, for its own sort only', () => {
  const cursor = { sort: 'newest', previews: 2, after: ['2026-11-21 08:00:00.123456+00', 'prd_1'] } as const;
  assert.deepEqual(readCursor(writeCursor(cursor), 'newest'), cursor);
  assert.deepEqual(readCursor(writeCursor(cursor), 'title'), { sort: 'title', previews: 0, after: null });
});

test('a cursor that somebody made up begins at the start', () => {
  const start = { sort: 'relevance', previews: 0, after: null };
  const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
  for (const text of [
    'x',
    made(null),
    made({}),
    made(['relevance', 'many', null]),
    made(['relevance', 0, ['1', '2026-11-21 08:00:00+00']]),
    made(['relevance', 0, ['1', 'tomorrow', 'prd_1']]),
    made(['relevance', 0, ['much', '2026-11-21 08:00:00+00', 'prd_1']]),
    made(['relevance', 0, [1, 2, 3]]),
    made(['relevance', 0, ['1', '2026-99-99 08:00:00+00', 'prd_1']]),
    made(['relevance', 0, ['..e', '2026-11-21 08:00:00+00', 'prd_1']]),
    made(['relevance', 0, ['1', '2026-11-21 08:00:00+00', 'prd\0']]),
  ])
    assert.deepEqual(readCursor(text, 'relevance'), start, text);
});
