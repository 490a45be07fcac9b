import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { Role } from '@souk/contract';
import { covers } from './authorize.cedar.ts';
import { actions, type Caller, memberOf, newAuthorizer, policyProblems, visitor } from './authorize.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-policies-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const member = (roles: Role[], more: Partial<Caller> = {}): Caller => ({
  kind: 'member',
  personId: 'usr_1',
  email: 'a@example.org',
  accountId: '111111111111',
  roles,
  via: 'session',
  scopes: [],
  keyId: null,
  limit: null,
  withheld: [],
  ...more,
});
const withPolicy = (text: string) => {
  const own = mkdtempSync(join(folder, 'p-'));
  writeFileSync(join(own, '50-ours.cedar'), text);
  return () => newAuthorizer(own);
};

test('the policies that Souk brings speak of nothing that does not exist, and give every action to somebody', () => {
  const builtIn = new URL('../../policies/', import.meta.url);
  for (const file of readdirSync(builtIn).filter((f) => f.endsWith('.cedar')))
    assert.deepEqual(policyProblems(readFileSync(new URL(file, builtIn), 'utf8')), [], file);
  const { may } = newAuthorizer();
  const all = member([
    'admin',
    'publisher',
    'buyer',
    'finance',
    'viewer',
    'operator-admin',
    'operator-reviewer',
    'operator-finance',
  ]);
  assert.deepEqual(
    actions.filter((a) => !may(all, a)),
    [],
  );
});

test('a visitor reads the catalogue and signs in; a role has its own and no other', () => {
  const { may, permissions } = newAuthorizer();
  assert.deepEqual(permissions(visitor).sort(), [
    'catalog:read',
    'catalog:try',
    'instance-type:read',
    'key:report',
    'session:create',
    'session:read',
  ]);
  const has = (role: Role, action: (typeof actions)[number]) => may(member([role]), action);
  assert.deepEqual(
    [
      has('publisher', 'product:release'),
      has('publisher', 'member:manage'),
      has('publisher', 'review:decide'),
    ],
    [true, false, false],
  );
  assert.deepEqual(
    [has('buyer', 'subscription:manage'), has('buyer', 'invoice:read'), has('buyer', 'product:edit')],
    [true, false, false],
  );
  assert.deepEqual([has('finance', 'invoice:read'), has('finance', 'subscription:manage')], [true, false]);
  assert.deepEqual([has('admin', 'operator:read'), has('admin', 'review:decide')], [false, false]);
  assert.deepEqual(
    [has('operator-admin', 'operator:manage'), has('operator-reviewer', 'operator:manage')],
    [true, false],
  );
  for (const role of ['operator-admin', 'operator-reviewer'] as const)
    for (const action of ['product:read', 'review:decide', 'submission:retry'] as const)
      assert.equal(has(role, action), true, `${role} ${action}`);
});

test('a key that may only call does nothing else, and no key changes sessions or accounts', () => {
  const { permissions, may } = newAuthorizer();
  const callOnly = member(['admin', 'operator-admin'], { via: 'key', scopes: ['call'] });
  assert.deepEqual(permissions(callOnly).sort(), ['catalog:read', 'endpoint:invoke', 'session:read']);
  assert.deepEqual(permissions(member(['admin'], { via: 'key', scopes: [] })).sort(), [
    'catalog:read',
    'session:read',
  ]);
  const manages = member(['admin'], { via: 'key', scopes: ['manage'] });
  assert.equal(may(manages, 'product:submit'), true);
  for (const action of ['session:change', 'account:create', 'invitation:accept'] as const)
    assert.equal(may(manages, action), false, action);
});

test('the operator’s own policy forbids what Souk’s permit, for those it names and for nobody else', () => {
  const { may } = withPolicy(
    'forbid (principal, action == Souk::Action::"product:release", resource) when { principal.account == "111111111111" };',
  )();
  assert.equal(may(member(['publisher']), 'product:release'), false);
  assert.equal(may(member(['publisher'], { accountId: '222222222222' }), 'product:release'), true);
  assert.equal(may(member(['publisher']), 'product:submit'), true);
  const more = withPolicy(
    'permit (principal, action == Souk::Action::"invoice:read", resource) when { principal.roles.contains("buyer") };',
  )();
  assert.equal(more.may(member(['buyer']), 'invoice:read'), true);
});

