import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type NewWebService, operations, type WebService, type WebServiceKeys } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { wholeNumber } from '../pages.ts';

export function webServiceCommands(program: Command, app: App): void {
  const services = group(
    program,
    'webservices',
    'Models of yours as web services, with named columns and keys of their own',
  );
  leaf(
    services,
    'create <name>',
    'Deploy a web service from a subscribed product, or a model that you trained',
    {
      examples: [
        'souk webservices create Iris --subscription sub_0m3k… --instance-type ml.m5.large',
        'souk webservices create Flowers --model-package flowers-1 --instance-type ml.m5.large --schema schema.json',
      ],
      notes: 'Columns are inferred from the model. Its keys are shown this once.',
    },
  )
    .option('--subscription <id>', 'what it runs: this, or')
    .option('--model-package <name>', 'a model that a training of yours made')
    .option('--version <number>', 'else the one your subscription has chosen')
    .requiredOption('--instance-type <type>', 'one of those that it supports')
    .option('--instances <n>', 'so many, always', wholeNumber)
    .option('--description <text>', 'for its help pages')
    .option('--schema <file>', 'JSON: columns, parameters, sample rows, as show --json prints them')
    .action((name: string, options: CreateOptions) => create(app, name, options));

  leaf(services, 'list', 'Your web services, newest first', {
    examples: ['souk webservices list', 'souk webservices list --json'],
  }).action(async () => {
    const client = await app.client();
    const { items } = await client.call(operations.listWebServices);
    app.output.list(
      items,
      [
        { title: 'ID', value: (s) => s.id },
        { title: 'NAME', value: (s) => s.name, flexible: true },
        { title: 'STATE', value: (s) => s.state, paint: (t) => state(app.output.style, t) },
        { title: 'RUNS', value: (s) => s.runs, flexible: true },
        { title: 'ENDPOINTS', value: (s) => s.endpointCount, align: 'right' },
        { title: 'CREATED', value: (s) => time(s.createdAt), optional: true },
      ],
      'There are no web services. Deploy one: souk webservices create NAME --subscription ID --instance-type TYPE',
    );
  });

  leaf(services, 'show <id>', 'One web service: its columns, parameters and addresses', {
    examples: ['souk webservices show 0f3a…', 'souk webservices show 0f3a… --json'],
  }).action(async (service: string) => {
    const client = await app.client();
    show(app, await client.call(operations.getWebService, { params: { service } }));
  });

  leaf(services, 'endpoints <id>', 'Endpoints of a web service; add or remove one', {
    examples: [
      'souk webservices endpoints 0f3a…',
      'souk webservices endpoints 0f3a… --add customer1 --max-concurrent-calls 50',
      'souk webservices endpoints 0f3a… --remove customer1',
    ],
    notes: 'Keys of a new endpoint are shown this once.',
  })
    .option('--add <name>', 'lower-case letters and digits, at most 24')
    .option('--remove <name>', 'its keys work no more')
    .option('--max-concurrent-calls <n>', 'of the new one: 4 to 200', wholeNumber)
    .option('--description <text>', 'of the new one')
    .addOption(choice('--logging <level>', 'of the new one', ['None', 'Error', 'All']))
    .action((service: string, options: EndpointOptions) => endpoints(app, service, options));

  leaf(services, 'keys <id> <endpoint>', 'Replace one of an endpoint’s two keys; the other goes on working', {
    examples: ['souk webservices keys 0f3a… default --regenerate secondary'],
    notes: 'Move callers to the one key, then replace the other: no call is lost.',
  })
    .addOption(choice('--regenerate <key>', 'which of both', ['primary', 'secondary']).makeOptionMandatory())
    .action(
      async (
        service: string,
        endpoint: string,
        { regenerate: key }: { regenerate: 'primary' | 'secondary' },
      ) => {
        const client = await app.client();
        showKeys(
          app,
          await client.call(operations.regenerateWebServiceKey, {
            params: { service, endpoint },
            body: { key },
          }),
        );
      },
    );

  leaf(services, 'jobs <id> <endpoint>', 'Batch jobs of an endpoint, newest first', {
    examples: ['souk webservices jobs 0f3a… default', 'souk webservices jobs 0f3a… customer1 --json'],
    notes: 'Who has a key of the endpoint submits, starts and cancels them; its help page says how.',
  }).action(async (service: string, endpoint: string) => {
    const client = await app.client();
    const { items } = await client.call(operations.listWebServiceJobs, { params: { service, endpoint } });
    app.output.list(
      items,
      [
        { title: 'ID', value: (j) => j.id },
        { title: 'STATE', value: (j) => j.state, paint: (t) => state(app.output.style, t) },
        { title: 'ROWS', value: (j) => j.rows, align: 'right' },
        { title: 'INPUT', value: (j) => j.input, flexible: true },
        { title: 'OUTPUT', value: (j) => j.output, flexible: true },
        { title: 'CREATED', value: (j) => time(j.createdAt) },
        { title: 'FAILURE', value: (j) => j.failure ?? '', flexible: true },
      ],
      `There are no batch jobs of ${endpoint}. Its help page says how they are submitted.`,
    );
  });

  leaf(services, 'delete <id>', 'Delete a web service with its endpoints, keys and instances', {
    examples: ['souk webservices delete 0f3a…'],
  }).action(async (service: string) => {
    const client = await app.client();
    await client.call(operations.deleteWebService, { params: { service } });
    app.output.note('Deleted. Calls of it are refused from now on.');
  });
}

