import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { hoursOf, operations, type Product, type ProductDocument, productStates } from '@souk/contract';
import { type Command, Option } from 'commander';
import { parse, stringify } from 'yaml';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { checkSoukYaml } from '../document/check.ts';
import { findSoukYaml, readSoukYaml } from '../document/souk-yaml.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { printChanges } from '../output/changes.ts';
import { tally } from '../output/findings.ts';
import { count, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';
import { listPages } from '../pages.ts';
import { ownProduct } from '../products/own-product.ts';
import { pushProduct } from '../push/push.ts';
import { copyCommand } from './products-copy.ts';

export function productCommands(program: Command, app: App): void {
  leaf(program, 'push [path]', 'Make the draft what souk.yaml says: model, logo, document', {
    examples: ['souk push', 'souk push examples/iris-classifier --as publisher'],
    notes:
      'Reads souk.yaml in the folder (or the file given), registers models that are new, uploads the logo, and saves the\n' +
      'draft. Nothing is submitted. Run again, it does only what changed. Ends with 1 when the draft still has errors.',
  }).action((path: string | undefined) => push(app, path));

  const products = group(program, 'products', 'Your products and their drafts');
  leaf(products, 'list', 'Your products', {
    examples: ['souk products list', 'souk products list --state live'],
  })
    .addOption(choice('--state <state>', 'only these', productStates))
    .addOption(limitOption(100))
    .action((options: ListOptions) => list(app, options));

  leaf(products, 'show [product]', 'One of your products: state, revisions, who acts next', {
    examples: ['souk products show iris-classifier', 'souk products show'],
    notes: 'A product is named by slug or id; without a name it is the one of the souk.yaml in this folder.',
  }).action(async (name: string | undefined) => showProduct(app, await ownProduct(app, name)));

  leaf(products, 'create <slug>', 'Create a product with an empty draft, or from a document', {
    examples: [
      'souk products create iris-classifier',
      'souk products create iris-classifier --document draft.json',
    ],
  })
    .addOption(
      choice('--type <type>', 'what it is', ['model-package', 'algorithm', 'web-service']).default(
        'model-package',
      ),
    )
    .option('--document <file>', 'the draft, as JSON or YAML')
    .action((slug: string, options: CreateOptions) => create(app, slug, options));

  copyCommand(products, app);

  leaf(products, 'delete <product>', 'Delete a product that was never submitted', {
    examples: ['souk products delete iris-classifier'],
  }).action(async (name: string) => {
    const client = await app.client();
    const product = await ownProduct(app, name);
    await client.call(operations.deleteProduct, { params: { productId: product.id } });
    app.output.done(`Deleted the product ${product.publisher}/${product.slug}.`);
  });

  for (const [parent, called] of [
    [program, 'souk diff'],
    [products, 'souk products diff'],
  ] as const)
    leaf(parent, 'diff [product]', 'What the draft would change', {
      examples: [called, `${called} iris-classifier --against preview`],
    })
      .addOption(choice('--against <slot>', 'what to compare with', ['live', 'preview']))
      .action((name: string | undefined, options: { against?: 'live' | 'preview' }) =>
        diff(app, name, options),
      );

  leaf(products, 'check [path-or-product]', 'What is missing or wrong in a souk.yaml, or in a draft', {
    examples: [
      'souk products check',
      'souk products check examples/iris-classifier',
      'souk products check iris',
    ],
    notes:
      'A file or folder is checked here, without a server; findings name its lines. Ends with 1 on errors.',
  }).action((name: string | undefined) => check(app, name));

  leaf(products, 'customers [product]', 'Who is subscribed, and what they used this month', {
    examples: ['souk products customers iris-classifier'],
  })
    .addOption(limitOption(100))
    .action((name: string | undefined, options: { limit: number }) => customers(app, name, options.limit));

  const draft = group(products, 'draft', 'The draft as a document');
  leaf(draft, 'get [product]', 'Write the draft to stdout or a file', {
    examples: ['souk products draft get iris-classifier > draft.yaml', 'souk products draft get --json'],
  })
    .addOption(new Option('-o, --output <file>', 'write it there; .json gives JSON, else YAML'))
    .action((name: string | undefined, options: { output?: string }) => getDraft(app, name, options));
  leaf(draft, 'put <file> [product]', 'Replace the draft by a document in JSON or YAML', {
    examples: ['souk products draft put draft.yaml iris-classifier'],
    notes: 'The document as `draft get` writes it. For a souk.yaml with files and models use souk push.',
  }).action((file: string, name: string | undefined) => putDraft(app, file, name));
}

interface CreateOptions {
  type: 'model-package' | 'algorithm';
  document?: string;
}

interface ListOptions {
  state?: Product['state'];
  limit: number;
}

async function push(app: App, given: string | undefined): Promise<void> {
  const path = findSoukYaml(app.host.cwd, given);
  if (!path)
    throw misuse(`There is no souk.yaml in ${given ?? 'this folder'}.`, 'See cli/README.md for its form.');
  const { product, findings } = await pushProduct(app, path);
  showProduct(app, product);
  app.output.findings(findings);
  app.output.note(`The draft has ${tally(findings)}.`);
  if (findings.some((f) => f.severity === 'error')) throw notReady();
  app.output.next(`souk submit ${product.slug}`);
}

const notReady = () =>
  new Failure({
    kind: 'refused',
    code: 'cli.draft_not_ready',
    message: 'The draft is saved, but cannot be submitted yet.',
    remedy: 'Mend what the findings name, then push again.',
  });

async function list(app: App, { limit, ...filter }: ListOptions): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listProducts, { query: { ...page, ...given(filter) } }),
  );
  app.output.list(
    items,
    [
      { title: 'PRODUCT', value: (p) => `${p.publisher}/${p.slug}` },
      { title: 'TITLE', value: (p) => p.title, flexible: true },
      { title: 'STATE', value: (p) => p.state, paint: (t) => state(app.output.style, t) },
      { title: 'WAITS FOR', value: (p) => p.waitsFor ?? '' },
      { title: 'LIVE', value: (p) => p.liveRevision ?? '', align: 'right' },
      { title: 'DRAFT', value: (p) => (p.draftDiffers ? 'changed' : ''), optional: true },
      { title: 'UPDATED', value: (p) => time(p.updatedAt), optional: true },
      { title: 'ID', value: (p) => p.id, optional: true },
    ],
    'You have no products yet. Write a souk.yaml and run: souk push',
  );
}

