import { readFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';
import { type ModelPackage, modelPackageStatuses, operations } from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption, several, severalWhole } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { bytes, count, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages, wholeNumber } from '../pages.ts';
import {
  awaitModel,
  digestOf,
  inferenceSpecification,
  modelFailed,
  registerModel,
  validationProfile,
} from '../push/register-model.ts';
import { sourceOf } from '../upload/source.ts';

export function modelCommands(program: Command, app: App): void {
  const models = group(program, 'models', 'Model packages: upload, check, list');
  leaf(
    models,
    'push [path]',
    'Register a model package: a model to upload, a container image, both, or a server that already runs',
    {
      examples: [
        'souk models push model.onnx --name iris-1 --sample-input sample-input.json --expect sample-output.json',
        'souk models push model.tar.gz --image sha256:5f70… --name iris-2 --sample-input sample-input.json',
        'souk models push --server triton --name llama-1 --sample-input sample-input.json',
        'souk models push ./model-folder --name resnet-50 --sample-input image.json --region us-east-1',
      ],
      notes:
        'A folder is packed into an uncompressed tar: the same files give the same digest. An upload that breaks goes on\n' +
        'where it was, also when the command is run again. Waits until the checks have ended, unless --no-wait.',
    },
  )
    .requiredOption('--name <name>', 'name of the model package, unique in account and region')
    .requiredOption('--sample-input <file>', 'an input that the checks send')
    .option('--content-type <type>', 'of the sample input; else by the file’s ending')
    .option('--expect <file>', 'an example answer: its form is compared, not its numbers')
    .option(
      '--expect-type <type>',
      'content type of the answer; else by the file’s ending, else as the input',
    )
    .option('--description <text>', 'what it is')
    .option('--region <region>', 'where to register it')
    .addOption(several('--instance-types <types>', 'instance types it may run on, for calls'))
    .addOption(several('--batch-instance-types <types>', 'instance types for batch; else the same'))
    .option(
      '--batch-window-ms <n>',
      'run calls together that come within so many milliseconds (records must not depend on each other)',
      wholeNumber,
    )
    .option('--batch-records-max <n>', 'records of one such run; else 64', wholeNumber)
    .option(
      '--image <digest>',
      'the container image that serves it, one of `souk images list`; the path may then be left out',
    )
    .option(
      '--server <name>',
      'a server that serves it, one of `souk servers list --own`; then there is nothing to upload',
    )
    .addOption(severalWhole('--env <name=value>', 'set in the container; may be given again'))
    .addOption(several('--content-types <types>', 'content types it takes'))
    .addOption(several('--response-types <types>', 'content types it answers with'))
    .addOption(new Option('--no-certify', 'register without certification for the marketplace'))
    .addOption(new Option('--no-wait', 'do not wait for the checks'))
    .action((path: string | undefined, options: PushOptions) => push(app, path, options));

  leaf(models, 'list', 'Your model packages, newest first', {
    examples: ['souk models list', 'souk models list --status Failed --json'],
  })
    .option('--name-contains <text>', 'only these')
    .addOption(choice('--status <status>', 'only these', modelPackageStatuses))
    .addOption(limitOption(100))
    .action((options: ListOptions) => list(app, options));

  leaf(models, 'show <name>', 'One model package with its checks and findings', {
    examples: ['souk models show iris-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    showModel(app, await client.call(operations.getModelPackage, { params: { name } }));
  });

  leaf(models, 'delete <name>', 'Delete a model package that no product uses', {
    examples: ['souk models delete iris-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    await client.call(operations.deleteModelPackage, { params: { name } });
    app.output.done(`Deleted the model package ${name}.`);
  });
}

interface PushOptions {
  name: string;
  sampleInput: string;
  contentType?: string;
  expect?: string;
  expectType?: string;
  description?: string;
  region?: string;
  instanceTypes?: string[];
  batchInstanceTypes?: string[];
  batchWindowMs?: number;
  batchRecordsMax?: number;
  image?: string;
  server?: string;
  env?: string[];
  contentTypes?: string[];
  responseTypes?: string[];
  certify: boolean;
  wait: boolean;
}
interface ListOptions {
  nameContains?: string;
  status?: ModelPackage['status'];
  limit: number;
}

async function push(app: App, path: string | undefined, options: PushOptions): Promise<void> {
  const { host, output } = app;
  const read = (file: string) => readFileSync(resolve(host.cwd, file), 'utf8');
  const profile = validationProfile({
    contentType: options.contentType ?? typeOf(options.sampleInput, '--content-type'),
    input: read(options.sampleInput),
    responseType:
      options.expectType ?? (options.expect ? typeOf(options.expect, '--expect-type') : undefined),
    output: options.expect ? read(options.expect) : undefined,
  });
  if (path === undefined && options.image === undefined && options.server === undefined)
    throw misuse('There is nothing to register.', 'Name the model’s path, or --image, or both; or --server.');
  const source = path === undefined ? undefined : await sourceOf(resolve(host.cwd, path));
  for (const note of source?.notes ?? []) output.note(note);
  const specification = await inferenceSpecification(app, {
    contentTypes: options.contentTypes,
    responseTypes: options.responseTypes,
    realtime: options.instanceTypes,
    batch: options.batchInstanceTypes,
    batching:
      options.batchWindowMs === undefined
        ? undefined
        : { windowMs: options.batchWindowMs, recordsMax: options.batchRecordsMax ?? 64 },
    container: options.image === undefined ? undefined : containerOf(options.image, options.env),
    server: options.server,
  });
  const registered = await registerModel(
    app,
    source,
    source ? await digestOf(app, source) : '',
    given({
      name: options.name,
      description: options.description,
      region: options.region,
      inferenceSpecification: specification,
      validationSpecification: { validationProfiles: [profile] },
      certifyForMarketplace: options.certify,
    }),
  );
  output.done(`Registered ${registered.arn} (${bytes(registered.archive.sizeBytes)}).`);
  const checked = options.wait ? await awaitModel(app, registered) : registered;
  if (checked.status === 'Failed') {
    if (output.json) output.line(JSON.stringify(checked));
    throw modelFailed(checked);
  }
  showModel(app, checked);
}

/** `NAME=value` each; a value may hold `=`. */
function containerOf(image: string, env: readonly string[] = []) {
  const pairs = env.map((pair) => {
    const at = pair.indexOf('=');
    if (at < 1) throw misuse(`--env ${pair} sets nothing.`, 'Write it as NAME=value.');
    return [pair.slice(0, at), pair.slice(at + 1)] as const;
  });
  return { image, ...(pairs.length > 0 ? { environment: Object.fromEntries(pairs) } : {}) };
}

/** The type by a file's ending, for the two that every model package speaks. */
export function typeOf(file: string, flag: string): string {
  const known: Readonly<Record<string, string>> = { '.json': 'application/json', '.csv': 'text/csv' };
  const type = known[extname(file).toLowerCase()];
  if (!type) throw misuse(`The content type of ${file} cannot be told from its name.`, `Give ${flag}.`);
  return type;
}

async function list(app: App, { limit, ...filter }: ListOptions): Promise<void> {
  const client = await app.client();
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listModelPackages, { query: { ...page, ...given(filter) } }),
  );
  const { style } = app.output;
  app.output.list(
    items,
    [
      { title: 'NAME', value: (m) => m.name },
      { title: 'STATUS', value: (m) => m.status, paint: (t) => state(style, t) },
      { title: 'SIZE', value: (m) => bytes(m.archive.sizeBytes), align: 'right' },
      { title: 'CREATED', value: (m) => time(m.createdAt) },
      { title: 'ARN', value: (m) => m.arn, flexible: true, optional: true },
    ],
    'There are no model packages. Register one: souk models push <path> --name <name> --sample-input <file>',
  );
}

