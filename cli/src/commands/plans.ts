import { operations, type PlanChoice, type PlanCode, type SubscriptionPlan } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { given } from '../given.ts';
import { count, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { ownProduct } from '../products/own-product.ts';
import { planPrice } from './catalog.ts';
import { subscriptionOf } from './subscriptions.ts';

/** Under `souk subscriptions`: the plan of one, and another in its place. */
export function planOfSubscriptionCommands(subscriptions: Command, app: App): void {
  leaf(subscriptions, 'plan <subscription>', 'Its month, trial, and the plans that it may change to', {
    examples: ['souk subscriptions plan city/price-estimator'],
  }).action(async (name: string) => {
    const client = await app.client();
    const params = { subscriptionId: (await subscriptionOf(app, name)).id };
    show(app, await client.call(operations.getSubscriptionPlan, { params }));
  });
  leaf(
    subscriptions,
    'change-plan <subscription> <plan>',
    'To more at once, to less at the end of the month',
    {
      examples: [
        'souk subscriptions change-plan city/price-estimator large',
        'souk subscriptions change-plan city/price-estimator club --code SPRING-2026',
      ],
      notes: 'What it would mean is shown by: souk subscriptions plan <subscription>',
    },
  )
    .option('--code <code>', 'a promotion code')
    .action(async (name: string, planId: string, { code }: { code?: string }) => {
      const client = await app.client();
      const params = { subscriptionId: (await subscriptionOf(app, name)).id };
      show(app, await client.call(operations.changePlan, { params, body: given({ planId, code }) }));
    });
  leaf(subscriptions, 'keep-plan <subscription>', 'Take back a change of plan that is still to come', {
    examples: ['souk subscriptions keep-plan city/price-estimator'],
  }).action(async (name: string) => {
    const client = await app.client();
    const params = { subscriptionId: (await subscriptionOf(app, name)).id };
    show(app, await client.call(operations.keepPlan, { params }));
  });
}

const whenOf = (c: PlanChoice) =>
  c.when === 'cycle-end'
    ? `on ${time(c.at)}`
    : c.trialUntil
      ? `at once, free until ${time(c.trialUntil)}`
      : 'at once';

function show(app: App, p: SubscriptionPlan): void {
  const { output } = app;
  if (output.json) {
    output.line(JSON.stringify(p));
    return;
  }
  output.item(p, [
    ['subscription', p.subscriptionId],
    ['plan', `${p.plan.id}: ${planPrice(p.plan)}`],
    ['since', time(p.since)],
    ['month', `${time(p.cycle.from)} to ${time(p.cycle.to)}`],
    ['free until', p.trial && `${time(p.trial.until)}, then ${planPrice(p.plan)}`],
    ['then', p.next && `${p.next.plan.id} from ${time(p.next.at)}`],
  ]);
  output.part('May change to', p.choices, [
    { title: 'PLAN', value: (c) => c.plan.id },
    { title: 'PRICE', value: (c) => planPrice(c.plan), flexible: true },
    {
      title: 'A MONTH',
      value: (c) => (c.plan.quota ? count(c.plan.quota.unitsPerMonth) : 'no limit'),
      align: 'right',
    },
    {
      title: 'AT ONCE',
      value: (c) => (c.plan.callsAtOnce === undefined ? '' : count(c.plan.callsAtOnce)),
      align: 'right',
    },
    { title: 'WHEN', value: whenOf },
    {
      title: 'GIVEN BACK',
      value: (c) => (c.credit ? `${c.credit.amount} ${c.credit.currency}` : ''),
      align: 'right',
    },
  ]);
}

interface CodeOptions {
  plan: string;
  code?: string;
  label?: string;
  lastDay?: string;
  uses?: string;
}

export function planCodeCommands(program: Command, app: App): void {
  const codes = group(program, 'codes', 'Promotion codes of your products’ plans');
  leaf(codes, 'list [product]', 'The codes, with how often each was used', {
    examples: ['souk codes list price-estimator'],
  }).action(async (name: string | undefined) => {
    const client = await app.client();
    const { id: productId } = await ownProduct(app, name);
    const { items } = await client.call(operations.listPlanCodes, { params: { productId } });
    list(app, items);
  });
  leaf(codes, 'create <product>', 'Make a code; it is told only now', {
    examples: [
      'souk codes create price-estimator --plan club',
      'souk codes create price-estimator --plan club --code SPRING-2026 --last-day 2026-05-31 --uses 100',
    ],
  })
    .requiredOption('--plan <id>', 'the plan that it opens')
    .option('--code <code>', '8 to 64 letters, digits and hyphens; else one is made up')
    .option('--label <text>', 'what it is for; buyers do not see it')
    .option('--last-day <day>', 'the last day (UTC) on which it may be used, as 2026-05-31')
    .option('--uses <number>', 'how often it may be used')
    .action(async (name: string, { plan, uses, ...rest }: CodeOptions) => {
      const client = await app.client();
      const { id: productId } = await ownProduct(app, name);
      const made = await client.call(operations.createPlanCode, {
        params: { productId },
        body: given({ ...rest, planId: plan, usesMax: uses === undefined ? undefined : Number(uses) }),
      });
      app.output.item(made, [
        ['code', made.code],
        ['plan', made.made.planId],
        ['last day', made.made.lastDay],
        ['uses', made.made.usesMax === null ? 'any number' : count(made.made.usesMax)],
        ['id', made.made.id],
      ]);
      app.output.note('Keep the code: it cannot be shown again.');
    });
  leaf(codes, 'end <product> <code-id>', 'End a code; who subscribed with it keeps the plan', {
    examples: ['souk codes end price-estimator cod_0123456789abcdefghij'],
  }).action(async (name: string, codeId: string) => {
    const client = await app.client();
    const { id: productId } = await ownProduct(app, name);
    await client.call(operations.endPlanCode, { params: { productId, codeId } });
    app.output.done(`${codeId} opens nothing any more.`);
  });
}

const list = (app: App, items: readonly PlanCode[]) =>
  app.output.list(
    items,
    [
      { title: 'PLAN', value: (c) => c.planId },
      { title: 'CODE', value: (c) => `…${c.hint}` },
      { title: 'STATE', value: (c) => c.state, paint: (t) => state(app.output.style, t) },
      {
        title: 'USED',
        value: (c) => (c.usesMax === null ? count(c.uses) : `${count(c.uses)} of ${count(c.usesMax)}`),
        align: 'right',
      },
      { title: 'LAST DAY', value: (c) => c.lastDay ?? '' },
      { title: 'LABEL', value: (c) => c.label, flexible: true, optional: true },
      { title: 'ID', value: (c) => c.id },
    ],
    'There are no promotion codes. Make one: souk codes create <product> --plan <plan>',
  );