function showProduct(app: App, p: Product): void {
  app.output.item(p, [
    ['product', `${p.publisher}/${p.slug}`],
    ['title', oneLine(p.title)],
    ['id', p.id],
    ['type', p.type],
    ['state', state(app.output.style, p.state)],
    ['waits for', p.waitsFor],
    ['visibility', p.visibility],
    ['draft', `version ${p.draftVersion}${p.draftDiffers ? ', not submitted as it is' : ''}`],
    ['preview', p.previewRevision === null ? null : `revision ${p.previewRevision}`],
    ['live', p.liveRevision === null ? null : `revision ${p.liveRevision}`],
    ['submission', p.submissionId],
    ['updated', time(p.updatedAt)],
  ]);
}

async function create(app: App, slug: string, options: CreateOptions): Promise<void> {
  const client = await app.client();
  const document = options.document && readDocument(app, options.document);
  const body = { type: options.type, slug, ...(document ? { document } : {}) };
  showProduct(app, await client.call(operations.createProduct, { body }));
  app.output.next(`souk products draft put draft.yaml ${slug}`);
}

function readDocument(app: App, file: string): ProductDocument {
  const text = readFileSync(resolve(app.host.cwd, file), 'utf8');
  try {
    return (extname(file) === '.json' ? JSON.parse(text) : parse(text)) as ProductDocument;
  } catch (cause) {
    throw new Failure({
      kind: 'invalid',
      code: 'cli.document_unreadable',
      message: `${file} cannot be read: ${(cause as Error).message}`,
      remedy: 'Give a document as `souk products draft get` writes it.',
      cause,
    });
  }
}

