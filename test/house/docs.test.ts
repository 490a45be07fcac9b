import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { test } from 'node:test';

const pages = ['README.md', 'CHANGELOG.md', ...globSync('docs/**/*.md')].sort();
const linksOf = (text: string) =>
  [...text.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = '']) => target)
    .filter((t) => !/^(https?:|mailto:|\/)/.test(t));

test('no page of the documentation points at nothing', () => {
  const broken: string[] = [];
  for (const page of pages)
    for (const link of linksOf(readFileSync(page, 'utf8'))) {
      const [path = '', anchor] = link.split('#');
      const target = path === '' ? page : normalize(join(dirname(page), path));
      if (!existsSync(target)) broken.push(`${page}: ${link}`);
      else if (anchor && target.endsWith('.md') && !anchorsOf(target).includes(anchor))
        broken.push(`${page}: ${link}`);
    }
  assert.deepEqual(broken, []);
});

test('every page can be reached from the README', () => {
  const reached = new Set(['README.md']);
  for (const page of reached)
    if (page.endsWith('.md'))
      for (const link of linksOf(readFileSync(page, 'utf8'))) {
        const target = normalize(join(dirname(page), link.split('#')[0] ?? ''));
        if (target.endsWith('.md') && existsSync(target)) reached.add(target);
      }
  const lost = pages.filter(
    (page) => !reached.has(page) && page !== 'CHANGELOG.md' && !page.includes('/decisions/'),
  );
  assert.deepEqual(lost, []);
});

/** As GitHub makes them: lower case, words joined by hyphens, everything else gone. */
function anchorsOf(page: string): string[] {
  const text = readFileSync(page, 'utf8');
  const headings = [...text.matchAll(/^#+ (.*)$/gm)].map(([, title = '']) =>
    title
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, '')
      .trim()
      .replaceAll(' ', '-'),
  );
  return [...headings, ...[...text.matchAll(/<a (?:id|name)="([^"]+)"/g)].map(([, id = '']) => id)];
}
