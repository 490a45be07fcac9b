import {
  type ModerationItem,
  operations,
  type ProductReview,
  type Question,
  questionStates,
} from '@souk/contract';
import { type Command, Option } from 'commander';
import { type App, productAddress } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { plural, time } from '../output/format.ts';
import { oneLine } from '../output/table.ts';
import { listPages } from '../pages.ts';

/** Reviews and questions, from both sides. */
export function feedbackCommands(program: Command, app: App): void {
  reviewCommands(program, app);
  questionCommands(program, app);
}

function reviewCommands(program: Command, app: App): void {
  const reviews = group(program, 'reviews', 'What those who used a product say about it');
  leaf(reviews, 'list <product>', 'Rating and reviews of a product', {
    examples: ['souk reviews list souk-examples/iris-classifier --sort lowest'],
  })
    .addOption(choice('--sort <order>', 'order', ['newest', 'highest', 'lowest']))
    .addOption(limitOption(20))
    .action((name: string, options: { sort?: 'newest' | 'highest' | 'lowest'; limit: number }) =>
      listReviews(app, name, options),
    );
  leaf(reviews, 'write <product>', 'Write or edit your account’s review of a product that it has used', {
    examples: [
      'souk reviews write souk-examples/iris-classifier --rating 4 --title "Right and fast" --text "On our own flowers, too."',
    ],
  })
    .addOption(choice('--rating <stars>', '1 to 5', ['1', '2', '3', '4', '5']).makeOptionMandatory())
    .requiredOption('--title <text>', 'in a line')
    .requiredOption('--text <text>', 'what you found')
    .option('--version <number>', 'the version you used; else the one your subscription calls')
    .option('--anonymous', 'without your account’s name')
    .action(
      async (
        name: string,
        o: { rating: string; title: string; text: string; version?: string; anonymous?: boolean },
      ) => {
        const client = await app.client();
        const body = given({
          ...productAddress(name),
          rating: Number(o.rating),
          title: o.title,
          text: o.text,
          version: o.version,
          showName: o.anonymous !== true,
        });
        showReview(app, await client.call(operations.putReview, { body }));
      },
    );
  leaf(reviews, 'remove <review>', 'Take your review back', {
    examples: ['souk reviews remove rvw_…'],
  }).action(async (reviewId: string) => {
    await (await app.client()).call(operations.removeReview, { params: { reviewId } });
    app.output.done('The review is gone.');
  });
  leaf(reviews, 'reply <review>', 'Reply to a review as the publisher, or edit the reply', {
    examples: ['souk reviews reply rvw_… --text "Mended in 1.1.0."'],
  })
    .requiredOption('--text <text>', 'the reply')
    .action(async (reviewId: string, body: { text: string }) => {
      const client = await app.client();
      showReview(app, await client.call(operations.putReviewReply, { params: { reviewId }, body }));
    });
  leaf(reviews, 'report <item>', 'Report a review or a question to the operator', {
    examples: ['souk reviews report rvw_… --reason "Names a person"'],
  })
    .requiredOption('--reason <text>', 'what is wrong with it')
    .action(async (itemId: string, { reason }: { reason: string }) => {
      await (await app.client()).call(operations.reportFeedback, { body: { itemId, reason } });
      app.output.done('The operator has been told.');
    });
}

