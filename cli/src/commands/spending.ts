import { type Budget, type budgetScopes, hoursOf, operations, spendKeys } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, several } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { count } from '../output/format.ts';
import { oneLine } from '../output/table.ts';

/** What the account spends, and how much it may. */
export function spendingCommands(program: Command, app: App): void {
  spendCommand(program, app);
  budgetCommands(program, app);
}

export const money = (totals: readonly { amount: string; currency: string }[]) =>
  totals.map((t) => `${t.amount} ${t.currency}`).join(', ');

function spendCommand(program: Command, app: App): void {
  leaf(program, 'spend', 'What the account spent, by product, member, month or cost centre', {
    examples: ['souk spend', 'souk spend --by month --from 2026-01 --to 2026-11'],
    notes: 'Every figure is the sum of lines that the invoices have.',
  })
    .addOption(choice('--by <what>', 'group by', spendKeys))
    .option('--from <month>', 'first month, as 2026-11; else the last one')
    .option('--to <month>', 'last month; else this one')
    .action(async (options: { by?: (typeof spendKeys)[number]; from?: string; to?: string }) => {
      const client = await app.client();
      const spend = await client.call(operations.getSpend, { query: given(options) });
      if (app.output.json) {
        app.output.item(spend, []);
        return;
      }
      app.output.list(
        spend.rows,
        [
          { title: spend.by.toUpperCase(), value: (r) => oneLine(r.label), flexible: true },
          { title: 'CALLS', value: (r) => count(r.quantity), align: 'right' },
          { title: 'HOURS', value: (r) => hoursOf(r.instanceSeconds), align: 'right' },
          { title: 'SUBSCRIPTIONS', value: (r) => count(r.subscriptions) },
          { title: 'COST', value: (r) => money(r.totals) },
        ],
        'Nothing was used.',
      );
      if (spend.totals.length > 0) app.output.note(`together ${money(spend.totals)}`);
    });
}

function budgetCommands(program: Command, app: App): void {
  const budgets = group(program, 'budgets', 'Monthly budgets with warnings and a hard stop');
  leaf(budgets, 'list', 'Budgets, and how much of each is spent', { examples: ['souk budgets list'] }).action(
    async () => listBudgets(app, (await (await app.client()).call(operations.listBudgets)).items),
  );
  leaf(budgets, 'add <amount> <currency>', 'Set a budget for the account, a product or a member', {
    examples: [
      'souk budgets add 500 USD --hard-stop',
      'souk budgets add 100 USD --product souk-examples/iris-classifier --warn-at 50,80',
      'souk budgets add 50 USD --member ada@example.com',
    ],
    notes:
      'A hard stop suspends priced subscriptions within little more than a minute of the call that spent the budget.',
  })
    .option('--product <product>', 'only this product')
    .option('--member <email>', 'only what this member subscribed to')
    .option('--hard-stop', 'suspend when it is spent')
    .addOption(several('--warn-at <percent>', 'tell admins and finance at these; else 50, 80 and 100'))
    .action(
      async (
        amount: string,
        currency: string,
        o: { product?: string; member?: string; hardStop?: boolean; warnAt?: string[] },
      ) => {
        if (o.product && o.member)
          throw misuse('A budget is for a product or for a member.', 'Make two of it.');
        const client = await app.client();
        const scope: (typeof budgetScopes)[number] = o.product ? 'product' : o.member ? 'member' : 'account';
        const body = given({
          scope,
          product: o.product,
          member: o.member,
          amount,
          currency: currency.toUpperCase(),
          warnAt: o.warnAt?.map(Number),
          hardStop: o.hardStop === true,
        });
        listBudgets(app, [await client.call(operations.createBudget, { body })]);
      },
    );
  leaf(budgets, 'change <budget>', 'Change a budget; what it had stopped goes on where it now fits', {
    examples: ['souk budgets change bud_… --amount 800', 'souk budgets change bud_… --no-hard-stop'],
  })
    .option('--amount <amount>', 'the new amount')
    .option('--hard-stop', 'suspend when it is spent')
    .option('--no-hard-stop', 'only warn')
    .addOption(several('--warn-at <percent>', 'tell at these'))
    .action(async (budgetId: string, o: { amount?: string; hardStop?: boolean; warnAt?: string[] }) => {
      const client = await app.client();
      const body = given({ amount: o.amount, hardStop: o.hardStop, warnAt: o.warnAt?.map(Number) });
      listBudgets(app, [await client.call(operations.updateBudget, { params: { budgetId }, body })]);
    });
  leaf(budgets, 'remove <budget>', 'Remove a budget', { examples: ['souk budgets remove bud_…'] }).action(
    async (budgetId: string) => {
      await (await app.client()).call(operations.removeBudget, { params: { budgetId } });
      app.output.done('The budget is gone; what it had stopped goes on.');
    },
  );
}

function listBudgets(app: App, items: readonly Budget[]): void {
  app.output.list(
    items,
    [
      { title: 'FOR', value: (b) => b.subject ?? 'the account', flexible: true },
      { title: 'SPENT', value: (b) => `${b.spent} of ${b.amount} ${b.currency}` },
      { title: '', value: (b) => `${b.percent} %` },
      { title: 'STATE', value: (b) => b.state },
      { title: 'HARD STOP', value: (b) => (b.hardStop ? 'yes' : 'no') },
      { title: 'SUSPENDED', value: (b) => (b.suspended > 0 ? String(b.suspended) : ''), optional: true },
      { title: 'ID', value: (b) => b.id },
    ],
    'There are no budgets.',
  );
}