async function diff(
  app: App,
  name: string | undefined,
  query: { against?: 'live' | 'preview' },
): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const answer = await client.call(operations.getDraftDiff, { params: { productId: product.id }, query });
  if (!app.output.json)
    app.output.note(
      answer.against === null
        ? 'Compared with nothing: there is no such revision yet.'
        : `Compared with revision ${answer.against}.`,
    );
  printChanges(app, answer.changes);
  if (app.output.json || query.against === 'preview' || answer.against === null) return;
  if (answer.changes.length > 0 && answer.needsPreview.length === 0)
    app.output.next(
      `souk submit ${product.slug} --publish  goes live without a preview: texts, media and prices only`,
    );
}

async function check(app: App, name: string | undefined): Promise<void> {
  const { output, host } = app;
  const path = findSoukYaml(host.cwd, name);
  const findings = path
    ? checkSoukYaml(readSoukYaml(path, host.cwd))
    : name !== undefined && existsSync(resolve(host.cwd, name))
      ? noFile(name)
      : await draftFindings(app, name);
  if (output.json) for (const finding of findings) output.line(JSON.stringify(finding));
  else output.findings(findings);
  output.note(`${path ?? name ?? 'The draft'}: ${tally(findings)}.`);
  if (findings.some((f) => f.severity === 'error'))
    throw new Failure({
      kind: 'refused',
      code: 'cli.check_refused',
      message: 'There are errors.',
      remedy: 'Mend what the findings name.',
    });
}

const noFile = (folder: string): never => {
  throw misuse(`There is no souk.yaml in ${folder}.`, 'See cli/README.md for its form.');
};

async function draftFindings(app: App, name: string | undefined) {
  const client = await app.client();
  const product = await ownProduct(app, name);
  return (await client.call(operations.getDraft, { params: { productId: product.id } })).findings;
}

async function customers(app: App, name: string | undefined, limit: number): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const items = await listPages(app, limit, (query) =>
    client.call(operations.listProductSubscriptions, { params: { productId: product.id }, query }),
  );
  app.output.list(
    items,
    [
      { title: 'ACCOUNT', value: (c) => c.accountId },
      { title: 'NAME', value: (c) => c.accountName, flexible: true },
      { title: 'PLAN', value: (c) => c.planId },
      { title: 'VERSION', value: (c) => c.version },
      { title: 'STATE', value: (c) => c.state, paint: (t) => state(app.output.style, t) },
      { title: 'CALLS THIS MONTH', value: (c) => count(c.unitsThisMonth), align: 'right' },
      { title: 'HOURS', value: (c) => hoursOf(c.instanceSecondsThisMonth), align: 'right' },
      { title: 'SINCE', value: (c) => time(c.since), optional: true },
    ],
    'Nobody is subscribed yet.',
  );
}

async function getDraft(app: App, name: string | undefined, options: { output?: string }): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const draft = await client.call(operations.getDraft, { params: { productId: product.id } });
  if (options.output) {
    const json = extname(options.output) === '.json';
    const text = json ? `${JSON.stringify(draft.document, null, 2)}\n` : stringify(draft.document);
    writeFileSync(resolve(app.host.cwd, options.output), text);
    app.output.done(`Wrote version ${draft.version} of the draft to ${options.output}.`);
  } else if (app.output.json) app.output.line(JSON.stringify(draft));
  else app.output.raw(stringify(draft.document));
}

async function putDraft(app: App, file: string, name: string | undefined): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const params = { productId: product.id };
  const { version } = await client.call(operations.getDraft, { params });
  const document = readDocument(app, file);
  const draft = await client.call(operations.putDraft, { params, body: { version, document } });
  app.output.item(draft, [
    ['product', `${product.publisher}/${product.slug}`],
    ['draft', `version ${draft.version}`],
    ['saved', time(draft.savedAt)],
    ['findings', tally(draft.findings)],
  ]);
  if (!app.output.json) app.output.findings(draft.findings);
}
