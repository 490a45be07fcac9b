import { hoursOf, type Invoice, instanceOf, operations, type Subscription, type Usage } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, leaf } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { bar, count, time } from '../output/format.ts';
import { ownProduct } from '../products/own-product.ts';
import { allSubscriptions, subscriptionOf } from './subscriptions.ts';

export function usageCommands(program: Command, app: App): void {
  leaf(program, 'usage [subscription]', 'What was used, by hour or day', {
    examples: [
      'souk usage',
      'souk usage souk-examples/iris-classifier --bucket day --from 2026-11-01',
      'souk usage --product iris-classifier',
    ],
    notes: 'Without a subscription, the total of each. With --product, all use of a product of yours.',
  })
    .option('--product <product>', 'your own product, over all subscriptions')
    .option('--from <time>', 'from, as 2026-11-01 or RFC 3339')
    .option('--to <time>', 'until')
    .addOption(choice('--bucket <size>', 'how fine', ['hour', 'day']))
    .action((name: string | undefined, options: UsageOptions) => usage(app, name, options));

  leaf(program, 'invoice', 'The invoice of a month; of the current one, so far', {
    examples: ['souk invoice', 'souk invoice --month 2026-10 --json'],
  })
    .option('--month <month>', 'as 2026-10')
    .action((options: { month?: string }) => invoice(app, options.month));
}

/** Calls as they were counted, seconds of instances as hours. */
const quantity = (dimension: string, n: number): string =>
  instanceOf(dimension) ? `${hoursOf(n)} h` : count(n);

interface UsageOptions {
  product?: string;
  from?: string;
  to?: string;
  bucket?: Usage['bucket'];
}

const moment = (text: string | undefined, flag: string) => {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime())) throw misuse(`${flag} ${text} is not a time.`, 'Write it as 2026-11-01.');
  return at.toISOString();
};

async function usage(app: App, name: string | undefined, options: UsageOptions): Promise<void> {
  const client = await app.client();
  const query = given({
    from: moment(options.from, '--from'),
    to: moment(options.to, '--to'),
    bucket: options.bucket,
  });
  if (options.product !== undefined) {
    const product = await ownProduct(app, options.product);
    return showUsage(
      app,
      await client.call(operations.getProductUsage, { params: { productId: product.id }, query }),
    );
  }
  if (name !== undefined) {
    const params = { subscriptionId: (await subscriptionOf(app, name)).id };
    return showUsage(app, await client.call(operations.getUsage, { params, query }));
  }
  const totals: { subscription: Subscription; used: Usage }[] = [];
  for (const s of await allSubscriptions(app))
    totals.push({
      subscription: s,
      used: await client.call(operations.getUsage, { params: { subscriptionId: s.id }, query }),
    });
  app.output.list(
    totals.map(({ subscription: s, used: { rows: _, ...used } }) => ({
      subscriptionId: s.id,
      product: `${s.publisher}/${s.product}`,
      plan: s.plan.id,
      ...used,
    })),
    [
      { title: 'PRODUCT', value: (u) => u.product },
      { title: 'PLAN', value: (u) => u.plan },
      { title: 'CALLS', value: (u) => count(u.total), align: 'right' },
      { title: 'HOURS', value: (u) => hoursOf(u.instanceSeconds), align: 'right' },
      { title: 'QUOTA', value: (u) => (u.quota ? `${count(u.quota.used)} of ${count(u.quota.limit)}` : '') },
      { title: 'FROM', value: (u) => time(u.from) },
      { title: 'TO', value: (u) => time(u.to), optional: true },
    ],
    'There are no subscriptions, so nothing was used.',
  );
}

function showUsage(app: App, u: Usage): void {
  const { output } = app;
  if (output.json) {
    output.line(JSON.stringify(u));
    return;
  }
  /** Calls and hours have no common scale. */
  const largest = new Map<string, number>();
  for (const r of u.rows) largest.set(r.dimension, Math.max(largest.get(r.dimension) ?? 0, r.quantity));
  output.list(
    u.rows.filter((r) => r.quantity + r.clientErrors + r.serverErrors > 0),
    [
      { title: u.bucket === 'day' ? 'DAY' : 'HOUR', value: (r) => time(r.hour) },
      { title: 'DIMENSION', value: (r) => r.dimension },
      { title: 'USED', value: (r) => quantity(r.dimension, r.quantity), align: 'right' },
      { title: '4XX', value: (r) => count(r.clientErrors), align: 'right', optional: true },
      { title: '5XX', value: (r) => count(r.serverErrors), align: 'right', optional: true },
      { title: '', value: (r) => bar(r.quantity, largest.get(r.dimension) ?? 0, 24), optional: true },
    ],
    'Nothing was used in this time.',
  );
  const hours = u.instanceSeconds > 0 ? ` and ${hoursOf(u.instanceSeconds)} hours of instances` : '';
  output.note(`${count(u.total)} calls${hours} from ${time(u.from)} to ${time(u.to)}`);
  if (u.quota)
    output.note(
      `${count(u.quota.used)} of ${count(u.quota.limit)} this month; starts again ${time(u.quota.resetsAt)}`,
    );
}

async function invoice(app: App, month: string | undefined): Promise<void> {
  const { output } = app;
  const client = await app.client();
  const answer: Invoice = await client.call(operations.getInvoice, { query: given({ month }) });
  if (output.json) {
    output.line(JSON.stringify(answer));
    return;
  }
  const soFar = answer.state === 'so-far' ? ' so far' : '';
  output.note(
    `Invoice of ${answer.month}${soFar}, account ${answer.accountId}, computed ${time(answer.computedAt)}`,
  );
  output.list(
    answer.lines,
    [
      { title: 'PRODUCT', value: (l) => l.productTitle, flexible: true },
      { title: 'WHAT', value: (l) => l.description, flexible: true, optional: true },
      { title: 'TO', value: (l) => l.payee, optional: true },
      { title: 'USED', value: (l) => quantity(l.dimension, l.quantity), align: 'right' },
      { title: 'INCLUDED', value: (l) => quantity(l.dimension, l.includedQuantity), align: 'right' },
      { title: 'BILLED', value: (l) => quantity(l.dimension, l.billableQuantity), align: 'right' },
      { title: 'PRICE', value: (l) => l.pricePerUnit, align: 'right' },
      { title: 'AMOUNT', value: (l) => `${l.amount} ${l.currency}`, align: 'right' },
    ],
    'Nothing is to be paid.',
  );
  for (const t of answer.totals) output.line(output.style('bold', `Total ${t.amount} ${t.currency}`));
}
