import {
  type Dispute,
  type DisputeState,
  disputeStates,
  type Finding,
  operations,
  type Submission,
} from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { misuse } from '../failure.ts';
import { given } from '../given.ts';
import { time } from '../output/format.ts';
import { state } from '../output/style.ts';
import { oneLine } from '../output/table.ts';
import { listPages } from '../pages.ts';
import { submissionOf } from './submission-of.ts';

/** Appeals: a publisher's, and the operator's answers to them. */
export function disputeCommands(program: Command, app: App): void {
  leaf(program, 'dispute [submission]', 'Dispute a finding, or a reviewer’s rejection', {
    examples: [
      'souk dispute iris-classifier --finding secret.token --text "An example from the vendor’s manual"',
      'souk dispute --model-package iris-1 --finding secret.token --file README.md',
      'souk dispute --algorithm trainer-1 --finding secret.token --file train.py',
      'souk dispute sbm_… --text "The reviewer read another version"',
    ],
    notes:
      'Somebody of the operator who did not make the decision answers in writing. Without --finding the rejection of a\n' +
      'reviewer is disputed. Takes a submission’s id, or a product, whose newest submission is meant.',
  })
    .option('--finding <code>', 'the code of the finding')
    .option('--file <path>', 'where several findings have this code: the file')
    .option('--pointer <pointer>', 'or the place in the document')
    .option('--model-package <name>', 'a finding of a registered package instead of a submission’s')
    .option('--algorithm <name>', 'or of a registered algorithm')
    .option('--text <text>', 'why you disagree')
    .action((name: string | undefined, options: DisputeOptions) => open(app, name, options));

  const disputes = group(program, 'disputes', 'Disputes and their answers');
  leaf(disputes, 'list', 'Yours, newest first; with --all those of all accounts (operator)', {
    examples: ['souk disputes list --state open', 'souk disputes list --all --as operator'],
  })
    .addOption(choice('--state <state>', 'only these', disputeStates))
    .option('--all', 'of all accounts (operator)')
    .addOption(limitOption(50))
    .action((options: ListOptions) => list(app, options));
  leaf(disputes, 'show <dispute>', 'One dispute with its evidence and answer', {
    examples: ['souk disputes show dsp_…'],
  }).action(async (disputeId: string) => {
    const client = await app.client();
    print(app, await client.call(operations.getDispute, { params: { disputeId } }));
  });
  leaf(disputes, 'withdraw <dispute>', 'Withdraw one that was not answered', {
    examples: ['souk disputes withdraw dsp_…'],
  }).action(async (disputeId: string) => {
    const client = await app.client();
    print(app, await client.call(operations.withdrawDispute, { params: { disputeId } }));
  });
  leaf(disputes, 'answer <dispute> <answer>', 'Answer it: granted, declined or corrected (operator)', {
    examples: ['souk disputes answer dsp_… granted --text "An example key that the vendor revoked long ago"'],
    notes:
      'granted    the rule does not stop the same thing of this publisher again\n' +
      'declined   it stays as it is\n' +
      'corrected  the check was wrong and is mended: the thing is examined anew',
  })
    .requiredOption('--text <text>', 'the reason, which the publisher reads')
    .action(async (disputeId: string, answer: string, { text }: { text: string }) => {
      if (answer !== 'granted' && answer !== 'declined' && answer !== 'corrected')
        throw misuse(`There is no answer ${answer}.`, 'It is granted, declined or corrected.');
      const client = await app.client();
      print(
        app,
        await client.call(operations.answerDispute, { params: { disputeId }, body: { answer, text } }),
      );
    });

  const exceptions = group(program, 'exceptions', 'Exceptions to rules that appeals have brought');
  leaf(exceptions, 'list', 'Yours; for the operator, all', { examples: ['souk exceptions list'] }).action(
    async () => {
      const client = await app.client();
      const { items } = await client.call(operations.listExceptions);
      app.output.list(
        items,
        [
          { title: 'EXCEPTION', value: (e) => e.id },
          { title: 'ACCOUNT', value: (e) => e.publisher ?? e.accountId },
          { title: 'CODE', value: (e) => e.code },
          { title: 'FOR', value: (e) => e.place, flexible: true },
          { title: 'GRANTED', value: (e) => time(e.grantedAt) },
          { title: 'REVOKED', value: (e) => (e.revokedAt ? time(e.revokedAt) : '') },
          { title: 'REASON', value: (e) => e.reason, flexible: true, optional: true },
        ],
        'There are no exceptions.',
      );
    },
  );
  leaf(exceptions, 'revoke <exception>', 'Let the rule hold again from now on (operator)', {
    examples: ['souk exceptions revoke exc_… --reason "The key turned out to be live"'],
  })
    .requiredOption('--reason <text>', 'what the publisher reads')
    .action(async (exceptionId: string, { reason }: { reason: string }) => {
      const client = await app.client();
      const e = await client.call(operations.revokeException, { params: { exceptionId }, body: { reason } });
      app.output.item(e, [
        ['exception', e.id],
        ['code', e.code],
        ['for', e.place],
        ['revoked', e.revokedAt && time(e.revokedAt)],
      ]);
    });
}

