import assert from 'node:assert/strict';
import { test } from 'node:test';
import { distance, meantWord, plainText, vocabularyOf, wordsOf } from './catalog.words.ts';

test('text and question are cut alike: signs part words, accents and case do not matter', () => {
  assert.deepEqual(wordsOf('ResNet-50, v1.2.0 (Café)'), ['resnet', '50', 'v1', '2', '0', 'cafe']);
  assert.equal(plainText(['ResNet-50']), plainText(['resnet 50']));
  assert.deepEqual(wordsOf(" ' & | ! : * () \\ "), []);
  assert.deepEqual(wordsOf('花の分類'), ['花の分類']);
});

test('the vocabulary has words of letters only, each once', () => {
  assert.deepEqual(vocabularyOf(['Iris iris 2024', 'of an IRIS', 'go']), ['iris']);
});

test('the distance counts letters put in, left out, changed and swapped', () => {
  const cases: [string, string, number][] = [
    ['iris', 'iris', 0],
    ['irsi', 'iris', 1],
    ['clasifier', 'classifier', 1],
    ['classifierr', 'classifier', 1],
    ['classofier', 'classifier', 1],
    ['dteectoin', 'detection', 2],
    ['cat', 'dog', 3],
  ];
  for (const [a, b, n] of cases) assert.equal(distance(a, b, 3), n, `${a} ${b}`);
});

test('the distance is the same both ways and never below the difference in length', () => {
  let seed = 7;
  const random = () => {
    seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31;
    return seed / 2 ** 31;
  };
  const word = () =>
    Array.from({ length: Math.floor(random() * 7) }, () => 'abc'[Math.floor(random() * 3)]).join('');
  for (let i = 0; i < 2000; i++) {
    const [a, b] = [word(), word()];
    const d = distance(a, b, 10);
    assert.equal(d, distance(b, a, 10));
    assert.ok(d >= Math.abs(a.length - b.length) && d <= Math.max(a.length, b.length));
    assert.equal(d === 0, a === b);
  }
});

test('a short word may have one slip, a long one two; the nearer and then the more frequent word wins', () => {
  const near = [
    { word: 'iris', entries: 3 },
    { word: 'irish', entries: 900 },
  ];
  assert.equal(meantWord('irsi', near), 'iris');
  assert.equal(meantWord('rose', near), undefined);
  assert.equal(
    meantWord('lone', [
      { word: 'loan', entries: 5 },
      { word: 'lane', entries: 9 },
      { word: 'line', entries: 2 },
    ]),
    'lane',
  );
  assert.equal(meantWord('clasificaton', [{ word: 'classification', entries: 1 }]), 'classification');
});