async function listReviews(
  app: App,
  name: string,
  { limit, ...filter }: { sort?: 'newest' | 'highest' | 'lowest'; limit: number },
): Promise<void> {
  const client = await app.client();
  const params = productAddress(name);
  let said = false;
  const items = await listPages(app, limit, async (page) => {
    const answer = await client.call(operations.listReviews, {
      params,
      query: { ...page, ...given(filter) },
    });
    const { count, average, distribution } = answer.summary;
    if (!said && !app.output.json && average !== null)
      app.output.note(`${average} of 5, ${plural(count, 'review')} (1 to 5: ${distribution.join(', ')})`);
    said = true;
    return answer;
  });
  app.output.list(
    items,
    [
      { title: '', value: (r) => `${r.rating}/5` },
      { title: 'TITLE', value: (r) => oneLine(r.title), flexible: true },
      { title: 'BY', value: (r) => r.author, flexible: true },
      { title: 'VERSION', value: (r) => r.version },
      { title: 'WHEN', value: (r) => time(r.editedAt ?? r.createdAt) },
      { title: 'REPLY', value: (r) => (r.reply ? 'yes' : '') },
      { title: 'ID', value: (r) => r.id, optional: true },
    ],
    'Nobody has reviewed it.',
  );
}

function showReview(app: App, r: ProductReview): void {
  app.output.item(r, [
    ['review', r.id],
    ['rating', `${r.rating} of 5`],
    ['title', oneLine(r.title)],
    ['text', r.text],
    ['by', r.author],
    ['version', r.version],
    ['reply', r.reply?.text],
  ]);
}

function questionCommands(program: Command, app: App): void {
  const questions = group(program, 'questions', 'Questions to publishers, and to you as one');
  leaf(questions, 'list', 'Questions your account asked; with --received those to it', {
    examples: ['souk questions list', 'souk questions list --received --state open'],
  })
    .option('--received', 'to your account as a publisher')
    .addOption(choice('--state <state>', 'only these; open waits for the publisher', questionStates))
    .addOption(limitOption(50))
    .action((options: { received?: boolean; state?: Question['state']; limit: number }) =>
      listQuestions(app, options),
    );
  leaf(questions, 'ask <product>', 'Ask the publisher of a product', {
    examples: ['souk questions ask souk-examples/iris-classifier --title "Rows?" --text "How many at once?"'],
  })
    .requiredOption('--title <text>', 'in a line')
    .requiredOption('--text <text>', 'the question')
    .option('--may-publish', 'everybody may read it with its answer, without your name')
    .action(async (name: string, o: { title: string; text: string; mayPublish?: boolean }) => {
      const client = await app.client();
      const body = {
        ...productAddress(name),
        title: o.title,
        text: o.text,
        mayPublish: o.mayPublish === true,
      };
      showQuestion(app, await client.call(operations.askQuestion, { body }));
    });
  leaf(questions, 'show <question>', 'One question with its thread', {
    examples: ['souk questions show qst_…'],
  }).action(async (questionId: string) => {
    const client = await app.client();
    showQuestion(app, await client.call(operations.getQuestion, { params: { questionId } }));
  });
  leaf(questions, 'answer <question>', 'Answer as the publisher, or go on asking', {
    examples: ['souk questions answer qst_… --text "Five hundred."'],
  })
    .requiredOption('--text <text>', 'what you say')
    .action(async (questionId: string, body: { text: string }) => {
      const client = await app.client();
      showQuestion(app, await client.call(operations.addQuestionMessage, { params: { questionId }, body }));
    });
  leaf(questions, 'close <question>', 'Close a question', {
    examples: ['souk questions close qst_…'],
  }).action(async (questionId: string) => {
    const client = await app.client();
    showQuestion(app, await client.call(operations.closeQuestion, { params: { questionId } }));
  });
  leaf(questions, 'publish <question>', 'Show an answered question on the product page (publisher)', {
    examples: ['souk questions publish qst_…', 'souk questions publish qst_… --off'],
  })
    .option('--off', 'take it off again')
    .action(async (questionId: string, { off }: { off?: boolean }) => {
      const client = await app.client();
      const body = { public: off !== true };
      showQuestion(app, await client.call(operations.publishQuestion, { params: { questionId }, body }));
    });
}

