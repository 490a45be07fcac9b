import { setTimeout as sleep } from 'node:timers/promises';
import {
  type NewTrainingJob,
  operations,
  type TrainingJob,
  type TrainingJobSummary,
  type TrainingTemplate,
  trainingStatuses,
} from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption, severalWhole } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { bytes, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages, wholeNumber } from '../pages.ts';
import { subscriptionOf } from './subscriptions.ts';

const pollMs = 1000;
const isOver = (status: TrainingJob['status']) =>
  status === 'Completed' || status === 'Failed' || status === 'Stopped';

export interface TemplateOptions {
  version?: string;
  channel?: string[];
  set?: string[];
  contentType?: string[];
  gzip?: string[];
  mode?: string[];
  instanceType: string;
  instances?: number;
  volume?: number;
  maxSeconds?: number;
  checkpoints?: string;
  output?: string;
}

/** What every training is described by, of one job or of all of a tuning. */
export const withTemplate = (command: Command): Command =>
  command
    .requiredOption('--instance-type <name>', 'one that the algorithm trains on')
    .addOption(
      severalWhole(
        '--channel <name=location>',
        'data: train=souk://<account>/<path>, again for each channel',
      ),
    )
    .addOption(severalWhole('--set <name=value>', 'a hyperparameter, again for each'))
    .addOption(severalWhole('--content-type <channel=type>', 'where a channel takes several'))
    .addOption(severalWhole('--gzip <channel>', 'its files are compressed, and are unpacked for the program'))
    .addOption(severalWhole('--mode <channel=mode>', 'File, FastFile or Pipe'))
    .option('--version <number>', 'of the algorithm; else the one that the subscription chose')
    .option('--instances <n>', 'hosts, for algorithms that train on several', wholeNumber)
    .option('--volume <gigabytes>', 'for data, model, checkpoints and temporary files', wholeNumber)
    .option('--max-seconds <n>', 'how long it may take; else a day', wholeNumber)
    .option('--checkpoints <location>', 'where checkpoints are kept, and found again by a later job')
    .option('--output <location>', 'where the model and its output go too');

export async function templateOf(app: App, product: string, o: TemplateOptions): Promise<TrainingTemplate> {
  const types = pairs(o.contentType, '--content-type');
  const modes = pairs(o.mode, '--mode');
  return {
    subscriptionId: (await subscriptionOf(app, product)).id,
    ...given({ version: o.version }),
    inputDataConfig: Object.entries(pairs(o.channel, '--channel')).map(([channelName, uri]) => ({
      channelName,
      uri,
      ...given({
        contentType: types[channelName],
        inputMode: modes[channelName] as 'File' | 'FastFile' | 'Pipe' | undefined,
        compressionType: o.gzip?.includes(channelName) ? ('Gzip' as const) : undefined,
      }),
    })),
    resourceConfig: {
      instanceType: o.instanceType,
      ...given({ instanceCount: o.instances, volumeSizeInGB: o.volume }),
    },
    ...given({
      stoppingCondition: o.maxSeconds === undefined ? undefined : { maxRuntimeInSeconds: o.maxSeconds },
      checkpointConfig: o.checkpoints === undefined ? undefined : { uri: o.checkpoints },
      outputDataConfig: o.output === undefined ? undefined : { uri: o.output },
    }),
    staticHyperParameters: pairs(o.set, '--set'),
  };
}

function pairs(list: readonly string[] | undefined, option: string): Record<string, string> {
  return Object.fromEntries(
    (list ?? []).map((text) => {
      const at = text.indexOf('=');
      if (at < 1) throw misuse(`${option} ${text} has no name.`, `Write ${option} name=value.`);
      return [text.slice(0, at), text.slice(at + 1)];
    }),
  );
}

