import { operations, type Snippet, type Subscription, subscriptionStates } from '@souk/contract';
import type { Command } from 'commander';
import { type App, productAddress } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';
import { listPages } from '../pages.ts';
import { getProduct, planPrice, quotaText, type Slot, slotOption } from './catalog.ts';
import { planOfSubscriptionCommands } from './plans.ts';

export function subscriptionCommands(program: Command, app: App): void {
  const subscriptions = group(program, 'subscriptions', 'What your account has subscribed to');
  subscribeCommand(program, 'subscribe', app);
  subscribeCommand(subscriptions, 'create', app);
  leaf(subscriptions, 'list', 'Subscriptions, newest first', {
    examples: ['souk subscriptions list', 'souk subscriptions list --state active --json'],
  })
    .addOption(choice('--state <state>', 'only these', subscriptionStates))
    .addOption(limitOption(100))
    .action((options: ListOptions) => list(app, options));
  leaf(subscriptions, 'show <subscription>', 'One subscription, by id or publisher/product', {
    examples: ['souk subscriptions show souk-examples/iris-classifier'],
  }).action(async (name: string) => showSubscription(app, await subscriptionOf(app, name)));
  leaf(subscriptions, 'cancel <subscription>', 'Cancel; calls stop within a second', {
    examples: [
      'souk subscriptions cancel souk-examples/iris-classifier',
      'souk subscriptions cancel souk-examples/iris-classifier --stop-running',
    ],
    notes:
      'Where something runs under it, nothing happens but that it is named; with --stop-running it stops.',
  })
    .option('--stop-running', 'stop the endpoints and jobs that run under it')
    .action(async (name: string, { stopRunning }: { stopRunning?: boolean }) => {
      const client = await app.client();
      const params = { subscriptionId: (await subscriptionOf(app, name)).id };
      showSubscription(
        app,
        await client.call(operations.cancelSubscription, { params, query: given({ stopRunning }) }),
      );
    });
  leaf(subscriptions, 'version <subscription> <number>', 'Choose the version that calls reach', {
    examples: [
      'souk subscriptions version souk-examples/iris-classifier 1.1.0',
      'souk subscriptions version souk-examples/iris-classifier latest --follow',
    ],
  })
    .option('--follow', 'with latest: move on when a newer version is released')
    .action(async (name: string, version: string, { follow }: { follow?: boolean }) => {
      const client = await app.client();
      const params = { subscriptionId: (await subscriptionOf(app, name)).id };
      showSubscription(
        app,
        await client.call(operations.chooseVersion, {
          params,
          body: given({ version, followLatest: follow }),
        }),
      );
    });

  planOfSubscriptionCommands(subscriptions, app);

  leaf(program, 'snippets <subscription>', 'Code that calls the product when pasted', {
    examples: ['souk snippets souk-examples/iris-classifier --language python'],
    notes: 'The snippets read the key from SOUK_API_KEY.',
  })
    .addOption(
      choice('--language <language>', 'only this, and nothing around it', ['curl', 'python', 'typescript']),
    )
    .action((name: string, options: { language?: Snippet['language'] }) => snippets(app, name, options));
}

function subscribeCommand(under: Command, name: string, app: App): void {
  const words = name === 'create' ? 'subscriptions create' : name;
  leaf(under, `${name} <product>`, 'Accept a plan and the licence agreement', {
    examples: [
      `souk ${words} souk-examples/iris-classifier --plan free --accept-eula`,
      `souk ${words} city/price-estimator --plan club --code SPRING-2026 --accept-eula`,
    ],
    notes:
      'Prints the digest of the licence agreement and where to read it; without --accept-eula nothing is agreed to.\n' +
      'With --eula-sha256 only if it is still the text with this digest.',
  })
    .option('--plan <id>', 'which plan; may be left out where there is one')
    .option('--code <code>', 'the promotion code of a plan that needs one')
    .option('--accept-eula', 'you have read and accept the licence agreement')
    .option('--eula-sha256 <digest>', 'the digest of the text you read')
    .option('--version <number>', 'the version calls reach; else the latest')
    .addOption(slotOption())
    .action((product: string, options: SubscribeOptions) => subscribe(app, product, options));
}

