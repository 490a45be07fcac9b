import { businessDaysWords, operations, type PipelineStage, type Submission } from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { Failure, withFindings } from '../failure.ts';
import { follow, outcome } from '../follow/follow.ts';
import { stageLines, titleLine } from '../follow/stage-lines.ts';
import { hasEnded } from '../follow/watch-submission.ts';
import { given } from '../given.ts';
import { printChanges } from '../output/changes.ts';
import { duration, time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';
import { listPages, wholeNumber } from '../pages.ts';
import { onItsLines, ownProduct } from '../products/own-product.ts';
import { testAccountOption } from './publisher.ts';
import { submissionOf } from './submission-of.ts';

const followOption = () => [
  new Option('--follow', 'watch the stages until it ends or waits for a person (default on a terminal)'),
  new Option('--no-follow', 'do not wait'),
];

export function submissionCommands(program: Command, app: App): void {
  const submit = leaf(program, 'submit [product]', 'Submit the draft and watch it through the pipeline', {
    examples: [
      'souk submit',
      'souk submit --publish',
      'souk submit iris-classifier --test-account 123456789012 --follow --json',
    ],
    notes:
      'Freezes the draft as a revision. With --json and --follow each change is a line, the last one is where it stopped.\n' +
      'Ends with 1 when refused, 9 when the marketplace holds it, 0 when it waits for your sign-off or is released.',
  })
    .addOption(testAccountOption())
    .option(
      '--publish',
      'go live without a preview: for changes of texts, media and prices of a live product',
    );
  for (const option of followOption()) submit.addOption(option);
  submit.action((name: string | undefined, options: SubmitOptions) => start(app, name, options));

  const signOff = leaf(program, 'sign-off [submission]', 'Go Live: release the revision that was tested', {
    examples: ['souk sign-off', 'souk sign-off iris-classifier --revision 3 --follow'],
    notes: 'Takes a submission’s id, or a product, whose newest submission is meant.',
  }).addOption(
    new Option('--revision <n>', 'the revision you tested; else the one in preview').argParser(wholeNumber),
  );
  for (const option of followOption()) signOff.addOption(option);
  signOff.action((name: string | undefined, options: SignOffOptions) => goLive(app, name, options));

  const status = leaf(
    program,
    'status [submission]',
    'Where a submission stands: stages, findings, evidence',
    {
      examples: ['souk status', 'souk status iris-classifier --follow', 'souk status sbm_… --log'],
      notes: 'Takes a submission’s id, or a product, whose newest submission is meant.',
    },
  ).option('--log', 'with each stage’s log');
  status
    .option('--follow', 'watch it until it ends or waits for a person')
    .action(async (name: string | undefined, options: { log?: boolean; follow?: boolean }) => {
      const s = await submissionOf(app, name);
      if (options.follow) finish(app, await follow(app, s, false), true);
      else show(app, s, options.log === true);
    });

  const submissions = group(program, 'submissions', 'Revisions on their way through the pipeline');
  leaf(submissions, 'list [product]', 'Submissions of a product, newest first', {
    examples: ['souk submissions list iris-classifier'],
  })
    .addOption(limitOption(20))
    .action((name: string | undefined, options: { limit: number }) => list(app, name, options.limit));
  leaf(submissions, 'show [submission]', 'One submission with stages, findings and evidence', {
    examples: ['souk submissions show', 'souk submissions show sbm_… --log'],
  })
    .option('--log', 'with each stage’s log')
    .action(async (name: string | undefined, options: { log?: boolean }) =>
      show(app, await submissionOf(app, name), options.log === true),
    );
  leaf(submissions, 'diff [submission]', 'What it changes', {
    examples: ['souk submissions diff sbm_…', 'souk submissions diff sbm_… --against reviewed'],
  })
    .addOption(
      choice('--against <base>', 'what was live before (default), what was reviewed last, or nothing', [
        'live',
        'reviewed',
        'nothing',
      ]),
    )
    .action(async (name: string | undefined, query: { against?: 'live' | 'reviewed' | 'nothing' }) => {
      const client = await app.client();
      const { id } = await submissionOf(app, name);
      const params = { submissionId: id };
      printChanges(app, (await client.call(operations.getSubmissionDiff, { params, query })).changes);
    });
  leaf(submissions, 'comments [submission]', 'What reviewer and publisher wrote about it', {
    examples: ['souk submissions comments sbm_…', 'souk submissions comments sbm_… --add "Why three links?"'],
  })
    .option('--add <text>', 'write one yourself')
    .option('--pointer <pointer>', 'about this place of the document')
    .action((name: string | undefined, options: { add?: string; pointer?: string }) =>
      comments(app, name, options),
    );
  leaf(submissions, 'follow [submission]', 'Watch it until it ends or waits for a person', {
    examples: ['souk submissions follow', 'souk submissions follow iris-classifier --to-end --json'],
  })
    .option('--to-end', 'also while it waits for people')
    .action(async (name: string | undefined, options: { toEnd?: boolean }) =>
      finish(app, await follow(app, await submissionOf(app, name), options.toEnd === true), true),
    );
  leaf(submissions, 'cancel [submission]', 'Cancel it, as long as it is not released', {
    examples: ['souk submissions cancel iris-classifier'],
  }).action((name: string | undefined) => act(app, name, operations.cancelSubmission));
  leaf(submissions, 'retry [submission]', 'Run a held stage again', {
    examples: ['souk submissions retry sbm_…'],
  }).action((name: string | undefined) => act(app, name, operations.retrySubmission));

  leaf(program, 'pipeline', 'The stages that a submission passes', { examples: ['souk pipeline'] }).action(
    () => pipeline(app),
  );
}

interface FollowChoice {
  follow?: boolean;
}
interface SubmitOptions extends FollowChoice {
  testAccount?: string[];
  publish?: boolean;
}
interface SignOffOptions extends FollowChoice {
  revision?: number;
}

const follows = (app: App, { follow }: FollowChoice) => follow ?? app.output.watched;

async function start(app: App, name: string | undefined, options: SubmitOptions): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const params = { productId: product.id };
  const body = given({
    draftVersion: product.draftVersion,
    testAccounts: options.testAccount,
    signOff: options.publish,
  });
  const submission = await client.call(operations.submitProduct, { params, body }).catch((error: unknown) => {
    if (!(error instanceof Failure)) throw error;
    throw withFindings(error, onItsLines(app, product, error.findings));
  });
  await finishOrFollow(app, submission, options);
}

