import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Entitlement, KeyRecord, VersionRoute } from './gateway.ts';
import { Snapshot } from './snapshot.ts';

const key = (hash: string, accountId: string): KeyRecord => ({
  keyHash: hash,
  accountId,
  expiresAt: null,
  mayCall: true,
});
const entitlement = (accountId: string, productId: string): Entitlement => ({
  accountId,
  subscriptionId: `${accountId}-${productId}`,
  publisher: 'flowers',
  product: productId,
  productId,
  status: 'active',
  reason: null,
  version: '1.0.0',
  latest: '1.0.0',
  versions: ['1.0.0'],
  dimension: 'inference.count',
  quota: { units: 10, used: 0, since: 0, resetsAt: 1, hard: true },
  concurrencyMax: null,
  recordMax: null,
});
const route = (productId: string, version: string): VersionRoute => ({
  productId,
  version,
  modelName: 'm',
  addresses: [],
  state: 'ready',
  sunsetAt: null,
  deprecatedAt: null,
  sunsetReason: null,
  ended: false,
  successor: null,
  withdrawnAt: null,
  withdrawnReason: null,
  withdrawnReplacement: null,
});

function filled(): Snapshot {
  const snapshot = new Snapshot();
  snapshot.replaceAll({
    keys: [key('a1', 'a'), key('a2', 'a'), key('b1', 'b')],
    entitlements: [entitlement('a', 'p'), entitlement('a', 'q'), entitlement('b', 'p')],
    routes: [route('p', '1.0.0'), route('p', '2.0.0'), route('q', '1.0.0')],
  });
  return snapshot;
}

test('what has gone from an account is gone, and other accounts keep theirs', () => {
  const snapshot = filled();
  snapshot.replaceAccount('a', [key('a2', 'a')], [entitlement('a', 'q')]);
  assert.equal(snapshot.key('a1'), undefined);
  assert.ok(snapshot.key('a2') && snapshot.key('b1'));
  assert.equal(snapshot.entitlement('a', 'flowers', 'p'), undefined);
  assert.equal(snapshot.quota('a-p'), undefined);
  assert.ok(snapshot.entitlement('a', 'flowers', 'q') && snapshot.entitlement('b', 'flowers', 'p'));
});

test('what has gone from a product is gone, and other products keep theirs', () => {
  const snapshot = filled();
  snapshot.replaceProduct('p', [route('p', '2.0.0')], [entitlement('b', 'p')]);
  assert.equal(snapshot.route('p', '1.0.0'), undefined);
  assert.ok(snapshot.route('p', '2.0.0') && snapshot.route('q', '1.0.0'));
  assert.equal(snapshot.entitlement('a', 'flowers', 'p'), undefined);
  assert.ok(snapshot.entitlement('b', 'flowers', 'p') && snapshot.entitlement('a', 'flowers', 'q'));
});

test('whoever remembers keys is told that they changed', () => {
  const snapshot = filled();
  const before = snapshot.keysVersion;
  snapshot.replaceAccount('a', [], []);
  assert.notEqual(snapshot.keysVersion, before);
});

test('what is written out and read again is the same', () => {
  const [one, other] = [filled(), new Snapshot()];
  assert.equal(other.loaded, false);
  other.replaceAll(JSON.parse(JSON.stringify(one.data())));
  assert.deepEqual(other.data(), one.data());
  assert.equal(other.quota('a-p')?.units, 10);
  assert.equal(other.loaded, true);
});
