import { type OperatorPublisherDetail, operations, verificationStates } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { Failure } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages, wholeNumber } from '../pages.ts';
import { showBank, showStanding, showTax } from './publisher-verification.ts';

type State = (typeof verificationStates)[number];

/** The operator's side: who publishes here, and whether it is who it says. */
export function publishersCommands(program: Command, app: App): void {
  const publishers = group(program, 'publishers', 'Publishers of the marketplace, and who they are');
  leaf(publishers, 'list', 'All by name, or those in one state of verification, oldest first', {
    examples: [
      'souk publishers list --as operator',
      'souk publishers list --verification pending --as operator',
    ],
  })
    .addOption(choice('--verification <state>', 'only these', verificationStates))
    .addOption(limitOption(100))
    .action((options: { limit: number; verification?: State }) => list(app, options));
  leaf(publishers, 'show <publisher>', 'One with its history, taxes and bank masked', {
    examples: ['souk publishers show fisher-lab --as operator'],
  }).action(async (name: string) => show(app, await detailOf(app, name)));
  for (const [verb, decision, words] of [
    ['approve', 'approve', 'Verify a publisher'],
    ['ask', 'ask', 'Ask a publisher for more before it is verified'],
    ['reject', 'reject', 'Decline to verify a publisher, or take it back'],
  ] as const)
    leaf(publishers, `${verb} <publisher>`, `${words}; the reason goes to them by mail`, {
      examples: [`souk publishers ${verb} fisher-lab --comment "…" --as operator`],
      notes: 'Decides on what stands now; give --seen to refuse when something changed since you looked.',
    })
      .requiredOption('--comment <text>', 'what the publisher reads')
      .option('--seen <version>', 'version of the verification that you looked at', wholeNumber)
      .action((name: string, options: { comment: string; seen?: number }) =>
        decide(app, name, decision, options),
      );
  leaf(
    publishers,
    'reveal <publisher>',
    'Tax interview or bank details in full; put on record, and told to them',
    {
      examples: [
        'souk publishers reveal fisher-lab --what bank --reason "Payout 17 came back." --as operator',
      ],
      notes: 'Needs the role operator-finance.',
    },
  )
    .addOption(choice('--what <details>', 'which', ['tax', 'bank']).makeOptionMandatory())
    .requiredOption('--reason <text>', 'why you need them')
    .option('--details-version <n>', 'an older version', wholeNumber)
    .action((name: string, options: { what: 'tax' | 'bank'; reason: string; detailsVersion?: number }) =>
      reveal(app, name, options),
    );
}

async function list(
  app: App,
  { limit, verification }: { limit: number; verification?: State },
): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listPublishers, { query: given({ ...page, verification }) }),
  );
  app.output.list(
    items,
    [
      { title: 'PUBLISHER', value: (p) => p.profile.slug },
      { title: 'NAME', value: (p) => p.profile.displayName, flexible: true },
      { title: 'VERIFICATION', value: (p) => p.verification, paint: (t) => state(app.output.style, t) },
      { title: 'ACCOUNT', value: (p) => p.profile.accountId },
      { title: 'LIVE', value: (p) => `${p.liveProducts} of ${p.products}`, optional: true },
      { title: 'CONTACT', value: (p) => p.profile.contactEmail ?? '', optional: true },
      { title: 'SINCE', value: (p) => time(p.profile.createdAt), optional: true },
    ],
    verification ? `No publisher is ${verification}.` : 'There are no publishers yet.',
  );
}

/** By account id or by name. */
async function accountOf(app: App, name: string): Promise<string> {
  if (/^[0-9]{12}$/.test(name)) return name;
  const client = await app.client();
  const all = await listPages(app, Number.MAX_SAFE_INTEGER, (query) =>
    client.call(operations.listPublishers, { query }),
  );
  const found = all.find((p) => p.profile.slug === name);
  if (found) return found.profile.accountId;
  throw new Failure({
    kind: 'missing',
    code: 'publisher.unknown',
    message: `There is no publisher ${name}.`,
    remedy: '`souk publishers list` shows them.',
  });
}

async function detailOf(app: App, name: string): Promise<OperatorPublisherDetail> {
  const accountId = await accountOf(app, name);
  const client = await app.client();
  return client.call(operations.getOperatorPublisher, { params: { accountId } });
}

function show(app: App, d: OperatorPublisherDetail): void {
  if (app.output.json) {
    app.output.item(d, []);
    return;
  }
  const { profile: p } = d;
  app.output.item(d, [
    ['publisher', p.slug],
    ['name', p.displayName],
    ['account', p.accountId],
    ['description', p.description],
    ['website', p.websiteUrl],
    ['contact', p.contactEmail],
    ['products', d.products.map((x) => `${x.slug}${x.live ? ' (live)' : ''}`).join(', ')],
    ['version', String(d.standing.verification.version)],
    ...d.standing.verification.history.map((h) => [time(h.at), `${h.event} by ${h.by}: ${h.text}`] as const),
  ]);
  showStanding(app, d.standing);
  if (d.tax) showTax(app, d.tax);
  if (d.bank) showBank(app, d.bank);
}

async function decide(
  app: App,
  name: string,
  decision: 'approve' | 'ask' | 'reject',
  { comment, seen }: { comment: string; seen?: number },
): Promise<void> {
  const { profile, standing } = await detailOf(app, name);
  const client = await app.client();
  const { standing: after } = await client.call(operations.decideVerification, {
    params: { accountId: profile.accountId },
    body: { decision, comment, version: seen ?? standing.verification.version },
  });
  showStanding(app, after);
}

async function reveal(
  app: App,
  name: string,
  { what, reason, detailsVersion }: { what: 'tax' | 'bank'; reason: string; detailsVersion?: number },
): Promise<void> {
  const accountId = await accountOf(app, name);
  const client = await app.client();
  const opened = await client.call(operations.revealPaymentDetails, {
    params: { accountId },
    body: { what, reason, ...given({ version: detailsVersion }) },
  });
  const rows: [string, string][] = [];
  const flat = (value: unknown, at: string): void => {
    if (typeof value === 'object' && value !== null)
      for (const [key, v] of Object.entries(value)) flat(v, at ? `${at}.${key}` : key);
    else if (value !== null && value !== undefined) rows.push([at, String(value)]);
  };
  flat(opened.tax ?? opened.bank, '');
  app.output.item(opened, rows);
}
