import {
  type AccessRequest,
  type Governance,
  type GovernanceRule,
  operations,
  requestStates,
  ruleEffects,
  ruleKinds,
} from '@souk/contract';
import { type Command, Option } from 'commander';
import { type App, productAddress } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { plural, time } from '../output/format.ts';
import { oneLine } from '../output/table.ts';
import { listPages, wholeNumber } from '../pages.ts';
import { money } from './spending.ts';
import { subscriptionOf } from './subscriptions.ts';

/** What members may subscribe to, approvals, spend and budgets. */
export function governanceCommands(program: Command, app: App): void {
  const governance = group(program, 'governance', 'What members of the account may subscribe to');
  ruleCommands(governance, app);
  requestCommands(governance, app);
  leaf(
    governance,
    'subscriptions',
    'All subscriptions of the account: who, cost centre, spend, and what the rules say',
    {
      examples: ['souk governance subscriptions --outside'],
    },
  )
    .option('--outside', 'only those that the rules would deny today')
    .action(({ outside }: { outside?: boolean }) => governed(app, outside));
  leaf(
    governance,
    'cost-centre <subscription> [label]',
    'Label a subscription; without a label, take it off',
    {
      examples: ['souk governance cost-centre souk-examples/iris-classifier "R&D 4711"'],
    },
  ).action(async (name: string, label: string | undefined) => {
    const client = await app.client();
    const params = { subscriptionId: (await subscriptionOf(app, name)).id };
    await client.call(operations.putCostCentre, { params, body: { costCentre: label ?? null } });
    app.output.done(label ? `Labelled ${label}.` : 'The label is gone.');
  });
}

function ruleCommands(governance: Command, app: App): void {
  leaf(governance, 'show', 'The rules, most specific first', { examples: ['souk governance show'] }).action(
    async () => show(app, await (await app.client()).call(operations.getGovernance)),
  );
  leaf(governance, 'set <kind> <value> <effect>', 'Set a rule: allow, deny, or request (needs an approval)', {
    examples: [
      'souk governance set publisher souk-examples allow',
      'souk governance set category Text request --note "Legal reads the terms first"',
      'souk governance set price paid deny',
    ],
    notes: `Kinds, the first of which a rule applies decides: ${ruleKinds.join(', ')}.`,
  })
    .option('--note <text>', 'why; members read it')
    .action((kind: string, value: string, effect: string, { note }: { note?: string }) =>
      change(app, (g) => ({
        ...g,
        rules: [
          ...g.rules.filter((r) => r.kind !== kind || r.value !== value),
          given({ kind: oneOf(kind, ruleKinds), value, effect: oneOf(effect, ruleEffects), note }),
        ],
      })),
    );
  leaf(governance, 'unset <kind> <value>', 'Take a rule away', {
    examples: ['souk governance unset price paid'],
  }).action((kind: string, value: string) =>
    change(app, (g) => {
      const rules = g.rules.filter((r) => r.kind !== kind || r.value !== value);
      if (rules.length === g.rules.length)
        throw misuse(`There is no rule for ${kind} ${value}.`, 'See souk governance show.');
      return { ...g, rules };
    }),
  );
  leaf(governance, 'default <effect>', 'What happens where no rule applies', {
    examples: [
      'souk governance default request',
      'souk governance default deny --contact procurement@example.com',
    ],
  })
    .option('--contact <text>', 'whom members are told to ask; "" for the admins')
    .action((effect: string, { contact }: { contact?: string }) =>
      change(app, (g) => ({ ...g, default: oneOf(effect, ruleEffects), contact: contact ?? g.contact })),
    );
}

function oneOf<T extends string>(given: string, words: readonly T[]): T {
  const found = words.find((w) => w === given);
  if (!found) throw misuse(`${given} is none of ${words.join(', ')}.`, 'Choose one of these.');
  return found;
}

/** Reads the rules, changes them, and writes them at the version that was read. */
async function change(
  app: App,
  to: (g: Governance) => Pick<Governance, 'default' | 'contact' | 'rules'>,
): Promise<void> {
  const client = await app.client();
  const now = await client.call(operations.getGovernance);
  const { default: otherwise, contact, rules } = to(now);
  const body = { version: now.version, default: otherwise, contact, rules };
  show(app, await client.call(operations.putGovernance, { body }));
}

