import {
  type Ability,
  type ApiKey,
  abilities,
  abilityDescriptions,
  keyScopes,
  operations,
} from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, several } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { wholeNumber } from '../pages.ts';
import { rotateCommand } from './keys-rotate.ts';
import { scanCommand } from './keys-scan.ts';

export function keyCommands(program: Command, app: App): void {
  const keys = group(program, 'keys', 'API keys of your account');
  leaf(keys, 'create', 'Create a key; it is shown this once', {
    examples: [
      'export SOUK_API_KEY=$(souk keys create --name my-app --scope call)',
      'souk keys create --name ci --product iris-classifier --ability edit,register,submit --expires-in-days 90',
    ],
    notes:
      'call runs what is subscribed to; manage uses the API as you. With --product the key sees and changes these products and\n' +
      `nothing else of the account, as far as its abilities go: ${abilities
        .map((a) => `${a} - ${abilityDescriptions[a]}`)
        .join('; ')}.\nThe key is all that goes to stdout.`,
  })
    .requiredOption('--name <name>', 'what it is for')
    .addOption(several('--scope <scope>', 'call, manage or both; else call'))
    .addOption(several('--product <product>', 'limit it to this product (name or id; several with commas)'))
    .addOption(several('--ability <ability>', `with --product: ${abilities.join(', ')}`))
    .option('--expires-in-days <n>', 'else it does not expire', wholeNumber)
    .action((options: KeyOptions) => createKey(app, options));
  leaf(keys, 'list', 'Keys, never the keys themselves', { examples: ['souk keys list'] }).action(async () => {
    const client = await app.client();
    const { items } = await client.call(operations.listApiKeys);
    app.output.list(
      items,
      [
        { title: 'NAME', value: (k) => k.name, flexible: true },
        { title: 'KEY', value: (k) => k.hint },
        { title: 'FOR', value: purposeOf, flexible: true },
        { title: 'STATE', value: (k) => k.state, paint: (t) => state(app.output.style, t) },
        { title: 'NOTE', value: noteOf, optional: true, flexible: true },
        { title: 'LAST USED', value: (k) => time(k.lastUsedAt) },
        { title: 'EXPIRES', value: (k) => time(k.expiresAt), optional: true },
        { title: 'ID', value: (k) => k.id },
      ],
      'There are no keys. Create one: souk keys create --name my-app',
    );
  });
  rotateCommand(keys, app);
  scanCommand(keys, app);
  leaf(keys, 'revoke <id>', 'Revoke a key; it stops within a second', {
    examples: ['souk keys revoke key_…'],
  }).action(async (keyId: string) => {
    const client = await app.client();
    await client.call(operations.revokeApiKey, { params: { keyId } });
    app.output.done(`Revoked ${keyId}.`);
  });
}

interface KeyOptions {
  name: string;
  scope?: string[];
  product?: string[];
  ability?: string[];
  expiresInDays?: number;
}

const purposeOf = (k: ApiKey) =>
  k.products
    ? `${k.abilities.join(', ')} of ${k.products.map((p) => p.slug ?? `${p.id} (deleted)`).join(', ')}`
    : k.scopes.join(', ');

/** Why it is over, or will be. */
function noteOf({ leak, replacedBy }: ApiKey): string {
  if (leak) return leak.where === null ? 'leaked' : `leaked: ${leak.where}`;
  return replacedBy ? `replaced by ${replacedBy.hint}` : '';
}

async function createKey(app: App, options: KeyOptions): Promise<void> {
  const client = await app.client();
  const limited = options.product ?? options.ability;
  const made = await client.call(operations.createApiKey, {
    body: given({
      name: options.name,
      scopes: options.scope
        ? words(options.scope, keyScopes, 'scope')
        : limited
          ? undefined
          : ['call' as const],
      products: options.product,
      abilities: options.ability && words<Ability>(options.ability, abilities, 'ability'),
      expiresInDays: options.expiresInDays,
    }),
  });
  if (app.output.json) app.output.line(JSON.stringify(made));
  else app.output.line(made.key);
  app.output.note(`This is the only time that the key of ${made.details.id} is shown.`);
}

function words<W extends string>(given: readonly string[], known: readonly W[], what: string): W[] {
  return [...new Set(given)].map((word) => {
    const found = known.find((k) => k === word);
    if (!found) throw misuse(`There is no ${what} ${word}.`, `There are ${known.join(', ')}.`);
    return found;
  });
}
