import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import {
  type BodyOf,
  type ModelServer,
  operations,
  type ServerCredentials,
  serverProtocols,
} from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, several } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { wholeNumber } from '../pages.ts';
import { readPassword } from '../prompt.ts';

interface Options {
  address?: string;
  protocol?: ModelServer['protocol'];
  model?: string;
  auth?: string;
  secretStdin?: boolean;
  ca?: string;
  timeout?: number;
  open?: string[];
  description?: string;
}

/** Model servers that already run and may serve packages here. */
export function serverCommands(program: Command, app: App): void {
  const servers = group(
    program,
    'servers',
    'Model servers that already run: KServe, Triton, vLLM, SageMaker',
  );
  const settings = (command: Command) =>
    command
      .option('--auth <how>', 'none, bearer, basic:<user> or header:<name>; the secret is asked for')
      .option('--secret-stdin', 'read the secret from stdin')
      .option('--ca <file>', 'certificate authority of its own, as PEM; "" takes it away')
      .option('--timeout <ms>', 'until its answer begins', wholeNumber)
      .addOption(several('--open <account>', 'account whose packages it may serve; repeatable'))
      .option('--description <text>', 'what publishers read about it');
  settings(
    leaf(servers, 'add <name>', 'Register a server', {
      examples: [
        'souk servers add triton-1 --address https://triton.internal --protocol inference-v2 --model iris --auth bearer --open 123456789012 --as operator',
        'souk servers add sklearn --address https://10.1.2.3:8443 --auth header:x-api-key --secret-stdin < key.txt --as operator',
      ],
      notes: 'Private addresses, and http, need SOUK_OUTBOUND_ALLOW of the marketplace.',
    })
      .requiredOption('--address <url>', 'everything that is called lies below it')
      .addOption(choice('--protocol <protocol>', 'what it speaks', serverProtocols).default('sagemaker'))
      .option('--model <name>', 'the model’s name on that server (inference-v2)'),
  ).action(async (name: string, options: Options) => {
    const { address: url = '', protocol = 'sagemaker', model } = options;
    const client = await app.client();
    const body = given({ name, url, protocol, modelName: model, ...(await settingsOf(app, options)) });
    show(app, await client.call(operations.createServer, { body }));
  });
  settings(
    leaf(servers, 'set <name>', 'Change a server; what it serves goes over without a gap', {
      examples: ['souk servers set triton-1 --auth bearer --secret-stdin < key.txt --as operator'],
      notes: 'What is not given stays. --open replaces the accounts.',
    }).option('--address <url>', 'everything that is called lies below it'),
  ).action(async (name: string, options: Options) => {
    const client = await app.client();
    const body = given({ url: options.address, ...(await settingsOf(app, options)) });
    show(app, await client.call(operations.updateServer, { params: { name }, body }));
  });
  leaf(servers, 'list', 'Servers with their health', {
    examples: ['souk servers list --as operator', 'souk servers list --own'],
  })
    .option('--own', 'those that may serve this account’s packages')
    .action(({ own }: { own?: boolean }) => (own ? listOwn(app) : list(app)));
  leaf(servers, 'show <name>', 'One server', {
    examples: ['souk servers show triton-1 --as operator'],
  }).action(async (name: string) => {
    const client = await app.client();
    show(app, await client.call(operations.getServer, { params: { name } }));
  });
  leaf(servers, 'test <name>', 'Look now whether it can be called, and how calls reach it', {
    examples: ['souk servers test triton-1 --as operator'],
    notes: 'Ends with 9 when it cannot be called.',
  }).action((name: string) => test(app, name));
  leaf(servers, 'serve <name> <product> <version>', 'Have a version served by a server instead of here', {
    examples: [
      'souk servers serve triton-1 souk-examples/iris-classifier 1.0.0 --as operator',
      'souk servers serve triton-1 souk-examples/iris-classifier 1.0.0 --here --as operator',
    ],
    notes:
      'The server must answer the sample with which the package was certified. Calls go over without a gap.',
  })
    .option('--here', 'back to its own package, on this marketplace')
    .action(async (name: string, product: string, version: string, { here }: { here?: boolean }) => {
      const client = await app.client();
      const params = { name };
      const of = { product, version };
      show(
        app,
        here
          ? await client.call(operations.serveVersionHere, { params, query: of })
          : await client.call(operations.serveVersion, { params, body: of }),
      );
    });
  leaf(servers, 'remove <name>', 'Remove a server that serves nothing', {
    examples: ['souk servers remove triton-1 --as operator'],
  }).action(async (name: string) => {
    const client = await app.client();
    await client.call(operations.deleteServer, { params: { name } });
    app.output.done(`Removed ${name}.`);
  });
}