async function listQuestions(
  app: App,
  { received, limit, ...filter }: { received?: boolean; state?: Question['state']; limit: number },
): Promise<void> {
  const client = await app.client();
  const box = received ? 'received' : 'asked';
  const items = await listPages(app, limit, (page) =>
    client.call(operations.listQuestions, { query: { ...page, box, ...given(filter) } }),
  );
  app.output.list(
    items,
    [
      { title: 'STATE', value: (q) => q.state },
      { title: 'PRODUCT', value: (q) => `${q.publisher}/${q.product}` },
      { title: 'QUESTION', value: (q) => oneLine(q.title), flexible: true },
      { title: 'ASKED BY', value: (q) => oneLine(q.asker), flexible: true, optional: true },
      { title: 'LAST', value: (q) => time(q.updatedAt) },
      { title: 'ID', value: (q) => q.id },
    ],
    'There are no questions.',
  );
}

function showQuestion(app: App, q: Question): void {
  app.output.item(q, [
    ['question', q.id],
    ['product', `${q.publisher}/${q.product}`],
    ['title', oneLine(q.title)],
    ['state', q.public ? `${q.state}, on the product page` : q.state],
    ['hidden', q.hidden && `by the operator: ${q.hidden.reason}`],
    ...q.messages.map((m) => [m.from, `${oneLine(m.name)}, ${time(m.at)}\n${m.text}`] as const),
  ]);
}

export function moderationCommands(program: Command, app: App): void {
  const moderation = group(program, 'moderation', 'Reviews and questions that were reported');
  leaf(moderation, 'list', 'Reported ones, oldest first; or hidden ones, or all', {
    examples: ['souk moderation list --as operator', 'souk moderation list --state hidden'],
  })
    .addOption(choice('--state <state>', 'which', ['reported', 'hidden', 'all']))
    .addOption(limitOption(50))
    .action(async ({ limit, ...filter }: { state?: 'reported' | 'hidden' | 'all'; limit: number }) => {
      const client = await app.client();
      const items = await listPages(app, limit, (page) =>
        client.call(operations.listModeration, { query: { ...page, ...given(filter) } }),
      );
      app.output.list(
        items,
        [
          { title: 'STATE', value: (i) => i.state },
          { title: 'KIND', value: (i) => i.kind },
          { title: 'PRODUCT', value: (i) => `${i.publisher}/${i.product}` },
          { title: 'TEXT', value: (i) => oneLine(`${i.title}: ${i.text}`), flexible: true },
          { title: 'BY', value: (i) => oneLine(i.author), flexible: true, optional: true },
          { title: 'REPORTS', value: (i) => String(i.reports.length) },
          { title: 'ID', value: (i) => i.id },
        ],
        'Nothing waits.',
      );
    });
  leaf(moderation, 'decide <item>', 'Hide a review or question, keep it, or restore it, with a reason', {
    examples: ['souk moderation decide rvw_… --hide --reason "Names a person"'],
  })
    .addOption(new Option('--hide', 'nobody sees it any more'))
    .addOption(new Option('--keep', 'the report does not hold').conflicts('hide'))
    .addOption(new Option('--restore', 'show a hidden one again').conflicts(['hide', 'keep']))
    .requiredOption('--reason <text>', 'who wrote it reads this')
    .action(
      async (itemId: string, o: { hide?: boolean; keep?: boolean; restore?: boolean; reason: string }) => {
        const decision = o.hide ? 'hide' : o.keep ? 'keep' : o.restore ? 'restore' : undefined;
        if (!decision) throw misuse('What is decided?', 'Add --hide, --keep or --restore.');
        const client = await app.client();
        const body = { decision, reason: o.reason } as const;
        showItem(app, await client.call(operations.moderate, { params: { itemId }, body }));
      },
    );
}

function showItem(app: App, i: ModerationItem): void {
  app.output.item(i, [
    [i.kind, i.id],
    ['product', `${i.publisher}/${i.product}`],
    ['title', oneLine(i.title)],
    ['text', i.text],
    ['by', oneLine(i.author)],
    ['state', i.state],
    ['reason', i.hiddenReason],
  ]);
}
