import { type Static, Type } from 'typebox';
import { governanceLimits } from './community-limits.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import {
  Currency,
  Decimal,
  Email,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  Price,
  pageOf,
  record,
  Slug,
  Timestamp,
} from './schema.ts';
import { subscriptionStates } from './subscriptions.ts';

export const governanceErrors = defineErrors({
  'governance.denied': {
    kind: 'forbidden',
    message: 'The rules of your account do not allow {product}: {rule}.',
    remedy: 'Choose another product, or ask {ask}.',
  },
  'governance.approval_needed': {
    kind: 'forbidden',
    message: 'Your account wants {product} to be approved first: {rule}.',
    remedy: 'Send a request with a reason; {ask} can approve it.',
  },
  'governance.budget_spent': {
    kind: 'forbidden',
    message:
      'The budget {budget} of your account is spent for this month, so nothing more that costs {currency} can be subscribed to.',
    remedy: 'Wait for the first of next month (UTC), or ask {ask} to raise it.',
  },
  'governance.changed_meanwhile': {
    kind: 'conflict',
    message: 'The rules were changed meanwhile: they are at version {version}.',
    remedy: 'Read them again and repeat your change.',
  },
  'governance.duplicate_rule': {
    kind: 'invalid',
    message: 'There are two rules for {subject}; the second is number {position}.',
    remedy: 'Keep one of them.',
  },
  'governance.subject_missing': {
    kind: 'invalid',
    message: 'There is no {subject} that a rule or a budget of this account can name.',
    remedy: 'Name a product as publisher/product, a publisher by its address, or a member by e-mail address.',
  },
  'governance.not_needed': {
    kind: 'conflict',
    message: 'You may subscribe to {product} without an approval.',
    remedy: 'Subscribe.',
  },
  'governance.request_exists': {
    kind: 'conflict',
    message: 'Your request for {product} is waiting or approved already: {requestId}.',
    remedy: 'Wait for the decision, use the approval, or withdraw the request.',
  },
  'governance.request_missing': {
    kind: 'missing',
    message: 'There is no such request that you may act on.',
    remedy: 'List the requests.',
  },
  'governance.request_decided': {
    kind: 'conflict',
    message: 'This request is {state} already.',
    remedy: 'Look at it again; somebody else may have decided.',
  },
  'governance.own_request': {
    kind: 'forbidden',
    message: 'Nobody decides on their own request.',
    remedy: 'Ask another admin of the account.',
  },
  'governance.budget_missing': {
    kind: 'missing',
    message: 'There is no such budget in this account.',
    remedy: 'List the budgets.',
  },
  'governance.budget_exists': {
    kind: 'conflict',
    message: 'There is a budget for {subject} in {currency} already.',
    remedy: 'Change that one.',
  },
  'governance.budget_limit': {
    kind: 'conflict',
    message: 'An account has at most {max} budgets.',
    remedy: 'Remove one first.',
  },
  'governance.amount_invalid': {
    kind: 'invalid',
    message:
      '{amount} is no amount for a budget in {currency}: more than zero, at most {digits} digits after the point.',
    remedy: 'Correct the amount.',
  },
});

export const ruleEffects = ['allow', 'deny', 'request'] as const;
/** From the most specific to the least; the first kind of which a rule applies decides. */
export const ruleKinds = ['product', 'publisher', 'category', 'type', 'price'] as const;

export const GovernanceRule = record('GovernanceRule', {
  kind: oneOf(ruleKinds),
  value: Type.String({
    minLength: 1,
    maxLength: 130,
    description: 'publisher/product, a publisher, a category, a product type, or free or paid',
  }),
  effect: oneOf(ruleEffects, '`request`: needs an approval by an admin of the account'),
  note: Type.Optional(
    Type.String({ maxLength: governanceLimits.noteChars, description: 'Why; members read it.' }),
  ),
});
export type GovernanceRule = Static<typeof GovernanceRule>;

const rulesBody = {
  default: oneOf(ruleEffects, 'where no rule applies'),
  contact: Type.String({
    maxLength: governanceLimits.contactChars,
    description: 'Whom members ask; empty: the account’s admins.',
  }),
  rules: Type.Array(GovernanceRule, { maxItems: governanceLimits.rules }),
};

export const Governance = record('Governance', {
  version: Type.Integer(),
  ...rulesBody,
  updatedBy: nullable(Type.String()),
  updatedAt: nullable(Timestamp),
  outside: Type.Integer({ description: 'Subscriptions that the rules would not allow today; they go on.' }),
});
export type Governance = Static<typeof Governance>;

