import { type Static, Type } from 'typebox';
import { ProductDocument, sections } from './document.ts';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import {
  AccountId,
  Email,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  pageOf,
  record,
  Sha256,
  Slug,
  Timestamp,
} from './schema.ts';

export const productErrors = defineErrors({
  'publisher.missing': {
    kind: 'precondition',
    message: 'This account has no publisher profile.',
    remedy: 'Write one (web: Publish > Profile; CLI: souk publisher set); it takes a minute.',
  },
  'publisher.slug_taken': {
    kind: 'conflict',
    message: 'The publisher name {slug} is taken.',
    remedy: 'Choose another.',
  },
  'publisher.slug_frozen': {
    kind: 'conflict',
    message: 'The publisher name {slug} is part of the addresses that buyers use and cannot change.',
    remedy: 'Change the display name instead.',
  },
  'product.missing': {
    kind: 'missing',
    message: 'There is no product {product}.',
    remedy: 'List the products and try again.',
  },
  'product.slug_taken': {
    kind: 'conflict',
    message: 'You already have a product named {slug}.',
    remedy: 'Choose another name, or edit that product.',
  },
  'product.draft_changed': {
    kind: 'conflict',
    message: 'Somebody else saved this draft: it has version {current}, you edited version {given}.',
    remedy: 'Load the draft again and repeat your change.',
  },
  'product.frozen': {
    kind: 'conflict',
    message: 'What stands at {pointer} cannot change any more.',
    remedy: 'The findings say why and what is possible instead.',
  },
  'product.submitted': {
    kind: 'conflict',
    message: 'The product {product} was submitted before; what was submitted is kept.',
    remedy: 'Leave it as it is: a product that is not live is seen by nobody but you and its audience.',
  },
  'product.under_way': {
    kind: 'conflict',
    message: 'The submission {submissionId} of this product is still under way.',
    remedy: 'Wait for it, or cancel it first.',
  },
});

/** All four types of the glossary; what a server accepts grows with its releases. */
export const productTypes = ['model-package', 'algorithm', 'web-service', 'application'] as const;
export const ProductType = oneOf(productTypes);
export type ProductType = Static<typeof ProductType>;

export const PublisherProfile = record('PublisherProfile', {
  accountId: AccountId,
  slug: Slug,
  displayName: Type.String({ minLength: 1, maxLength: 100 }),
  description: Type.String({ maxLength: 2000 }),
  websiteUrl: nullable(Type.String({ maxLength: 2048, pattern: '^https?://' })),
  contactEmail: nullable(Email),
  logoSha256: nullable(Sha256),
  verified: Type.Boolean({ description: 'The operator has made sure who this is.' }),
  createdAt: Timestamp,
});
export type PublisherProfile = Static<typeof PublisherProfile>;

/** Publisher's view: what a product is doing now. `state` says it in one word, `waitsFor` who acts next. */
export const productStates = [
  'draft',
  'in-pipeline',
  'preview',
  'live',
  'attention',
  'leaving',
  'removed',
  'taken-down',
] as const;
export const Product = record('Product', {
  id: idOf('prd'),
  type: ProductType,
  accountId: AccountId,
  publisher: Slug,
  slug: Slug,
  title: Type.String(),
  visibility: oneOf(['public', 'private']),
  state: oneOf(productStates),
  waitsFor: nullable(oneOf(['publisher', 'system', 'operator'])),
  draftVersion: Type.Integer(),
  draftDiffers: Type.Boolean({
    description: 'True when the draft differs from the newest submitted revision.',
  }),
  previewRevision: nullable(Type.Integer()),
  liveRevision: nullable(Type.Integer()),
  submissionId: nullable(idOf('sbm')),
  createdBy: Type.String(),
  createdAt: Timestamp,
  updatedAt: Timestamp,
});
export type Product = Static<typeof Product>;

export const Completeness = record('Completeness', {
  section: oneOf(sections),
  complete: Type.Boolean(),
  errors: Type.Integer(),
  warnings: Type.Integer(),
});

export const Draft = record('Draft', {
  productId: idOf('prd'),
  version: Type.Integer({ description: 'Send it back when saving; a save of an older version is refused.' }),
  document: ProductDocument,
  findings: Type.Array(Finding),
  completeness: Type.Array(Completeness),
  savedAt: Timestamp,
});
export type Draft = Static<typeof Draft>;

export const DocumentChange = record('DocumentChange', {
  pointer: Type.String(),
  place: Type.String({ description: 'The pointer in words: `Versions › 1.2.0 › Release notes`.' }),
  kind: oneOf(['added', 'removed', 'edited']),
  before: Type.Optional(Type.Unknown()),
  after: Type.Optional(Type.Unknown()),
});
export type DocumentChange = Static<typeof DocumentChange>;

const product = fields({ productId: idOf('prd') });
const tag = 'products';

