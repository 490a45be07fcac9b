import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import {
  Email,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  pageOf,
  record,
  Slug,
  Timestamp,
} from './schema.ts';

export const removalErrors = defineErrors({
  'removal.missing': {
    kind: 'missing',
    message: 'The product {product} is not being removed.',
    remedy: 'Nothing is to be done.',
  },
  'removal.not_live': {
    kind: 'precondition',
    message: 'The product {product} is not live, so there is nothing to unpublish.',
    remedy: 'A product that was never submitted can be deleted; a submission under way can be cancelled.',
  },
  'removal.under_way': {
    kind: 'conflict',
    message: 'The product {product} is being removed since {since}.',
    remedy: 'Its page shows until when its subscribers are served.',
  },
  'removal.cancel_too_late': {
    kind: 'conflict',
    message: 'A removal can be cancelled for {hours} hours; this one could until {until}.',
    remedy: 'To sell the product again, submit it again.',
  },
  'removal.replacement_missing': {
    kind: 'invalid',
    message: 'There is no product {product} that everybody can subscribe to.',
    remedy: 'Name a live, public product as publisher/product, or none.',
  },
  'removal.replacement_itself': {
    kind: 'invalid',
    message: 'A product cannot be its own replacement.',
    remedy: 'Name another product, or none.',
  },
  'removal.not_sold': {
    kind: 'conflict',
    message: '{product} is no longer sold.',
    remedy: 'Choose another product.',
  },
  'takedown.down': {
    kind: 'conflict',
    message: '{product} is taken down already, since {since}.',
    remedy: 'Restore it first, to take it down for another reason.',
  },
  'takedown.missing': {
    kind: 'missing',
    message: 'There is no take-down {removalId} that still holds.',
    remedy: 'List the removals.',
  },
});

export const removalStates = ['leaving', 'removed', 'cancelled', 'republished', 'down', 'restored'] as const;

export const Removal = record('Removal', {
  id: idOf('rem'),
  productId: idOf('prd'),
  publisher: Slug,
  product: Slug,
  title: Type.String(),
  kind: oneOf(['unpublish', 'take-down']),
  state: oneOf(removalStates),
  email: nullable(Email),
  reason: Type.String(),
  replacement: nullable(fields({ publisher: Slug, slug: Slug, title: Type.String() })),
  requestedBy: Type.String(),
  requestedAt: Timestamp,
  cancellableUntil: nullable(Timestamp),
  endsAt: nullable(Timestamp),
  subscribers: Type.Integer({ description: 'Subscriptions that have not ended.' }),
  endedBy: nullable(Type.String()),
  endedReason: nullable(Type.String()),
  endedAt: nullable(Timestamp),
});
export type Removal = Static<typeof Removal>;

const reason = Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' });
const product = fields({ productId: idOf('prd') });
const address = Type.String({
  pattern: '^[a-z0-9-]{1,63}/[a-z0-9-]{1,63}$',
  description: 'publisher/product, as in the product page’s address',
});

/** What is kept of a subscription, for whoever had it. */
export const SubscriptionExport = record('SubscriptionExport', {
  exportedAt: Timestamp,
  subscription: Type.Record(Type.String(), Type.Unknown()),
  terms: fields({
    acceptedBy: Type.String(),
    acceptedAt: Timestamp,
    plan: Type.Unknown(),
    eulaSha256: Type.String(),
    eula: Type.String(),
    refundPolicy: Type.String(),
  }),
  history: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  usage: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  invoiceLines: Type.Array(Type.Record(Type.String(), Type.Unknown())),
});
export type SubscriptionExport = Static<typeof SubscriptionExport>;

/** What is kept of a product, for its publisher. */
export const ProductExport = record('ProductExport', {
  exportedAt: Timestamp,
  product: Type.Record(Type.String(), Type.Unknown()),
  draft: Type.Unknown(),
  revisions: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  versions: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  submissions: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  customers: Type.Array(Type.Record(Type.String(), Type.Unknown())),
  removals: Type.Array(Removal),
});
export type ProductExport = Static<typeof ProductExport>;

export const removalOperations = {
  unpublishProduct: operation({
    id: 'unpublishProduct',
    method: 'POST',
    path: '/api/products/:productId/removal',
    tag: 'products',
    summary: 'Unpublish: hidden and closed to new subscribers at once; those it has are served until the end',
    params: product,
    body: fields({ email: Email, reason, replacement: Type.Optional(nullable(address)) }),
    output: Removal,
    status: 201,
    errors: [
      'product.missing',
      'removal.not_live',
      'removal.under_way',
      'removal.replacement_missing',
      'removal.replacement_itself',
    ],
  }),
  getRemoval: operation({
    id: 'getRemoval',
    method: 'GET',
    path: '/api/products/:productId/removal',
    tag: 'products',
    summary: 'Why and until when a product leaves, or that it was taken down; null while it is neither',
    params: product,
    output: record('ProductRemoval', { removal: nullable(Removal) }),
    errors: ['product.missing'],
  }),
  cancelRemoval: operation({
    id: 'cancelRemoval',
    method: 'POST',
    path: '/api/products/:productId/removal/cancel',
    tag: 'products',
    summary: 'Keep the product after all; possible for a day',
    params: product,
    output: Removal,
    errors: ['product.missing', 'removal.missing', 'removal.cancel_too_late'],
  }),
  exportProduct: operation({
    id: 'exportProduct',
    method: 'GET',
    path: '/api/products/:productId/export',
    tag: 'products',
    summary: 'Everything that Souk keeps of one’s product: documents, versions, submissions, customers',
    params: product,
    output: ProductExport,
    errors: ['product.missing'],
  }),
  exportSubscription: operation({
    id: 'exportSubscription',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/export',
    tag: 'subscriptions',
    summary:
      'Everything that Souk keeps of one’s subscription: accepted terms, usage by hour, what was billed',
    params: fields({ subscriptionId: idOf('sub') }),
    output: SubscriptionExport,
    errors: ['subscription.missing'],
  }),
  listRemovals: operation({
    id: 'listRemovals',
    method: 'GET',
    path: '/api/operator/removals',
    tag: 'operator',
    summary: 'Products that leave, were removed, or were taken down; newest first',
    query: fields({ state: Type.Optional(oneOf(removalStates)), ...PageQuery }),
    output: pageOf('RemovalPage', Removal),
    errors: [],
  }),
  takeDownProduct: operation({
    id: 'takeDownProduct',
    method: 'POST',
    path: '/api/operator/take-downs',
    tag: 'operator',
    summary: 'Take a product down at once: hidden, no new subscriptions, calls of those it has are suspended',
    body: fields({ product: address, reason }),
    output: Removal,
    status: 201,
    errors: ['catalog.missing', 'takedown.down'],
  }),
  restoreProduct: operation({
    id: 'restoreProduct',
    method: 'POST',
    path: '/api/operator/take-downs/:removalId/restore',
    tag: 'operator',
    summary: 'Put a product that was taken down back as it was; its subscriptions go on',
    params: fields({ removalId: idOf('rem') }),
    body: fields({ reason }),
    output: Removal,
    errors: ['takedown.missing'],
  }),
};
