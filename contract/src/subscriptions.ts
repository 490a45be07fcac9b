import { type Static, Type } from 'typebox';
import { Leaving } from './catalog.ts';
import { Plan } from './document.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { PromotionCode } from './plans.ts';
import {
  AccountId,
  Currency,
  Decimal,
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
import { Sunset, VersionStanding } from './versions.ts';

export const subscriptionErrors = defineErrors({
  'subscription.missing': {
    kind: 'missing',
    message: 'There is no subscription {subscriptionId} in this account.',
    remedy: 'List your subscriptions.',
  },
  'subscription.exists': {
    kind: 'conflict',
    message: 'This account is already subscribed to {product}.',
    remedy: 'Use the subscription {subscriptionId}, or cancel it first.',
  },
  'subscription.plan_missing': {
    kind: 'invalid',
    message: '{product} has no plan {planId}; it offers {plans}.',
    remedy: 'Choose one of these.',
  },
  'subscription.eula_changed': {
    kind: 'conflict',
    message: 'The licence agreement that you accept is not the current one.',
    remedy: 'Read the current text on the product page and accept that.',
  },
  'subscription.eula_not_accepted': {
    kind: 'precondition',
    message: 'A subscription needs the acceptance of the licence agreement.',
    remedy: 'Read it and send acceptEula: true with its digest.',
  },
  'subscription.version_missing': {
    kind: 'invalid',
    message: '{product} has no version {version} that you may choose; it has {versions}.',
    remedy: 'Choose one of these.',
  },
  'subscription.follow_needs_latest': {
    kind: 'invalid',
    message: 'A subscription that follows the latest version cannot be held at version {version}.',
    remedy: 'Choose latest to follow it, or a version without following.',
  },
  'subscription.running': {
    kind: 'conflict',
    message: 'Under this subscription there still runs: {what}.',
    remedy:
      'Cancel with stopRunning=true (souk: --stop-running), which stops all of it; or stop it yourself first.',
  },
  'subscription.ended': {
    kind: 'conflict',
    message: 'The subscription ended on {endedAt}.',
    remedy: 'Subscribe again.',
  },
  'subscription.suspended': {
    kind: 'conflict',
    message: 'The subscription {subscriptionId} is suspended: {reason}',
    remedy: 'See the page of the subscription for what resumes it.',
  },
  'subscription.answers_no_calls': {
    kind: 'conflict',
    message: 'Version {version} of {product} is an algorithm: it trains models, and answers no calls itself.',
    remedy: 'Train a model with it, and run that.',
  },
  'subscription.source_unclear': {
    kind: 'invalid',
    message: 'It is not clear what is to run: {problem}',
    remedy: 'Give subscriptionId, with a version where you like, or modelPackage alone.',
  },
});

export const subscriptionStates = ['active', 'suspended', 'ended'] as const;

export const Subscription = record('Subscription', {
  id: idOf('sub'),
  accountId: AccountId,
  productId: idOf('prd'),
  publisher: Slug,
  product: Slug,
  title: Type.String(),
  logoUrl: nullable(Type.String()),
  state: oneOf(subscriptionStates),
  plan: Plan,
  revision: Type.Integer({ description: 'The product revision whose terms were accepted.' }),
  version: Type.String({
    description: 'The version that calls without an explicit version reach; changes only when you change it.',
  }),
  followsLatest: Type.Boolean({
    description:
      'It moves to each new version that is listed, when that is released, and its account is told.',
  }),
  latest: nullable(Type.String({ description: 'What the alias latest means for this subscription now.' })),
  standing: VersionStanding,
  productSunset: nullable(Sunset),
  versions: Type.Array(
    fields({
      number: Type.String(),
      modelName: Type.String(),
      limited: Type.Boolean(),
      standing: VersionStanding,
    }),
  ),
  limited: Type.Boolean(),
  eulaSha256: Sha256,
  acceptedBy: Type.String(),
  acceptedAt: Timestamp,
  endedAt: nullable(Timestamp),
  suspended: nullable(fields({ code: Type.String(), reason: Type.String() })),
  ended: nullable(fields({ code: Type.String(), reason: Type.String() })),
  leaving: nullable(Leaving),
  callPath: Type.String(),
  sample: nullable(fields({ contentType: Type.String(), body: Type.String() })),
});
export type Subscription = Static<typeof Subscription>;

export const Snippet = record('Snippet', {
  language: oneOf(['curl', 'python', 'typescript']),
  title: Type.String(),
  code: Type.String(),
});
export type Snippet = Static<typeof Snippet>;

export const UsageRow = record('UsageRow', {
  hour: Timestamp,
  dimension: Type.String(),
  quantity: Type.Integer(),
  clientErrors: Type.Integer({ description: 'Calls answered 4xx; never billed.' }),
  serverErrors: Type.Integer({ description: 'Calls answered 5xx; never billed.' }),
});
export type UsageRow = Static<typeof UsageRow>;

export const Usage = record('Usage', {
  from: Timestamp,
  to: Timestamp,
  bucket: oneOf(['hour', 'day']),
  rows: Type.Array(UsageRow),
  total: Type.Integer({ description: 'Answered calls, or what they said they are.' }),
  instanceSeconds: Type.Integer({ description: 'Seconds of all instances that ran.' }),
  quota: nullable(
    fields({
      limit: Type.Integer(),
      used: Type.Integer(),
      dimension: Type.String(),
      since: Timestamp,
      resetsAt: Timestamp,
      stops: Type.Boolean({
        description: 'Calls beyond it are refused; else they go on at the price of a unit.',
      }),
    }),
  ),
});
export type Usage = Static<typeof Usage>;

export const InvoiceLine = record('InvoiceLine', {
  id: Type.String(),
  subscriptionId: idOf('sub'),
  productTitle: Type.String(),
  description: Type.String({ description: 'For people: what, how many, at what price.' }),
  dimension: Type.String(),
  unit: oneOf(
    ['unit', 'hour', 'month'],
    'What one price is for. Of hours, all quantities are seconds, and the amount is their part of the price.',
  ),
  payee: oneOf(
    ['publisher', 'operator'],
    'The price of a plan goes to its publisher; that of the instances themselves to the operator of the marketplace.',
  ),
  quantity: Type.Integer(),
  includedQuantity: Type.Integer({
    description:
      'Granted once per product and month: what other subscriptions of the account were granted before counts against it.',
  }),
  billableQuantity: Type.Integer(),
  pricePerUnit: Decimal,
  amount: Decimal,
  currency: Currency,
  revision: Type.Integer({ description: 'The product revision whose plan gives the price.' }),
  usageFrom: Timestamp,
  usageTo: Timestamp,
  usageRecords: Type.Integer({ description: 'How many hourly usage records this line adds up.' }),
});
export type InvoiceLine = Static<typeof InvoiceLine>;

export const Invoice = record('Invoice', {
  accountId: AccountId,
  month: Type.String({ pattern: '^[0-9]{4}-[0-9]{2}$' }),
  state: oneOf(
    ['so-far', 'closed'],
    'Closed a day after the end of the month: lines no longer change, and usage that arrives later is on the invoice of the month in which it arrives.',
  ),
  from: Timestamp,
  to: Timestamp,
  lines: Type.Array(InvoiceLine),
  totals: Type.Array(fields({ currency: Currency, amount: Decimal })),
  computedAt: Timestamp,
});
export type Invoice = Static<typeof Invoice>;

const subscription = fields({ subscriptionId: idOf('sub') });
const window = {
  from: Type.Optional(Timestamp),
  to: Type.Optional(Timestamp),
  bucket: Type.Optional(oneOf(['hour', 'day'])),
};
// Calendars end somewhere: years outside of these two centuries are typing mistakes, and Date reads years below 100 as 19xx.
const month = Type.Optional(Type.String({ pattern: '^(19|20|21)[0-9]{2}-(0[1-9]|1[0-2])$' }));
const tag = 'subscriptions';

export const subscriptionOperations = {
  subscribe: operation({
    id: 'subscribe',
    method: 'POST',
    path: '/api/subscriptions',
    tag,
    summary: 'Subscribe: accept a plan and the licence agreement',
    body: fields({
      publisher: Slug,
      product: Slug,
      planId: Slug,
      code: Type.Optional(PromotionCode),
      slot: Type.Optional(oneOf(['preview', 'live'])),
      version: Type.Optional(Type.String({ maxLength: 64 })),
      followLatest: Type.Optional(Type.Boolean()),
      eulaSha256: Sha256,
      acceptEula: Type.Boolean(),
    }),
    output: Subscription,
    status: 201,
    errors: [
      'catalog.missing',
      'subscription.exists',
      'subscription.plan_missing',
      'subscription.eula_changed',
      'subscription.eula_not_accepted',
      'subscription.version_missing',
      'removal.not_sold',
      'plan.code_needed',
      'plan.code_wrong',
      'plan.code_expired',
      'plan.code_used_up',
      'plan.code_tries',
      'governance.denied',
      'governance.approval_needed',
      'governance.budget_spent',
      'subscription.follow_needs_latest',
    ],
  }),
  listSubscriptions: operation({
    id: 'listSubscriptions',
    method: 'GET',
    path: '/api/subscriptions',
    tag,
    summary: 'The account’s subscriptions, newest first',
    query: fields({ state: Type.Optional(oneOf(subscriptionStates)), ...PageQuery }),
    output: pageOf('SubscriptionPage', Subscription),
    errors: [],
  }),
  getSubscription: operation({
    id: 'getSubscription',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId',
    tag,
    summary: 'One subscription',
    params: subscription,
    output: Subscription,
    errors: ['subscription.missing'],
  }),
  chooseVersion: operation({
    id: 'chooseVersion',
    method: 'PATCH',
    path: '/api/subscriptions/:subscriptionId',
    tag,
    summary: 'Choose the version that calls reach',
    params: subscription,
    body: fields({
      version: Type.String({ maxLength: 64, description: 'A number, or latest.' }),
      followLatest: Type.Optional(
        Type.Boolean({ description: 'With latest: move on by itself when a newer version is released.' }),
      ),
    }),
    output: Subscription,
    errors: [
      'subscription.missing',
      'subscription.version_missing',
      'subscription.follow_needs_latest',
      'subscription.ended',
    ],
  }),
  cancelSubscription: operation({
    id: 'cancelSubscription',
    method: 'POST',
    path: '/api/subscriptions/:subscriptionId/cancel',
    tag,
    summary: 'Cancel; calls stop within a second. What runs is listed first, and stops with it',
    params: subscription,
    query: fields({
      stopRunning: Type.Optional(
        Type.Boolean({
          description: 'Stop what runs. Without it, a subscription with something running stays.',
        }),
      ),
    }),
    output: Subscription,
    errors: ['subscription.missing', 'subscription.ended', 'subscription.running'],
  }),
  getSnippets: operation({
    id: 'getSnippets',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/snippets',
    tag,
    summary: 'Code that calls the product when pasted; the key is read from SOUK_API_KEY',
    params: subscription,
    output: record('Snippets', { items: Type.Array(Snippet) }),
    errors: ['subscription.missing'],
  }),
  getUsage: operation({
    id: 'getUsage',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/usage',
    tag: 'usage',
    summary: 'Usage by hour or day; calls appear within seconds',
    params: subscription,
    query: fields(window),
    output: Usage,
    errors: ['subscription.missing'],
  }),
  getProductUsage: operation({
    id: 'getProductUsage',
    method: 'GET',
    path: '/api/products/:productId/usage',
    tag: 'usage',
    summary: 'Usage of one’s product over all subscriptions',
    params: fields({ productId: idOf('prd') }),
    query: fields(window),
    output: Usage,
    errors: ['product.missing'],
  }),
  getInvoice: operation({
    id: 'getInvoice',
    method: 'GET',
    path: '/api/account/invoice',
    tag: 'usage',
    summary: 'The invoice of a month; of the current one, so far',
    query: fields({ month }),
    output: Invoice,
    errors: [],
  }),
  listProductSubscriptions: operation({
    id: 'listProductSubscriptions',
    method: 'GET',
    path: '/api/products/:productId/subscriptions',
    tag: 'products',
    summary: 'Who is subscribed to one’s product',
    params: fields({ productId: idOf('prd') }),
    query: fields(PageQuery),
    output: pageOf(
      'CustomerPage',
      record('Customer', {
        subscriptionId: idOf('sub'),
        accountId: AccountId,
        accountName: Type.String(),
        planId: Slug,
        version: Type.String(),
        state: oneOf(subscriptionStates),
        since: Timestamp,
        unitsThisMonth: Type.Integer({ description: 'Answered calls.' }),
        instanceSecondsThisMonth: Type.Integer(),
      }),
    ),
    errors: ['product.missing'],
  }),
};
