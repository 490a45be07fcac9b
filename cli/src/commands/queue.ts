import { operations, type QueueItem, queueKinds, type Submission } from '@souk/contract';
import { type Command, Option } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf } from '../command.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';

/** What a person of the operator does about submissions that wait for one. */
export function queueCommands(program: Command, app: App): void {
  const queue = leaf(program, 'queue', 'What needs a human of the operator: overdue first', {
    examples: ['souk queue --as operator', 'souk queue --overdue --unassigned', 'souk queue take qit_…'],
  })
    .addOption(choice('--kind <kind>', 'only these', queueKinds))
    .addOption(new Option('--mine', 'only what you have taken').conflicts('unassigned'))
    .addOption(new Option('--unassigned', 'only what nobody has taken'))
    .option('--overdue', 'only what is overdue')
    .action((options: QueueOptions) => list(app, options));
  for (const [verb, summary] of [
    ['take', 'Take an item, so that others see who is at it'],
    ['release', 'Give an item back to the queue'],
  ] as const)
    leaf(queue, `${verb} <item>`, summary, { examples: [`souk queue ${verb} qit_…`] }).action(
      async (itemId: string) => {
        const client = await app.client();
        const operation = verb === 'take' ? operations.takeQueueItem : operations.releaseQueueItem;
        printItem(app, await client.call(operation, { params: { itemId } }));
      },
    );

  const review = group(program, 'review', 'Decide on a submission in review');
  for (const decision of ['approve', 'reject'] as const)
    leaf(
      review,
      `${decision} <submission>`,
      `${decision === 'approve' ? 'Let it pass' : 'Send it back'}, with a reason`,
      { examples: [`souk review ${decision} sbm_… --comment "…"`] },
    )
      .requiredOption('--comment <text>', 'what the publisher reads')
      .action((id: string, options: { comment: string }) => decide(app, id, decision, options.comment));
}

interface QueueOptions {
  kind?: QueueItem['kind'];
  mine?: boolean;
  unassigned?: boolean;
  overdue?: boolean;
}

async function list(app: App, { kind, mine, unassigned, overdue }: QueueOptions): Promise<void> {
  const client = await app.client();
  const assignee = mine ? ('me' as const) : unassigned ? ('nobody' as const) : undefined;
  const { items } = await client.call(operations.listReviewQueue, {
    query: given({ kind, assignee, overdue }),
  });
  app.output.list(
    items,
    [
      { title: 'ITEM', value: (i) => i.id },
      { title: 'KIND', value: (i) => i.kind, paint: (t) => state(app.output.style, t) },
      { title: 'ABOUT', value: (i) => i.title, flexible: true },
      { title: 'WAITS SINCE', value: (i) => time(i.waitingSince) },
      {
        title: 'DUE',
        value: (i) => `${time(i.dueAt)}${i.overdue ? ' overdue' : ''}`,
        paint: (t) => (t.includes('overdue') ? app.output.style('red', t) : t),
      },
      { title: 'TAKEN BY', value: (i) => i.assignee?.email ?? '' },
      { title: 'SUBJECT', value: (i) => i.submissionId ?? i.disputeId ?? '', optional: true },
      { title: 'WHY', value: (i) => i.why, flexible: true, optional: true },
    ],
    'Nothing waits for you.',
  );
}

function printItem(app: App, i: QueueItem): void {
  app.output.item(i, [
    ['item', i.id],
    ['about', i.title],
    ['kind', i.kind],
    ['due', `${time(i.dueAt)}${i.overdue ? ', overdue' : ''}`],
    ['taken by', i.assignee?.email ?? 'nobody'],
    ['subject', i.submissionId ?? i.disputeId],
  ]);
}

async function decide(app: App, id: string, decision: 'approve' | 'reject', comment: string): Promise<void> {
  const client = await app.client();
  const s: Submission = await client.call(operations.reviewSubmission, {
    params: { submissionId: id },
    body: { decision, comment },
  });
  app.output.item(s, [
    ['submission', s.id],
    ['product', `${s.publisher}/${s.productSlug}`],
    ['state', state(app.output.style, s.state)],
    ['approvals', s.review && `${s.review.approvals.length} of ${s.review.reviewers}`],
    ['says', oneLine(s.message)],
  ]);
}
