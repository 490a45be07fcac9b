import { resolve } from 'node:path';
import {
  batchStrategies,
  compressionTypes,
  type NewTransformJob,
  operations,
  splitTypes,
  type TransformJob,
  type TransformState,
  transformStates,
} from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption, several } from '../command.ts';
import { misuse } from '../failure.ts';
import { followTransform, transformOutcome } from '../follow/follow-transform.ts';
import { given } from '../given.ts';
import { bytes, count, plural, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages, wholeNumber } from '../pages.ts';
import { download } from './files.ts';
import { subscriptionOf } from './subscriptions.ts';

export function transformCommands(program: Command, app: App): void {
  const transforms = group(program, 'transforms', 'Batch: run a model over files');
  leaf(transforms, 'create [subscription]', 'Run a model over files; X becomes X.out', {
    examples: [
      'souk transforms create souk-examples/iris-classifier --input batch/in/ --output batch/out/ --content-type text/csv --split Line --instance-type ml.m5.large',
      "souk transforms create souk-examples/iris-classifier --input batch/in/ --output batch/out/ --content-type text/csv --split Line --instance-type ml.m5.large --input-filter '$[1:]' --join",
      'souk transforms create --model-package flowers-1 --input batch/in/ --output batch/out/ --content-type text/csv --split Line --instance-type ml.m5.large',
    ],
    notes:
      'Inputs and outputs are paths of your files (souk files push), or locations: souk://…, s3://…. Waits for the end with a\n' +
      'progress bar, unless --no-wait. See docs/buying/batch.md.',
  })
    .requiredOption('--input <location>', 'a file, or a prefix: every file whose path begins so')
    .requiredOption('--output <location>', 'where results go')
    .requiredOption('--content-type <type>', 'of the input; text/csv; header=present has a line of names')
    .requiredOption('--instance-type <type>', 'one that the model supports in batch')
    .option('--instances <n>', 'how many; else 1', wholeNumber)
    .option('--model-package <name>', 'instead of a subscription: a model that a training of yours made')
    .option('--name <name>', 'of the job; else made from what it runs and the time')
    .option('--version <number>', 'else the one your subscription has chosen')
    .option('--manifest', 'the input is a manifest: a JSON list of a prefix and names')
    .addOption(choice('--split <type>', 'how files are cut into records; else None', splitTypes))
    .addOption(choice('--compression <type>', 'of the input; else None', compressionTypes))
    .addOption(choice('--strategy <strategy>', 'records in a call; else as the model says', batchStrategies))
    .option('--max-payload-mb <n>', 'of one call, 0 streams whole files', Number)
    .option('--max-concurrent <n>', 'calls at a time and instance', wholeNumber)
    .option('--timeout-seconds <n>', 'of one call; else 600', wholeNumber)
    .option('--retries <n>', 'of one call, 0 to 3; else 3', Number)
    .option('--accept <type>', 'content type of the results')
    .addOption(
      choice('--assemble <type>', 'how results are put together; lines where the input is split by lines', [
        'None',
        'Line',
      ]),
    )
    .option('--input-filter <path>', 'JSONPath: what the model is sent of a record')
    .option('--output-filter <path>', 'JSONPath: what is kept of a result')
    .option('--join', 'put each record and its result together')
    .addOption(several('--env <name=value>', 'environment of the model (several with commas)'))
    .addOption(new Option('--no-wait', 'do not wait for the end'))
    .action((name: string | undefined, options: CreateOptions) => create(app, name, options));

  leaf(transforms, 'list', 'Transform jobs, newest first', {
    examples: ['souk transforms list', 'souk transforms list --state InProgress --json'],
  })
    .addOption(choice('--state <state>', 'only these', transformStates))
    .addOption(limitOption(100))
    .action((options: { state?: TransformState; limit: number }) => list(app, options));
  leaf(transforms, 'show <job>', 'One job: progress, settings, and files that failed', {
    examples: ['souk transforms show flowers-january'],
  }).action(async (name: string) => show(app, await jobOf(app, name)));
  leaf(transforms, 'follow <job>', 'Watch a job until it ends', {
    examples: ['souk transforms follow flowers-january'],
  }).action(async (name: string) => {
    const job = await followTransform(app, await jobOf(app, name));
    transformOutcome(job);
  });
  leaf(transforms, 'stop <job>', 'Stop a job; files that are finished stay', {
    examples: ['souk transforms stop flowers-january'],
  }).action(async (name: string) => {
    const client = await app.client();
    const job = await client.call(operations.stopTransformJob, { params: { transformJob: name } });
    app.output.done(`${job.name} is ${job.state}.`);
  });
  leaf(transforms, 'get <job> [folder]', 'Download the results of a job', {
    examples: ['souk transforms get flowers-january ./results'],
    notes: 'Results in a bucket are fetched with the tools of that bucket.',
  }).action((name: string, folder: string | undefined) => get(app, name, folder));
}

