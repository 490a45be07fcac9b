import { setTimeout as sleep } from 'node:timers/promises';
import {
  type AsyncInference,
  type BodyOf,
  type Endpoint,
  type EndpointSummary,
  operations,
} from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { group, leaf, several } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { readInput } from '../input.ts';
import { bytes, count, duration, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { printable } from '../output/table.ts';
import { wholeNumber } from '../pages.ts';
import { refusal } from './call.ts';

export function endpointCommands(program: Command, app: App): void {
  const endpoints = group(program, 'endpoints', 'Products and models of yours on instances of your own');
  changing(
    leaf(
      endpoints,
      'create <name>',
      'Run a subscribed product, or a model that you trained, on instances of your own',
      {
        examples: [
          'souk endpoints create iris --subscription sub_0m3k… --instance-type ml.m5.large',
          'souk endpoints create iris --subscription sub_0m3k… --instance-type ml.m5.large --min 1 --max 4 --idle-minutes 30',
          'souk endpoints create flowers --model-package flowers-1 --instance-type ml.m5.large',
        ],
        notes: 'Waits until it is InService or has failed, unless --no-wait.',
      },
    )
      .option('--subscription <id>', 'what it runs: this, or')
      .option('--model-package <name>', 'a model that a training of yours made')
      .requiredOption('--instance-type <type>', 'one of those that it supports'),
  ).action((name: string, options: Options & { subscription?: string; instanceType: string }) =>
    create(app, name, options),
  );

  leaf(endpoints, 'list', 'Your endpoints, newest first', {
    examples: ['souk endpoints list', 'souk endpoints list --json'],
  }).action(async () => {
    const client = await app.client();
    list(app, (await client.call(operations.listEndpoints)).items);
  });

  leaf(endpoints, 'show <name>', 'One endpoint: what it runs, its instances, its cold starts', {
    examples: ['souk endpoints show iris', 'souk endpoints show iris --json'],
  }).action(async (name: string) => {
    const client = await app.client();
    const endpoint = await client.call(operations.getEndpoint, { params: { name } });
    show(app, endpoint);
    if (app.output.json) return;
    const { items } = await client.call(operations.listEndpointEvents, { params: { name } });
    app.output.part('What happened', items.slice(0, 10), [
      { title: 'AT', value: (e) => time(e.at) },
      { title: 'EVENT', value: (e) => e.kind },
      { title: 'MESSAGE', value: (e) => e.message, flexible: true },
    ]);
  });

  changing(
    leaf(endpoints, 'update <name>', 'Change an endpoint; calls move when the new instances answer', {
      examples: [
        'souk endpoints update iris --version 1.1.0',
        'souk endpoints update iris --min 2 --max 6 --timeout-seconds 120',
        'souk endpoints update flowers --model-package flowers-2',
      ],
      notes:
        'New instances start beside the old ones; where they do not answer it is rolled back and the old ones go on.\n' +
        'Waits until that is decided, unless --no-wait.',
    })
      .option('--model-package <name>', 'another model that a training of yours made')
      .option('--instance-type <type>', 'one of those that it supports'),
  ).action((name: string, options: Options) => update(app, name, options));

  leaf(endpoints, 'delete <name>', 'Delete an endpoint; calls under way are finished', {
    examples: ['souk endpoints delete iris'],
  }).action(async (name: string) => {
    const client = await app.client();
    const endpoint = await client.call(operations.deleteEndpoint, { params: { name } });
    if (app.output.json) app.output.line(JSON.stringify(endpoint));
    else
      app.output.done(
        `Endpoint ${name} takes no further calls; its instances end when those under way are over.`,
      );
  });

  leaf(endpoints, 'logs <name>', 'What the instances of an endpoint wrote', {
    examples: ['souk endpoints logs iris', 'souk endpoints logs iris --follow'],
  })
    .option('--follow', 'go on with what comes')
    .option('--limit <n>', 'at most so many of the last lines', wholeNumber, 200)
    .action((name: string, options: { follow?: boolean; limit: number }) => logs(app, name, options));

  leaf(endpoints, 'invoke <name>', 'Call an endpoint', {
    examples: [
      'souk endpoints invoke iris --data @rows.csv --accept application/json',
      "souk endpoints invoke iris --data '5.1,3.5,1.4,0.2' --content-type text/csv --custom-attributes trace=42",
    ],
    notes: 'Goes through the gateway and is metered. The answer goes to stdout.',
  })
    .requiredOption('--data <input>', 'text, @file, or - for stdin')
    .option('--content-type <type>', 'of the input; else by the file’s ending or the look of the text')
    .option('--accept <type>', 'content type of the answer')
    .option('--custom-attributes <text>', 'handed to the model')
    .option('--inference-id <id>', 'handed to the model')
    .option('--path <path>', 'another path of the model server', '/invocations')
    .action((name: string, options: InvokeOptions) => invoke(app, name, options));

  leaf(endpoints, 'start-inference <name>', 'Call an endpoint without waiting for its answer', {
    examples: [
      'souk endpoints start-inference iris --data @rows.csv',
      'souk endpoints start-inference iris --input souk://123456789012/rows.csv --output souk://123456789012/answers/ --callback https://example.com/done',
    ],
    notes: 'The answer is written to your files; souk endpoints inferences tells when it is there.',
  })
    .option('--data <input>', 'text, @file, or - for stdin')
    .option('--input <location>', 'a file of yours instead: souk://… or s3://…')
    .option(
      '--output <location>',
      'a file, or a prefix that ends with /; else inferences/NAME/ of your files',
    )
    .option('--content-type <type>', 'of the input; else by the file’s ending or the look of the text')
    .option('--accept <type>', 'content type of the answer')
    .option('--custom-attributes <text>', 'handed to the model')
    .option('--inference-id <id>', 'yours; else one is made')
    .option('--callback <url>', 'is told when it is over')
    .action((name: string, options: StartOptions) => startInference(app, name, options));

  leaf(endpoints, 'inferences <name> [id]', 'Asynchronous inferences of an endpoint, or one of them', {
    examples: ['souk endpoints inferences iris', 'souk endpoints inferences iris inf_0m3k… --json'],
  }).action(async (name: string, inferenceId: string | undefined) => {
    const client = await app.client();
    if (inferenceId === undefined)
      listInferences(app, (await client.call(operations.listInferences, { params: { name } })).items);
    else showInference(app, await client.call(operations.getInference, { params: { name, inferenceId } }));
  });
}

interface Options {
  version?: string;
  modelPackage?: string;
  instanceType?: string;
  instances?: number;
  min?: number;
  max?: number;
  concurrency?: number;
  idleMinutes?: string;
  scaleInSeconds?: number;
  startSeconds?: number;
  payloadBytesMax?: number;
  timeoutSeconds?: number;
  env?: readonly string[];
  capture?: string;
  capturePercent?: number;
  wait: boolean;
}

const changing = (command: Command) =>
  command
    .option('--version <number>', 'else the one your subscription has chosen')
    .option('--instances <n>', 'so many, always', wholeNumber)
    .option('--min <n>', 'instances at least', wholeNumber)
    .option('--max <n>', 'instances at most: scales with the calls at the same time', wholeNumber)
    .option('--concurrency <n>', 'calls at the same time of one instance', wholeNumber)
    .option('--idle-minutes <n>', 'sleep after so long without a call; never: "never"')
    .option('--scale-in-seconds <n>', 'fewer instances only after so long', wholeNumber)
    .option('--start-seconds <n>', 'how long an instance may take to answer /ping', wholeNumber)
    .option('--payload-bytes-max <n>', 'largest body of a call', wholeNumber)
    .option('--timeout-seconds <n>', 'longest answer', wholeNumber)
    .addOption(several('--env <name=value>', 'environment variable; may be repeated'))
    .option('--capture <location>', 'write calls into your files below this, or "off"')
    .option('--capture-percent <n>', 'so many of the calls; else all', wholeNumber)
    .option('--no-wait', 'do not wait until it is decided');

interface InvokeOptions {
  data: string;
  contentType?: string;
  accept?: string;
  customAttributes?: string;
  inferenceId?: string;
  path: string;
}

type Change = BodyOf<typeof operations.updateEndpoint>;

function changeOf(o: Options): Change {
  const { version, modelPackage, instanceType, instances, min, max, concurrency, scaleInSeconds } = o;
  const { startSeconds, payloadBytesMax, timeoutSeconds } = o;
  return given({
    version,
    modelPackage,
    instanceType,
    instances,
    instancesMin: min,
    instancesMax: max,
    concurrency,
    idleMinutes: idleOf(o.idleMinutes),
    scaleInSeconds,
    startSeconds,
    payloadBytesMax,
    timeoutSeconds,
    environment: o.env && environmentOf(o.env),
    capture: captureOf(o),
  });
}

function captureOf({ capture: location, capturePercent: percent = 100 }: Options): Change['capture'] {
  if (location === undefined) return undefined;
  return location === 'off' ? null : { location, percent, requests: true, answers: true };
}

function idleOf(text: string | undefined): number | null | undefined {
  if (text === undefined) return undefined;
  return text === 'never' ? null : wholeNumber(text);
}

function environmentOf(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw misuse(`--env "${pair}" is no variable.`, 'Give NAME=VALUE.');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

async function create(
  app: App,
  name: string,
  options: Options & { subscription?: string; instanceType: string },
): Promise<void> {
  const client = await app.client();
  const { subscription: subscriptionId, instanceType } = options;
  const body = { ...changeOf(options), name, instanceType, ...given({ subscriptionId }) };
  await decided(app, await client.call(operations.createEndpoint, { body }), options.wait);
}

async function update(app: App, name: string, options: Options): Promise<void> {
  const client = await app.client();
  const body = changeOf(options);
  await decided(app, await client.call(operations.updateEndpoint, { params: { name }, body }), options.wait);
}

/** Waits until the new instances serve or were given up, and says which. */
async function decided(app: App, begun: Endpoint, wait: boolean): Promise<void> {
  const client = await app.client();
  const { name, coming } = begun;
  let endpoint = begun;
  if (wait && coming)
    while (endpoint.coming?.number === coming.number || endpoint.state === 'RollingBack') {
      await sleep(pollMs, undefined, { signal: app.host.signal });
      endpoint = await client.call(operations.getEndpoint, { params: { name } });
    }
  show(app, endpoint);
  if (!wait || !coming || endpoint.serving?.number === coming.number) return;
  throw new Failure({
    kind: 'refused',
    code: 'cli.endpoint_not_started',
    message: `${endpoint.state === 'Failed' ? 'It was not started' : 'The update was rolled back'}: ${endpoint.reason ?? 'see its events'}`,
    remedy: `souk endpoints logs ${name}`,
  });
}
const pollMs = 500;

function list(app: App, items: readonly EndpointSummary[]): void {
  const { style } = app.output;
  app.output.list(
    items,
    [
      { title: 'NAME', value: (e) => e.name },
      {
        title: 'STATE',
        value: (e) => (e.asleep ? `${e.state}, asleep` : e.state),
        paint: (t) => state(style, t),
      },
      { title: 'RUNS', value: (e) => (e.serving ?? e.coming)?.name ?? '', flexible: true },
      { title: 'ON', value: (e) => (e.serving ?? e.coming)?.instanceType ?? '' },
      { title: 'INSTANCES', value: (e) => `${e.instancesReady} of ${e.instancesWanted}`, align: 'right' },
      { title: 'CALLS NOW', value: (e) => count(e.callsUnderWay), align: 'right' },
      { title: 'CREATED', value: (e) => time(e.createdAt), optional: true },
    ],
    'There are no endpoints. Create one: souk endpoints create NAME --subscription ID --instance-type TYPE',
  );
}

function show(app: App, e: Endpoint): void {
  const { output } = app;
  const s = e.settings;
  const range =
    s.instancesMin === s.instancesMax ? `${s.instancesMin}` : `${s.instancesMin} to ${s.instancesMax}`;
  output.item(e, [
    ['name', e.name],
    ['state', state(output.style, e.asleep ? `${e.state}, asleep` : e.state)],
    ['reason', e.reason],
    ['runs', e.serving && `${e.serving.name} on ${e.serving.instanceType} (variant ${e.serving.number})`],
    ['coming', e.coming && `${e.coming.name} on ${e.coming.instanceType} (variant ${e.coming.number})`],
    ['call at', e.url],
    ['instances', `${e.instancesReady} of ${e.instancesWanted} ready; ${range} wanted`],
    ['concurrency', `${s.concurrency} calls at a time of one instance; ${e.callsUnderWay} now`],
    ['sleeps', s.idleMinutes === null ? 'never' : `after ${s.idleMinutes} minutes without a call`],
    [
      'limits',
      `${bytes(s.payloadBytesMax)} a body, ${s.timeoutSeconds} s an answer, ${s.startSeconds} s to start`,
    ],
    ['cold starts', e.coldStarts.map((c) => `${duration(c.durationMs)} (${time(c.at)})`).join('\n')],
    ['created', `${time(e.createdAt)} by ${e.createdBy}`],
  ]);
  if (output.json) return;
  output.part('Instances', e.instances, [
    { title: 'ID', value: (i) => i.id },
    { title: 'VARIANT', value: (i) => i.variant, align: 'right' },
    { title: 'STATE', value: (i) => i.state, paint: (t) => state(output.style, t) },
    { title: 'CALLS', value: (i) => i.calls, align: 'right' },
    { title: 'RESTARTS', value: (i) => i.restarts, align: 'right' },
    { title: 'LAST FAILURE', value: (i) => i.failure ?? '', flexible: true },
  ]);
}

async function logs(app: App, name: string, { follow, limit }: { follow?: boolean; limit: number }) {
  const client = await app.client();
  let query: { after?: number; limit: number } = { limit };
  for (;;) {
    const { items } = await client.call(operations.listEndpointLogs, { params: { name }, query });
    for (const line of items)
      app.output.line(
        app.output.json
          ? JSON.stringify(line)
          : `${time(line.at)} ${line.instanceId.slice(-6)} ${line.level.padEnd(5)} ${printable(line.text)}`,
      );
    if (!follow) return;
    query = { after: items.at(-1)?.id ?? query.after ?? 0, limit: 1000 };
    await sleep(1000, undefined, { signal: app.host.signal });
  }
}

async function invoke(app: App, name: string, options: InvokeOptions): Promise<void> {
  const { output } = app;
  const client = await app.client();
  const endpoint = await client.call(operations.getEndpoint, { params: { name } }).catch(() => undefined);
  const input = await readInput(app, options, () =>
    Promise.reject(misuse('There is no input.', 'Give it with --data: text, @file, or - for stdin.')),
  );
  const headers: Record<string, string> = {
    'content-type': input.contentType,
    accept: options.accept ?? '*/*',
  };
  if (options.customAttributes) headers['x-amzn-sagemaker-custom-attributes'] = options.customAttributes;
  if (options.inferenceId) headers['x-amzn-sagemaker-inference-id'] = options.inferenceId;
  // As long as it may wait for a place or for waking, and then answer.
  const { startSeconds = 480, timeoutSeconds = 900 } = endpoint?.settings ?? {};
  const startedAt = performance.now();
  const response = await client.send(
    `/endpoints/${encodeURIComponent(name)}/${options.path.replace(/^\//, '')}`,
    { method: 'POST', headers, body: input.body as Uint8Array<ArrayBuffer> },
    (startSeconds + timeoutSeconds + 30) * 1000,
  );
  const body = Buffer.from(await response.arrayBuffer());
  const durationMs = performance.now() - startedAt;
  if (!response.ok) throw refusal(response, body.toString('utf8'), client.hasCredential);
  const contentType = response.headers.get('content-type') ?? '';
  const customAttributes = response.headers.get('x-amzn-sagemaker-custom-attributes');
  if (output.json)
    return output.line(
      JSON.stringify({
        status: response.status,
        contentType,
        durationMs: Math.round(durationMs * 100) / 100,
        requestId: response.headers.get('x-request-id'),
        version: response.headers.get('x-souk-version'),
        customAttributes,
        body: body.toString('utf8'),
      }),
    );
  if (app.host.stdout.isTTY) output.raw(`${printable(body.toString('utf8')).trimEnd()}\n`);
  else output.raw(body);
  output.note(
    `${response.status} ${contentType}, ${duration(durationMs)}${customAttributes ? `, custom attributes: ${customAttributes}` : ''}`,
  );
}

interface StartOptions {
  data?: string;
  input?: string;
  output?: string;
  contentType?: string;
  accept?: string;
  customAttributes?: string;
  inferenceId?: string;
  callback?: string;
}

async function startInference(app: App, name: string, o: StartOptions): Promise<void> {
  const client = await app.client();
  const input =
    o.data === undefined ? undefined : await readInput(app, o, () => Promise.reject(new Error('no input')));
  const body = given({
    body: input && Buffer.from(input.body).toString('utf8'),
    inputLocation: o.input,
    outputLocation: o.output,
    contentType: input?.contentType ?? o.contentType,
    accept: o.accept,
    customAttributes: o.customAttributes,
    inferenceId: o.inferenceId,
    callbackUrl: o.callback,
  });
  showInference(app, await client.call(operations.startInference, { params: { name }, body }));
}

function listInferences(app: App, items: readonly AsyncInference[]): void {
  app.output.list(
    items,
    [
      { title: 'ID', value: (i) => i.id },
      { title: 'STATE', value: (i) => i.state, paint: (t) => state(app.output.style, t) },
      { title: 'STARTED', value: (i) => time(i.createdAt) },
      {
        title: 'ANSWER',
        value: (i) => (i.state === 'Completed' ? i.outputLocation : (i.failure ?? '')),
        flexible: true,
      },
    ],
    'There are no asynchronous inferences. Start one: souk endpoints start-inference NAME --data @FILE',
  );
}

const showInference = (app: App, i: AsyncInference): void =>
  app.output.item(i, [
    ['id', i.id],
    ['state', state(app.output.style, i.state)],
    ['failure', i.failure],
    ['answer', i.outputLocation],
    ['attempts', i.attempts],
    ['callback', i.callback && `${i.callback.state}: ${i.callback.url}`],
    ['callback failure', i.callback?.failure],
    ['started', time(i.createdAt)],
    ['ended', i.endedAt && time(i.endedAt)],
  ]);
