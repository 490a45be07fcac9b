import { writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { operations, type Removal, removalStates } from '@souk/contract';
import type { Command } from 'commander';
import { type App, productAddress } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages } from '../pages.ts';
import { ownProduct } from '../products/own-product.ts';
import { subscriptionOf } from './subscriptions.ts';

export function removalCommands(program: Command, app: App): void {
  leaf(program, 'unpublish [product]', 'Stop selling a product; those who have it are served until the end', {
    examples: [
      'souk unpublish iris-classifier --email me@example.org --reason "Nobody maintains it"',
      'souk unpublish iris-classifier --email me@example.org --reason "…" --replacement flowers/iris-2',
      'souk unpublish iris-classifier --show',
      'souk unpublish iris-classifier --cancel',
    ],
    notes:
      'Hidden and closed to new subscribers at once. Subscribers get mails and are served for as long as the operator says\n' +
      '(90 days by default); then their subscriptions end. It can be cancelled for 24 hours.',
  })
    .option('--email <address>', 'where the operator may ask about it')
    .option('--reason <text>', 'why; the operator reads it')
    .option('--replacement <product>', 'publisher/product that subscribers are pointed to')
    .option('--cancel', 'keep it after all')
    .option('--show', 'until when its subscribers are served')
    .action((name: string | undefined, options: UnpublishOptions) => unpublish(app, name, options));

  const archive = group(program, 'archive', 'Everything that is yours, as one JSON document');
  leaf(
    archive,
    'product [product]',
    'Documents, revisions, versions, submissions and customers of a product',
    {
      examples: ['souk archive product iris-classifier --out iris.json'],
    },
  )
    .option('--out <file>', 'write it there instead of to stdout')
    .action(async (name: string | undefined, options: { out?: string }) => {
      const client = await app.client();
      const params = { productId: (await ownProduct(app, name)).id };
      write(app, await client.call(operations.exportProduct, { params }), options.out);
    });
  leaf(archive, 'subscription <subscription>', 'Accepted terms, usage by hour, and what was billed', {
    examples: ['souk archive subscription souk-examples/iris-classifier --out iris.json'],
    notes: 'Also of subscriptions that ended: give their id.',
  })
    .option('--out <file>', 'write it there instead of to stdout')
    .action(async (name: string, options: { out?: string }) => {
      const client = await app.client();
      const params = {
        subscriptionId: name.startsWith('sub_') ? name : (await subscriptionOf(app, name)).id,
      };
      write(app, await client.call(operations.exportSubscription, { params }), options.out);
    });
}

export function takeDownCommands(program: Command, app: App): void {
  leaf(program, 'take-down <product>', 'Take a product down at once, or restore it', {
    examples: [
      'souk take-down flowers/iris --reason "It keeps what it is sent" --as operator',
      'souk take-down flowers/iris --restore --reason "Mended in 1.0.1" --as operator',
    ],
    notes: 'Hidden, closed, its processes stopped, and calls of its subscribers suspended with the reason.',
  })
    .requiredOption('--reason <text>', 'both sides read it')
    .option('--restore', 'put it back as it was')
    .action((name: string, options: { reason: string; restore?: boolean }) => takeDown(app, name, options));
  leaf(program, 'removals', 'Products that leave, have left, or were taken down', {
    examples: ['souk removals --state leaving --as operator'],
  })
    .addOption(choice('--state <state>', 'only these', removalStates))
    .addOption(limitOption(100))
    .action((options: { state?: Removal['state']; limit: number }) => list(app, options));
}

interface UnpublishOptions {
  email?: string;
  reason?: string;
  replacement?: string;
  cancel?: boolean;
  show?: boolean;
}

async function unpublish(app: App, name: string | undefined, options: UnpublishOptions): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const params = { productId: product.id };
  if (options.cancel) return show(app, await client.call(operations.cancelRemoval, { params }));
  if (options.show) {
    const { removal } = await client.call(operations.getRemoval, { params });
    if (removal) return show(app, removal);
    throw new Failure({
      kind: 'missing',
      code: 'removal.missing',
      message: `${product.publisher}/${product.slug} is not being removed.`,
      remedy: 'Nothing is to be done.',
    });
  }
  const { email, reason, replacement } = options;
  if (!email || !reason) throw misuse('Unpublishing needs --email and --reason.', 'Add --help for examples.');
  show(
    app,
    await client.call(operations.unpublishProduct, {
      params,
      body: { email, reason, ...(replacement ? { replacement } : {}) },
    }),
  );
  app.output.next(`souk unpublish ${product.slug} --cancel  within 24 hours, to keep it`);
}

async function takeDown(
  app: App,
  name: string,
  options: { reason: string; restore?: boolean },
): Promise<void> {
  const client = await app.client();
  const { publisher, product } = productAddress(name);
  const { reason } = options;
  if (!options.restore)
    return show(
      app,
      await client.call(operations.takeDownProduct, { body: { product: `${publisher}/${product}`, reason } }),
    );
  const down = await listPages(app, 10_000, (page) =>
    client.call(operations.listRemovals, { query: { ...page, state: 'down' } }),
  );
  const found = down.find((r) => r.publisher === publisher && r.product === product);
  if (!found)
    throw new Failure({
      kind: 'missing',
      code: 'takedown.missing',
      message: `${publisher}/${product} is not taken down.`,
      remedy: 'souk removals --state down lists what is.',
    });
  show(
    app,
    await client.call(operations.restoreProduct, { params: { removalId: found.id }, body: { reason } }),
  );
}

function show(app: App, r: Removal): void {
  app.output.item(r, [
    ['removal', r.id],
    ['product', `${r.publisher}/${r.product}`],
    ['state', state(app.output.style, r.state)],
    ['reason', r.reason],
    ['replacement', r.replacement && `${r.replacement.publisher}/${r.replacement.slug}`],
    ['subscriptions left', r.subscribers],
    ['since', time(r.requestedAt)],
    ['can be cancelled until', r.state === 'leaving' && r.cancellableUntil ? time(r.cancellableUntil) : null],
    ['subscribers served until', r.endsAt && time(r.endsAt)],
    ['over since', r.endedAt && time(r.endedAt)],
  ]);
}

async function list(app: App, { state: wanted, limit }: { state?: Removal['state']; limit: number }) {
  const client = await app.client();
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listRemovals, { query: { ...page, ...(wanted ? { state: wanted } : {}) } }),
  );
  app.output.list(
    items,
    [
      { title: 'PRODUCT', value: (r) => `${r.publisher}/${r.product}` },
      { title: 'STATE', value: (r) => r.state, paint: (t) => state(app.output.style, t) },
      { title: 'SINCE', value: (r) => time(r.requestedAt) },
      { title: 'UNTIL', value: (r) => (r.endsAt ? time(r.endsAt) : '') },
      { title: 'LEFT', value: (r) => r.subscribers, align: 'right' },
      { title: 'REASON', value: (r) => r.reason, flexible: true, optional: true },
    ],
    'Nothing leaves and nothing is taken down.',
  );
}

function write(app: App, document: unknown, out: string | undefined): void {
  if (out === undefined) {
    app.output.line(JSON.stringify(document, null, app.output.json ? undefined : 2));
    return;
  }
  writeFileSync(resolve(app.host.cwd, out), `${JSON.stringify(document, null, 2)}\n`);
  app.output.done(`Wrote ${out}.`);
}
