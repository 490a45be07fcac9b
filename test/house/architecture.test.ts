import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize, relative } from 'node:path';
import { test } from 'node:test';

/** Holds the directions of docs/architecture.md: contract <- platform <- domains <- dialects <- compose <- main. */
const isSource = (path: string) => !/\.(test|gen)\.ts$/.test(path) && !path.includes('node_modules');
const sources = globSync('{contract,server,cli,web}/src/**/*.{ts,tsx}').filter(isSource).sort();

interface Import {
  readonly from: string;
  /** A path of ours, or a package's name. */
  readonly to: string;
}

const imports: Import[] = sources.flatMap((from) => {
  const text = readFileSync(from, 'utf8').replaceAll(/\/\*[\s\S]*?\*\//g, '');
  const found = [
    ...text.matchAll(/(?:^|\n)\s*(?:import|export)\b[^'";]*?from\s*'([^']+)'/g),
    ...text.matchAll(/\bimport\(\s*'([^']+)'\s*\)/g),
    ...text.matchAll(/(?:^|\n)import\s+'([^']+)'/g),
  ];
  return found.map(([, target = '']) => ({
    from,
    to: target.startsWith('.') ? normalize(join(dirname(from), target)) : target,
  }));
});

const layerOf = (path: string): string => {
  if (path.startsWith('contract/') || path.startsWith('@souk/contract')) return 'contract';
  const inside = relative('server/src', path);
  if (path.startsWith('server/src/')) {
    if (inside.startsWith('platform/')) return 'platform';
    if (inside.startsWith('domains/')) return 'domains';
    if (inside.startsWith('dialects/')) return 'dialects';
    return inside === 'main.ts' ? 'main' : 'compose';
  }
  return path.split('/')[0] ?? '';
};
const order = ['contract', 'platform', 'domains', 'dialects', 'compose', 'main'];
const domainOf = (path: string) => /^server\/src\/domains\/([^/]+)\//.exec(path)?.[1];

test('the imports of every source file were found', () => {
  assert.ok(sources.length > 50, `${sources.length} files`);
  for (const { from, to } of imports)
    if (to.startsWith('server/') || to.startsWith('contract/') || to.startsWith('cli/'))
      assert.ok(existsSync(to), `${from} imports ${to}, which does not exist`);
});

test('imports go downward only: contract, platform, domains, dialects, compose, main', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [a, b] = [order.indexOf(layerOf(from)), order.indexOf(layerOf(to))];
    return a >= 0 && b >= 0 && b > a;
  });
  assert.deepEqual(wrong, []);
});

test('the contract imports nothing of ours', () => {
  assert.deepEqual(
    imports.filter(
      ({ from, to }) =>
        layerOf(from) === 'contract' &&
        (to.startsWith('@souk/') || (!to.startsWith('contract/') && /^(server|web|cli)\//.test(to))),
    ),
    [],
  );
});

test('the web application and the command line know the contract and nothing else of ours', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      /^(web|cli)\//.test(from) &&
      (/^(server|examples|bench)\//.test(to) ||
        (to.startsWith('@souk/') && !to.startsWith('@souk/contract'))),
  );
  assert.deepEqual(wrong, []);
});

test('one domain reaches another through its index.ts only', () => {
  const wrong = imports.filter(({ from, to }) => {
    const [a, b] = [domainOf(from), domainOf(to)];
    return (
      b !== undefined && a !== b && to !== `server/src/domains/${b}/index.ts` && layerOf(from) === 'domains'
    );
  });
  assert.deepEqual(wrong, []);
});

test('the gateway imports contract, platform and its own domain only', () => {
  const wrong = imports.filter(
    ({ from, to }) =>
      from.startsWith('server/src/domains/gateway/') &&
      to.startsWith('server/src/domains/') &&
      !to.startsWith('server/src/domains/gateway/'),
  );
  assert.deepEqual(wrong, []);
});

test('there are no cycles between domains', () => {
  const edges = new Map<string, Set<string>>();
  for (const { from, to } of imports) {
    const [a, b] = [domainOf(from), domainOf(to)];
    if (a && b && a !== b) edges.set(a, (edges.get(a) ?? new Set()).add(b));
  }
  const visit = (domain: string, path: string[]): string[] | undefined => {
    if (path.includes(domain)) return [...path.slice(path.indexOf(domain)), domain];
    for (const next of edges.get(domain) ?? []) {
      const cycle = visit(next, [...path, domain]);
      if (cycle) return cycle;
    }
    return undefined;
  };
  for (const domain of edges.keys()) assert.equal(visit(domain, []), undefined);
});

test('every domain says in a README what it owns', () => {
  const domains = new Set(sources.map(domainOf).filter((d) => d !== undefined));
  assert.deepEqual(
    [...domains].filter((d) => !existsSync(`server/src/domains/${d}/README.md`)),
    [],
  );
});

test('only main.ts reads arguments and environment; separate programs read their own', () => {
  const readers = sources.filter(
    (path) =>
      path.startsWith('server/src/') &&
      !/(^server\/src\/main|\.main|\/main|\.child|\.worker)\.ts$/.test(path) &&
      // PATH is handed on to programs that find others by it; nothing is decided by it. In quotes it is code for others to paste.
      /process\.(argv|env(?!\.PATH\b))/.test(readFileSync(path, 'utf8').replaceAll(/'[^'\n]*'/g, '')),
  );
  // Sets a variable before anything is read, for a library that looks in the environment of the process and nowhere else.
  assert.deepEqual(readers, ['server/src/domains/runtime/model-server/no-telemetry.ts']);
});

test('nothing is called utils, helpers, manager, base or common', () => {
  assert.deepEqual(
    sources.filter((path) => /(^|[/.-])(utils?|helpers?|managers?|base|common)(\.|\/)/.test(path)),
    [],
  );
});
