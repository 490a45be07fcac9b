import { operations, type Plan, type PriceChanges, priceUnit } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { time } from '../output/format.ts';
import { ownProduct } from '../products/own-product.ts';
import { subscriptionOf } from './subscriptions.ts';

export function priceCommands(program: Command, app: App): void {
  const prices = group(program, 'prices', 'What a change of price means, for whom and from when');
  leaf(prices, 'changes [product]', 'What releasing the draft would change, and what is announced', {
    examples: ['souk prices changes iris-classifier'],
    notes:
      'New subscribers pay the new price from the release on. Who is subscribed pays less at once, and more from the first\n' +
      'of the month after the notice that the operator asks for.',
  }).action(async (name: string | undefined) => {
    const client = await app.client();
    const params = { productId: (await ownProduct(app, name)).id };
    show(app, await client.call(operations.getPriceChanges, { params }));
  });
  leaf(prices, 'cancel <product> <plan>', 'Take back an announced increase', {
    examples: ['souk prices cancel iris-classifier pay-as-you-go'],
  }).action(async (name: string, planId: string) => {
    const client = await app.client();
    const params = { productId: (await ownProduct(app, name)).id };
    show(app, await client.call(operations.cancelPriceChange, { params, body: { planId } }));
  });
  leaf(prices, 'subscription <subscription>', 'What a subscription costs: accepted, now, and announced', {
    examples: ['souk prices subscription souk-examples/iris-classifier'],
  }).action(async (name: string) => {
    const client = await app.client();
    const params = { subscriptionId: (await subscriptionOf(app, name)).id };
    const p = await client.call(operations.getSubscriptionPrices, { params });
    app.output.item(p, [
      ['plan', p.planId],
      ['accepted', priceOf(p.accepted, p.currency)],
      ['now', priceOf(p.now, p.currency)],
      ...p.steps.map((s) => [`from ${time(s.from)}`, priceOf(s.parts, p.currency)] as const),
    ]);
  });
}

const priceOf = (parts: NonNullable<Plan['parts']>, currency: string): string =>
  parts.length === 0
    ? 'free'
    : parts
        .map((p) =>
          p.kind === 'recurring'
            ? `${p.amount} ${currency} per month`
            : `${p.pricePerUnit} ${currency} per ${priceUnit(p.dimension)}${p.includedQuantity ? `, ${p.includedQuantity} a month included` : ''}`,
        )
        .join('; ');

function show(app: App, c: PriceChanges): void {
  const { output } = app;
  if (output.json) {
    output.line(JSON.stringify(c));
    return;
  }
  const changed = c.plans.filter((p) => p.kind !== 'same');
  if (changed.length === 0) output.note('The draft changes no price.');
  for (const p of changed) {
    output.heading(`${p.planId}: ${p.kind}`);
    output.line(`  new subscribers, from the release on: ${priceOf(p.after, p.currency)}`);
    for (const group of p.existing) {
      output.line(`  ${group.subscribers} who pay ${priceOf(group.now, p.currency)}:`);
      if (group.steps.length === 0) output.line('    no change');
      for (const s of group.steps)
        output.line(`    from ${time(s.from)}: ${priceOf(s.parts, p.currency)} (${s.kind})`);
    }
  }
  output.part('Announced', c.announced, [
    { title: 'PLAN', value: (a) => a.planId },
    { title: 'FROM', value: (a) => time(a.from) },
    { title: 'PRICE', value: (a) => priceOf(a.parts, a.currency), flexible: true },
    { title: 'SUBSCRIBERS', value: (a) => a.subscribers, align: 'right' },
  ]);
}