interface DisputeOptions {
  finding?: string;
  file?: string;
  pointer?: string;
  modelPackage?: string;
  algorithm?: string;
  text?: string;
}
interface ListOptions {
  state?: DisputeState;
  all?: boolean;
  limit: number;
}

async function open(app: App, name: string | undefined, options: DisputeOptions): Promise<void> {
  const client = await app.client();
  if (options.modelPackage !== undefined) {
    const p = await client.call(operations.getModelPackage, { params: { name: options.modelPackage } });
    const finding = chosen(p.findings, options);
    if (!finding) throw misuse('Which finding of the package?', 'Name its code: --finding CODE.');
    const body = { modelPackage: p.name, finding, ...given({ text: options.text }) };
    return print(app, await client.call(operations.openDispute, { body }));
  }
  if (options.algorithm !== undefined) {
    const a = await client.call(operations.getAlgorithm, { params: { name: options.algorithm } });
    const finding = chosen(a.findings, options);
    if (!finding) throw misuse('Which finding of the algorithm?', 'Name its code: --finding CODE.');
    const body = { algorithm: a.name, finding, ...given({ text: options.text }) };
    return print(app, await client.call(operations.openDispute, { body }));
  }
  const s: Submission = await submissionOf(app, name);
  const finding = chosen(
    s.stages.flatMap((stage) => stage.findings),
    options,
  );
  const body = given({ submissionId: s.id, finding, text: options.text });
  print(app, await client.call(operations.openDispute, { body }));
}

/** The one finding that the options name; undefined without a code. */
function chosen(findings: readonly Finding[], { finding, file, pointer }: DisputeOptions) {
  if (finding === undefined) return undefined;
  const found = findings.filter(
    (f) =>
      f.severity === 'error' &&
      f.code === finding &&
      (file === undefined || f.file === file) &&
      (pointer === undefined || f.pointer === pointer),
  );
  const [only] = found;
  if (only === undefined || found.length > 1)
    throw misuse(
      only
        ? `${found.length} findings have the code ${finding}.`
        : `Nothing was stopped by ${finding} there.`,
      only
        ? `Say which with --file or --pointer: ${found.map((f) => f.file ?? f.pointer).join(', ')}.`
        : 'souk status shows the findings with their codes.',
    );
  return { code: only.code, file: only.file, pointer: only.pointer, line: only.line };
}

async function list(app: App, { state: of, all, limit }: ListOptions): Promise<void> {
  const client = await app.client();
  const operation = all ? operations.listAllDisputes : operations.listDisputes;
  const items = await listPages(app, limit, (query) =>
    client.call(operation, { query: { ...query, ...given({ state: of }) } }),
  );
  app.output.list(
    items,
    [
      { title: 'DISPUTE', value: (d) => d.id },
      { title: 'ABOUT', value: (d) => d.product ?? d.modelPackage ?? d.algorithm ?? '', flexible: true },
      { title: 'CODE', value: (d) => d.code },
      { title: 'STATE', value: (d) => d.state, paint: (t) => state(app.output.style, t) },
      { title: 'OPENED', value: (d) => time(d.openedAt) },
      { title: 'DUE', value: (d) => (d.dueAt ? `${time(d.dueAt)}${d.overdue ? ' overdue' : ''}` : '') },
      { title: 'ANSWER', value: (d) => d.answer ?? '', flexible: true, optional: true },
    ],
    'Nothing is disputed.',
  );
}

function print(app: App, d: Dispute): void {
  app.output.item(d, [
    ['dispute', d.id],
    ['about', d.product ?? d.modelPackage ?? d.algorithm],
    ['code', d.code],
    ['finding', d.finding && oneLine(d.finding.message)],
    ['you say', d.text],
    ['state', state(app.output.style, d.state)],
    ['due', d.dueAt && `${time(d.dueAt)}${d.overdue ? ', overdue' : ''}`],
    ['answer', d.answer],
    ['answered by', d.answeredBy],
    ['exception', d.exceptionId],
  ]);
  if (d.state === 'open' && !d.grantable)
    app.output.note(
      'This code protects everybody, or says what cannot work: no exception is made of it. Where the check is wrong it is mended, and the thing examined anew.',
    );
}