async function goLive(app: App, name: string | undefined, options: SignOffOptions): Promise<void> {
  const client = await app.client();
  const { id, revision } = await submissionOf(app, name);
  const submission = await client.call(operations.signOff, {
    params: { submissionId: id },
    body: { revision: options.revision ?? revision },
  });
  await finishOrFollow(app, submission, options);
}

async function finishOrFollow(app: App, submission: Submission, options: FollowChoice): Promise<void> {
  const followed = follows(app, options);
  finish(app, followed ? await follow(app, submission, false) : submission, followed);
}

function finish(app: App, s: Submission, followed: boolean): void {
  // While following with --json each state was printed, this one too.
  if (!followed || !app.output.json) summary(app, s);
  if (s.waitsFor === 'publisher' && s.stage === 'sign-off')
    app.output.next(
      `souk subscribe ${s.publisher}/${s.productSlug} --slot preview --accept-eula  and test it`,
      `souk sign-off ${s.id} --revision ${s.revision}`,
    );
  else if (!hasEnded(s) && !followed) app.output.next(`souk submissions follow ${s.id}`);
  if (followed) outcome(s);
}

async function list(app: App, name: string | undefined, limit: number): Promise<void> {
  const client = await app.client();
  const product = await ownProduct(app, name);
  const items = await listPages(app, limit, (query) =>
    client.call(operations.listSubmissions, { params: { productId: product.id }, query }),
  );
  app.output.list(
    items,
    [
      { title: 'SUBMISSION', value: (s) => s.id },
      { title: 'REVISION', value: (s) => s.revision, align: 'right' },
      { title: 'STATE', value: (s) => s.state, paint: (t) => state(app.output.style, t) },
      { title: 'STAGE', value: (s) => s.stage ?? '' },
      { title: 'SUBMITTED', value: (s) => time(s.submittedAt) },
      { title: 'SAYS', value: (s) => s.message, flexible: true, optional: true },
    ],
    'Nothing was submitted yet. Submit it: souk submit',
  );
}

