import type { Product, ProductDocument, ProductType } from '@souk/contract';
import type { ProductRow } from './products.ts';

type Facts = Pick<
  ProductRow,
  'submissionState' | 'submissionStage' | 'previewRevisionId' | 'liveRevisionId' | 'removalState'
>;

/** What a product is doing, in one word. What needs its publisher comes first, then what is under way, then what is reached. */
export function stateOf(f: Facts): Product['state'] {
  if (f.removalState === 'down') return 'taken-down';
  if (f.submissionState === 'running' || f.submissionState === 'held') return 'in-pipeline';
  if (f.submissionState === 'waiting') return f.submissionStage === 'sign-off' ? 'preview' : 'in-pipeline';
  // What left keeps its last submission, and that is no longer what it is doing.
  if (f.removalState) return f.removalState;
  if (f.submissionState === 'refused') return 'attention';
  return f.liveRevisionId ? 'live' : 'draft';
}

/** Who acts next; null when nothing is waited for. */
export function waitsFor(f: Facts): Product['waitsFor'] {
  if (f.removalState && f.submissionState === 'refused') return null;
  switch (f.submissionState) {
    case 'running':
      return 'system';
    case 'held':
      return 'operator';
    case 'refused':
      return 'publisher';
    case 'waiting':
      return f.submissionStage === 'sign-off' ? 'publisher' : 'operator';
    default:
      return f.liveRevisionId || f.removalState ? null : 'publisher';
  }
}

/**
 * The document without its audience, and the audience where the document speaks of one. It is kept beside the draft, not in
 * it: a change of audience works at once, and a revision that kept an old one would let back in who was put out since.
 */
export function withoutAudience(document: ProductDocument): {
  readonly draft: ProductDocument;
  readonly testAccounts: string[] | undefined;
} {
  const { audience, ...draft } = document;
  const accounts = audience?.testAccounts;
  return { draft, testAccounts: accounts && [...new Set(accounts)] };
}

/** The document as its publisher knows it. */
export const withAudience = (draft: ProductDocument, testAccounts: readonly string[]): ProductDocument =>
  testAccounts.length > 0 ? { ...draft, audience: { testAccounts: [...testAccounts] } } : draft;

/** What a new draft begins with: of a web service, what its vendor’s own form has ticked already. */
export const newDocument = (type: ProductType, given: ProductDocument = {}): ProductDocument =>
  type === 'web-service' && given.service === undefined
    ? {
        ...given,
        listing: { categories: ['Machine Learning'], ...given.listing },
        service: { authentication: { scheme: 'header', headerName: 'Authorization' } },
      }
    : given;

/**
 * A document that comes from a file does not know the sealed credential, and keeps the one that was given; `null` takes it away. Without it
 * each `souk push` would cut the service off.
 */
export function keptCredential(before: ProductDocument, after: ProductDocument): ProductDocument {
  const authentication = after.service?.authentication;
  const credentialId = before.service?.authentication?.credentialId;
  if (
    !credentialId ||
    !authentication ||
    authentication.scheme === 'none' ||
    authentication.credentialId !== undefined
  )
    return after;
  return { ...after, service: { ...after.service, authentication: { ...authentication, credentialId } } };
}
