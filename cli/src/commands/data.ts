import { type MyData, operations, type ServiceHealth } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { count, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { ownProduct } from '../products/own-product.ts';

/** Data services: those that the account subscribes to, and how one's own work. */
export function dataCommands(program: Command, app: App): void {
  const data = group(program, 'data', 'Data services that you subscribe to');
  leaf(data, 'list', 'Where each is, what is left of its plan, and how it works', {
    examples: ['souk data list', 'souk data list --json'],
    notes:
      'Give the service root to any client of OData, with one of your keys (Bearer, Basic with the key as password, or\n' +
      'X-Api-Key).',
  }).action(() => list(app));
  leaf(
    data,
    'health <product>',
    'How a data service of your own works: sample calls, and what buyers’ calls failed at',
    {
      examples: ['souk data health price-estimator'],
    },
  ).action((name: string) => health(app, name));
}

async function list(app: App): Promise<void> {
  const client = await app.client();
  const { items } = await client.call(operations.listMyData, {});
  app.output.list(
    items,
    [
      { title: 'PRODUCT', value: (d) => `${d.publisher}/${d.product}` },
      { title: 'STATE', value: (d) => state(app.output.style, d.state) },
      { title: 'PLAN', value: (d) => d.plan, optional: true },
      { title: 'LEFT', value: left, align: 'right' },
      { title: 'RENEWED', value: (d) => (d.balance ? time(d.balance.resetsAt) : ''), optional: true },
      { title: 'WORKS', value: (d) => works(d.health), optional: true },
      { title: 'SERVICE ROOT', value: (d) => d.serviceRoot },
    ],
    'You subscribe to no data service. Find one with `souk search`.',
  );
}

const left = ({ balance }: MyData): string =>
  balance ? `${count(balance.remaining)} of ${count(balance.limit)}` : 'unlimited';

const words = { up: 'yes', down: 'no', unknown: 'not known yet' } as const;
const share = (n: number | null): string => (n === null ? '' : `, ${(n * 100).toFixed(1)} % of 30 days`);
const works = (h: ServiceHealth | null): string => (h ? `${words[h.state]}${share(h.uptime30d)}` : '');

async function health(app: App, name: string): Promise<void> {
  const { output } = app;
  const client = await app.client();
  const { id } = await ownProduct(app, name);
  const answer = await client.call(operations.getOwnServiceHealth, { params: { productId: id } });
  if (output.json) {
    output.line(JSON.stringify(answer));
    return;
  }
  if (!answer.health) {
    output.note('It is not watched: it is not live, or has no sample call.');
    return;
  }
  const { latencyMs, checkedAt } = answer.health;
  output.line(`Works: ${works(answer.health)}`);
  if (latencyMs !== null) output.line(`Median of 24 hours: ${latencyMs} ms`);
  if (checkedAt) output.line(`Last sample call: ${time(checkedAt)}`);
  if (answer.error) output.line(`It failed: ${answer.error}`);
  output.list(
    answer.failures,
    [
      { title: 'CALLS OF BUYERS', value: (f) => f.code },
      { title: 'COUNT', value: (f) => count(f.count), align: 'right' },
      { title: 'LAST', value: (f) => time(f.lastAt) },
      { title: 'WHY', value: (f) => f.detail, flexible: true },
    ],
    'No call of a buyer failed in the last 30 days.',
  );
}
