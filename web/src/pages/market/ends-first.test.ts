import assert from 'node:assert/strict';
import { test } from 'node:test';
import { endsFirst } from './ends-first.ts';

const leaving = (endsAt: string | null) => ({ kind: 'unpublish' as const, endsAt });
const may = '2027-05-01T00:00:00.000Z';
const june = '2027-06-01T00:00:00.000Z';

test('of two ends of one product the earlier is told', () => {
  assert.equal(endsFirst({ endsAt: may }, leaving(june)), 'sunset');
  assert.equal(endsFirst({ endsAt: june }, leaving(may)), 'leaving');
  assert.equal(endsFirst({ endsAt: may }, leaving(may)), 'leaving');
});

test('a take-down is told beside an end, because it suspends the calls now', () => {
  assert.equal(endsFirst({ endsAt: may }, { kind: 'take-down', endsAt: null }), null);
});

test('one end alone is not weighed against another', () => {
  assert.equal(endsFirst(null, leaving(may)), null);
  assert.equal(endsFirst({ endsAt: may }, null), null);
});