function show(app: App, g: Governance): void {
  if (app.output.json) {
    app.output.item(g, []);
    return;
  }
  const order = (r: GovernanceRule) => ruleKinds.indexOf(r.kind);
  app.output.list(
    g.rules.toSorted((a, b) => order(a) - order(b)),
    [
      { title: 'FOR', value: (r) => r.kind },
      { title: 'VALUE', value: (r) => r.value, flexible: true },
      { title: 'EFFECT', value: (r) => r.effect },
      { title: 'NOTE', value: (r) => oneLine(r.note ?? ''), flexible: true },
    ],
    'There are no rules.',
  );
  app.output.note(`Where no rule applies: ${g.default}. Members ask ${g.contact || 'the admins'}.`);
  if (g.outside > 0)
    app.output.note(
      `${plural(g.outside, 'subscription')} would be denied today; see souk governance subscriptions --outside`,
    );
}

function requestCommands(governance: Command, app: App): void {
  leaf(governance, 'ask <product>', 'Ask your admins to approve a subscription', {
    examples: [
      'souk governance ask souk-examples/iris-classifier --plan free --reason "For the flower project"',
    ],
  })
    .requiredOption('--plan <id>', 'which plan')
    .requiredOption('--reason <text>', 'what for')
    .action(async (name: string, { plan, reason }: { plan: string; reason: string }) => {
      const client = await app.client();
      const body = { ...productAddress(name), planId: plan, reason };
      listRequests(app, [await client.call(operations.createAccessRequest, { body })]);
    });
  leaf(governance, 'requests', 'Requests for approval: yours; for admins, all', {
    examples: ['souk governance requests --state pending'],
  })
    .addOption(choice('--state <state>', 'only these', requestStates))
    .addOption(limitOption(50))
    .action(async ({ limit, ...filter }: { state?: AccessRequest['state']; limit: number }) => {
      const client = await app.client();
      const items = await listPages(app, limit, (page) =>
        client.call(operations.listAccessRequests, { query: { ...page, ...given(filter) } }),
      );
      listRequests(app, items);
    });
  const decide =
    (decision: 'approve' | 'deny') => async (requestId: string, o: { reason: string; days?: number }) => {
      const client = await app.client();
      const body = given({ decision, reason: o.reason, days: o.days });
      listRequests(app, [await client.call(operations.decideAccessRequest, { params: { requestId }, body })]);
    };
  leaf(governance, 'approve <request>', 'Approve a request', {
    examples: ['souk governance approve arq_… --reason "Within the project" --days 14'],
  })
    .requiredOption('--reason <text>', 'who asked reads it')
    .addOption(new Option('--days <n>', 'how long the approval is good; else 30').argParser(wholeNumber))
    .action(decide('approve'));
  leaf(governance, 'deny <request>', 'Deny a request', {
    examples: ['souk governance deny arq_… --reason "We have one already"'],
  })
    .requiredOption('--reason <text>', 'who asked reads it')
    .action(decide('deny'));
  leaf(governance, 'withdraw <request>', 'Withdraw your request', {
    examples: ['souk governance withdraw arq_…'],
  }).action(async (requestId: string) => {
    await (await app.client()).call(operations.withdrawAccessRequest, { params: { requestId } });
    app.output.done('The request is withdrawn.');
  });
}

function listRequests(app: App, items: readonly AccessRequest[]): void {
  app.output.list(
    items,
    [
      { title: 'STATE', value: (r) => r.state },
      { title: 'PRODUCT', value: (r) => `${r.publisher}/${r.product}` },
      { title: 'PLAN', value: (r) => r.planId },
      { title: 'BY', value: (r) => r.requestedBy, flexible: true },
      { title: 'REASON', value: (r) => oneLine(r.reason), flexible: true },
      {
        title: 'DECIDED',
        value: (r) => (r.decidedBy ? oneLine(`${r.decidedBy}: ${r.decisionReason ?? ''}`) : ''),
        flexible: true,
        optional: true,
      },
      { title: 'UNTIL', value: (r) => (r.expiresAt ? time(r.expiresAt) : ''), optional: true },
      { title: 'ID', value: (r) => r.id },
    ],
    'There are no requests.',
  );
}

async function governed(app: App, outside: boolean | undefined): Promise<void> {
  const client = await app.client();
  const { items } = await client.call(operations.listGovernedSubscriptions, { query: given({ outside }) });
  app.output.list(
    items,
    [
      { title: 'PRODUCT', value: (s) => `${s.publisher}/${s.product}` },
      { title: 'PLAN', value: (s) => s.planId },
      { title: 'STATE', value: (s) => s.state },
      { title: 'MEMBER', value: (s) => s.member, flexible: true },
      { title: 'COST CENTRE', value: (s) => s.costCentre ?? '', flexible: true },
      { title: 'THIS MONTH', value: (s) => money(s.spentThisMonth) },
      { title: 'RULES', value: (s) => (s.outside ? 'outside' : s.effect) },
      { title: 'ID', value: (s) => s.subscriptionId, optional: true },
    ],
    'There are no subscriptions.',
  );
}
