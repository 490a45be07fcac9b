import { type Finding, operations, type Product } from '@souk/contract';
import type { App } from '../app.ts';
import { findSoukYaml, readSoukYaml } from '../document/souk-yaml.ts';
import { Failure, misuse } from '../failure.ts';

/** One of the account's own products by its slug. */
export async function findOwnProduct(app: App, slug: string): Promise<Product | undefined> {
  const client = await app.client();
  let cursor: string | null = null;
  do {
    const page: { items: Product[]; nextCursor: string | null } = await client.call(operations.listProducts, {
      query: { limit: 200, ...(cursor === null ? {} : { cursor }) },
    });
    const found = page.items.find((p) => p.slug === slug);
    if (found) return found;
    cursor = page.nextCursor;
  } while (cursor !== null);
  return undefined;
}

/** By id, by slug, by publisher/slug; or, without any, the product of the souk.yaml in this folder. */
export async function ownProduct(app: App, given: string | undefined): Promise<Product> {
  if (given?.startsWith('prd_')) {
    const client = await app.client();
    return client.call(operations.getProduct, { params: { productId: given } });
  }
  const slug = given?.split('/').at(-1) ?? slugHere(app);
  const found = await findOwnProduct(app, slug);
  if (found) return found;
  throw new Failure({
    kind: 'missing',
    code: 'product.missing',
    message: `There is no product ${slug} in this account.`,
    remedy: 'souk products list shows yours; souk push creates the one of a souk.yaml.',
  });
}

function slugHere(app: App): string {
  const path = findSoukYaml(app.host.cwd, undefined);
  if (!path) throw misuse('No product is named, and there is no souk.yaml here.', 'Give its slug or id.');
  const slug = readSoukYaml(path, app.host.cwd).product?.slug;
  if (!slug) throw misuse(`${path} does not say which product it is.`, 'Add product: with type and slug.');
  return slug;
}

/** Findings of the server's draft on the lines of the souk.yaml in this folder, where that is the product's own. */
export function onItsLines(app: App, product: Product, findings: readonly Finding[]): readonly Finding[] {
  const path = findSoukYaml(app.host.cwd, undefined);
  if (!path || !findings.some((f) => f.pointer !== null)) return findings;
  const file = readSoukYaml(path, app.host.cwd);
  return file.product?.slug === product.slug ? file.lines.locate(findings, file.shownAs) : findings;
}