export const productOperations = {
  getPublisher: operation({
    id: 'getPublisher',
    method: 'GET',
    path: '/api/publisher',
    tag,
    summary: 'The account’s own publisher profile',
    output: PublisherProfile,
    errors: ['publisher.missing'],
  }),
  putPublisher: operation({
    id: 'putPublisher',
    method: 'PUT',
    path: '/api/publisher',
    tag,
    summary: 'Write the publisher profile; the first write makes the account a publisher',
    body: fields({
      slug: Slug,
      displayName: Type.String({ minLength: 1, maxLength: 100, pattern: '\\S' }),
      description: Type.Optional(Type.String({ maxLength: 2000 })),
      websiteUrl: Type.Optional(nullable(Type.String({ maxLength: 2048, pattern: '^https?://' }))),
      contactEmail: Type.Optional(nullable(Email)),
      logoSha256: Type.Optional(nullable(Sha256)),
    }),
    output: PublisherProfile,
    errors: ['publisher.slug_taken', 'publisher.slug_frozen', 'blob.missing'],
  }),
  listProducts: operation({
    id: 'listProducts',
    method: 'GET',
    path: '/api/products',
    tag,
    summary: 'The account’s own products',
    query: fields({ state: Type.Optional(oneOf(productStates)), ...PageQuery }),
    output: pageOf('ProductPage', Product),
    errors: [],
  }),
  createProduct: operation({
    id: 'createProduct',
    method: 'POST',
    path: '/api/products',
    tag,
    summary: 'Create a product with an empty or a given draft',
    body: fields({
      type: oneOf(['model-package', 'algorithm', 'web-service']),
      slug: Slug,
      document: Type.Optional(ProductDocument),
    }),
    output: Product,
    status: 201,
    errors: ['publisher.missing', 'product.slug_taken', 'access.describe_forbidden'],
  }),
  getProduct: operation({
    id: 'getProduct',
    method: 'GET',
    path: '/api/products/:productId',
    tag,
    summary: 'One of the account’s products',
    params: product,
    output: Product,
    errors: ['product.missing'],
  }),
  copyProduct: operation({
    id: 'copyProduct',
    method: 'POST',
    path: '/api/products/:productId/copies',
    tag,
    summary:
      'Begin a new product with the draft of this one: its texts, pictures, samples, plans and packages',
    params: product,
    body: fields({
      slug: Slug,
      visibility: Type.Optional(
        oneOf(
          ['public', 'private'],
          'default: as the original; a private product never becomes public itself',
        ),
      ),
    }),
    output: Product,
    status: 201,
    errors: ['product.missing', 'product.slug_taken', 'publisher.missing'],
  }),
  deleteProduct: operation({
    id: 'deleteProduct',
    method: 'DELETE',
    path: '/api/products/:productId',
    tag,
    summary: 'Delete a product that was never submitted',
    params: product,
    output: null,
    status: 204,
    errors: ['product.missing', 'product.submitted'],
  }),
  getDraft: operation({
    id: 'getDraft',
    method: 'GET',
    path: '/api/products/:productId/draft',
    tag,
    summary: 'The draft, its findings and how complete each section is',
    params: product,
    output: Draft,
    errors: ['product.missing'],
  }),
  putDraft: operation({
    id: 'putDraft',
    method: 'PUT',
    path: '/api/products/:productId/draft',
    tag,
    summary:
      'Replace the draft. Incomplete drafts are kept; findings say what is missing. Frozen fields are refused',
    params: product,
    body: fields({ version: Type.Integer({ minimum: 0 }), document: ProductDocument }),
    output: Draft,
    errors: ['product.missing', 'product.draft_changed', 'product.frozen', 'access.describe_forbidden'],
  }),
  getDraftDiff: operation({
    id: 'getDraftDiff',
    method: 'GET',
    path: '/api/products/:productId/diff',
    tag,
    summary: 'What the draft would change',
    params: product,
    query: fields({ against: Type.Optional(oneOf(['live', 'preview'])) }),
    output: record('DraftDiff', {
      against: nullable(Type.Integer({ description: 'Revision number, null when there is none' })),
      changes: Type.Array(DocumentChange),
      needsPreview: Type.Array(Type.String(), {
        description:
          'Against live: places whose changes must be tested before they go live. Empty for a live product: it may be submitted with `signOff`.',
      }),
    }),
    errors: ['product.missing'],
  }),
  putAudience: operation({
    id: 'putAudience',
    method: 'PUT',
    path: '/api/products/:productId/audience',
    tag,
    summary: 'Who may see the preview; works at once, without a new submission',
    params: product,
    body: fields({ testAccounts: Type.Array(AccountId, { maxItems: 5000, uniqueItems: true }) }),
    output: record('Audience', { testAccounts: Type.Array(AccountId) }),
    errors: ['product.missing'],
  }),
};
