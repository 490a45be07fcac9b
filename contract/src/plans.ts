import { type Static, Type } from 'typebox';
import { Plan } from './document.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { Currency, Decimal, fields, idOf, nullable, oneOf, record, Slug, Timestamp } from './schema.ts';

/** Plans after they were published: promotion codes, what a subscription has of its plan, and changes of plan. */
export const planErrors = defineErrors({
  'plan.code_needed': {
    kind: 'precondition',
    message: 'The plan {planId} needs a promotion code.',
    remedy: 'Give the code that the publisher gave you, or choose another plan.',
  },
  'plan.code_wrong': {
    kind: 'precondition',
    message: 'This promotion code opens no such plan of {product}.',
    remedy: 'Check it letter by letter; capitals and blanks around it do not matter. Else ask the publisher.',
  },
  'plan.code_expired': {
    kind: 'precondition',
    message: 'This promotion code could be used until {lastDay} (UTC).',
    remedy: 'Ask the publisher for another one.',
  },
  'plan.code_used_up': {
    kind: 'precondition',
    message: 'This promotion code has been used as often as it may be.',
    remedy: 'Ask the publisher for another one.',
  },
  'plan.code_tries': {
    kind: 'limited',
    message: 'Too many wrong promotion codes were tried; the next may be in {seconds} seconds.',
    remedy: 'Wait, and copy the code from where the publisher wrote it.',
  },
  'plan.code_exists': {
    kind: 'conflict',
    message: 'The product has this promotion code already.',
    remedy: 'End the other first, or write a new code.',
  },
  'plan.code_missing': {
    kind: 'missing',
    message: 'There is no promotion code {codeId} of this product.',
    remedy: 'List its promotion codes.',
  },
  'plan.missing': {
    kind: 'missing',
    message: 'The product has no plan {planId}.',
    remedy: 'Add the plan to the draft first.',
  },
  'plan.same': {
    kind: 'conflict',
    message: 'The subscription has the plan {planId} already.',
    remedy: 'Choose another plan.',
  },
  'plan.nothing_coming': {
    kind: 'conflict',
    message: 'No change of plan is coming for this subscription.',
    remedy: 'See what is on its page.',
  },
});

export const PlanCode = record('PlanCode', {
  id: idOf('cod'),
  planId: Slug,
  label: Type.String(),
  hint: Type.String({ description: 'The last two characters; the code itself is not kept.' }),
  lastDay: nullable(Type.String({ description: 'The last day (UTC) on which it may be used.' })),
  usesMax: nullable(Type.Integer()),
  uses: Type.Integer(),
  madeBy: Type.String(),
  madeAt: Timestamp,
  state: oneOf(['open', 'expired', 'used-up']),
});
export type PlanCode = Static<typeof PlanCode>;

/** What changing to a plan would mean now. */
export const PlanChoice = record('PlanChoice', {
  plan: Plan,
  when: oneOf(
    ['now', 'cycle-end'],
    'At once where it is more; at the end of the month that is paid where it is less.',
  ),
  at: Timestamp,
  newCycle: Type.Boolean({ description: 'A new month begins with it, with its whole quota and fee.' }),
  /** The end of the free month with which it begins, or that goes on. */
  trialUntil: nullable(Timestamp),
  /** Given back of the fee of the month that runs. */
  credit: nullable(fields({ amount: Decimal, currency: Currency })),
});
export type PlanChoice = Static<typeof PlanChoice>;

export const SubscriptionPlan = record('SubscriptionPlan', {
  subscriptionId: idOf('sub'),
  plan: Plan,
  since: Timestamp,
  /** The month that runs, counted from the day of the subscription. */
  cycle: fields({ from: Timestamp, to: Timestamp }),
  trial: nullable(
    fields({
      until: Timestamp,
      days: Type.Integer({ description: 'Whole days that are left.' }),
    }),
  ),
  next: nullable(fields({ plan: Plan, at: Timestamp, by: Type.String() })),
  choices: Type.Array(PlanChoice),
});
export type SubscriptionPlan = Static<typeof SubscriptionPlan>;

