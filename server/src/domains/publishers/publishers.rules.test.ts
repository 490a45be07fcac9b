import assert from 'node:assert/strict';
import { test } from 'node:test';
import { verificationEvents, verificationStates } from '@souk/contract';
import { bankDetails, taxInterview } from '../../../../test/payee.ts';
import { bankWeight, mask, taxWeight } from './publishers.rules.ts';
import { verificationMoves } from './publishers.ts';

test('every state of verification can be reached and left, and no event leads elsewhere', () => {
  const reached = new Set<string>(['unverified']);
  for (const event of verificationEvents)
    for (const state of verificationStates) {
      const to = verificationMoves[event][state];
      if (to) reached.add(to);
      assert.ok(to === undefined || verificationStates.includes(to), `${event} from ${state}`);
    }
  assert.deepEqual([...reached].sort(), [...verificationStates].sort());
  for (const state of verificationStates)
    assert.ok(
      verificationEvents.some((e) => verificationMoves[e][state]),
      `${state} is a dead end`,
    );
  // Only a person of the operator makes somebody verified.
  for (const event of verificationEvents)
    assert.equal(Object.values(verificationMoves[event]).includes('verified'), event === 'approved', event);
});

test('a mask shows four signs at most, and never more than half', () => {
  assert.deepEqual(['1', '12', '12345', '1234567', '12345678', 'DE89370400440532013000'].map(mask), [
    '•••• ',
    '•••• 2',
    '•••• 45',
    '•••• 567',
    '•••• 5678',
    '•••• 3000',
  ]);
});

test('signing the same answers again weighs nothing, another number or name does', () => {
  const before = taxInterview();
  const signed = taxInterview({ signature: { ...before.signature, date: '2030-01-01' } });
  const moved = taxInterview({ address: { ...before.address, line1: 'Elsewhere 2' } });
  const other = taxInterview({ taxNumbers: [{ type: 'vat', number: 'DE136695976' }] });
  assert.deepEqual(
    [signed, moved, other].map((t) => taxWeight(before, t)),
    ['none', 'payment', 'identity'],
  );
  assert.equal(taxWeight(undefined, before), 'payment');
  assert.deepEqual(
    [bankWeight(bankDetails(), bankDetails()), bankWeight(bankDetails(), bankDetails({ holder: 'Other' }))],
    ['none', 'payment'],
  );
});
