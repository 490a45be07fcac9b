import { operations, type Running, type RunningThing } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf } from '../command.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { subscriptionOf } from './subscriptions.ts';

export function runningCommands(program: Command, app: App): void {
  const running = group(program, 'running', 'What runs under your subscriptions, and what it costs an hour');
  leaf(running, 'list [subscription]', 'Endpoints and jobs that run or wait, with their instances', {
    examples: ['souk running list', 'souk running list souk-examples/iris-classifier --json'],
    isDefault: true,
  }).action(async (name: string | undefined) => {
    const client = await app.client();
    const found = name
      ? await client.call(operations.listSubscriptionRunning, {
          params: { subscriptionId: (await subscriptionOf(app, name)).id },
        })
      : await client.call(operations.listRunning);
    show(app, found);
  });
  leaf(running, 'stop <kind> <id>', 'Stop one of them; of an endpoint, all its instances', {
    examples: ['souk running stop endpoint end_…', 'souk running stop training-job trn_…'],
    notes: 'KIND and ID are those of souk running list.',
  }).action(async (kind: string, id: string) => {
    const client = await app.client();
    await client.call(operations.stopRunning, { params: { kind, id } });
    app.output.note(`${kind} ${id} is being stopped.`);
  });
}

const instancesOf = (r: RunningThing): string =>
  r.instances.map((i) => `${i.instances} x ${i.instanceType}`).join(', ');
const sumOf = (amounts: Running['perHour']): string =>
  amounts.map((a) => `${a.amount} ${a.currency}`).join(' + ');

function show(app: App, { items, perHour }: Running): void {
  const { output } = app;
  output.list(
    items,
    [
      { title: 'KIND', value: (r) => r.kind },
      { title: 'NAME', value: (r) => r.name, flexible: true },
      { title: 'STATE', value: (r) => r.state, paint: (t) => state(output.style, t) },
      { title: 'PRODUCT', value: (r) => r.productTitle, flexible: true, optional: true },
      { title: 'INSTANCES', value: (r) => instancesOf(r) },
      { title: 'SINCE', value: (r) => (r.instances[0] ? time(r.instances[0].since) : ''), optional: true },
      { title: 'AN HOUR', value: (r) => sumOf(r.perHour), align: 'right' },
      { title: 'ID', value: (r) => r.id },
    ],
    'Nothing runs.',
  );
  if (perHour.length > 0) output.note(`Together ${sumOf(perHour)} an hour, instances included.`);
}
