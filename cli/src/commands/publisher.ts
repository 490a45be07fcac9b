import { resolve } from 'node:path';
import { type OutputOf, operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, several } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { ownProduct } from '../products/own-product.ts';
import { sendFile } from '../push/register-model.ts';
import { sha256Of, sourceOf } from '../upload/source.ts';
import { verificationCommands } from './publisher-verification.ts';

type Profile = OutputOf<typeof operations.getPublisher>;

export function publisherCommands(program: Command, app: App): void {
  const publisher = group(program, 'publisher', 'Your publisher profile');
  leaf(publisher, 'show', 'Your profile, as buyers see it', { examples: ['souk publisher show'] }).action(
    async () => {
      const client = await app.client();
      showPublisher(app, await client.call(operations.getPublisher));
    },
  );
  leaf(publisher, 'set', 'Write your profile; the first time makes the account a publisher', {
    examples: [
      'souk publisher set --slug fisher-lab --display-name "Fisher Lab"',
      'souk publisher set --website https://fisher.example --logo logo.png',
    ],
    notes:
      'What is not given stays. The slug is part of buyers’ addresses and cannot change once products use it.',
  })
    .option('--slug <slug>', 'name in addresses')
    .option('--display-name <name>', 'name for people')
    .option('--description <text>', 'who you are')
    .option('--website <url>', 'your web address')
    .option('--contact <email>', 'for the marketplace and buyers')
    .option('--logo <file>', 'PNG, JPEG or GIF')
    .action((options: SetOptions) => set(app, options));
  verificationCommands(publisher, app);

  const audience = group(program, 'testers', 'Who sees the preview of a product');
  leaf(audience, 'get [product]', 'Accounts that see the preview', {
    examples: ['souk testers get iris-classifier'],
  }).action(async (name: string | undefined) => showAudience(app, (await audienceOf(app, name)).accounts));
  leaf(audience, 'set <accounts...>', 'Make exactly these accounts the test accounts', {
    examples: ['souk testers set 123456789012 210987654321 --product iris-classifier'],
    notes: 'Works at once, without a new submission.',
  })
    .option('--product <product>', 'slug or id; else the souk.yaml here')
    .action((accounts: string[], options: ProductOption) => change(app, options.product, () => accounts));
  leaf(audience, 'add <accounts...>', 'Let further accounts see the preview', {
    examples: ['souk testers add 123456789012 --product iris-classifier'],
  })
    .option('--product <product>', 'slug or id; else the souk.yaml here')
    .action((accounts: string[], options: ProductOption) =>
      change(app, options.product, (before) => [...new Set([...before, ...accounts])]),
    );
  leaf(audience, 'remove <accounts...>', 'Take accounts out of the test accounts', {
    examples: ['souk testers remove 123456789012 --product iris-classifier'],
  })
    .option('--product <product>', 'slug or id; else the souk.yaml here')
    .action((accounts: string[], options: ProductOption) =>
      change(app, options.product, (before) => before.filter((a) => !accounts.includes(a))),
    );
}

export const testAccountOption = () => several('--test-account <id>', 'account that may see the preview');

interface ProductOption {
  product?: string;
}
interface SetOptions {
  slug?: string;
  displayName?: string;
  description?: string;
  website?: string;
  contact?: string;
  logo?: string;
}

async function set(app: App, options: SetOptions): Promise<void> {
  const client = await app.client();
  const now = await client.call(operations.getPublisher).catch((error: unknown) => {
    if (error instanceof Failure && error.code === 'publisher.missing') return undefined;
    throw error;
  });
  const slug = options.slug ?? now?.slug;
  const displayName = options.displayName ?? now?.displayName;
  if (!slug || !displayName) throw misuse('A new profile needs a slug and a display name.', 'Give both.');
  const kept = now && {
    description: now.description,
    websiteUrl: now.websiteUrl,
    contactEmail: now.contactEmail,
    logoSha256: now.logoSha256,
  };
  const changed = given({
    description: options.description,
    websiteUrl: options.website,
    contactEmail: options.contact,
    logoSha256: options.logo === undefined ? undefined : await sendLogo(app, options.logo),
  });
  const body = { ...kept, ...changed, slug, displayName };
  showPublisher(app, await client.call(operations.putPublisher, { body }));
}

async function sendLogo(app: App, path: string): Promise<string> {
  const source = await sourceOf(resolve(app.host.cwd, path));
  const sha256 = await sha256Of(source);
  await sendFile(app, source, { purpose: 'media', sha256 });
  return sha256;
}

export function showPublisher(app: App, p: Profile): void {
  app.output.item(p, [
    ['publisher', p.slug],
    ['name', p.displayName],
    ['account', p.accountId],
    ['description', p.description],
    ['website', p.websiteUrl],
    ['contact', p.contactEmail],
    ['logo', p.logoSha256],
    ['since', time(p.createdAt)],
  ]);
}

/** The audience is a section of the draft; writing it alone works at once for the preview. */
async function audienceOf(app: App, name: string | undefined) {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const draft = await client.call(operations.getDraft, { params: { productId: product.id } });
  return { productId: product.id, accounts: draft.document.audience?.testAccounts ?? [] };
}

async function change(
  app: App,
  name: string | undefined,
  next: (before: readonly string[]) => string[],
): Promise<void> {
  const client = await app.client();
  const { productId, accounts } = await audienceOf(app, name);
  const body = { testAccounts: next(accounts) };
  showAudience(
    app,
    (await client.call(operations.putAudience, { params: { productId }, body })).testAccounts,
  );
}

function showAudience(app: App, accounts: readonly string[]): void {
  app.output.list(
    accounts.map((accountId) => ({ accountId })),
    [{ title: 'ACCOUNT', value: (a) => a.accountId }],
    'Only your own account sees the preview.',
  );
}
