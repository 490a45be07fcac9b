import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { type Draft, operations, type Product, type ProductDocument } from '@souk/contract';
import { stringify } from 'yaml';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';

export interface Exported {
  readonly product: string;
  readonly draftVersion: number;
  readonly files: readonly string[];
}

/** Writes a product's draft as a folder that `souk plan` finds unchanged: souk.yaml, the licence text and the logo beside it. */
export async function exportProduct(
  app: App,
  product: Product,
  draft: Draft,
  folder: string,
  overwrite: boolean,
): Promise<Exported> {
  const root = resolve(app.host.cwd, folder);
  const files = new Map<string, string | Uint8Array>();
  // The audience is managed apart; a file that does not speak of it leaves it alone.
  const { audience: _, ...document } = draft.document;
  const filled = await withLogo(app, withEula(document, files), files);
  const tree = { product: { type: product.type, slug: product.slug }, ...filled };
  files.set(
    'souk.yaml',
    `# Written by souk export from version ${draft.version} of the draft. The form stands in cli/README.md;\n# \`souk plan\` shows what a change here would do.\n\n${stringify(tree, { lineWidth: 110 })}`,
  );
  if (!overwrite)
    for (const name of files.keys())
      if (existsSync(join(root, name)))
        throw new Failure({
          kind: 'conflict',
          code: 'cli.file_exists',
          message: `There is a ${name} in ${folder} already.`,
          remedy: 'Give another folder, or --overwrite.',
        });
  mkdirSync(root, { recursive: true });
  for (const [name, content] of files) writeFileSync(join(root, name), content);
  return {
    product: product.slug,
    draftVersion: draft.version,
    files: [...files.keys()].map((name) => relative(app.host.cwd, join(root, name))).sort(),
  };
}

/** A text that reads back as it was; one with a byte order mark would lose it on the way through a file. */
function withEula(document: ProductDocument, files: Map<string, string | Uint8Array>): object {
  const eula = document.terms?.eula;
  if (!eula || eula.startsWith('\ufeff')) return document;
  files.set('eula.txt', eula);
  return { ...document, terms: { ...document.terms, eula: { $file: 'eula.txt' } } };
}

const extensions: Readonly<Record<string, string>> = {
  'image/png': 'png',
  'image/jpeg': 'jpg',
  'image/gif': 'gif',
};

/** The logo as a file where the marketplace gives the very bytes that were sent; else by its digest, which plans the same. */
async function withLogo(
  app: App,
  document: object,
  files: Map<string, string | Uint8Array>,
): Promise<object> {
  const { promotion } = document as ProductDocument;
  const logo = promotion?.logo;
  const extension = logo && extensions[logo.contentType];
  if (!logo || !extension) return document;
  const client = await app.client();
  const { response } = await client.exchange(
    operations.getMedia,
    { params: { sha256: logo.sha256 } },
    { accept: '*/*' },
  );
  const bytes = new Uint8Array(await response.arrayBuffer());
  if (createHash('sha256').update(bytes).digest('hex') !== logo.sha256) return document;
  files.set(`logo.${extension}`, bytes);
  return { ...document, promotion: { ...promotion, logo: { $file: `logo.${extension}` } } };
}
