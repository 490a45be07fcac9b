import { operations, type Policies } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, limitOption } from '../command.ts';
import { Failure } from '../failure.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages } from '../pages.ts';
import { changedPolicies } from './policy-settings.ts';
import { publishersCommands } from './publishers.ts';
import { queueCommands } from './queue.ts';
import { deploymentCommands, instanceTypeCommands } from './running.ts';

export function operatorCommands(program: Command, app: App): void {
  queueCommands(program, app);

  const policies = group(program, 'policies', 'What the operator decides about the pipeline');
  leaf(policies, 'get', 'The policies', { examples: ['souk policies get --as operator'] }).action(
    async () => {
      const client = await app.client();
      printPolicies(app, await client.call(operations.getPolicies));
    },
  );
  leaf(policies, 'set <settings...>', 'Change some of them, as name=value', {
    examples: [
      'souk policies set scannerMissing=record review.model-package=two reviewSample.algorithm=20 triesPerDay.visitor=5',
    ],
  }).action(async (settings: string[]) => {
    const client = await app.client();
    const body = changedPolicies(await client.call(operations.getPolicies), settings);
    printPolicies(app, await client.call(operations.putPolicies, { body }));
  });

  const mail = group(program, 'mail', 'Mail that Souk wrote');
  leaf(mail, 'list', 'Mail, newest first', { examples: ['souk mail list --as operator'] })
    .addOption(limitOption(50))
    .action((options: { limit: number }) => listMail(app, options.limit));
  leaf(mail, 'show <id>', 'One mail with its text', {
    examples: ['souk mail show mai_… --as operator'],
  }).action(async (mailId: string) => {
    const client = await app.client();
    const m = await client.call(operations.getMail, { params: { mailId } });
    app.output.item(m, [
      ['to', m.to],
      ['subject', m.subject],
      ['state', state(app.output.style, m.state)],
      ['failure', m.failure],
      ['written', time(m.createdAt)],
      ['sent', m.sentAt && time(m.sentAt)],
      ['text', m.text.trimEnd()],
    ]);
  });

  instanceTypeCommands(program, app);
  deploymentCommands(program, app);

  publishersCommands(program, app);
  leaf(program, 'health', 'Health of every part, with what to do', {
    examples: ['souk health --as operator'],
    notes: 'Ends with 9 when a part is down.',
  }).action(() => health(app));
}

function printPolicies(app: App, p: Policies): void {
  const rows = Object.entries(p).flatMap(([name, value]): (readonly [string, string | number])[] =>
    typeof value === 'object'
      ? Object.entries(value)
          .sort()
          .map(([part, of]) => [`${name}.${part}`, of as string | number] as const)
      : [[name, value]],
  );
  app.output.item(p, rows);
}

async function listMail(app: App, limit: number): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, limit, (query) => client.call(operations.listMail, { query }));
  app.output.list(
    items,
    [
      { title: 'WRITTEN', value: (m) => time(m.createdAt) },
      { title: 'TO', value: (m) => m.to, flexible: true },
      { title: 'SUBJECT', value: (m) => m.subject, flexible: true },
      { title: 'STATE', value: (m) => m.state, paint: (t) => state(app.output.style, t) },
      { title: 'ID', value: (m) => m.id },
    ],
    'No mail was written yet.',
  );
}

async function health(app: App): Promise<void> {
  const client = await app.client();
  const { checks } = await client.call(operations.getHealth);
  app.output.list(
    checks,
    [
      { title: 'PART', value: (c) => c.name },
      { title: 'STATE', value: (c) => c.state, paint: (t) => state(app.output.style, t) },
      { title: 'DETAIL', value: (c) => c.detail, flexible: true },
      { title: 'DO', value: (c) => c.remedy ?? '', flexible: true, optional: true },
    ],
    'No parts report.',
  );
  const down = checks.filter((c) => c.state === 'down').map((c) => c.name);
  if (down.length > 0)
    throw new Failure({
      kind: 'unavailable',
      code: 'cli.parts_down',
      message: `Down: ${down.join(', ')}.`,
      remedy: 'See what stands beside each.',
    });
}