interface SubscribeOptions {
  plan?: string;
  code?: string;
  acceptEula?: boolean;
  eulaSha256?: string;
  version?: string;
  slot?: Slot;
}
interface ListOptions {
  state?: Subscription['state'];
  limit: number;
}
async function subscribe(app: App, name: string, options: SubscribeOptions): Promise<void> {
  const { output } = app;
  const address = productAddress(name);
  const p = await getProduct(app, name, options.slot);
  const { url } = await app.settings();
  const planId = options.plan ?? (p.plans.length === 1 ? p.plans[0]?.id : undefined);
  if (planId === undefined) {
    const plans = p.plans.map((plan) => `${plan.id} (${planPrice(plan)})`).join(', ');
    throw misuse(`${name} has several plans: ${plans}.`, 'Choose one with --plan.');
  }
  output.note(`Licence agreement: sha256 ${p.eula.sha256}`);
  output.note(
    `  read it: souk show ${name} --eula, or ${url}/products/${address.publisher}/${address.product}`,
  );
  if (!options.acceptEula)
    throw new Failure({
      kind: 'precondition',
      code: 'subscription.eula_not_accepted',
      message: 'A subscription needs the acceptance of the licence agreement.',
      remedy: 'Read it, then run the same command with --accept-eula.',
    });
  const client = await app.client();
  const made = await client.call(operations.subscribe, {
    body: given({
      ...address,
      planId,
      code: options.code,
      slot: options.slot,
      version: options.version,
      eulaSha256: options.eulaSha256 ?? p.eula.sha256,
      acceptEula: true,
    }),
  });
  showSubscription(app, made);
  output.next(`souk call ${name}`, `souk snippets ${name}`, 'souk keys create --name my-app --scope call');
}

/** By id, or the account's active subscription to a product. */
export async function subscriptionOf(app: App, name: string): Promise<Subscription> {
  const client = await app.client();
  if (name.startsWith('sub_'))
    return client.call(operations.getSubscription, { params: { subscriptionId: name } });
  const { publisher, product } = productAddress(name);
  const matches = (await allSubscriptions(app)).filter(
    (s) => s.publisher === publisher && s.product === product,
  );
  const found = matches.find((s) => s.state !== 'ended') ?? matches[0];
  if (found) return found;
  throw new Failure({
    kind: 'missing',
    code: 'subscription.missing',
    message: `This account is not subscribed to ${name}.`,
    remedy: `Subscribe: souk subscribe ${name} --accept-eula`,
  });
}

export async function allSubscriptions(app: App): Promise<Subscription[]> {
  const client = await app.client();
  return listPages(app, 10_000, (query) => client.call(operations.listSubscriptions, { query }));
}

async function list(app: App, { limit, ...filter }: ListOptions): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listSubscriptions, { query: { ...page, ...given(filter) } }),
  );
  app.output.list(
    items,
    [
      { title: 'PRODUCT', value: (s) => `${s.publisher}/${s.product}` },
      { title: 'TITLE', value: (s) => s.title, flexible: true, optional: true },
      { title: 'PLAN', value: (s) => s.plan.id },
      { title: 'VERSION', value: (s) => s.version },
      { title: 'STATE', value: (s) => s.state, paint: (t) => state(app.output.style, t) },
      { title: '', value: (s) => (s.limited ? 'Limited' : '') },
      { title: 'SINCE', value: (s) => time(s.acceptedAt), optional: true },
      { title: 'ID', value: (s) => s.id, optional: true },
    ],
    'There are no subscriptions. Find something: souk search',
  );
}

/** Of the end of the version and the end of its product the earlier one. */
function endOf({ standing: { sunset }, productSunset }: Subscription): string | null {
  const [first] = [sunset, productSunset]
    .flatMap((s) => s ?? [])
    .toSorted((a, b) => (a.endsAt < b.endsAt ? -1 : 1));
  if (!first) return null;
  return oneLine(`${time(first.endsAt)}${first.replacement ? `, then ${first.replacement}` : ''}`);
}

function showSubscription(app: App, s: Subscription): void {
  app.output.item(s, [
    ['subscription', s.id],
    ['product', `${s.publisher}/${s.product}`],
    ['title', oneLine(s.title) + (s.limited ? '  Limited (preview)' : '')],
    ['state', state(app.output.style, s.state)],
    ['plan', `${s.plan.id}: ${planPrice(s.plan)}`],
    ['quota', quotaText(s.plan) || null],
    ['version', s.version + (s.followsLatest ? ', follows the latest' : '')],
    ['withdrawn', s.standing.withdrawn && oneLine(s.standing.withdrawn.reason)],
    ['ends', endOf(s)],
    ['choose from', s.versions.map((v) => v.number).join(', ')],
    ['licence', `sha256 ${s.eulaSha256}, accepted by ${oneLine(s.acceptedBy)} ${time(s.acceptedAt)}`],
    ['suspended', s.suspended && oneLine(s.suspended.reason)],
    ['why ended', s.ended && oneLine(s.ended.reason)],
    ['ended', s.endedAt && time(s.endedAt)],
    ['calls', s.callPath],
  ]);
}

async function snippets(app: App, name: string, options: { language?: Snippet['language'] }): Promise<void> {
  const client = await app.client();
  const params = { subscriptionId: (await subscriptionOf(app, name)).id };
  const { items } = await client.call(operations.getSnippets, { params });
  const wanted = items.filter((s) => !options.language || s.language === options.language);
  for (const s of wanted) {
    if (app.output.json) app.output.line(JSON.stringify(s));
    else if (options.language) app.output.text(s.code.trimEnd());
    else {
      app.output.heading(s.title);
      app.output.text(s.code.trimEnd());
    }
  }
}
