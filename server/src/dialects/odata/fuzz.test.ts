import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ask, newTestFace, post, towns, townsOperation } from '../../../test/odata.ts';
import { compileFilter } from './filter.ts';
import { newModel } from './model.ts';

const face = newTestFace();
const runs = { numRuns: 400 };
/** Whatever comes, the answer is a refusal with a code or what was asked; never a 500, and never a thrown error. */
const holds = async (path: string, init?: RequestInit) => {
  const got = await ask(face, path, init);
  if (got.status >= 400) {
    assert.notEqual(got.status, 500, got.text);
    assert.match(got.json?.error?.code ?? '', /^odata\.\w+$/, `${path} ${got.text}`);
    assert.ok(got.json.error.message.length < 1000);
  } else assert.ok(got.status === 200 || got.status === 204);
  return got;
};

const word = fc.constantFrom(
  ...[
    'Id',
    'Name',
    'Capital',
    'Area',
    'Seen',
    'eq',
    'ne',
    'gt',
    'and',
    'or',
    'not',
    'in',
    'add',
    '(',
    ')',
    ',',
    '/',
  ],
  ...[
    "'",
    "''",
    "'a'",
    "'C'1'",
    '1',
    '-1',
    '1.5',
    '1e999',
    'null',
    'true',
    'INF',
    '@p',
    '$it',
    'contains(',
    ' ',
  ],
  ...[
    '2026-01-31',
    '2026-01-31T12:00:00Z',
    '01234567-89ab-cdef-0123-456789abcdef',
    '%',
    '\u0000',
    '\ud800',
    '💶',
  ],
);
const words = fc.array(word, { maxLength: 60 }).map((list) => list.join(' '));

test('no filter, order or selection of random words brings the face down', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom('$filter', '$orderby', '$select', '$top', '$skiptoken', '@p', '$format'),
      fc.oneof(words, fc.string({ unit: 'binary', maxLength: 80 })),
      async (name, text) => {
        const encoded = [...text]
          .map((char) => (char.isWellFormed() ? encodeURIComponent(char) : '%ED%A0%80'))
          .join('');
        await holds(`Towns?${name}=${encoded}`);
      },
    ),
    runs,
  );
});

test('no path and query of random characters brings the face down', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom(
        '',
        'Score(',
        'Towns(',
        'Towns/',
        'Pick(ids=',
        'Towns?',
        'Score?age=',
        '$metadata?',
        '$',
      ),
      fc.oneof(fc.string({ maxLength: 60 }), fc.string({ unit: 'binary', maxLength: 30 }), words),
      async (start, text) => void (await holds(start + text)),
    ),
    runs,
  );
});

test('no body of an action brings the face down', async () => {
  await fc.assert(
    fc.asyncProperty(fc.constantFrom('ScorePost', 'ScoreBatch'), fc.json(), async (path, body) => {
      await holds(path, post(body));
    }),
    { numRuns: 150 },
  );
});

const columns = new Map(
  (newModel({ namespace: 'A', operations: [townsOperation] }).operations[0]?.columns ?? []).map((column) => [
    column.name,
    column,
  ]),
);

test('any text compared as a literal with its quotes doubled finds exactly itself', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), (text) => {
      const filter = compileFilter(`Name eq '${text.replaceAll("'", "''")}'`, columns, new Map());
      assert.equal(filter({ Name: text }), true);
      assert.equal(filter({ Name: `${text}x` }), false);
    }),
    runs,
  );
});

/** A filter as text beside what it means, made together. */
interface Meant {
  readonly text: string;
  readonly means: (id: number) => boolean;
}
const comparisons: [string, (a: number, b: number) => boolean][] = [
  ['eq', (a, b) => a === b],
  ['ne', (a, b) => a !== b],
  ['gt', (a, b) => a > b],
  ['ge', (a, b) => a >= b],
  ['lt', (a, b) => a < b],
  ['le', (a, b) => a <= b],
];
const meant = fc.letrec<{ all: Meant; leaf: Meant; not: Meant; both: Meant }>((tie) => ({
  all: fc.oneof({ maxDepth: 5 }, tie('leaf'), tie('not'), tie('both')),
  leaf: fc
    .tuple(fc.constantFrom(...comparisons), fc.integer({ min: -5, max: 260 }))
    .map(([[word, holds], value]) => ({
      text: `Id ${word} ${value}`,
      means: (id) => holds(id, value),
    })),
  not: tie('all').map(({ text, means }) => ({ text: `not (${text})`, means: (id) => !means(id) })),
  both: fc.tuple(tie('all'), fc.constantFrom('and', 'or'), tie('all')).map(([a, word, b]) => ({
    text: `(${a.text}) ${word} (${b.text})`,
    means: (id) => (word === 'and' ? a.means(id) && b.means(id) : a.means(id) || b.means(id)),
  })),
})).all;

test('every filter means what it says', () => {
  fc.assert(
    fc.property(meant, ({ text, means }) => {
      const filter = compileFilter(text, columns, new Map());
      for (const { Id } of towns.slice(0, 50)) assert.equal(filter({ Id }), means(Id), text);
    }),
    { numRuns: 200 },
  );
});

test('the longest filters are read in bounded time', async () => {
  const long = [
    "'".repeat(30_001),
    '('.repeat(30_000),
    '1'.repeat(30_000),
    `${'1'.repeat(30_000)}x`,
    `1.${'1'.repeat(20_000)}e`,
    'a.'.repeat(15_000),
    'not '.repeat(7_000),
    '-'.repeat(30_000),
    `${'Id eq 1 and '.repeat(1_300)}Id eq 1`,
    '2026-01-31T'.repeat(2_500),
  ];
  const from = process.cpuUsage();
  for (const text of long) assert.ok((await holds(`Towns?$filter=${text}`)).status < 500);
  const { user } = process.cpuUsage(from);
  // Of the processor, not of the clock: others work here too. It takes 60 ms; a pattern that goes back and forth takes minutes.
  assert.ok(user < 5_000_000, `${user} µs`);
});