async function settingsOf(app: App, options: Options): Promise<BodyOf<typeof operations.updateServer>> {
  const { ca } = options;
  return given({
    credentials: await credentialsOf(app, options),
    caPem: ca ? await readFile(resolve(app.host.cwd, ca), 'utf8') : ca,
    timeoutMs: options.timeout,
    accountIds: options.open,
    description: options.description,
  });
}

async function credentialsOf(app: App, options: Options): Promise<ServerCredentials | undefined> {
  const { auth } = options;
  if (auth === undefined) return undefined;
  const secret = () => readPassword(app.host, options.secretStdin ?? false, 'Secret');
  const [kind, ...rest] = auth.split(':');
  const name = rest.join(':');
  if (kind === 'none' && !name) return { kind };
  if (kind === 'bearer' && !name) return { kind, token: await secret() };
  if (kind === 'basic' && name) return { kind, user: name, password: await secret() };
  if (kind === 'header' && name) return { kind, name, value: await secret() };
  throw misuse(`--auth ${auth} is not known.`, 'Give none, bearer, basic:<user> or header:<name>.');
}

const speaks = (s: Pick<ModelServer, 'protocol' | 'modelName'>) =>
  s.modelName === null ? s.protocol : `${s.protocol}, model ${s.modelName}`;

async function list(app: App): Promise<void> {
  const client = await app.client();
  const { items } = await client.call(operations.listServers);
  app.output.list(
    items,
    [
      { title: 'NAME', value: (s) => s.name },
      { title: 'HEALTH', value: (s) => s.health.state, paint: (t) => state(app.output.style, t) },
      { title: 'SPEAKS', value: speaks },
      { title: 'URL', value: (s) => s.url, flexible: true },
      { title: 'SERVES', value: (s) => s.serves.join(', '), flexible: true, optional: true },
      { title: 'DETAIL', value: (s) => s.health.detail, flexible: true, optional: true },
    ],
    'No server is registered.',
  );
}

async function listOwn(app: App): Promise<void> {
  const client = await app.client();
  const { items } = await client.call(operations.listOwnServers);
  app.output.list(
    items,
    [
      { title: 'NAME', value: (s) => s.name },
      { title: 'HEALTH', value: (s) => s.health, paint: (t) => state(app.output.style, t) },
      { title: 'SPEAKS', value: speaks },
      { title: 'DESCRIPTION', value: (s) => s.description, flexible: true, optional: true },
    ],
    'No server may serve this account’s packages; the operator opens one to it.',
  );
}

function show(app: App, s: ModelServer): void {
  const { credentials, health } = s;
  app.output.item(s, [
    ['name', s.name],
    ['url', s.url],
    ['speaks', speaks(s)],
    ['health', state(app.output.style, health.state)],
    ['detail', health.detail || null],
    ['latency', health.latencyMs === null ? null : `${health.latencyMs} ms`],
    ['since', time(health.since)],
    ['signs in by', credentials.name === null ? credentials.kind : `${credentials.kind} ${credentials.name}`],
    ['authority', s.hasOwnAuthority ? 'its own' : 'of the system'],
    ['timeout', `${s.timeoutMs} ms`],
    ['open to', s.accountIds.join(', ') || 'nobody'],
    ['serves', s.serves.join(', ') || 'nothing'],
    ['description', s.description || null],
  ]);
}

async function test(app: App, name: string): Promise<void> {
  const client = await app.client();
  const found = await client.call(operations.testServer, { params: { name } });
  const tensors = (list: typeof found.inputs) =>
    list.map((t) => `${t.name} ${t.type} [${t.shape?.map((d) => d ?? -1).join(',') ?? '?'}]`).join('; ');
  app.output.item(found, [
    ['health', state(app.output.style, found.health.state)],
    ['latency', found.health.latencyMs === null ? null : `${found.health.latencyMs} ms`],
    ['invocations', found.invocations],
    ['detail', found.detail],
    ['takes', tensors(found.inputs) || null],
    ['gives', tensors(found.outputs) || null],
  ]);
  if (found.health.state === 'down')
    throw new Failure({
      kind: 'unavailable',
      code: 'cli.server_down',
      message: `${name} cannot be called: ${found.health.detail}.`,
      remedy: 'Start it, open its firewall, or correct its settings with souk servers set.',
    });
}