test('a policy that would never apply stops the start and is named with what is wrong', () => {
  for (const [text, says] of [
    ['forbid (principal, action, resource', /unexpected/],
    ['forbid (principal, action == Souk::Action::"product:relese", resource);', /product:relese/],
    ['forbid (principal, action, resource) when { principal.acount == "1" };', /acount/],
    ['forbid (principal, action, resource) when { principal.roles == "admin" };', /type|Set/i],
    ['forbid (principal == User::"x", action, resource);', /User/],
  ] as const) {
    const start = withPolicy(text);
    assert.throws(start, /50-ours\.cedar cannot be used/);
    assert.throws(start, says);
  }
});

test('a folder of the operator that is not there, or empty, changes nothing', () => {
  const own = mkdtempSync(join(folder, 'p-'));
  writeFileSync(join(own, 'notes.txt'), 'forbid (');
  for (const place of [own, join(own, 'none')])
    assert.deepEqual(newAuthorizer(place).permissions(visitor), newAuthorizer().permissions(visitor));
});

test('an answer is remembered for one caller only', () => {
  const { may } = newAuthorizer();
  assert.equal(may(member(['publisher']), 'product:edit'), true);
  assert.equal(may(member(['viewer']), 'product:edit'), false);
  assert.equal(may(member(['publisher'], { via: 'key', scopes: ['call'] }), 'product:edit'), false);
  assert.equal(may(member(['publisher'], { via: 'key', scopes: ['manage'] }), 'product:edit'), true);
  assert.equal(may(visitor, 'product:edit'), false);
});

test('who is not whole is no member', () => {
  assert.equal(memberOf(member(['buyer'])).accountId, '111111111111');
  for (const lacks of [
    { personId: null },
    { email: null },
    { accountId: null },
    { kind: 'visitor' as const },
  ])
    assert.throws(() => memberOf(member(['buyer'], lacks)), { code: 'request.unauthenticated' });
});

test('a policy of the operator may speak of one product or resource; the others stay as they are', () => {
  const { may, asksWhere } = withPolicy(
    `forbid (principal, action == Souk::Action::"product:release", resource == Souk::Product::"prd_1");
     forbid (principal, action == Souk::Action::"DescribeModelPackage", resource == Souk::ModelPackage::"arn:1")
     when { principal.email == "a@example.org" };`,
  )();
  const ada = member(['publisher']);
  const product = (id: string) => ({ type: 'Product' as const, id, products: [id] });
  const model = (id: string) => ({ type: 'ModelPackage' as const, id, products: [] });
  assert.equal(asksWhere(ada), true);
  assert.deepEqual(
    [may(ada, 'product:release', product('prd_1')), may(ada, 'product:release', product('prd_2'))],
    [false, true],
  );
  assert.deepEqual(
    [may(ada, 'DescribeModelPackage', model('arn:1')), may(ada, 'DescribeModelPackage', model('arn:2'))],
    [false, true],
  );
  assert.equal(
    may({ ...ada, personId: 'usr_2', email: 'b@example.org' }, 'DescribeModelPackage', model('arn:1')),
    true,
  );
  assert.equal(newAuthorizer().asksWhere(ada), false);
});

test('what is withheld is matched with stars, whole, and not by a part', () => {
  for (const [pattern, arn, covered] of [
    ['*', 'arn:a', true],
    ['arn:a', 'arn:a', true],
    ['arn:a', 'arn:ab', false],
    ['arn:*:x', 'arn:1:2:x', true],
    ['arn:*:x', 'arn:1:y', false],
    ['arn:*b*b', 'arn:ab', false],
    ['arn:*b*b', 'arn:abb', true],
    ['arn:*', 'arm:a', false],
  ] as const)
    assert.equal(covers(pattern, arn), covered, `${pattern} ${arn}`);
});
