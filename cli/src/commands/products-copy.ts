import { operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, leaf } from '../command.ts';
import { given } from '../given.ts';
import { ownProduct } from '../products/own-product.ts';

interface Options {
  visibility?: 'public' | 'private';
}

export function copyCommand(products: Command, app: App): void {
  leaf(products, 'copy <product> <slug>', 'Begin a new product with the draft of another', {
    examples: [
      'souk products copy iris-classifier iris-for-all --visibility public',
      'souk products copy iris-classifier iris-eu',
    ],
    notes:
      'The way out where something is frozen: a private product never becomes public, and regions stay as they were submitted.\n' +
      'Texts, pictures, samples, versions, plans and terms are copied; subscribers and test accounts stay with the original.',
  })
    .addOption(
      choice('--visibility <visibility>', 'of the copy; else as the original', ['public', 'private']),
    )
    .action((name: string, slug: string, options: { visibility?: 'public' | 'private' }) =>
      copy(app, name, slug, options),
    );
}

async function copy(app: App, name: string, slug: string, options: Options): Promise<void> {
  const client = await app.client();
  const original = await ownProduct(app, name);
  const product = await client.call(operations.copyProduct, {
    params: { productId: original.id },
    body: { slug, ...given(options) },
  });
  app.output.item(product, [
    ['copied from', `${original.publisher}/${original.slug}`],
    ['product', `${product.publisher}/${product.slug}`],
    ['id', product.id],
    ['visibility', product.visibility],
    ['state', product.state],
  ]);
  app.output.next(`souk submit ${product.slug}`);
}
