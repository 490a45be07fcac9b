import assert from 'node:assert/strict';
import { test } from 'node:test';
import { codesAt, wholeDocument } from '../../test/document-at.ts';
import { documentFindings } from './document-rules.ts';
import { limits } from './limits.ts';

const whole = wholeDocument;
const at = codesAt;

/** As many characters, each of two UTF-16 units: what people count is characters. */
const chars = (count: number) => '𝒙'.repeat(count);
const address = (count: number) => `https://souk.example/${'x'.repeat(count - 21)}`;

test('the document that the others are made from has no errors', () => {
  assert.deepEqual(
    documentFindings(whole()).filter((f) => f.severity === 'error'),
    [],
  );
});

const texts: readonly [pointer: string, charsMax: number][] = [
  ['/listing/title', limits.titleChars],
  ['/listing/shortDescription', limits.shortDescriptionChars],
  ['/listing/longDescription', limits.longDescriptionChars],
  ['/listing/sku', limits.skuChars],
  ['/listing/highlights/0', limits.highlights.chars],
  ['/promotion/keywords/0', limits.keywords.chars],
  ['/support/description', limits.supportDescriptionChars],
  ['/versions/0/releaseNotes', limits.releaseNotesChars],
  ['/versions/0/usageInstructions', limits.usageInstructionsChars],
  ['/versions/0/input/description', limits.inputDescriptionChars],
  ['/versions/0/input/limitations', limits.limitationsChars],
  ['/versions/0/input/samples/realtime', limits.sampleChars],
  ['/versions/0/input/samples/batch', limits.sampleChars],
  ['/versions/0/output/description', limits.outputDescriptionChars],
  ['/versions/0/output/samples/realtime', limits.sampleChars],
  ['/versions/0/output/samples/batch', limits.sampleChars],
  ['/plans/0/name', limits.planNameChars],
  ['/plans/0/description', limits.planDescriptionChars],
  ['/terms/eula', limits.eulaChars],
  ['/terms/refundPolicy', limits.refundPolicyChars],
];
for (const [pointer, max] of texts)
  test(`${pointer} takes ${max} characters, and not one more`, () => {
    assert.deepEqual(at(pointer, chars(max)), []);
    assert.deepEqual(at(pointer, chars(max + 1)), ['document.too_long']);
  });

test('a version number takes 64 characters, a parameter its own limits', () => {
  const number = (count: number) => '1'.repeat(count);
  assert.deepEqual(at('/versions/0/number', number(limits.versionNumberChars)), []);
  assert.deepEqual(at('/versions/0/number', number(limits.versionNumberChars + 1)), ['document.too_long']);
  const { nameChars, descriptionChars, constraintsChars } = limits.parameters;
  for (const side of ['input', 'output']) {
    const own = `/versions/0/${side}/parameters`;
    const parameter = {
      name: 'n'.repeat(nameChars),
      description: chars(descriptionChars),
      constraints: chars(constraintsChars),
    };
    assert.deepEqual(at(own, [parameter]), []);
    assert.deepEqual(at(own, [{ ...parameter, name: 'n'.repeat(nameChars + 1) }]), ['document.too_long']);
    assert.deepEqual(at(own, [{ ...parameter, description: chars(descriptionChars + 1) }]), [
      'document.too_long',
    ]);
    assert.deepEqual(at(own, [{ ...parameter, constraints: chars(constraintsChars + 1) }]), [
      'document.too_long',
    ]);
  }
});

