import { operations, type Product, type Submission } from '@souk/contract';
import type { App } from '../app.ts';
import { follow, outcome } from '../follow/follow.ts';
import { hasEnded, watchSubmission } from '../follow/watch-submission.ts';

/**
 * Submits what was applied where it was not submitted yet, and signs off the revision that was tested. A submission of the same
 * document that is under way is gone on with, not made again.
 */
export async function publish(
  app: App,
  product: Product,
  wanted: { readonly submit: boolean; readonly signOff: boolean },
): Promise<Submission | null> {
  const client = await app.client();
  const params = { productId: product.id };
  const { items } = await client.call(operations.listSubmissions, { params, query: { limit: 1 } });
  const newest = product.draftDiffers ? undefined : items[0];
  let now = newest && !isGivenUp(newest) ? newest : undefined;
  if (!now) {
    if (!wanted.submit) return null;
    now = await client.call(operations.submitProduct, {
      params,
      body: { draftVersion: product.draftVersion },
    });
    app.output.done(`Submitted ${product.slug}: revision ${now.revision}, ${now.id}.`);
  }
  now = await untilItStands(app, now);
  if (wanted.signOff && now.state === 'waiting' && now.stage === 'sign-off') {
    now = await client.call(operations.signOff, {
      params: { submissionId: now.id },
      body: { revision: now.revision },
    });
    app.output.done(`Signed off revision ${now.revision} of ${product.slug}.`);
    now = await untilItStands(app, now);
  }
  outcome(now);
  return now;
}

/** The same document may be submitted again after these; a refusal would only come again. */
const isGivenUp = (s: Submission) => s.state === 'cancelled' || s.state === 'superseded';

/** Until it ends or waits for a person. With --json nothing is printed on the way: the product is one line. */
async function untilItStands(app: App, submission: Submission): Promise<Submission> {
  if (hasEnded(submission)) return submission;
  if (!app.output.json) return follow(app, submission, false);
  const client = await app.client();
  let now = submission;
  for await (const state of watchSubmission(client, submission.id, (text) => app.output.note(text))) {
    now = state;
    if (now.state === 'waiting' || now.state === 'held') break;
  }
  return now;
}
