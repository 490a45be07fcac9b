import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { RULE_SET, rules } from './rules.ts';
import { rulesMarkdown } from './rules-document.ts';

test('docs/rules.md is what the registry says now (npm run generate)', () => {
  assert.equal(readFileSync(join(import.meta.dirname, '../../../../docs/rules.md'), 'utf8'), rulesMarkdown());
});

test('codes and rules are named once, and every text is a sentence', () => {
  const codes = rules.flatMap((rule) => Object.keys(rule.codes));
  assert.equal(new Set(codes).size, codes.length);
  assert.equal(new Set(rules.map((rule) => rule.id)).size, rules.length);
  for (const rule of rules) {
    assert.match(rule.why, /[.)]$/);
    for (const { says, remedy } of Object.values(rule.codes)) {
      assert.match(says, /^[A-Z].*\.$/);
      assert.match(remedy, /^[A-Z].*[.)`]$/);
    }
  }
  assert.match(RULE_SET, /^\d{4}-\d\d-\d\d\.\d+$/);
});

test('every code of the registry is spoken somewhere, so that the docs promise nothing that never comes', () => {
  const domains = join(import.meta.dirname, '..');
  const sources = globSync('{certification,algorithms,images}/**/*.ts', { cwd: domains })
    .filter((path) => !path.startsWith('certification/rules') && !path.endsWith('.test.ts'))
    .map((path) => readFileSync(join(domains, path), 'utf8'))
    .join('\n');
  const silent = rules
    .flatMap((rule) => Object.keys(rule.codes))
    .filter((code) => !sources.includes(`'${code}'`));
  assert.deepEqual(silent, []);
});