export const requestStates = ['pending', 'approved', 'denied', 'withdrawn', 'used', 'expired'] as const;
export const AccessRequest = record('AccessRequest', {
  id: idOf('arq'),
  publisher: Slug,
  product: Slug,
  productTitle: Type.String(),
  planId: Slug,
  reason: Type.String(),
  state: oneOf(requestStates, '`expired`: approved, and not used in time'),
  requestedBy: Type.String(),
  mine: Type.Boolean(),
  decidedBy: nullable(Type.String()),
  decisionReason: nullable(Type.String()),
  createdAt: Timestamp,
  decidedAt: nullable(Timestamp),
  expiresAt: nullable(Timestamp),
});
export type AccessRequest = Static<typeof AccessRequest>;

export const Verdict = record('Verdict', {
  effect: oneOf(ruleEffects),
  rule: nullable(Type.String({ description: 'The rule that decides, in a sentence; null: the default.' })),
  ask: Type.String({ description: 'Whom to ask.' }),
  request: nullable(AccessRequest),
});
export type Verdict = Static<typeof Verdict>;

const money = fields({ currency: Currency, amount: Decimal });

export const GovernedSubscription = record('GovernedSubscription', {
  subscriptionId: idOf('sub'),
  publisher: Slug,
  product: Slug,
  title: Type.String(),
  planId: Slug,
  state: oneOf(subscriptionStates),
  member: Type.String({ description: 'Who accepted the plan.' }),
  costCentre: nullable(Type.String()),
  since: Timestamp,
  spentThisMonth: Type.Array(money),
  effect: oneOf(ruleEffects, 'What the rules say of it today.'),
  rule: nullable(Type.String()),
  outside: Type.Boolean({ description: 'It would be denied today; nothing ends by itself.' }),
});
export type GovernedSubscription = Static<typeof GovernedSubscription>;

export const spendKeys = ['product', 'member', 'month', 'cost-centre'] as const;
export const Spend = record('Spend', {
  from: Type.String(),
  to: Type.String(),
  by: oneOf(spendKeys),
  rows: Type.Array(
    fields({
      key: Type.String(),
      label: Type.String(),
      quantity: Type.Integer({ description: 'Answered calls.' }),
      instanceSeconds: Type.Integer(),
      subscriptions: Type.Integer(),
      totals: Type.Array(money),
    }),
  ),
  totals: Type.Array(money),
});
export type Spend = Static<typeof Spend>;

export const budgetScopes = ['account', 'product', 'member'] as const;
export const Budget = record('Budget', {
  id: idOf('bud'),
  scope: oneOf(budgetScopes),
  subject: nullable(Type.String({ description: 'publisher/product, or the member’s e-mail address' })),
  amount: Decimal,
  currency: Currency,
  warnAt: Type.Array(Type.Integer()),
  hardStop: Type.Boolean(),
  month: Type.String(),
  spent: Decimal,
  percent: Type.Number({ description: 'Rounded down to a tenth.' }),
  state: oneOf(['within', 'warned', 'spent', 'stopped']),
  suspended: Type.Integer({ description: 'Subscriptions that wait for the next month or a higher budget.' }),
  createdBy: Type.String(),
  createdAt: Timestamp,
});
export type Budget = Static<typeof Budget>;

const tag = 'governance';
const address = { publisher: Slug, product: Slug };
const reason = Type.String({ minLength: 1, maxLength: governanceLimits.reasonChars, pattern: '\\S' });
const month = Type.String({ pattern: '^[0-9]{4}-(0[1-9]|1[0-2])$' });
const request = fields({ requestId: idOf('arq') });
const budget = fields({ budgetId: idOf('bud') });
const warnAt = Type.Array(Type.Integer({ minimum: 1, maximum: 100 }), { maxItems: 10, uniqueItems: true });

