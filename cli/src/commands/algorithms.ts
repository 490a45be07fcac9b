import { resolve } from 'node:path';
import {
  type Algorithm,
  type AlgorithmSummary,
  algorithmStatuses,
  hasNoErrors,
  operations,
} from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { bytes, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages } from '../pages.ts';
import {
  algorithmFailed,
  awaitAlgorithm,
  readAlgorithmFile,
  registerAlgorithm,
  unusable,
} from '../push/register-algorithm.ts';
import { digestOf } from '../push/register-model.ts';
import { sourceOf } from '../upload/source.ts';

export function algorithmCommands(program: Command, app: App): void {
  const algorithms = group(program, 'algorithms', 'Algorithms: upload, train with a sample, list');
  leaf(
    algorithms,
    'push [path]',
    'Register an algorithm: a training program to upload, or a container image that its specification names',
    {
      examples: [
        'souk algorithms push program --spec algorithm.yaml --name tabular-trainer-1',
        'souk algorithms push --spec algorithm.yaml --name forest-1',
        'souk algorithms push program.tar.gz --spec algorithm.json --name forest-2 --no-wait',
      ],
      notes:
        'The folder or archive holds an executable script named train. The specification (YAML or JSON) says what it takes:\n' +
        'channels, hyperparameters, metrics, and the sample training that every algorithm must pass. Texts may come from files\n' +
        'with { $file: name }. Waits until the sample was trained, unless --no-wait. See docs/publishing/algorithms.md.',
    },
  )
    .requiredOption('--spec <file>', 'what the algorithm takes, and its sample training')
    .option('--name <name>', 'unique in account and region; else the name in the specification')
    .option('--region <region>', 'where to register it')
    .addOption(new Option('--no-certify', 'register without certification for the marketplace'))
    .addOption(new Option('--no-wait', 'do not wait for the checks'))
    .action((path: string | undefined, options: PushOptions) => push(app, path, options));

  leaf(algorithms, 'list', 'Your algorithms, newest first', {
    examples: ['souk algorithms list', 'souk algorithms list --status Failed --json'],
  })
    .option('--name-contains <text>', 'only these')
    .addOption(choice('--status <status>', 'only these', algorithmStatuses))
    .addOption(limitOption(100))
    .action((options: ListOptions) => list(app, options));

  leaf(algorithms, 'show <name>', 'One algorithm with its sample training, checks and findings', {
    examples: ['souk algorithms show tabular-trainer-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    showAlgorithm(app, await client.call(operations.getAlgorithm, { params: { name } }));
  });

  leaf(algorithms, 'delete <name>', 'Delete an algorithm that no product uses', {
    examples: ['souk algorithms delete tabular-trainer-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    await client.call(operations.deleteAlgorithm, { params: { name } });
    app.output.done(`Deleted the algorithm ${name}.`);
  });
}

interface PushOptions {
  spec: string;
  name?: string;
  region?: string;
  certify: boolean;
  wait: boolean;
}
interface ListOptions {
  nameContains?: string;
  status?: Algorithm['status'];
  limit: number;
}

async function push(app: App, path: string | undefined, options: PushOptions): Promise<void> {
  const { host, output } = app;
  const { file, findings } = readAlgorithmFile(options.spec, host.cwd);
  const name = options.name ?? file.name;
  if (!name) throw misuse('The algorithm has no name.', 'Give --name, or write name into the specification.');
  if (!hasNoErrors(findings)) throw unusable(options.spec, findings);
  if (path === undefined && !file.trainingSpecification.container)
    throw misuse(
      'There is nothing to train with.',
      'Name the program’s path, or a container image in trainingSpecification.container.',
    );
  const source = path === undefined ? undefined : await sourceOf(resolve(host.cwd, path));
  for (const note of source?.notes ?? []) output.note(note);
  const sha256 = source ? await digestOf(app, source) : '';
  const registered = await registerAlgorithm(app, source, sha256, {
    ...file,
    ...given({ region: options.region ?? file.region }),
    name,
    certifyForMarketplace: options.certify && file.certifyForMarketplace !== false,
  });
  output.done(`Registered ${registered.arn} (${bytes(registered.archive.sizeBytes)}).`);
  const checked = options.wait ? await awaitAlgorithm(app, registered) : registered;
  if (checked.status === 'Failed') {
    if (output.json) output.line(JSON.stringify(checked));
    throw algorithmFailed(checked);
  }
  showAlgorithm(app, checked);
}

async function list(app: App, { limit, ...filter }: ListOptions): Promise<void> {
  const client = await app.client();
  const items: AlgorithmSummary[] = await listPages(app, limit, (page) =>
    client.call(operations.listAlgorithms, { query: { ...page, ...given(filter) } }),
  );
  const { style } = app.output;
  app.output.list(
    items,
    [
      { title: 'NAME', value: (a) => a.name },
      { title: 'STATUS', value: (a) => a.status, paint: (t) => state(style, t) },
      { title: 'SIZE', value: (a) => bytes(a.archive.sizeBytes), align: 'right' },
      { title: 'CREATED', value: (a) => time(a.createdAt) },
      { title: 'ARN', value: (a) => a.arn, flexible: true, optional: true },
    ],
    'There are no algorithms. Register one: souk algorithms push <path> --spec <file> --name <name>',
  );
}

export function showAlgorithm(app: App, a: Algorithm): void {
  const { output } = app;
  const { trainingSpecification: spec, trial } = a;
  output.item(a, [
    ['name', a.name],
    ['arn', a.arn],
    ['status', state(output.style, a.status)],
    ['reason', a.failureReason],
    ['description', a.description],
    ['file', `${a.archive.fileName}, ${bytes(a.archive.sizeBytes)}`],
    ['sha256', a.archive.sha256],
    ['starts', a.program ? `${a.program.interpreter} ${a.program.entry}` : null],
    ['trains on', (spec.supportedTrainingInstanceTypes ?? []).join(', ')],
    ['sample', trial ? `trained in ${trial.trainedInMs} ms on ${trial.instanceType}` : null],
    ['model', trial ? `${trial.model.sha256}, ${bytes(trial.model.sizeBytes)}` : null],
    ['created', time(a.createdAt)],
  ]);
  output.part('Channels', spec.trainingChannels, [
    { title: 'NAME', value: (c) => c.name },
    { title: 'REQUIRED', value: (c) => (c.isRequired ? 'yes' : 'no') },
    { title: 'TAKES', value: (c) => c.supportedContentTypes.join(', ') },
    { title: 'DESCRIPTION', value: (c) => c.description ?? '', flexible: true },
  ]);
  output.part('Hyperparameters', spec.supportedHyperParameters ?? [], [
    { title: 'NAME', value: (h) => h.name },
    { title: 'TYPE', value: (h) => h.type },
    {
      title: 'RANGE',
      value: (h) =>
        h.range?.values?.join(', ') ?? (h.range ? `${h.range.min ?? ''} to ${h.range.max ?? ''}` : ''),
    },
    { title: 'DEFAULT', value: (h) => h.defaultValue ?? '' },
    { title: 'DESCRIPTION', value: (h) => h.description ?? '', flexible: true },
  ]);
  output.part('Metrics of the sample training', trial?.metrics ?? [], [
    { title: 'NAME', value: (m) => m.name },
    { title: 'FIRST', value: (m) => String(m.first), align: 'right' },
    { title: 'LAST', value: (m) => String(m.last), align: 'right' },
    { title: 'PRINTED', value: (m) => String(m.count), align: 'right' },
  ]);
  output.part(
    'Checks',
    [...a.imageScanStatuses, ...a.validationStatuses],
    [
      { title: 'STEP', value: (s) => s.name },
      { title: 'STATUS', value: (s) => s.status, paint: (t) => state(output.style, t) },
      { title: 'REASON', value: (s) => s.failureReason ?? '', flexible: true },
    ],
  );
  if (a.status === 'Failed' && !output.json) for (const line of a.log.slice(-20)) output.note(line);
  if (!output.json) output.findings(a.findings);
}
