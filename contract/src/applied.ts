import { type Static, Type } from 'typebox';
import { ProductDocument } from './document.ts';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import { DocumentChange } from './products.ts';
import { fields, idOf, nullable, record, Sha256, Timestamp } from './schema.ts';

/** Listings as code: what was applied from files last, and what people changed since. */
export const appliedErrors = defineErrors({
  'product.apply_conflict': {
    kind: 'conflict',
    message:
      'The draft changed after the plan was made: it has version {current}, the plan was made for version {given}. Nothing was applied.',
    remedy: 'Plan again, look at what changed, and apply that.',
  },
});

export const AppliedMark = record('AppliedMark', {
  sha256: Sha256,
  source: nullable(Type.String({ description: 'Where the files come from: a repository and commit.' })),
  draftVersion: Type.Integer(),
  appliedBy: Type.String(),
  appliedAt: Timestamp,
});
export type AppliedMark = Static<typeof AppliedMark>;

export const Applied = record('Applied', {
  draftVersion: Type.Integer(),
  applied: nullable(AppliedMark),
  drift: Type.Array(DocumentChange, {
    description: 'What differs between what was applied last and the draft; the pointers are the draft’s.',
  }),
  changedBy: nullable(Type.String({ description: 'Who saved the draft last, when it drifted.' })),
  changedAt: nullable(Timestamp),
});
export type Applied = Static<typeof Applied>;

/** What stands for the ARN of a model that is registered when the plan is applied. */
export const arnToCome = 'registered when applied';

export const AppliedPlan = record('AppliedPlan', {
  applied: Applied,
  changes: Type.Array(DocumentChange, { description: 'What applying would change in the draft.' }),
  undone: Type.Array(Type.String(), {
    description:
      'Pointers of the drift that applying would undo: what people changed and the files do not say.',
  }),
  findings: Type.Array(Finding, {
    description: 'Of the document as it would be; those with the code `frozen.…` refuse the whole.',
  }),
});
export type AppliedPlan = Static<typeof AppliedPlan>;

const newModels = Type.Array(Type.Integer({ minimum: 0 }), {
  maxItems: 500,
  uniqueItems: true,
  description: 'Places of versions whose model is registered only when this is applied.',
});

const params = fields({ productId: idOf('prd') });
const tag = 'products';

export const appliedOperations = {
  getApplied: operation({
    id: 'getApplied',
    method: 'GET',
    path: '/api/products/:productId/applied',
    tag,
    summary: 'What was applied to the product from files last, and what drifted since',
    params,
    output: Applied,
    errors: ['product.missing'],
  }),
  planDraft: operation({
    id: 'planDraft',
    method: 'POST',
    path: '/api/products/:productId/applied/plan',
    tag,
    summary:
      'What applying a document would change, what it would undo, and what is wrong with it; changes nothing',
    params,
    body: fields({ document: ProductDocument, newModels: Type.Optional(newModels) }),
    output: AppliedPlan,
    errors: ['product.missing', 'access.describe_forbidden'],
  }),
  applyDraft: operation({
    id: 'applyDraft',
    method: 'PUT',
    path: '/api/products/:productId/applied',
    tag,
    summary:
      'Make the draft what files say, for the version of the draft that was planned for, and note where they come from',
    params,
    body: fields({
      draftVersion: Type.Integer({ minimum: 0 }),
      document: ProductDocument,
      source: Type.Optional(Type.String({ minLength: 1, maxLength: 500, pattern: '^[^\\p{Cc}]+$' })),
    }),
    output: Applied,
    errors: ['product.missing', 'product.apply_conflict', 'product.frozen', 'access.describe_forbidden'],
  }),
};