const product = fields({ productId: idOf('prd') });
const subscription = fields({ subscriptionId: idOf('sub') });
export const PromotionCode = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'Capitals and blanks around it do not matter.',
});
const codeErrors = ['plan.code_wrong', 'plan.code_expired', 'plan.code_used_up', 'plan.code_tries'] as const;

export const planOperations = {
  listPlanCodes: operation({
    id: 'listPlanCodes',
    method: 'GET',
    path: '/api/products/:productId/plan-codes',
    tag: 'products',
    summary: 'Promotion codes of one’s product, newest first',
    params: product,
    output: record('PlanCodes', { items: Type.Array(PlanCode) }),
    errors: ['product.missing'],
  }),
  createPlanCode: operation({
    id: 'createPlanCode',
    method: 'POST',
    path: '/api/products/:productId/plan-codes',
    tag: 'products',
    summary: 'Make a promotion code; it works at once, and is told only now',
    params: product,
    body: fields({
      planId: Slug,
      code: Type.Optional(
        Type.String({
          pattern: '^[A-Za-z0-9][A-Za-z0-9-]{6,62}[A-Za-z0-9]$',
          description: '8 to 64 letters, digits and hyphens; without it one is made up.',
        }),
      ),
      label: Type.Optional(Type.String({ maxLength: 100 })),
      lastDay: Type.Optional(Type.String({ format: 'date' })),
      usesMax: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000 })),
    }),
    output: record('NewPlanCode', { code: Type.String(), made: PlanCode }),
    status: 201,
    errors: ['product.missing', 'plan.missing', 'plan.code_exists'],
  }),
  endPlanCode: operation({
    id: 'endPlanCode',
    method: 'DELETE',
    path: '/api/products/:productId/plan-codes/:codeId',
    tag: 'products',
    summary: 'End a promotion code; who subscribed with it keeps the plan',
    params: fields({ productId: idOf('prd'), codeId: idOf('cod') }),
    output: null,
    status: 204,
    errors: ['product.missing', 'plan.code_missing'],
  }),
  openPlans: operation({
    id: 'openPlans',
    method: 'POST',
    path: '/api/subscriptions/open-plans',
    tag: 'subscriptions',
    summary: 'The plans that a promotion code opens, hidden ones too',
    body: fields({
      publisher: Slug,
      product: Slug,
      code: PromotionCode,
      slot: Type.Optional(oneOf(['preview', 'live'])),
    }),
    output: record('OpenedPlans', { plans: Type.Array(Plan) }),
    errors: ['catalog.missing', ...codeErrors],
  }),
  getSubscriptionPlan: operation({
    id: 'getSubscriptionPlan',
    method: 'GET',
    path: '/api/subscriptions/:subscriptionId/plan',
    tag: 'subscriptions',
    summary: 'The plan of a subscription: month, trial, what comes, and what it may change to',
    params: subscription,
    output: SubscriptionPlan,
    errors: ['subscription.missing'],
  }),
  changePlan: operation({
    id: 'changePlan',
    method: 'POST',
    path: '/api/subscriptions/:subscriptionId/plan',
    tag: 'subscriptions',
    summary: 'Change the plan: to more at once, to less at the end of the month',
    params: subscription,
    body: fields({ planId: Slug, code: Type.Optional(PromotionCode) }),
    output: SubscriptionPlan,
    errors: [
      'subscription.missing',
      'subscription.ended',
      'subscription.plan_missing',
      'plan.same',
      'plan.code_needed',
      ...codeErrors,
      'catalog.missing',
      'governance.denied',
      'governance.approval_needed',
      'governance.budget_spent',
    ],
  }),
  keepPlan: operation({
    id: 'keepPlan',
    method: 'DELETE',
    path: '/api/subscriptions/:subscriptionId/plan/next',
    tag: 'subscriptions',
    summary: 'Take back a change of plan that is still to come',
    params: subscription,
    output: SubscriptionPlan,
    errors: ['subscription.missing', 'subscription.ended', 'plan.nothing_coming'],
  }),
};