export const governanceOperations = {
  getGovernance: operation({
    id: 'getGovernance',
    method: 'GET',
    path: '/api/account/governance',
    tag,
    summary: 'What members of the account may subscribe to',
    output: Governance,
    errors: [],
  }),
  putGovernance: operation({
    id: 'putGovernance',
    method: 'PUT',
    path: '/api/account/governance',
    tag,
    summary: 'Set the rules as a whole; existing subscriptions go on and are listed when outside of them',
    body: fields({ version: Type.Integer({ minimum: 0 }), ...rulesBody }),
    output: Governance,
    errors: ['governance.changed_meanwhile', 'governance.duplicate_rule', 'governance.subject_missing'],
  }),
  getVerdict: operation({
    id: 'getVerdict',
    method: 'GET',
    path: '/api/account/governance/verdict',
    tag,
    summary: 'Whether the caller may subscribe to a plan of a product, and whom to ask',
    query: fields({ ...address, planId: Slug }),
    output: Verdict,
    errors: ['catalog.missing', 'subscription.plan_missing'],
  }),
  createAccessRequest: operation({
    id: 'createAccessRequest',
    method: 'POST',
    path: '/api/account/governance/requests',
    tag,
    summary: 'Ask the account’s admins to approve a subscription',
    body: fields({ ...address, planId: Slug, reason }),
    output: AccessRequest,
    status: 201,
    errors: [
      'catalog.missing',
      'subscription.plan_missing',
      'governance.denied',
      'governance.not_needed',
      'governance.request_exists',
    ],
  }),
  listAccessRequests: operation({
    id: 'listAccessRequests',
    method: 'GET',
    path: '/api/account/governance/requests',
    tag,
    summary: 'Requests for approval: one’s own; for admins, all of the account',
    query: fields({ state: Type.Optional(oneOf(requestStates)), ...PageQuery }),
    output: pageOf('AccessRequestPage', AccessRequest),
    errors: [],
  }),
  decideAccessRequest: operation({
    id: 'decideAccessRequest',
    method: 'POST',
    path: '/api/account/governance/requests/:requestId/decision',
    tag,
    summary: 'Approve a request, for some days, or deny it, with a reason',
    params: request,
    body: fields({
      decision: oneOf(['approve', 'deny']),
      reason,
      days: Type.Optional(Type.Integer({ minimum: 1, maximum: governanceLimits.approvalDays.max })),
    }),
    output: AccessRequest,
    errors: ['governance.request_missing', 'governance.request_decided', 'governance.own_request'],
  }),
  withdrawAccessRequest: operation({
    id: 'withdrawAccessRequest',
    method: 'DELETE',
    path: '/api/account/governance/requests/:requestId',
    tag,
    summary: 'Withdraw one’s own request or approval',
    params: request,
    output: null,
    status: 204,
    errors: ['governance.request_missing', 'governance.request_decided'],
  }),
  listGovernedSubscriptions: operation({
    id: 'listGovernedSubscriptions',
    method: 'GET',
    path: '/api/account/governance/subscriptions',
    tag,
    summary:
      'All subscriptions of the account that have not ended, who made them, what they cost, and what the rules say of them today',
    query: fields({ outside: Type.Optional(Type.Boolean()) }),
    output: record('GovernedSubscriptions', { items: Type.Array(GovernedSubscription) }),
    errors: [],
  }),
  putCostCentre: operation({
    id: 'putCostCentre',
    method: 'PUT',
    path: '/api/account/subscriptions/:subscriptionId/cost-centre',
    tag,
    summary: 'Label a subscription with a cost centre, or take the label off',
    params: fields({ subscriptionId: idOf('sub') }),
    body: fields({
      costCentre: nullable(
        Type.String({ minLength: 1, maxLength: governanceLimits.costCentreChars, pattern: '\\S' }),
      ),
    }),
    output: null,
    status: 204,
    errors: ['subscription.missing'],
  }),
  getSpend: operation({
    id: 'getSpend',
    method: 'GET',
    path: '/api/account/spend',
    tag,
    summary: 'What the account spent, as its invoices say, by product, member, month or cost centre',
    query: fields({
      from: Type.Optional(month),
      to: Type.Optional(month),
      by: Type.Optional(oneOf(spendKeys)),
    }),
    output: Spend,
    errors: [],
  }),
  listBudgets: operation({
    id: 'listBudgets',
    method: 'GET',
    path: '/api/account/budgets',
    tag,
    summary: 'Monthly budgets, and how much of each is spent',
    output: record('Budgets', { items: Type.Array(Budget) }),
    errors: [],
  }),
  createBudget: operation({
    id: 'createBudget',
    method: 'POST',
    path: '/api/account/budgets',
    tag,
    summary: 'Set a monthly budget for the account, a product or a member',
    body: fields({
      scope: oneOf(budgetScopes),
      product: Type.Optional(Type.String({ maxLength: 130, description: 'publisher/product' })),
      member: Type.Optional(Email),
      amount: Price,
      currency: Currency,
      warnAt: Type.Optional(warnAt),
      hardStop: Type.Boolean(),
    }),
    output: Budget,
    status: 201,
    errors: [
      'governance.amount_invalid',
      'governance.subject_missing',
      'governance.budget_exists',
      'governance.budget_limit',
    ],
  }),
  updateBudget: operation({
    id: 'updateBudget',
    method: 'PATCH',
    path: '/api/account/budgets/:budgetId',
    tag,
    summary: 'Raise, lower or change a budget; what it had stopped goes on at once where it now fits',
    params: budget,
    body: fields({
      amount: Type.Optional(Price),
      warnAt: Type.Optional(warnAt),
      hardStop: Type.Optional(Type.Boolean()),
    }),
    output: Budget,
    errors: ['governance.budget_missing', 'governance.amount_invalid'],
  }),
  removeBudget: operation({
    id: 'removeBudget',
    method: 'DELETE',
    path: '/api/account/budgets/:budgetId',
    tag,
    summary: 'Remove a budget; what it had stopped goes on at once',
    params: budget,
    output: null,
    status: 204,
    errors: ['governance.budget_missing'],
  }),
};