interface CreateOptions {
  input: string;
  output: string;
  contentType: string;
  instanceType: string;
  instances?: number;
  modelPackage?: string;
  name?: string;
  version?: string;
  manifest?: boolean;
  split?: NewTransformJob['transformInput']['splitType'];
  compression?: NewTransformJob['transformInput']['compressionType'];
  strategy?: NewTransformJob['batchStrategy'];
  maxPayloadMb?: number;
  maxConcurrent?: number;
  timeoutSeconds?: number;
  retries?: number;
  accept?: string;
  assemble?: NewTransformJob['transformOutput']['assembleWith'];
  inputFilter?: string;
  outputFilter?: string;
  join?: boolean;
  env?: string[];
  wait: boolean;
}

/** What runs, and what a job of it is called. */
async function modelOf(
  app: App,
  product: string | undefined,
  { modelPackage, version }: CreateOptions,
): Promise<{ model: NewTransformJob['model']; called: string }> {
  if ((product === undefined) === (modelPackage === undefined))
    throw misuse(
      'It is not clear what is to run.',
      'Name a product that you subscribe to, or --model-package NAME.',
    );
  if (modelPackage !== undefined)
    return { model: { modelPackage, ...given({ version }) }, called: modelPackage };
  const subscription = await subscriptionOf(app, product ?? '');
  return { model: { subscriptionId: subscription.id, ...given({ version }) }, called: subscription.product };
}

async function create(app: App, product: string | undefined, o: CreateOptions): Promise<void> {
  const client = await app.client();
  const { model, called } = await modelOf(app, product, o);
  const session = await client.call(operations.getSession);
  const uri = (text: string) =>
    text.includes('://') ? text : `souk://${session.account?.id ?? ''}/${text.replace(/^\//, '')}`;
  const processing = given({
    inputFilter: o.inputFilter,
    outputFilter: o.outputFilter,
    joinSource: o.join ? ('Input' as const) : undefined,
  });
  const clientConfig = given({
    invocationsTimeoutInSeconds: o.timeoutSeconds,
    invocationsMaxRetries: o.retries,
  });
  const job = await client.call(operations.createTransformJob, {
    body: {
      name:
        o.name ??
        `${called.slice(0, 40)}-${new Date()
          .toISOString()
          .replace(/[^0-9]/g, '')
          .slice(0, 17)}`,
      model,
      transformInput: {
        uri: uri(o.input),
        contentType: o.contentType,
        ...given({
          dataType: o.manifest ? ('ManifestFile' as const) : undefined,
          splitType: o.split,
          compressionType: o.compression,
        }),
      },
      transformOutput: { uri: uri(o.output), ...given({ accept: o.accept, assembleWith: o.assemble }) },
      transformResources: { instanceType: o.instanceType, ...given({ instanceCount: o.instances }) },
      ...given({
        batchStrategy: o.strategy,
        maxPayloadInMB: o.maxPayloadMb,
        maxConcurrentTransforms: o.maxConcurrent,
        environment: o.env && environment(o.env),
      }),
      ...(Object.keys(clientConfig).length > 0 ? { modelClientConfig: clientConfig } : {}),
      ...(Object.keys(processing).length > 0 ? { dataProcessing: processing } : {}),
    },
  });
  app.output.done(`${job.name} runs ${job.model.name}.`);
  if (!o.wait) return show(app, job);
  const ended = await followTransform(app, job);
  transformOutcome(ended);
  app.output.next(`souk transforms get ${ended.name} ./results`);
}