const many = <T>(count: number, make: (i: number) => T) => Array.from({ length: count }, (_, i) => make(i));
const categories = ['Text', 'Image', 'Video', 'Audio'];
const lists: readonly [pointer: string, min: number, max: number, make: (i: number) => unknown][] = [
  ['/listing/highlights', limits.highlights.min, limits.highlights.max, (i) => `Highlight ${i}`],
  ['/listing/categories', limits.categories.min, limits.categories.max, (i) => categories[i]],
  ['/promotion/keywords', limits.keywords.min, limits.keywords.max, (i) => `word${i}`],
  ['/promotion/links', 0, limits.links.max, (i) => ({ text: `Link ${i}`, url: `https://souk.example/${i}` })],
  ['/versions/0/input/parameters', 0, limits.parameters.max, (i) => ({ name: `p${i}` })],
  ['/versions/0/output/parameters', 0, limits.parameters.max, (i) => ({ name: `p${i}` })],
];
for (const [pointer, min, max, make] of lists)
  test(`${pointer} has ${min} to ${max} entries`, () => {
    assert.deepEqual(at(pointer, many(max, make)), []);
    assert.deepEqual(at(pointer, many(max + 1, make)), ['document.too_many']);
    if (min > 0) {
      assert.deepEqual(at(pointer, many(min, make)), []);
      assert.deepEqual(at(pointer, many(min - 1, make)), ['document.too_few']);
    }
  });

test('keywords have 250 characters together, and not one more', () => {
  const { charsTogether, chars: each } = limits.keywords;
  const full = many(charsTogether / each, (i) => `${i}`.repeat(each));
  assert.deepEqual(at('/promotion/keywords', full), []);
  assert.deepEqual(at('/promotion/keywords', [...full, 'x']), ['document.too_long']);
});

test('an address is as long as its limit, and begins as it must', () => {
  for (const [pointer, max] of [
    ['/promotion/videoUrl', limits.urlChars],
    ['/support/url', limits.urlChars],
    ['/versions/0/notebookUrl', limits.urlChars],
    ['/versions/0/repositoryUrl', limits.urlChars],
  ] as const) {
    assert.deepEqual(at(pointer, address(max)), [], pointer);
    assert.deepEqual(at(pointer, address(max + 1)), ['document.too_long'], pointer);
    assert.deepEqual(at(pointer, 'http://souk.example/'), ['document.url'], pointer);
  }
  const link = (text: string, url: string) => at('/promotion/links', [{ text, url }]);
  assert.deepEqual(link(chars(limits.links.textChars), address(limits.links.urlChars)), []);
  assert.deepEqual(link(chars(limits.links.textChars + 1), address(40)), ['document.too_long']);
  assert.deepEqual(link('A', address(limits.links.urlChars + 1)), ['document.too_long']);
});

test('a price has 8 decimals and is 100,000,000 at most', () => {
  const price = (pricePerUnit: string) =>
    at('/plans/1/parts', [{ kind: 'usage', dimension: 'inference.count', pricePerUnit }]);
  for (const right of [
    '0',
    limits.priceMax,
    `0.${'0'.repeat(limits.priceDecimals - 1)}1`,
    `${limits.priceMax}.0`,
  ])
    assert.deepEqual(price(right), [], right);
  for (const wrong of [
    '-1',
    '100000001',
    `${limits.priceMax}.00000001`,
    `0.${'0'.repeat(limits.priceDecimals)}1`,
  ])
    assert.deepEqual(price(wrong), ['document.price'], wrong);
});

test('what is missing is named where it is missing', () => {
  const required = [
    ...[
      '/listing/visibility',
      '/listing/title',
      '/listing/shortDescription',
      '/listing/longDescription',
      '/promotion/logo',
    ],
    ...['/support/offered', '/versions/0/number', '/versions/0/modelPackageArn', '/versions/0/releaseNotes'],
    ...[
      '/versions/0/usageInstructions',
      '/versions/0/input/description',
      '/versions/0/input/samples/realtime',
    ],
    ...[
      '/versions/0/output/description',
      '/versions/0/output/samples/realtime',
      '/plans/0/name',
      '/terms/eula',
      '/terms/refundPolicy',
    ],
  ];
  for (const pointer of required) assert.deepEqual(at(pointer, undefined), ['document.missing'], pointer);
  // Blanks are nothing written.
  for (const pointer of ['/listing/title', '/terms/eula'])
    assert.ok(at(pointer, ' ').includes('document.missing'));
});

test('plans that are all private are refused, one public among them is enough', () => {
  const secret = { id: 'partners', name: 'Partners', visibility: 'private' as const };
  assert.deepEqual(at('/plans', [secret]), ['document.private_plans_only']);
  assert.deepEqual(at('/plans', [secret, { ...secret, id: 'all', name: 'All', visibility: 'public' }]), []);
});