interface CreateOptions {
  subscription?: string;
  modelPackage?: string;
  version?: string;
  instanceType: string;
  instances?: number;
  description?: string;
  schema?: string;
}

async function create(app: App, name: string, o: CreateOptions): Promise<void> {
  const client = await app.client();
  const { subscription: subscriptionId, modelPackage, version, instances, description } = o;
  const schema = o.schema === undefined ? undefined : schemaIn(resolve(app.host.cwd, o.schema));
  const more = given({ subscriptionId, modelPackage, version, instances, description, schema });
  const body: NewWebService = { name, instanceType: o.instanceType, ...more };
  const made = await client.call(operations.createWebService, { body });
  if (app.output.json) return app.output.line(JSON.stringify(made));
  show(app, made.service);
  showKeys(app, made.keys);
}

/** The schema alone, or all that `show --json` printed. */
function schemaIn(file: string): NewWebService['schema'] {
  try {
    const value = JSON.parse(readFileSync(file, 'utf8')) as { schema?: NewWebService['schema'] };
    return value.schema ?? (value as NewWebService['schema']);
  } catch (error) {
    throw misuse(`${file} cannot be read: ${(error as Error).message}`, 'Give a file with JSON.');
  }
}

interface EndpointOptions {
  add?: string;
  remove?: string;
  maxConcurrentCalls?: number;
  description?: string;
  logging?: 'None' | 'Error' | 'All';
}

async function endpoints(app: App, service: string, o: EndpointOptions): Promise<void> {
  const client = await app.client();
  if (o.add !== undefined && o.remove !== undefined)
    throw misuse('--add and --remove are given.', 'Do one after the other.');
  if (o.add !== undefined) {
    const { maxConcurrentCalls, description, logging } = o;
    const body = { name: o.add, ...given({ maxConcurrentCalls, description, logging }) };
    const made = await client.call(operations.createWebServiceEndpoint, { params: { service }, body });
    if (app.output.json) return app.output.line(JSON.stringify(made));
    app.output.item(made.endpoint, [
      ['name', made.endpoint.name],
      ['call at', made.endpoint.urls.execute],
      ['OData', made.endpoint.urls.odata],
      ['help', made.endpoint.urls.help],
      ['files', made.endpoint.folder],
    ]);
    return showKeys(app, made.keys);
  }
  if (o.remove !== undefined) {
    await client.call(operations.deleteWebServiceEndpoint, { params: { service, endpoint: o.remove } });
    return app.output.note(`Endpoint ${o.remove} is deleted.`);
  }
  const found = await client.call(operations.getWebService, { params: { service } });
  app.output.list(
    found.endpoints,
    [
      { title: 'NAME', value: (e) => (e.isDefault ? `${e.name} (default)` : e.name) },
      { title: 'CALLS AT ONCE', value: (e) => e.maxConcurrentCalls, align: 'right' },
      { title: 'LOGGING', value: (e) => e.logging },
      { title: 'KEYS', value: (e) => `${e.primaryKey}, ${e.secondaryKey}` },
      { title: 'CALL AT', value: (e) => e.urls.execute, flexible: true },
    ],
    'There are no endpoints. Add one: souk webservices endpoints ID --add NAME',
  );
}

function show(app: App, s: WebService): void {
  const { output } = app;
  const main = s.endpoints.find((e) => e.isDefault) ?? s.endpoints[0];
  output.item(s, [
    ['id', s.id],
    ['name', s.name],
    ['description', s.description || null],
    ['state', state(output.style, s.state)],
    ['reason', s.reason],
    ['runs', s.runs],
    ['served by', `endpoint ${s.servedBy}`],
    ['workspace', s.workspace],
    ['call at', main?.urls.execute],
    ['OData', main?.urls.odata],
    ['help', main?.urls.help],
    ['files', main?.folder],
    ['rows', `at most ${s.schema.rowsMax} in a call`],
    ['created', `${time(s.createdAt)} by ${s.createdBy}`],
  ]);
  if (output.json) return;
  for (const [title, { name, columns }] of [
    ['Input', s.schema.input],
    ['Output', s.schema.output],
  ] as const)
    output.part(`${title} ${name}`, columns, [
      { title: 'COLUMN', value: (c) => c.name },
      { title: 'TYPE', value: (c) => c.type },
      { title: 'DEFAULT', value: (c) => c.default ?? '' },
      { title: 'SHOWN', value: (c) => (c.hidden ? 'no' : 'yes') },
      { title: 'DESCRIPTION', value: (c) => c.description ?? '', flexible: true },
    ]);
}

function showKeys(app: App, keys: WebServiceKeys): void {
  if (app.output.json) {
    app.output.line(JSON.stringify(keys));
    return;
  }
  for (const [name, key] of [
    ['primary key', keys.primaryKey],
    ['secondary key', keys.secondaryKey],
  ] as const)
    if (key !== null) app.output.line(`${name}: ${key}`);
  app.output.note('Keep it now: it is not shown again.');
}