export function showModel(app: App, m: ModelPackage): void {
  const { output } = app;
  const spec = m.inferenceSpecification;
  const tensor = (t: { name: string; type: string; shape: readonly unknown[] | null }) =>
    `${t.name} ${t.type}${t.shape ? `[${t.shape.map((d) => d ?? '?').join(', ')}]` : ''}`;
  output.item(m, [
    ['name', m.name],
    ['arn', m.arn],
    ['status', state(output.style, m.status)],
    ['reason', m.failureReason],
    ['description', m.description],
    ['file', `${m.archive.fileName}, ${bytes(m.archive.sizeBytes)}`],
    ['sha256', m.archive.sha256],
    ['image', spec.container?.image],
    ['server', spec.server],
    ['takes', spec.supportedContentTypes.join(', ')],
    ['answers', spec.supportedResponseMIMETypes.join(', ')],
    ['calls on', spec.supportedRealtimeInferenceInstanceTypes.join(', ')],
    ['batch on', spec.supportedTransformInstanceTypes.join(', ')],
    ['inputs', m.onnx?.inputs.map(tensor).join('\n')],
    ['outputs', m.onnx?.outputs.map(tensor).join('\n')],
    ['parameters', m.onnx?.parametersCount == null ? null : count(m.onnx.parametersCount)],
    ['opsets', m.onnx?.opsets.map((o) => `${o.domain || 'ai.onnx'} ${o.version}`).join(', ')],
    ['created', time(m.createdAt)],
  ]);
  output.part(
    'Checks',
    [...m.imageScanStatuses, ...m.validationStatuses],
    [
      { title: 'STEP', value: (s) => s.name },
      { title: 'STATUS', value: (s) => s.status, paint: (t) => state(output.style, t) },
      { title: 'REASON', value: (s) => s.failureReason ?? '', flexible: true },
    ],
  );
  if (!output.json) output.findings(m.findings);
}
