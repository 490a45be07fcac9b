import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  cleanName,
  invitationState,
  isWeakPassword,
  keyState,
  missingRole,
  refusedRoles,
  returnPath,
} from './accounts.rules.ts';

test('a password is weak when it is short, too long, one character repeated, or the address', () => {
  for (const password of ['short', 'aaaaaaaaaaaa', '🙂🙂🙂🙂🙂', 'x1'.repeat(65), 'Ada@Example.test'])
    assert.equal(isWeakPassword(password, 'ada@example.test'), true, password);
  for (const password of ['correct horse', 'ten letters', '🙂🙃🙂🙃🙂🙃🙂🙃🙂🙃'])
    assert.equal(isWeakPassword(password, 'ada@example.test'), false, password);
});

test('a name is one line of visible characters', () => {
  assert.equal(
    cleanName('  Ada\r\nBcc: eve@example.test \u202e\u200b Byron '),
    'Ada Bcc: eve@example.test Byron',
  );
});

test('an invitation and a key end at the very moment that they name', () => {
  const at = new Date('2026-01-01T00:00:00Z');
  const before = new Date(at.getTime() - 1);
  assert.equal(invitationState({ state: 'pending', expiresAt: at }, before), 'pending');
  assert.equal(invitationState({ state: 'pending', expiresAt: at }, at), 'expired');
  assert.equal(invitationState({ state: 'accepted', expiresAt: before }, at), 'accepted');
  assert.equal(keyState({ revokedAt: null, expiresAt: at }, before), 'active');
  assert.equal(keyState({ revokedAt: null, expiresAt: at }, at), 'expired');
  assert.equal(keyState({ revokedAt: null, expiresAt: null }, at), 'active');
  assert.equal(keyState({ revokedAt: before, expiresAt: at }, at), 'revoked');
});

test('an operator’s role exists in the operator’s account only, and only an operator admin gives or takes it', () => {
  const change = {
    before: ['admin'],
    after: ['admin', 'operator-admin'],
    ofOperator: true,
    byOperatorAdmin: true,
  } as const;
  assert.equal(refusedRoles(change), undefined);
  assert.equal(refusedRoles({ ...change, ofOperator: false })?.code, 'account.role_of_operator');
  assert.equal(refusedRoles({ ...change, byOperatorAdmin: false })?.code, 'request.forbidden');
  const taken = { ...change, before: change.after, after: change.before, byOperatorAdmin: false };
  assert.deepEqual(refusedRoles(taken), { code: 'request.forbidden', role: 'operator-admin' });
  const kept = {
    ...change,
    before: ['admin', 'operator-admin'],
    after: ['operator-admin'],
    byOperatorAdmin: false,
  } as const;
  assert.equal(refusedRoles(kept), undefined);
});

test('an account keeps an admin, the operator’s also an operator admin', () => {
  const admin = { roles: ['admin'] } as const;
  assert.equal(missingRole([admin, { roles: ['buyer'] }], false), undefined);
  assert.equal(missingRole([{ roles: ['buyer'] }], false), 'admin');
  assert.equal(missingRole([], false), 'admin');
  assert.equal(missingRole([admin], true), 'operator-admin');
  assert.equal(missingRole([admin, { roles: ['operator-admin'] }], true), undefined);
});

test('single sign-on leads back to pages of our own only', () => {
  assert.equal(returnPath('/publish?tab=1#top'), '/publish?tab=1#top');
  for (const text of [
    undefined,
    '',
    'publish',
    '//evil.test',
    '/\\evil.test',
    'https://evil.test',
    '/\t/evil.test',
    '/ /x',
    '/api/sign-out',
    'javascript:alert(1)',
  ])
    assert.equal(returnPath(text), '/', String(text));
});
