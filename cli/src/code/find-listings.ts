import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { readSoukYaml, type SoukYaml, unreadable } from '../document/souk-yaml.ts';
import { misuse } from '../failure.ts';

const names = ['souk.yaml', 'souk.yml'];
const passedOver = new Set(['node_modules', '__pycache__']);

/** Every souk.yaml in a folder and below it, by path; or the one file that is given. Hidden folders are passed over. */
export function findListings(cwd: string, given: string | undefined): string[] {
  const root = resolve(cwd, given ?? '.');
  if (!existsSync(root))
    throw misuse(`There is no folder ${given}.`, 'Give the folder with your souk.yaml files.');
  if (!statSync(root).isDirectory()) return [root];
  const found: string[] = [];
  const walk = (folder: string) => {
    const entries = readdirSync(folder, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
    const own = entries.find((e) => e.isFile() && names.includes(e.name));
    if (own) found.push(join(folder, own.name));
    for (const e of entries)
      if (e.isDirectory() && !e.name.startsWith('.') && !passedOver.has(e.name)) walk(join(folder, e.name));
  };
  walk(root);
  if (found.length === 0)
    throw misuse(
      `There is no souk.yaml in ${given ?? 'this folder'} or below it.`,
      'Write one (cli/README.md), or begin with: souk export <product>',
    );
  return found;
}

/** Reads them all, so that a mistake in the last is said before anything is done with the first. */
export function readListings(paths: readonly string[], cwd: string): SoukYaml[] {
  const files = paths.map((path) => readSoukYaml(path, cwd));
  for (const file of files) {
    const slug = file.product?.slug;
    const twin = files.find((f) => f !== file && slug !== undefined && f.product?.slug === slug);
    if (twin)
      throw unreadable(
        file.shownAs,
        file.lines.locate(
          [
            {
              rule: 'souk-yaml',
              code: 'souk-yaml.product_twice',
              severity: 'error',
              file: null,
              pointer: '/product/slug',
              line: null,
              message: `The product ${slug} is described here and in ${twin.shownAs}.`,
              remedy: 'Keep one of the two files.',
            },
          ],
          file.shownAs,
        ),
      );
  }
  return files;
}
