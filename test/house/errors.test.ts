import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import {
  type ErrorDefinition,
  errorAnchor,
  errorKinds,
  errorRegistry,
  errorsMarkdown,
  openApi,
  operations,
} from '@souk/contract';
import { exitCodes } from '../../cli/src/failure.ts';

const codes = Object.entries<ErrorDefinition>(errorRegistry);
const statusOf = ({ kind, status }: ErrorDefinition) => status ?? errorKinds[kind].status;
const read = (path: string) => readFileSync(path, 'utf8');
const source = globSync('server/src/**/*.ts', { exclude: (name) => name.endsWith('.test.ts') })
  .map(read)
  .join('\n');

test('docs/errors.md is what the registry says now (npm run generate)', () => {
  assert.equal(read('docs/errors.md'), errorsMarkdown());
  const anchors = codes.map(([code]) => errorAnchor(code));
  assert.equal(new Set(anchors).size, anchors.length, 'two codes have one address');
});

test('every error says what happened and what to do, in whole sentences', () => {
  for (const [code, { message, remedy }] of codes) {
    assert.match(code, /^[a-z_]+\.[a-z_]+$/);
    assert.match(message, /^[A-Z{].*[.}]$/s, `${code}: ${message}`);
    assert.match(remedy, /^[A-Z].*[.}]$/s, `${code}: ${remedy}`);
  }
});

test('every declared code is used', () => {
  const unused = codes.filter(([code]) => !source.includes(`'${code}'`)).map(([code]) => code);
  assert.deepEqual(unused, []);
});

test('every parameter that a message or remedy names is given where the error is made', () => {
  const missing: string[] = [];
  for (const [code, { message, remedy }] of codes) {
    const names = [...`${message} ${remedy}`.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name);
    for (const args of callsWith(code))
      for (const name of new Set(names))
        if (!new RegExp(`\\b${name}\\b`).test(args))
          missing.push(`${code}: {${name}} in ${args.slice(0, 120)}`);
  }
  assert.deepEqual(missing, []);
});

test('OpenAPI shows each declared error at its status', () => {
  const { paths } = openApi(Object.values(operations), { version: '0', serverUrl: '/' }) as {
    paths: Record<string, Record<string, { responses: Record<string, { description: string }> }>>;
  };
  for (const o of Object.values(operations)) {
    const { responses } = paths[o.path.replace(/:(\w+)/g, '{$1}')]?.[o.method.toLowerCase()] ?? {
      responses: {},
    };
    for (const code of o.errors) {
      const status = statusOf(errorRegistry[code]);
      assert.ok(responses[status]?.description.includes(`\`${code}\``), `${o.id}: ${code} at ${status}`);
    }
  }
});

test('the command line ends with the exit code of the kind, and its reference lists them', () => {
  const reference = read('docs/cli.md');
  const numbers = Object.values(exitCodes);
  assert.equal(new Set(numbers).size, numbers.length);
  for (const [kind, { exitCode }] of Object.entries(errorKinds) as [
    keyof typeof errorKinds,
    { exitCode: number },
  ][]) {
    assert.equal(exitCodes[kind], exitCode);
    assert.match(reference, new RegExp(`^\\|\\s+${exitCode} \\| ${kind}: `, 'm'));
  }
});

/** The arguments after the code, of every call that makes this error by its name. */
function callsWith(code: string): string[] {
  const found: string[] = [];
  for (const { index } of source.matchAll(new RegExp(`\\(\\s*'${code.replace('.', '\\.')}'`, 'g'))) {
    let depth = 0;
    let end = index;
    do {
      if (source[end] === '(') depth++;
      if (source[end] === ')') depth--;
      end++;
    } while (depth > 0 && end < source.length);
    found.push(source.slice(index, end));
  }
  return found;
}
