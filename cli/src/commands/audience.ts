import { readFileSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { text as readAll } from 'node:stream/consumers';
import { operations } from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, limitOption } from '../command.ts';
import { Failure, withFindings } from '../failure.ts';
import { time } from '../output/format.ts';
import { listPages } from '../pages.ts';
import { ownProduct } from '../products/own-product.ts';

const planOption = () => new Option('--plan <id>', 'of this private plan; else of the private product');
interface Which {
  plan?: string;
}
const of = ({ plan }: Which) => (plan ? { plan } : {});

export function audienceCommands(program: Command, app: App): void {
  const audience = group(program, 'audience', 'Who a private product, or a private plan, is for');
  leaf(audience, 'list [product]', 'The accounts, with their notes', {
    examples: ['souk audience list iris-classifier', 'souk audience list iris-classifier --plan partners'],
  })
    .addOption(planOption())
    .addOption(limitOption(200))
    .action(list);

  leaf(audience, 'add <product> <accounts...>', 'Add accounts; they see it at once', {
    examples: ['souk audience add iris-classifier 123456789012 --note "Signed in May"'],
  })
    .addOption(planOption())
    .option('--note <text>', 'a note to each of them')
    .action(async (name: string, accounts: string[], options: Which & { note?: string }) => {
      const client = await app.client();
      const { id: productId } = await ownProduct(app, name);
      for (const accountId of accounts) {
        const body = { ...of(options), ...(options.note ? { note: options.note } : {}) };
        await client.call(operations.putBuyer, { params: { productId, accountId }, body });
        app.output.done(`${accountId} is in the audience.`);
      }
    });

  leaf(audience, 'remove <product> <accounts...>', 'Take accounts out; a subscription that one has goes on', {
    examples: ['souk audience remove iris-classifier 123456789012'],
  })
    .addOption(planOption())
    .action(async (name: string, accounts: string[], options: Which) => {
      const client = await app.client();
      const { id: productId } = await ownProduct(app, name);
      for (const accountId of accounts) {
        await client.call(operations.removeBuyer, { params: { productId, accountId }, query: of(options) });
        app.output.done(`${accountId} is no longer in the audience.`);
      }
    });

  leaf(audience, 'import <product> <file>', 'Add the accounts of a CSV file: account id, note', {
    examples: [
      'souk audience import iris-classifier buyers.csv',
      'souk audience import iris-classifier buyers.csv --replace --plan partners',
    ],
    notes: 'All lines or none: wrong ones are named with their number. `-` reads from stdin.',
  })
    .addOption(planOption())
    .option('--replace', 'make the audience what the file says')
    .action(importFile);

  leaf(audience, 'export [product]', 'The audience as CSV, as import takes it', {
    examples: ['souk audience export iris-classifier > buyers.csv'],
  })
    .addOption(planOption())
    .option('--out <file>', 'write it there instead of to stdout')
    .action(exportFile);

  async function list(name: string | undefined, { limit, ...which }: Which & { limit: number }) {
    const client = await app.client();
    const params = { productId: (await ownProduct(app, name)).id };
    const items = await listPages(app, limit, (page) =>
      client.call(operations.listBuyers, { params, query: { ...page, ...of(which) } }),
    );
    app.output.list(
      items,
      [
        { title: 'ACCOUNT', value: (a) => a.accountId },
        { title: 'NAME', value: (a) => a.accountName ?? '', flexible: true },
        { title: 'SUBSCRIBED', value: (a) => (a.subscribed ? 'yes' : 'no') },
        { title: 'NOTE', value: (a) => a.note, flexible: true },
        { title: 'ADDED', value: (a) => time(a.addedAt), optional: true },
      ],
      'Nobody is in this audience. Add accounts: souk audience add <product> <account>',
    );
  }

  async function importFile(name: string, file: string, options: Which & { replace?: boolean }) {
    const client = await app.client();
    const params = { productId: (await ownProduct(app, name)).id };
    const csv =
      file === '-' ? await readAll(app.host.stdin) : readFileSync(resolve(app.host.cwd, file), 'utf8');
    const mode = options.replace ? ('replace' as const) : ('add' as const);
    const body = { csv, mode, ...of(options) };
    const done = await client.call(operations.importBuyers, { params, body }).catch((error: unknown) => {
      if (!(error instanceof Failure)) throw error;
      throw withFindings(
        error,
        error.findings.map((f) => ({ ...f, file })),
      );
    });
    app.output.item(done, [
      ['added', done.added],
      ['notes changed', done.changed],
      ['taken out', done.removed],
      ['in the audience now', done.total],
    ]);
  }

  async function exportFile(name: string | undefined, options: Which & { out?: string }) {
    const client = await app.client();
    const params = { productId: (await ownProduct(app, name)).id };
    const { response } = await client.exchange(operations.exportBuyers, { params, query: of(options) });
    const csv = await response.text();
    if (options.out === undefined) return void app.host.stdout.write(csv);
    writeFileSync(resolve(app.host.cwd, options.out), csv);
    app.output.done(`Wrote ${options.out}.`);
  }
}
