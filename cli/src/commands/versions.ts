import { setTimeout as pause } from 'node:timers/promises';
import {
  type Comparison,
  operations,
  type ReleasedVersion,
  type ReleasedVersions,
  type Subscription,
} from '@souk/contract';
import type { Command } from 'commander';
import { type App, productAddress } from '../app.ts';
import { group, leaf, several } from '../command.ts';
import { exitCodes, Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { readInput } from '../input.ts';
import { count, duration, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';
import { ownProduct } from '../products/own-product.ts';
import { subscriptionOf } from './subscriptions.ts';

interface EndOptions {
  date: string;
  reason?: string;
  replacement?: string;
}
interface CompareOptions {
  data?: readonly string[];
  contentType?: string;
  tolerance?: string;
  switch?: boolean;
}

export function versionCommands(program: Command, app: App): void {
  const versions = group(
    program,
    'versions',
    'Released versions: restrict, withdraw, end dates; compare as a buyer',
  );
  leaf(versions, 'list [product]', 'Released versions of one of your products', {
    examples: ['souk versions list iris-classifier', 'souk versions list --json'],
    isDefault: true,
  }).action(async (name: string | undefined) => {
    const client = await app.client();
    show(app, await client.call(operations.listVersions, { params: await idOf(app, name) }));
  });
  leaf(
    versions,
    'restrict <product> <version>',
    'Hide a version from new buyers; those who have it keep it',
    {
      examples: ['souk versions restrict iris-classifier 1.0.0'],
    },
  ).action(async (name: string, version: string) => {
    const client = await app.client();
    const params = { ...(await idOf(app, name)), version };
    show(app, await client.call(operations.restrictVersion, { params }));
  });
  leaf(versions, 'withdraw <product> <version>', 'Stop a version at once for its security', {
    examples: [
      'souk versions withdraw iris-classifier 1.0.0 --reason "It reveals training data." --replacement 1.0.1',
    ],
    notes:
      'Within a second nobody is answered by it; subscribers get the reason. Only the operator brings it back.',
  })
    .requiredOption('--reason <text>', 'what subscribers are told')
    .option('--replacement <version>', 'what they are told to use')
    .option('--as-operator', 'a version of any product, named publisher/product')
    .action(async (name: string, version: string, { asOperator, ...body }: WithdrawOptions) => {
      const client = await app.client();
      const params = { ...(asOperator ? await anyProduct(app, name) : await idOf(app, name)), version };
      const operation = asOperator ? operations.operatorWithdrawVersion : operations.withdrawVersion;
      show(app, await client.call(operation, { params, body }));
    });
  leaf(versions, 'restore <product> <version>', 'Bring a withdrawn version back; for the operator', {
    examples: ['souk versions restore fisher-lab/iris 1.0.0 --reason "It was another model." --as operator'],
  })
    .requiredOption('--reason <text>', 'what subscribers are told')
    .action(async (name: string, version: string, body: { reason: string }) => {
      const client = await app.client();
      const params = { ...(await anyProduct(app, name)), version };
      show(app, await client.call(operations.operatorRestoreVersion, { params, body }));
    });
  leaf(
    versions,
    'sunset <product> [version]',
    'Give a version, or the whole product, an end date; or move it',
    {
      examples: [
        'souk versions sunset iris-classifier 1.0.0 --date 2027-06-30 --replacement 2.0.0',
        'souk versions sunset iris-classifier --date 2027-06-30 --replacement fisher-lab/iris-2',
      ],
      notes:
        'The date is a day (its end, UTC) or an exact time. How early it may be is the operator’s policy.',
    },
  )
    .requiredOption('--date <date>', 'as 2027-06-30')
    .option('--reason <text>', 'what subscribers are told')
    .option('--replacement <name>', 'a version; for the whole product another one, publisher/product')
    .action((name: string, version: string | undefined, options: EndOptions) =>
      sunset(app, name, version, options),
    );
  leaf(versions, 'keep <product> [version]', 'Take an end date back', {
    examples: ['souk versions keep iris-classifier 1.0.0'],
  }).action(async (name: string, version: string | undefined) => {
    const client = await app.client();
    const params = await idOf(app, name);
    if (version === undefined) show(app, await client.call(operations.cancelProductSunset, { params }));
    else show(app, await client.call(operations.cancelVersionSunset, { params: { ...params, version } }));
  });
  leaf(
    versions,
    'compare <subscription> <version>',
    'Try another version on your samples, beside the chosen one',
    {
      examples: [
        'souk versions compare souk-examples/iris-classifier 2.0.0 --data @flowers.csv',
        'souk versions compare souk-examples/iris-classifier 2.0.0 --switch',
      ],
      notes:
        'Costs nothing. Without --data the recorded calls of the subscription are used (souk versions record). Ends with 1\n' +
        'when an answer differs; with --switch the subscription moves to the version when none does.',
    },
  )
    .addOption(several('--data <input>', 'text, @file, or - for stdin; may be given several times'))
    .option('--content-type <type>', 'of the inputs; else by the file’s ending or the look of the text')
    .option('--tolerance <number>', 'numbers this near count as the same; else 0.000001')
    .option('--switch', 'choose the version if all answers are the same')
    .action((name: string, version: string, options: CompareOptions) => compare(app, name, version, options));
  leaf(versions, 'record <subscription> <on|off|delete>', 'Let your last calls be recorded for comparisons', {
    examples: ['souk versions record souk-examples/iris-classifier on'],
    notes: 'The last 50 calls of at most 64 kB, for 30 days; only your account reads them.',
  }).action((name: string, what: string) => record(app, name, what));
}

interface WithdrawOptions {
  reason: string;
  replacement?: string;
  asOperator?: boolean;
}

/** The product of somebody else, as the operator finds it. */
async function anyProduct(app: App, product: string): Promise<{ productId: string }> {
  const client = await app.client();
  const { items } = await client.call(operations.operatorFindVersions, { query: { product } });
  return { productId: items[0]?.productId ?? '' };
}

const idOf = async (app: App, name: string | undefined) => ({
  productId: (await ownProduct(app, name)).id,
});

async function sunset(app: App, name: string, version: string | undefined, o: EndOptions): Promise<void> {
  const client = await app.client();
  const params = await idOf(app, name);
  const at = /^\d{4}-\d{2}-\d{2}$/.test(o.date) ? `${o.date}T23:59:59Z` : o.date;
  if (Number.isNaN(Date.parse(at))) throw misuse(`${o.date} is no date.`, 'Write it as 2027-06-30.');
  const body = given({ endsAt: new Date(at).toISOString(), reason: o.reason });
  if (version !== undefined) {
    const more = given({ replacement: o.replacement });
    const call = { params: { ...params, version }, body: { ...body, ...more } };
    return show(app, await client.call(operations.setVersionSunset, call));
  }
  const more = o.replacement === undefined ? {} : { replacement: productAddress(o.replacement) };
  show(app, await client.call(operations.setProductSunset, { params, body: { ...body, ...more } }));
}

function show(app: App, v: ReleasedVersions): void {
  if (v.sunset && !app.output.json)
    app.output.note(
      `The product ${v.sunset.ended ? 'ended' : 'ends'} ${time(v.sunset.endsAt)}. ${oneLine(v.sunset.reason)}`,
    );
  app.output.list(
    v.items,
    [
      { title: 'VERSION', value: (i) => i.number + (i.latest ? ' (latest)' : '') },
      { title: 'STATE', value: (i) => i.state, paint: (t) => state(app.output.style, t) },
      { title: 'ENDS', value: (i) => (i.standing.sunset ? time(i.standing.sunset.endsAt) : '') },
      { title: 'SUBSCRIBERS', value: (i) => count(i.subscribers) },
      { title: 'CALLS 30 D', value: (i) => count(i.callsLast30Days) },
      { title: 'SAYS', value: why, flexible: true, optional: true },
    ],
    'Nothing is released yet.',
  );
}

function why({ standing: { withdrawn, sunset } }: ReleasedVersion): string {
  const [text, next] = withdrawn
    ? [withdrawn.reason, withdrawn.replacement]
    : [sunset?.reason ?? '', sunset?.replacement ?? null];
  return oneLine(next ? `${text} Use ${next}.` : text);
}

async function record(app: App, name: string, what: string): Promise<void> {
  const client = await app.client();
  const params = { subscriptionId: (await subscriptionOf(app, name)).id };
  if (what !== 'on' && what !== 'off' && what !== 'delete')
    throw misuse(`${what} is none of on, off, delete.`, 'Say one of these.');
  const now =
    what === 'delete'
      ? await client.call(operations.deleteRecordedCalls, { params })
      : await client.call(operations.setRecording, { params, body: { on: what === 'on' } });
  app.output.item(now, [
    ['recording', now.recording ? 'on' : 'off'],
    ['recorded', `${now.items.length} of at most ${now.keeps}, kept ${now.keptDays} days`],
  ]);
}

async function compare(app: App, name: string, version: string, o: CompareOptions): Promise<void> {
  const client = await app.client();
  const subscription = await subscriptionOf(app, name);
  const samples: { contentType: string; body: string; encoding: 'base64' }[] = [];
  for (const data of o.data ?? []) {
    const input = await readInput(app, given({ data, contentType: o.contentType }), async () => undefined);
    samples.push({
      contentType: input.contentType,
      body: Buffer.from(input.body).toString('base64'),
      encoding: 'base64',
    });
  }
  const params = { subscriptionId: subscription.id };
  let c = await client.call(operations.compareVersions, {
    params,
    body: given({
      version,
      samples: samples.length > 0 ? samples : undefined,
      tolerance: o.tolerance === undefined ? undefined : Number(o.tolerance),
    }),
  });
  while (c.state === 'running') {
    await pause(500);
    c = await client.call(operations.getComparison, { params: { ...params, comparisonId: c.id } });
  }
  print(app, c);
  if (c.state === 'failed')
    throw new Failure({
      kind: 'unavailable',
      code: 'comparison.failed',
      message: c.failure ?? '',
      remedy: 'Try again.',
    });
  if (c.summary && c.summary.same === c.summary.samples) {
    if (o.switch) await choose(app, subscription, c.to);
    else
      app.output.next(`souk subscriptions version ${subscription.publisher}/${subscription.product} ${c.to}`);
  } else app.exitCode = exitCodes.refused;
}

async function choose(app: App, s: Subscription, version: string): Promise<void> {
  const client = await app.client();
  await client.call(operations.chooseVersion, { params: { subscriptionId: s.id }, body: { version } });
  app.output.done(`Calls of ${s.publisher}/${s.product} now go to version ${version}.`);
}

function print(app: App, c: Comparison): void {
  const { output } = app;
  const ms = (value: number | null | undefined) => (value == null ? 'not measured' : duration(value));
  output.item(c, [
    ['comparison', c.id],
    ['versions', `${c.from} and ${c.to}`],
    ['state', c.state],
    [
      'samples',
      c.summary
        ? `${c.summary.samples}: ${c.summary.same} same, ${c.summary.different} different, ${c.summary.unknown} unknown`
        : null,
    ],
    [
      'median',
      c.summary ? `${c.from} ${ms(c.summary.medianBeforeMs)}, ${c.to} ${ms(c.summary.medianAfterMs)}` : null,
    ],
    ['costs', `${c.units} units`],
  ]);
  if (output.json) return;
  for (const s of c.samples.filter((one) => one.outcome === 'different')) {
    output.heading(`Sample ${s.number}`);
    for (const d of s.differences)
      output.text(`  ${d.at}: ${oneLine(d.before ?? 'nothing')} -> ${oneLine(d.after ?? 'nothing')}`);
    if (s.moreDifferences > 0) output.text(`  and ${s.moreDifferences} more`);
  }
}
