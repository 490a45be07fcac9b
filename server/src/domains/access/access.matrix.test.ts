import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import type { roles } from '@souk/contract';
import { newAuthorizer } from '../../platform/authorize.ts';
import { accessMatrix } from './access.matrix.ts';
import { arnsIn, resourceOfArn } from './access.rules.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-matrix-'));
after(() => rmSync(folder, { recursive: true, force: true }));

test('an operator’s policy is seen in the matrix, and marked where it decides otherwise', () => {
  writeFileSync(
    join(folder, '50-ours.cedar'),
    `forbid (principal, action == Souk::Action::"product:release", resource) unless { principal.roles.contains("admin") };
     permit (principal, action == Souk::Action::"invoice:read", resource) when { principal.roles.contains("buyer") };`,
  );
  const authorizer = newAuthorizer(folder);
  const row = (action: string) => accessMatrix(authorizer, [], null).actions.find((a) => a.action === action);
  assert.deepEqual(row('product:release')?.roles, ['admin']);
  assert.deepEqual(row('product:release')?.changed, ['publisher']);
  assert.deepEqual(row('invoice:read')?.changed, ['buyer']);
  assert.deepEqual(row('product:edit')?.changed, []);
});

test('a policy for one account changes the matrix of that account only', () => {
  writeFileSync(
    join(folder, '50-ours.cedar'),
    'forbid (principal, action == Souk::Action::"product:edit", resource) when { principal.account == "111111111111" };',
  );
  const authorizer = newAuthorizer(folder);
  const changed = (accountId: string) =>
    accessMatrix(authorizer, [], accountId).actions.find((a) => a.action === 'product:edit')?.changed;
  assert.deepEqual(changed('111111111111'), ['admin', 'publisher', 'lister']);
  assert.deepEqual(changed('222222222222'), []);
});

test('a lister writes and submits, but registers and signs off nothing; reports reads figures only', () => {
  const { actions } = accessMatrix(newAuthorizer(), [], null);
  const of = (role: (typeof roles)[number]) =>
    actions.filter(
      (a) => a.roles.includes(role) && /^(product|model|upload|submission|Describe)/.test(a.action),
    );
  assert.deepEqual(
    of('lister').map((a) => a.action),
    [
      'upload:create',
      'model:read',
      'DescribeModelPackage',
      'DescribeAlgorithm',
      'product:list',
      'product:read',
      'product:edit',
      'product:submit',
      'submission:retry',
      'submission:comment',
    ],
  );
  assert.deepEqual(
    of('reports').map((a) => a.action),
    ['product:list', 'product:usage'],
  );
});

test('ARNs are read from the fields that name resources, and what is no resource is left to the document’s rules', () => {
  const arn = 'arn:aws:sagemaker:souk-home-1:111111111111:algorithm/forest';
  assert.deepEqual(
    arnsIn({ versions: [{ modelPackageArn: 'x', notes: arn }, { algorithmArn: arn }, null] }),
    ['x', arn],
  );
  assert.deepEqual([arnsIn({}), arnsIn({ versions: 'none' })], [[], []]);
  assert.equal(resourceOfArn('x'), undefined);
  assert.deepEqual(resourceOfArn(arn), {
    type: 'Algorithm',
    action: 'DescribeAlgorithm',
    name: 'algorithm/forest',
  });
});