function environment(pairs: readonly string[]): Record<string, string> {
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf('=');
      if (at < 1) throw misuse(`${pair} is not name=value.`, 'Write for example --env LEVEL=2.');
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

async function jobOf(app: App, name: string): Promise<TransformJob> {
  const client = await app.client();
  return client.call(operations.getTransformJob, { params: { transformJob: name } });
}

async function list(
  app: App,
  { limit, state: only }: { state?: TransformState; limit: number },
): Promise<void> {
  const client = await app.client();
  const items = await listPages<TransformJob>(app, limit, (page) =>
    client.call(operations.listTransformJobs, { query: { ...page, ...given({ state: only }) } }),
  );
  const { style } = app.output;
  app.output.list(
    items,
    [
      { title: 'NAME', value: (j) => j.name, flexible: true },
      { title: 'STATE', value: (j) => j.state, paint: (t) => state(style, t) },
      { title: 'MODEL', value: (j) => j.model.name, flexible: true },
      {
        title: 'FILES',
        value: (j) => `${j.progress.files.done}/${j.progress.files.total ?? '?'}`,
        align: 'right',
      },
      { title: 'ROWS', value: (j) => count(j.progress.rows), align: 'right' },
      { title: 'BEGUN', value: (j) => time(j.createdAt) },
    ],
    'There are no transform jobs. Run one: souk transforms create <subscription> --input … --output …',
  );
}

async function show(app: App, j: TransformJob): Promise<void> {
  const { output } = app;
  const { files, inputBytes } = j.progress;
  output.item(j, [
    ['name', j.name],
    ['state', state(output.style, j.state)],
    ['stage', j.endedAt ? null : j.stage],
    ['failure', j.failure ? `${j.failure.message}\n→ ${j.failure.remedy}` : null],
    ['model', j.model.name],
    ['runs on', `${j.transformResources.instanceCount} × ${j.transformResources.instanceType}`],
    [
      'input',
      `${j.transformInput.uri} (${j.transformInput.contentType}, split ${j.transformInput.splitType ?? 'None'})`,
    ],
    ['output', j.transformOutput.uri],
    ['files', files.total === null ? null : `${files.done} of ${files.total} done, ${files.failed} failed`],
    ['read', `${bytes(inputBytes.read)} of ${bytes(inputBytes.total)}`],
    ['rows', `${count(j.progress.rows)} in ${plural(j.progress.calls, 'call')}`],
    ['speed', j.progress.rowsPerSecond > 0 ? `${count(j.progress.rowsPerSecond)} rows/s` : null],
    ['counted', `${count(j.countedUnits)} inferences`],
    [
      'payload',
      j.effective
        ? `${j.effective.batchStrategy}, ${j.effective.maxPayloadInMB} MB, ${j.effective.maxConcurrentTransforms} at a time (${j.effective.source})`
        : null,
    ],
    ['manifest', j.manifestUri],
    ['begun', time(j.createdAt)],
    ['ended', j.endedAt ? time(j.endedAt) : null],
  ]);
  if (output.json || files.failed === 0) return;
  const client = await app.client();
  const failed = await listPages(app, 20, (page) =>
    client.call(operations.listTransformFiles, {
      params: { transformJob: j.name },
      query: { ...page, state: 'failed' },
    }),
  );
  output.part('Files that failed', failed, [
    { title: 'FILE', value: (f) => f.inputUri, flexible: true },
    { title: 'WHY', value: (f) => f.failure?.message ?? '', flexible: true },
  ]);
}

async function get(app: App, name: string, folder: string | undefined): Promise<void> {
  const job = await jobOf(app, name);
  const [, path] = /^souk:\/\/\d{12}\/(.*)$/.exec(job.transformOutput.uri) ?? [];
  if (path === undefined)
    throw misuse(
      `The results of ${name} are at ${job.transformOutput.uri}.`,
      'Fetch them with the tools of that bucket.',
    );
  const target = resolve(app.host.cwd, folder ?? '.');
  const fetched = await download(app, `${path.replace(/\/*$/, '')}/`, target);
  app.output.done(`Wrote ${plural(fetched, 'file')} below ${target}.`);
}
