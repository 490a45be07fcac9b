import assert from 'node:assert/strict';
import { test } from 'node:test';
import { safeReturnTo } from './safe-path.ts';

test('after signing in a person stays on this site', () => {
  for (const given of [
    'https://evil.example',
    '//evil.example',
    '/\\evil.example',
    'javascript:alert(1)',
    '',
    null,
  ])
    assert.equal(safeReturnTo(given), '/', String(given));
  assert.equal(safeReturnTo('/products/acme/iris?slot=preview'), '/products/acme/iris?slot=preview');
});
