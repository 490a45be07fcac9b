import {
  operations,
  type TuningJob,
  type TuningJobSummary,
  type TuningRange,
  tuningStatuses,
  tuningStrategies,
} from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption, severalWhole } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { listPages, wholeNumber } from '../pages.ts';
import { type TemplateOptions, templateOf, withTemplate } from './training.ts';

interface CreateOptions extends TemplateOptions {
  strategy: (typeof tuningStrategies)[number];
  maximize?: string;
  minimize?: string;
  range?: string[];
  jobs: number;
  parallel: number;
  earlyStopping?: boolean;
  seed?: number;
}

export function tuningCommands(program: Command, app: App): void {
  const tuning = group(program, 'tuning', 'Look for the best hyperparameters with many trainings');
  withTemplate(
    leaf(tuning, 'create <name> <algorithm>', 'Start a tuning', {
      examples: [
        'souk tuning create look-1 souk-examples/tabular-trainer --maximize validation:accuracy --range learning_rate=0.001..1,log --range epochs=10..200 --jobs 20 --parallel 2 --channel train=souk://123456789012/iris.csv --instance-type ml.m5.large',
      ],
      notes:
        'A range is name=min..max (add ,log or ,reverse-log), name=a|b|c for values of your own, or name alone for all that the\n' +
        'algorithm takes. --set fixes the others. Only the best model becomes a model package.',
    }),
  )
    .option('--maximize <metric>', 'what is to become large')
    .option('--minimize <metric>', 'what is to become small')
    .addOption(choice('--strategy <strategy>', 'how it looks', tuningStrategies).default('Bayesian'))
    .addOption(severalWhole('--range <range>', 'a hyperparameter to tune, again for each'))
    .option('--jobs <n>', 'trainings altogether', wholeNumber, 10)
    .option('--parallel <n>', 'at a time', wholeNumber, 1)
    .option('--early-stopping', 'end those that are worse than most (the median rule)')
    .option('--seed <n>', 'another seed tries others', wholeNumber)
    .action(async (name: string, product: string, o: CreateOptions) => {
      const metricName = o.maximize ?? o.minimize;
      if (!metricName || (o.maximize && o.minimize))
        throw misuse('A tuning has one objective.', 'Give --maximize <metric> or --minimize <metric>.');
      const client = await app.client();
      const created = await client.call(operations.createTuningJob, {
        body: {
          name,
          config: {
            strategy: o.strategy,
            objective: { type: o.maximize ? 'Maximize' : 'Minimize', metricName },
            maxJobs: o.jobs,
            maxParallelJobs: o.parallel,
            ranges: (o.range ?? []).map(rangeOf),
            ...given({ earlyStopping: o.earlyStopping ? ('Auto' as const) : undefined, seed: o.seed }),
          },
          training: await templateOf(app, product, o),
        },
      });
      app.output.done(`Tuning ${name} is under way.`);
      show(app, created);
      app.output.next(`souk tuning show ${name}`);
    });

  leaf(tuning, 'list', 'Your tunings, newest first', {
    examples: ['souk tuning list', 'souk tuning list --json'],
  })
    .addOption(choice('--status <status>', 'only these', tuningStatuses))
    .addOption(limitOption(100))
    .action(async (o: { status?: TuningJob['status']; limit: number }) => {
      const client = await app.client();
      const items: TuningJobSummary[] = await listPages(app, o.limit, (page) =>
        client.call(operations.listTuningJobs, { query: { ...page, ...given({ status: o.status }) } }),
      );
      app.output.list(
        items,
        [
          { title: 'NAME', value: (t) => t.name },
          { title: 'STATUS', value: (t) => t.status, paint: (t) => state(app.output.style, t) },
          { title: 'ALGORITHM', value: (t) => `${t.product.publisher}/${t.product.slug}`, flexible: true },
          {
            title: 'JOBS',
            value: (t) => `${t.jobs.completed + t.jobs.stopped + t.jobs.failed} of ${t.jobs.max}`,
            align: 'right',
          },
          { title: 'BEST', value: (t) => (t.best ? String(t.best.objective) : ''), align: 'right' },
          { title: 'CREATED', value: (t) => time(t.createdAt) },
        ],
        'There are no tunings. Start one: souk tuning create <name> <algorithm> --maximize <metric> --range <range> …',
      );
    });

  leaf(tuning, 'show <name>', 'One tuning with its trials and the best of them', {
    examples: ['souk tuning show look-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    show(app, await client.call(operations.getTuningJob, { params: { name } }));
  });

  leaf(tuning, 'stop <name>', 'Start no more trainings, and stop those that run', {
    examples: ['souk tuning stop look-1'],
  }).action(async (name: string) => {
    const client = await app.client();
    const { status } = await client.call(operations.stopTuningJob, { params: { name } });
    app.output.done(`Tuning ${name} is ${status}.`);
  });
}

const scalings = { log: 'Logarithmic', 'reverse-log': 'ReverseLogarithmic', linear: 'Linear' } as const;

/** `rate=0.001..1,log`, `mode=a|b`, `depth`. */
export function rangeOf(text: string): TuningRange {
  const [, name = '', rest] = /^([^=]+)(?:=(.*))?$/s.exec(text) ?? [];
  if (rest === undefined) return { name };
  const [, min, max, scaling] = /^([^|,]*?)\.\.([^|,]*?)(?:,(log|reverse-log|linear))?$/.exec(rest) ?? [];
  if (min === undefined || max === undefined) return { name, values: rest.split('|') };
  return { name, min, max, ...(scaling ? { scaling: scalings[scaling as keyof typeof scalings] } : {}) };
}

function show(app: App, t: TuningJob): void {
  const { output } = app;
  const values = (v: Readonly<Record<string, string>>) =>
    Object.entries(v)
      .map(([name, value]) => `${name}=${value}`)
      .join(' ');
  output.item(t, [
    ['name', t.name],
    ['status', state(output.style, t.status)],
    ['reason', t.failureReason],
    ['algorithm', `${t.product.publisher}/${t.product.slug}`],
    ['looks for', `${t.objective.type} ${t.objective.metricName}, ${t.strategy}`],
    [
      'jobs',
      `${t.jobs.completed} completed, ${t.jobs.inProgress} in progress, ${t.jobs.stopped} stopped, ${t.jobs.failed} failed, of ${t.jobs.max}`,
    ],
    [
      'best',
      t.best ? `${t.best.trainingJob}: ${t.best.objective} with ${values(t.best.hyperParameters)}` : null,
    ],
    ['created', `${time(t.createdAt)} by ${t.createdBy}`],
  ]);
  output.part('Trials', t.trials, [
    { title: '#', value: (trial) => String(trial.number), align: 'right' },
    {
      title: 'STATUS',
      value: (trial) => (trial.stoppedEarly ? 'Stopped early' : trial.status),
      paint: (text) => state(output.style, text),
    },
    {
      title: 'OBJECTIVE',
      value: (trial) => (trial.objective === null ? '' : String(trial.objective)),
      align: 'right',
    },
    { title: 'HYPERPARAMETERS', value: (trial) => values(trial.hyperParameters), flexible: true },
    { title: 'TRAINING', value: (trial) => trial.trainingJob, optional: true },
  ]);
}
