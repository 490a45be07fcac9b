import { operations, type Submission } from '@souk/contract';
import type { App } from '../app.ts';
import { Failure } from '../failure.ts';
import { ownProduct } from '../products/own-product.ts';

/** By id, or the newest submission of a product. */
export async function submissionOf(app: App, name: string | undefined): Promise<Submission> {
  const client = await app.client();
  if (name?.startsWith('sbm_'))
    return client.call(operations.getSubmission, { params: { submissionId: name } });
  const product = await ownProduct(app, name);
  const { items } = await client.call(operations.listSubmissions, {
    params: { productId: product.id },
    query: { limit: 1 },
  });
  const newest = items[0];
  if (newest) return newest;
  throw new Failure({
    kind: 'missing',
    code: 'submission.missing',
    message: `${product.publisher}/${product.slug} was never submitted.`,
    remedy: 'Submit it: souk submit',
  });
}
