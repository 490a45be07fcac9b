import { type Static, Type } from 'typebox';
import { PlanPart } from './document.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { Currency, fields, idOf, nullable, oneOf, record, Slug, Timestamp } from './schema.ts';

export const priceErrors = defineErrors({
  'price.nothing_announced': {
    kind: 'conflict',
    message: 'No change of the plan {planId} is announced that is still to come.',
    remedy: 'What began stays; to change it, release another price.',
  },
});

const Parts = Type.Array(PlanPart);

export const PriceStep = record('PriceStep', {
  from: Timestamp,
  parts: Parts,
  kind: oneOf(['decrease', 'increase'], 'against what holds before'),
});
export type PriceStep = Static<typeof PriceStep>;

/** What a release would do to the price of one plan. */
export const PlanPriceChange = record('PlanPriceChange', {
  planId: Slug,
  name: Type.String(),
  currency: Currency,
  before: nullable(Parts),
  after: Parts,
  kind: oneOf(['same', 'new', 'decrease', 'increase', 'mixed']),
  existing: Type.Array(
    fields({
      subscribers: Type.Integer(),
      now: Parts,
      steps: Type.Array(PriceStep),
    }),
    {
      description:
        'Subscribers by what they pay now, and what they would pay from when. New ones pay `after`.',
    },
  ),
});
export type PlanPriceChange = Static<typeof PlanPriceChange>;

export const PriceChanges = record('PriceChanges', {
  noticeDays: Type.Integer(),
  increasesFrom: Timestamp,
  plans: Type.Array(PlanPriceChange),
  announced: Type.Array(
    fields({
      planId: Slug,
      currency: Currency,
      subscribers: Type.Integer(),
      revision: Type.Integer(),
      announcedAt: Timestamp,
      from: Timestamp,
      parts: Parts,
    }),
  ),
});
export type PriceChanges = Static<typeof PriceChanges>;

export const SubscriptionPrices = record('SubscriptionPrices', {
  subscriptionId: idOf('sub'),
  planId: Slug,
  currency: Currency,
  accepted: Parts,
  now: Parts,
  steps: Type.Array(
    fields({
      from: Timestamp,
      parts: Parts,
      kind: oneOf(['decrease', 'increase']),
      announcedAt: Timestamp,
      revision: Type.Integer(),
      when: oneOf(['before', 'now', 'coming']),
    }),
  ),
});
export type SubscriptionPrices = Static<typeof SubscriptionPrices>;

const product = fields({ productId: idOf('prd') });

export const priceOperations = {
  getPriceChanges: operation({
    id: 'getPriceChanges',
    method: 'GET',
    path: '/api/products/:productId/price-changes',
    tag: 'products',
    summary: 'What the draft would change about prices, for whom and from when; and what is announced',
    params: product,
    output: PriceChanges,
    errors: ['product.missing'],
  }),
  cancelPriceChange: operation({
    id: 'cancelPriceChange',
    method: 'POST',
    path: '/api/products/:productId/price-changes/cancel',
    tag: 'products',
    summary: 'Take back an announced increase: those it was announced to go on paying what they pay',
    params: product,
    body: fields({ planId: Slug }),
    output: PriceChanges,
    errors: ['product.missing', 'price.nothing_announced'],
  }),
  getSubscriptionPrices: operation({
    id: 'getSubscriptionPrices',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/prices',
    tag: 'subscriptions',
    summary: 'What a subscription costs: as accepted, now, and what is announced',
    params: fields({ subscriptionId: idOf('sub') }),
    output: SubscriptionPrices,
    errors: ['subscription.missing'],
  }),
};