export function trainingCommands(program: Command, app: App): void {
  const training = group(program, 'training', 'Train subscribed algorithms with your data');
  withTemplate(
    leaf(training, 'create <name> <algorithm>', 'Start a training and follow it to its end', {
      examples: [
        'souk training create flowers-1 souk-examples/tabular-trainer --channel train=souk://123456789012/iris.csv --instance-type ml.m5.large --set epochs=50',
        'souk training create flowers-2 sub_… --channel train=souk://123456789012/data/ --instance-type ml.m5.large --no-wait',
      ],
      notes:
        'ALGORITHM is publisher/product or the id of the subscription. Everything is checked before anything starts.\n' +
        'The model becomes a model package of your account under the name of the job. See docs/buying/training.md.',
    }),
  )
    .addOption(new Option('--no-wait', 'do not wait for its end'))
    .action(async (name: string, product: string, options: TemplateOptions & { wait: boolean }) => {
      const client = await app.client();
      const { staticHyperParameters, ...template } = await templateOf(app, product, options);
      const body: NewTrainingJob = { name, ...template, hyperParameters: staticHyperParameters ?? {} };
      const created = await client.call(operations.createTrainingJob, { body });
      app.output.done(`Training ${name} is under way.`);
      if (options.wait) await follow(app, created);
      else {
        show(app, created);
        app.output.next(`souk training logs ${name} --follow`, `souk training show ${name}`);
      }
    });

  leaf(training, 'list', 'Your trainings, newest first', {
    examples: [
      'souk training list',
      'souk training list --status Failed',
      'souk training list --tuning look-1',
    ],
  })
    .option('--name-contains <text>', 'only these')
    .option('--tuning <name>', 'only those of this tuning')
    .addOption(choice('--status <status>', 'only these', trainingStatuses))
    .addOption(limitOption(100))
    .action(
      async (o: {
        nameContains?: string;
        tuning?: string;
        status?: TrainingJob['status'];
        limit: number;
      }) => {
        const client = await app.client();
        const query = given({ nameContains: o.nameContains, status: o.status, tuningJob: o.tuning });
        const items: TrainingJobSummary[] = await listPages(app, o.limit, (page) =>
          client.call(operations.listTrainingJobs, { query: { ...page, ...query } }),
        );
        const { style } = app.output;
        app.output.list(
          items,
          [
            { title: 'NAME', value: (j) => j.name },
            { title: 'STATUS', value: (j) => j.secondaryStatus, paint: (t) => state(style, t) },
            {
              title: 'ALGORITHM',
              value: (j) => `${j.product.publisher}/${j.product.slug} ${j.version}`,
              flexible: true,
            },
            { title: 'INSTANCES', value: (j) => `${j.instanceCount} x ${j.instanceType}` },
            { title: 'BILLED', value: (j) => `${j.billableTimeInSeconds} s`, align: 'right' },
            { title: 'CREATED', value: (j) => time(j.createdAt) },
          ],
          'There are no trainings. Start one: souk training create <name> <algorithm> --channel train=… --instance-type …',
        );
      },
    );

  leaf(training, 'show <name>', 'One training: states, metrics, model, reasons', {
    examples: ['souk training show flowers-1', 'souk training show flowers-1 --json'],
  }).action(async (name: string) => {
    const client = await app.client();
    show(app, await client.call(operations.getTrainingJob, { params: { name } }));
  });

  leaf(training, 'logs <name>', 'What a training printed', {
    examples: ['souk training logs flowers-1', 'souk training logs flowers-1 --follow'],
  })
    .option('-f, --follow', 'go on until it ends')
    .action(async (name: string, options: { follow?: boolean }) => {
      const client = await app.client();
      let after = await print(app, name, 0);
      while (options.follow) {
        const { status } = await client.call(operations.getTrainingJob, { params: { name } });
        after = await print(app, name, after);
        if (isOver(status)) return;
        await sleep(pollMs, undefined, { signal: client.signal });
      }
    });

  leaf(training, 'stop <name>', 'Ask a training to end; it has two minutes to save its model', {
    examples: ['souk training stop flowers-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    const { status } = await client.call(operations.stopTrainingJob, { params: { name } });
    app.output.done(`Training ${name} is ${status}.`);
  });

  leaf(training, 'delete <name>', 'Delete a training that is over; its model stays', {
    examples: ['souk training delete flowers-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    await client.call(operations.deleteTrainingJob, { params: { name } });
    app.output.done(`Deleted the training ${name}.`);
  });
}

async function print(app: App, name: string, after: number): Promise<number> {
  const client = await app.client();
  const log = await client.call(operations.getTrainingLog, { params: { name }, query: { after } });
  for (const line of log.lines) app.output.text(line);
  return log.next;
}

/** Its states as they come; the log is another command's, so that this one stays readable. */
async function follow(app: App, created: TrainingJob): Promise<void> {
  const client = await app.client();
  let job = created;
  let said = '';
  for (;;) {
    const line = `${job.secondaryStatus}${job.statusMessage ? `: ${job.statusMessage}` : ''}`;
    if (line !== said) app.output.note(line);
    said = line;
    if (isOver(job.status)) break;
    await sleep(pollMs, undefined, { signal: client.signal });
    job = await client.call(operations.getTrainingJob, { params: { name: created.name } });
  }
  show(app, job);
  if (job.status === 'Failed')
    throw new Failure({
      kind: 'refused',
      code: job.failureCode ?? 'training.failed',
      message: `The training ${job.name} failed: ${job.failureReason ?? ''}`,
      remedy: `Read its log: souk training logs ${job.name}`,
    });
}

function show(app: App, j: TrainingJob): void {
  const { output } = app;
  output.item(j, [
    ['name', j.name],
    ['arn', j.arn],
    ['status', state(output.style, j.status)],
    ['now', `${j.secondaryStatus}${j.statusMessage ? `: ${j.statusMessage}` : ''}`],
    ['reason', j.failureReason],
    ['algorithm', `${j.product.publisher}/${j.product.slug} ${j.version}`],
    ['runs on', `${j.instanceCount} x ${j.instanceType}, ${j.volumeSizeInGB} GB`],
    ['billed', `${j.billableTimeInSeconds} s`],
    ['model', j.model ? `${j.model.modelPackage ?? j.model.sha256}, ${bytes(j.model.sizeBytes)}` : null],
    ['model file', j.model?.uri],
    ['output', j.output?.uri],
    ['attempts', j.attempts > 1 ? j.attempts : null],
    ['created', `${time(j.createdAt)} by ${j.createdBy}`],
  ]);
  output.part('Hyperparameters', Object.entries(j.hyperParameters), [
    { title: 'NAME', value: ([name]) => name },
    { title: 'VALUE', value: ([, value]) => value, flexible: true },
  ]);
  output.part('Data', j.inputDataConfig, [
    { title: 'CHANNEL', value: (c) => c.channelName },
    { title: 'MODE', value: (c) => c.inputMode ?? '' },
    { title: 'FROM', value: (c) => c.uri, flexible: true },
  ]);
  output.part('Metrics', j.metrics, [
    { title: 'NAME', value: (m) => m.name },
    { title: 'LAST', value: (m) => String(m.last), align: 'right' },
    { title: 'MIN', value: (m) => String(m.min), align: 'right' },
    { title: 'MAX', value: (m) => String(m.max), align: 'right' },
    { title: 'PRINTED', value: (m) => String(m.count), align: 'right' },
  ]);
  output.part('States', j.secondaryStatusTransitions, [
    { title: 'STATE', value: (t) => t.status, paint: (t) => state(output.style, t) },
    { title: 'SINCE', value: (t) => time(t.startTime) },
    { title: 'WORDS', value: (t) => t.message ?? '', flexible: true },
  ]);
}
