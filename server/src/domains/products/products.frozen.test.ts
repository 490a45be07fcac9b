import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { ProductDocument } from '@souk/contract';
import { type FrozenFacts, frozenFindings, frozenRules } from './products.frozen.ts';

const arn = (name: string) => `arn:aws:sagemaker:souk-home-1:123456789012:model-package/${name}`;
const released: ProductDocument = {
  listing: { visibility: 'private', title: 'Iris' },
  regions: { mode: 'selected', selected: ['a', 'b'] },
  versions: [
    { number: '1.0.0', modelPackageArn: arn('one'), state: 'restricted' },
    { number: '1.1.0', modelPackageArn: arn('two') },
  ],
  plans: [
    { id: 'free', name: 'Free' },
    { id: 'paid', name: 'Paid', currency: 'USD', parts: [] },
  ],
};
const facts: FrozenFacts = { submitted: released, released };
const [first = {}, second = {}] = released.versions ?? [];
const [free = { id: '' }, paid = { id: '' }] = released.plans ?? [];
const found = (change: ProductDocument, given = facts) =>
  frozenFindings(given, { ...released, ...change }).map((f) => [f.code, f.pointer]);

test('nothing is frozen before the first submission', () => {
  assert.deepEqual(frozenFindings({ submitted: null, released: null }, {}), []);
});

test('after a submission regions and privacy are frozen, versions and plans are not yet', () => {
  const submitted = { submitted: released, released: null };
  assert.deepEqual(found({ versions: [], plans: [] }, submitted), []);
  assert.deepEqual(found({ regions: { mode: 'all' } }, submitted), [['frozen.regions', '/regions']]);
  assert.deepEqual(found({ listing: { visibility: 'public' } }, submitted), [
    ['frozen.private', '/listing/visibility'],
  ]);
});

test('the same regions in another order or in other words are the same', () => {
  assert.deepEqual(found({ regions: { mode: 'selected', selected: ['b', 'a', 'b'] } }), []);
  const everywhere = { submitted: { regions: { mode: 'all' as const, selected: ['a'] } }, released: null };
  assert.deepEqual(frozenFindings(everywhere, {}), []);
  assert.deepEqual(frozenFindings({ submitted: {}, released: null }, { regions: { mode: 'all' } }), []);
});

test('a public product may become private, and a half-written visibility is not a change', () => {
  const open = { ...released, listing: { visibility: 'public' as const } };
  assert.deepEqual(found({ listing: { visibility: 'private' } }, { submitted: open, released: open }), []);
  assert.deepEqual(found({ listing: { title: 'Iris' } }), []);
});

test('a released version keeps its number and its package', () => {
  assert.deepEqual(found({ versions: [first, { ...second, modelPackageArn: arn('other') }] }), [
    ['frozen.version_package', '/versions/1/modelPackageArn'],
  ]);
  assert.deepEqual(found({ versions: [first] }), [['frozen.version_number', '/versions']]);
  assert.deepEqual(found({ versions: [{ ...second, number: '1.1.1' }, first] }), [
    ['frozen.version_number', '/versions/0/number'],
  ]);
  assert.deepEqual(found({ versions: [first, second, { ...second, modelPackageArn: arn('x') }] }), [
    ['frozen.version_package', '/versions/2/modelPackageArn'],
  ]);
});

test('versions may be added, moved, described and restricted, but not listed again', () => {
  const added = { number: '2.0.0', modelPackageArn: arn('three') };
  assert.deepEqual(
    found({ versions: [added, { ...second, state: 'restricted', releaseNotes: 'Old.' }, first] }),
    [],
  );
  assert.deepEqual(found({ versions: [{ ...first, state: 'listed' }, second] }), [
    ['frozen.version_restricted', '/versions/0/state'],
  ]);
});

test('a released plan keeps its id and its currency; its price and texts may change', () => {
  assert.deepEqual(found({ plans: [free] }), [['frozen.plan_id', '/plans']]);
  assert.deepEqual(found({ plans: [free, { ...paid, id: 'renamed' }] }), [['frozen.plan_id', '/plans/1/id']]);
  assert.deepEqual(found({ plans: [{ ...paid, currency: 'EUR' }, free] }), [
    ['frozen.plan_currency', '/plans/0/currency'],
  ]);
  const cheaper = { kind: 'usage' as const, dimension: 'inference.count', pricePerUnit: '0.001' };
  assert.deepEqual(
    found({
      plans: [
        { ...free, description: 'x' },
        { ...paid, parts: [cheaper] },
      ],
    }),
    [],
  );
});

test('each says what changed, why it cannot, what it was, and what to do instead', () => {
  for (const [i, rule] of frozenRules.entries()) {
    assert.ok(rule.why.endsWith('.') && rule.wayOut.endsWith('.'), rule.code);
    assert.equal(
      frozenRules.findIndex((r) => r.code === rule.code),
      i,
    );
  }
  const [finding] = frozenFindings(facts, { ...released, regions: { mode: 'all' } });
  assert.match(finding?.message ?? '', /^The regions were changed\. The regions are fixed/);
  assert.match(finding?.remedy ?? '', /^Put it back \(a, b\)\. For other regions/);
});
