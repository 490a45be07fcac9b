import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { disputeStates, type Finding, finding, grantableCodes, type Policies } from '@souk/contract';
import { rules } from '../certification/index.ts';
import { defaultPolicies } from '../operator/index.ts';
import { documentThing, isDrawn, lifted, packageThing, reviewPlan, sampleKeyOf } from './review.rules.ts';
import { disputeTransitions, type ExceptionRow } from './review.ts';

const key = sampleKeyOf(Buffer.alloc(32, 1));
const sha = (n: number) => n.toString(16).padStart(64, '0');
const facts = { productType: 'algorithm', revisionSha256: sha(1), textsOnly: false, drawnBefore: false };
const withWord = (word: Policies['review']['algorithm'], percent = 10): Policies => ({
  ...defaultPolicies,
  review: { ...defaultPolicies.review, algorithm: word },
  reviewSample: { ...defaultPolicies.reviewSample, algorithm: percent },
});

test('the operator’s word decides how many people read, and texts have a word of their own', () => {
  const reviewers = (word: Policies['review']['algorithm']) =>
    reviewPlan(withWord(word), key, facts).reviewers;
  assert.deepEqual([reviewers('automatic'), reviewers('one'), reviewers('two')], [0, 1, 2]);
  const strict = {
    ...withWord('two'),
    reviewOfTexts: { ...defaultPolicies.reviewOfTexts, algorithm: 'automatic' as const },
  };
  assert.equal(reviewPlan(strict, key, { ...facts, textsOnly: true }).reviewers, 0);
  assert.equal(reviewPlan(strict, key, facts).reviewers, 2);
});

test('the sample takes about as many as it says, always the same ones, and others with another key', () => {
  const drawn = (k: Buffer, percent: number) =>
    Array.from({ length: 4000 }, (_, n) => isDrawn(k, sha(n), percent));
  const first = drawn(key, 20);
  assert.deepEqual(drawn(key, 20), first);
  const share = first.filter(Boolean).length / first.length;
  assert.ok(share > 0.17 && share < 0.23, `${share}`);
  assert.notDeepEqual(drawn(sampleKeyOf(Buffer.alloc(32, 2)), 20), first);
  assert.ok(drawn(key, 0).every((d) => !d));
  assert.ok(drawn(key, 100).every(Boolean));
  // Who is drawn at 20 in 100 is drawn at 30 as well: a stricter policy only adds.
  const more = drawn(key, 30);
  assert.ok(first.every((d, i) => !d || more[i]));
});

test('who was drawn and not approved stays drawn, whatever they submit next', () => {
  const plan = reviewPlan(withWord('sample', 0), key, { ...facts, drawnBefore: true });
  assert.equal(plan.reviewers, 1);
  assert.match(plan.why, /drawn/);
});

const error = (given: Partial<Finding>): Finding =>
  finding({
    rule: 'secrets',
    code: 'secret.token',
    severity: 'error',
    message: 'A token.',
    remedy: 'Remove it.',
    ...given,
  });
const exception = (code: string, thingSha256: string): ExceptionRow => ({
  id: 'exc_1',
  accountId: '1',
  publisher: 'p',
  code,
  thingSha256,
  place: 'README.md',
  disputeId: 'dsp_1',
  reason: 'An example.',
  grantedBy: 'o@example.com',
  grantedAt: new Date('2026-11-21T00:00:00Z'),
  revokedBy: null,
  revokedAt: null,
  revokedReason: null,
});

test('an exception lets exactly its thing pass: not another file, not other bytes, not another code', () => {
  const granted = [exception('secret.token', packageThing('aa', 'README.md').sha256)];
  const of = (f: Finding, bytes = 'aa') =>
    lifted([f], (x) => packageThing(bytes, x.file), granted).findings[0]?.severity;
  assert.equal(of(error({ file: 'README.md' })), 'info');
  assert.equal(of(error({ file: 'config.json' })), 'error');
  assert.equal(of(error({ file: 'README.md' }), 'bb'), 'error');
  assert.equal(of(error({ file: 'README.md', code: 'secret.cloud_key' })), 'error');
});

test('what passes by an exception is shown, with the appeal that let it pass', () => {
  const thing = packageThing('aa', 'README.md');
  const { findings, evidence } = lifted([error({ file: 'README.md' })], () => thing, [
    exception('secret.token', thing.sha256),
  ]);
  assert.match(findings[0]?.message ?? '', /Let pass by the exception exc_1/);
  assert.deepEqual(
    evidence.map((e) => e.name),
    ['Exception to secret.token'],
  );
  assert.match(String(evidence[0]?.value), /exc_1, granted 2026-11-21 for README\.md: An example\./);
});

test('a place in a list is the same thing wherever it stands, and another thing once its text changes', () => {
  const v = (releaseNotes: string) => ({ number: '1', releaseNotes });
  const at = (document: object, pointer: string) => documentThing(document, pointer).sha256;
  const one = at({ versions: [v('TODO')] }, '/versions/0/releaseNotes');
  assert.equal(at({ versions: [v('x'), v('TODO')] }, '/versions/1/releaseNotes'), one);
  assert.notEqual(at({ versions: [v('TODO!')] }, '/versions/0/releaseNotes'), one);
  assert.notEqual(at({ listing: { title: 'TODO' } }, '/listing/title'), one);
});

test('exceptions are made of known codes only, and of none that protects those who run the product', () => {
  const known = rules.flatMap((r) => Object.keys(r.codes));
  for (const code of grantableCodes) {
    if (code !== 'review.rejected') assert.ok(known.includes(code), code);
    assert.doesNotMatch(code, /^(malware|unsafe|archive|onnx|link)\.|souk_key|markup/);
  }
});

test('the guide for publishers and operators names every code that can be granted', () => {
  const page = readFileSync(new URL('../../../../docs/operating/reviews.md', import.meta.url), 'utf8');
  for (const code of grantableCodes) assert.ok(page.includes(`\`${code}\``), code);
});

test('an answered dispute is answered for good', () => {
  for (const state of disputeStates)
    assert.equal(disputeTransitions[state].length > 0, state === 'open', state);
});
