import {
  type CatalogItem,
  type CatalogProduct,
  categories,
  goesBeyond,
  instanceOf,
  operations,
  priceKinds,
  priceUnit,
  productTypes,
  recurringOf,
  usageParts,
  useWords,
} from '@souk/contract';
import type { Command } from 'commander';
import { type App, productAddress } from '../app.ts';
import { choice, leaf, limitOption } from '../command.ts';
import { given } from '../given.ts';
import { readInput } from '../input.ts';
import { bytes, count, duration, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';
import { listPages } from '../pages.ts';

export type Slot = 'preview' | 'live';
export const slotOption = () =>
  choice('--slot <slot>', 'live, or preview for its audience', ['live', 'preview']);

export function catalogCommands(program: Command, app: App): void {
  leaf(program, 'search [words...]', 'Search the catalogue', {
    examples: ['souk search iris', 'souk search --category "Computer Vision" --price free --sort newest'],
  })
    .addOption(choice('--type <type>', 'only these', productTypes))
    .addOption(choice('--category <category>', 'only these', categories))
    .addOption(choice('--price <kind>', 'only these', priceKinds))
    .option('--publisher <slug>', 'only theirs')
    .option('--region <region>', 'only those offered there')
    .option('--content-type <type>', 'only those that take it')
    .addOption(choice('--sort <order>', 'order', ['relevance', 'newest', 'title', 'latency']))
    .addOption(limitOption(24))
    .action((words: string[], options: SearchOptions) => search(app, words.join(' '), options));

  leaf(program, 'show <product>', 'A product as a buyer sees it', {
    examples: [
      'souk show souk-examples/iris-classifier',
      'souk show souk-examples/iris-classifier --eula > eula.txt',
    ],
  })
    .addOption(slotOption())
    .option('--eula', 'only the text of the licence agreement')
    .action((name: string, options: { slot?: Slot; eula?: boolean }) => show(app, name, options));

  leaf(program, 'try <product>', 'Run an input within the small free allowance', {
    examples: [
      'souk try souk-examples/iris-classifier',
      'souk try souk-examples/iris-classifier --data @flowers.csv',
    ],
    notes: 'Without --data, the sample input of the product page.',
  })
    .option('--data <input>', 'text, @file, or - for stdin')
    .option('--content-type <type>', 'of the input; else by the file’s ending, else as the sample')
    .option('--accept <type>', 'content type of the answer')
    .option('--version <number>', 'else the latest')
    .addOption(slotOption())
    .action((name: string, options: TryOptions) => tryProduct(app, name, options));

  leaf(program, 'bom <product>', 'The CycloneDX ML-BOM of a version', {
    examples: ['souk bom souk-examples/iris-classifier > bom.json'],
  })
    .option('--version <number>', 'else the latest')
    .addOption(slotOption())
    .action((name: string, options: { version?: string; slot?: Slot }) => bom(app, name, options));
}

interface SearchOptions {
  type?: CatalogItem['type'];
  category?: CatalogItem['categories'][number];
  price?: CatalogItem['priceKind'];
  publisher?: string;
  region?: string;
  contentType?: string;
  sort?: 'relevance' | 'newest' | 'title' | 'latency';
  limit: number;
}
interface TryOptions {
  data?: string;
  contentType?: string;
  accept?: string;
  version?: string;
  slot?: Slot;
}

async function search(app: App, words: string, { limit, price, ...filter }: SearchOptions): Promise<void> {
  const client = await app.client();
  let suggestion: string | null = null;
  const items = await listPages(app, limit, async (wanted) => {
    const query = { ...wanted, ...given({ ...filter, priceKind: price, q: words || undefined }) };
    const page = await client.call(operations.searchCatalog, { query });
    suggestion ??= page.suggestion;
    return page;
  });
  if (suggestion !== null) app.output.note(`Is this meant? souk search ${suggestion}`);
  app.output.list(
    items,
    [
      { title: 'PRODUCT', value: (p) => `${p.publisher}/${p.slug}` },
      { title: 'TITLE', value: (p) => p.title, flexible: true },
      { title: 'PRICE', value: (p) => p.priceText, flexible: true },
      { title: 'P99', value: (p) => (p.p99Ms === null ? '' : `${count(p.p99Ms)} ms`), align: 'right' },
      { title: 'VERSION', value: (p) => p.latestVersion, optional: true },
      { title: '', value: (p) => (p.limited ? 'Limited' : '') },
      { title: 'WHAT IT DOES', value: (p) => p.shortDescription, flexible: true, optional: true },
    ],
    'Nothing was found. Fewer words or filters find more.',
  );
}

export async function getProduct(app: App, name: string, slot: Slot | undefined): Promise<CatalogProduct> {
  const client = await app.client();
  return client.call(operations.getCatalogProduct, { params: productAddress(name), query: given({ slot }) });
}

async function show(app: App, name: string, options: { slot?: Slot; eula?: boolean }): Promise<void> {
  const { output } = app;
  const p = await getProduct(app, name, options.slot);
  if (options.eula) {
    output.raw(p.eula.text);
    return;
  }
  const { url } = await app.settings();
  const latest = latestVersion(p);
  output.item(p, [
    ['product', `${p.item.publisher}/${p.item.slug}`],
    ['title', oneLine(p.item.title) + (p.item.limited ? output.style('yellow', '  Limited (preview)') : '')],
    ['by', `${oneLine(p.publisher.displayName)} (${p.item.publisher})`],
    ['what it does', p.item.shortDescription],
    ['highlights', p.highlights.map((h) => `- ${oneLine(h)}`).join('\n')],
    ['categories', p.item.categories.join(', ')],
    ['regions', p.regions.join(', ')],
    ['takes', latest?.contentTypes.join(', ')],
    ['answers', latest?.responseTypes.join(', ')],
    ['licence', `sha256 ${p.eula.sha256}; read it: souk show ${name} --eula`],
    ['refunds', p.refundPolicy],
    ['support', supportOf(p)],
    [
      'signed',
      `${time(p.statement.signedAt)} with key ${p.statement.keyId}${p.statement.verified ? '' : ' (NOT verified)'}`,
    ],
    ['subscription', p.subscriptionId],
    ['calls', `${url}${p.callPath}`],
    ['page', `${url}/products/${p.item.publisher}/${p.item.slug}`],
  ]);
  output.part('Plans', p.plans, [
    { title: 'PLAN', value: (plan) => plan.id },
    { title: 'NAME', value: (plan) => plan.name ?? '' },
    { title: 'PRICE', value: planPrice, flexible: true },
    { title: 'QUOTA', value: quotaText },
    {
      title: '',
      value: (plan) =>
        [plan.trial ? 'first month free' : '', plan.promotionCode ? 'with a code' : '']
          .filter(Boolean)
          .join(', '),
    },
    { title: 'ABOUT', value: (plan) => plan.description ?? '', flexible: true, optional: true },
  ]);
  output.part('Prices per hour', hourPrices(p.plans), [
    { title: 'PLAN', value: (h) => h.plan.id },
    { title: 'INSTANCE TYPE', value: (h) => h.instanceType },
    { title: 'FOR', value: (h) => useWords[h.use] },
    { title: 'PRICE', value: (h) => `${h.part.pricePerUnit} ${h.plan.currency ?? ''}`, align: 'right' },
    {
      title: 'INCLUDED',
      value: (h) => (h.part.includedQuantity ? `${count(h.part.includedQuantity)} h a month` : ''),
    },
  ]);
  output.part('Versions', p.versions, [
    { title: 'VERSION', value: (v) => v.number },
    {
      title: '',
      value: (v) => [v.latest ? 'latest' : '', v.limited ? 'Limited' : ''].filter(Boolean).join(' '),
    },
    { title: 'STATE', value: (v) => v.state, paint: (t) => state(output.style, t) },
    { title: 'SIZE', value: (v) => bytes(v.sizeBytes), align: 'right' },
    { title: 'MODEL NAME', value: (v) => v.modelName },
    { title: 'SHA256', value: (v) => v.packageSha256, flexible: true, optional: true },
  ]);
  output.part('Measured by this marketplace', latest?.measured ?? [], [
    { title: 'INSTANCE TYPE', value: (m) => m.instanceType },
    { title: 'P50', value: (m) => `${count(m.p50Ms)} ms`, align: 'right' },
    { title: 'P99', value: (m) => `${count(m.p99Ms)} ms`, align: 'right' },
    { title: 'CALLS/S', value: (m) => count(m.callsPerSecond), align: 'right' },
    { title: 'CALLS', value: (m) => count(m.calls), align: 'right' },
    { title: 'WHEN', value: (m) => time(m.measuredAt) },
  ]);
  if (p.subscriptionId === null)
    output.next(
      `souk try ${name}`,
      `souk subscribe ${name} --plan ${p.plans[0]?.id ?? '<plan>'} --accept-eula`,
    );
}

const supportOf = (p: CatalogProduct) =>
  p.support.offered ? [p.support.email, p.support.url].filter(Boolean).join(', ') : 'none offered';

export const latestVersion = (p: CatalogProduct) => p.versions.find((v) => v.latest) ?? p.versions.at(-1);

/** Calls in full; of hours, which a plan may price by dozens, the lowest price. */
export function planPrice(plan: CatalogProduct['plans'][number]): string {
  const parts = plan.parts ?? [];
  if (parts.length === 0) return 'free';
  const currency = plan.currency ?? '';
  const fee = recurringOf(parts);
  const units = usageParts(parts);
  const hours = units.filter((part) => instanceOf(part.dimension));
  const [cheapest] = hours.toSorted((a, b) => Number(a.pricePerUnit) - Number(b.pricePerUnit));
  return [
    ...(fee ? [`${fee.amount} ${currency} per month`] : []),
    ...units
      .filter((part) => !hours.includes(part))
      .map(({ pricePerUnit, dimension, includedQuantity }) => {
        const included = includedQuantity ? `, ${count(includedQuantity)} a month included` : '';
        return `${pricePerUnit} ${currency} per ${priceUnit(dimension)}${included}`;
      }),
    ...(cheapest
      ? [`${hours.length > 1 ? 'from ' : ''}${cheapest.pricePerUnit} ${currency} per hour of an instance`]
      : []),
  ].join('; ');
}

/** "10,000 a month, then 0.02 USD each; 5 at once": what a month has, what happens at its end, and how many calls at the same time. */
export function quotaText(plan: CatalogProduct['plans'][number]): string {
  const { quota, callsAtOnce } = plan;
  const atOnce = callsAtOnce === undefined ? '' : `${count(callsAtOnce)} at once`;
  if (!quota) return atOnce;
  const price = usageParts(plan.parts).find((part) => part.dimension === quota.dimension);
  const beyond = goesBeyond(plan) && price ? `, then ${price.pricePerUnit} ${plan.currency ?? ''} each` : '';
  return `${count(quota.unitsPerMonth)} a month${beyond}${atOnce && `; ${atOnce}`}`;
}

/** A line for each use and instance type that a plan prices by the hour. */
const hourPrices = (plans: CatalogProduct['plans']) =>
  plans.flatMap((plan) =>
    usageParts(plan.parts).flatMap((part) => {
      const instance = instanceOf(part.dimension);
      return instance ? [{ plan, part, ...instance }] : [];
    }),
  );

async function tryProduct(app: App, name: string, options: TryOptions): Promise<void> {
  const client = await app.client();
  const input = await readInput(app, options, () => sampleOf(app, name, options));
  const answer = await client.call(operations.tryProduct, {
    params: productAddress(name),
    query: given({ slot: options.slot }),
    body: given({
      version: options.version,
      contentType: input.contentType,
      accept: options.accept,
      body: Buffer.from(input.body).toString('utf8'),
    }),
  });
  if (app.output.json) app.output.line(JSON.stringify(answer));
  else {
    app.output.text(answer.body.trimEnd());
    app.output.note(
      `${answer.status} ${answer.contentType}, version ${answer.version}, ${duration(answer.durationMs)}; ${answer.triesLeft} tries left today`,
    );
  }
}

export async function sampleOf(
  app: App,
  name: string,
  options: { readonly version?: string; readonly slot?: Slot },
): Promise<{ contentType: string; body: string } | undefined> {
  const p = await getProduct(app, name, options.slot);
  const version = options.version ? p.versions.find((v) => v.number === options.version) : latestVersion(p);
  const samples = version?.details.input?.samples;
  if (samples?.realtime === undefined) return undefined;
  return { contentType: samples.contentType ?? 'application/json', body: samples.realtime };
}

async function bom(app: App, name: string, options: { version?: string; slot?: Slot }): Promise<void> {
  const client = await app.client();
  const version = options.version ?? latestVersion(await getProduct(app, name, options.slot))?.number ?? '';
  const query = given({ slot: options.slot });
  const answer = await client.call(operations.getMlBom, {
    params: { ...productAddress(name), version },
    query,
  });
  app.output.line(app.output.json ? JSON.stringify(answer) : JSON.stringify(answer, null, 2));
}