function summary(app: App, s: Submission): void {
  app.output.item(s, [
    ['submission', s.id],
    ['product', `${s.publisher}/${s.productSlug}`],
    ['revision', s.revision],
    ['state', state(app.output.style, s.state)],
    ['stage', s.stage],
    ['waits for', s.waitsFor],
    ['answer by', s.answerBy && time(s.answerBy)],
    ['says', oneLine(s.message)],
  ]);
}

function show(app: App, s: Submission, withLog: boolean): void {
  const { output } = app;
  if (output.json) {
    output.line(JSON.stringify(s));
    return;
  }
  output.line(titleLine(s, output.style));
  output.line(`  ${state(output.style, s.state)}: ${oneLine(s.message)}`);
  if (s.answerBy) output.line(`  A person of the operator answers by ${time(s.answerBy)}.`);
  for (const line of stageLines(s, output.style, Date.now())) output.line(line);
  for (const stage of s.stages) {
    output.part(`Evidence of ${stage.title}`, stage.evidence, [
      { title: 'WHAT', value: (e) => e.name, flexible: true },
      { title: 'VALUE', value: (e) => `${e.value}${e.unit ? ` ${e.unit}` : ''}`, flexible: true },
    ]);
    if (!withLog || stage.log.length === 0) continue;
    output.heading(`Log of ${stage.title}`);
    for (const { at, line } of stage.log) output.line(`  ${output.style('dim', time(at))}  ${oneLine(line)}`);
  }
}

async function comments(
  app: App,
  name: string | undefined,
  { add, pointer }: { add?: string; pointer?: string },
): Promise<void> {
  const client = await app.client();
  const params = { submissionId: (await submissionOf(app, name)).id };
  if (add !== undefined)
    await client.call(operations.addComment, { params, body: { text: add, ...given({ pointer }) } });
  const { items } = await client.call(operations.listComments, { params });
  app.output.list(
    items,
    [
      { title: 'WHEN', value: (c) => time(c.at) },
      { title: 'WHO', value: (c) => `${c.by} (${c.side})` },
      { title: 'ABOUT', value: (c) => c.pointer ?? '' },
      { title: 'SAYS', value: (c) => c.text, flexible: true },
    ],
    'Nobody has written anything yet.',
  );
}

async function act(
  app: App,
  name: string | undefined,
  operation: typeof operations.cancelSubmission | typeof operations.retrySubmission,
): Promise<void> {
  const client = await app.client();
  const { id } = await submissionOf(app, name);
  const params = { submissionId: id };
  summary(
    app,
    operation.id === 'cancelSubmission'
      ? await client.call(operations.cancelSubmission, { params })
      : await client.call(operations.retrySubmission, { params }),
  );
}

async function pipeline(app: App): Promise<void> {
  const client = await app.client();
  const { stages } = await client.call(operations.getPipeline);
  app.output.list(
    stages,
    [
      { title: 'STAGE', value: (s) => s.stage },
      { title: 'ACTS', value: (s) => s.acts },
      { title: 'ABOUT', value: usualTime, align: 'right' },
      { title: 'TYPES', value: (s) => s.types.join(', '), optional: true, flexible: true },
      { title: 'DOES', value: (s) => s.does, flexible: true },
    ],
    'The pipeline has no stages.',
  );
}

const usualTime = ({ acts, estimateMs }: PipelineStage) =>
  estimateMs <= 0 ? '' : acts === 'operator' ? businessDaysWords(estimateMs) : duration(estimateMs);
