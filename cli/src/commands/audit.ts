import { createReadStream } from 'node:fs';
import { resolve } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { type AuditEntry, operations } from '@souk/contract';
import type { Command } from 'commander';
import type { App } from '../app.ts';
import { verifyExport } from '../audit/verify-export.ts';
import { choice, group, leaf, limitOption } from '../command.ts';
import { Failure, misuse } from '../failure.ts';
import { given } from '../given.ts';
import { count, time } from '../output/format.ts';
import { listPages } from '../pages.ts';

export function auditCommands(program: Command, app: App): void {
  const audit = group(program, 'audit', 'The audit log of the account; for the operator, of all');
  leaf(audit, 'list', 'Entries, newest first; with --format the whole log as a file, oldest first', {
    isDefault: true,
    examples: [
      'souk audit --action submission.released',
      'souk audit --since 2026-11-01 --json',
      'souk audit --format jsonl > audit.jsonl && souk audit verify audit.jsonl',
    ],
    notes:
      '`souk audit` alone does the same. An action may be given by its beginning: product. finds every act on products.',
  })
    .option('--action <action>', 'only this, or what begins with it')
    .option('--actor <who>', 'only theirs')
    .option('--target <id>', 'only about this')
    .option('--of-account <id>', 'only of this account (operator)')
    .option('--since <time>', 'from')
    .option('--from <time>', 'the same')
    .option('--to <time>', 'until')
    .addOption(choice('--format <format>', 'everything, to stdout, with hashes', ['csv', 'jsonl']))
    .addOption(limitOption(50))
    .action((options: AuditOptions) => (options.format ? exportAll(app, options) : list(app, options)));
  leaf(audit, 'verify <file>', 'Verify an export without asking anybody', {
    examples: ['souk audit verify audit.jsonl', 'souk audit verify audit.csv --json'],
    notes:
      'Computes every hash again, and every link where numbers follow each other. An export of one account has gaps, where\n' +
      'entries of other accounts are. Entries cut off at the end are seen only by comparing the last one with what you noted\n' +
      'before. Ends with 1 at the first entry that does not fit.',
  }).action((file: string) => verify(app, file));
}

interface AuditOptions {
  action?: string;
  actor?: string;
  target?: string;
  ofAccount?: string;
  since?: string;
  from?: string;
  to?: string;
  format?: 'csv' | 'jsonl';
  limit: number;
}

function filterOf({ action, actor, target, ofAccount, since, from, to }: AuditOptions) {
  return given({ action, actor, target, accountId: ofAccount, from: when(since ?? from), to: when(to) });
}

function when(text: string | undefined): string | undefined {
  if (text === undefined) return undefined;
  const at = new Date(text);
  if (Number.isNaN(at.getTime()))
    throw misuse(`${text} is no time.`, 'Write it as 2026-11-01 or 2026-11-01T10:00:00Z.');
  return at.toISOString();
}

async function list(app: App, options: AuditOptions): Promise<void> {
  const client = await app.client();
  const query = filterOf(options);
  const items: AuditEntry[] = await listPages(app, options.limit, (page) =>
    client.call(operations.listAudit, { query: { ...page, ...query } }),
  );
  app.output.list(
    items,
    [
      { title: 'WHEN', value: (e) => time(e.at) },
      { title: 'ACTOR', value: (e) => e.actor, flexible: true },
      { title: 'ACTION', value: (e) => e.action },
      { title: 'TARGET', value: (e) => e.target, flexible: true },
      { title: 'ACCOUNT', value: (e) => e.accountId ?? '', optional: true },
    ],
    'Nothing is recorded for this.',
  );
}

const exportTimeoutMs = 3_600_000;

async function exportAll(app: App, options: AuditOptions): Promise<void> {
  const client = await app.client();
  const query = { ...filterOf(options), format: options.format };
  const { response } = await client.exchange(
    operations.exportAudit,
    { query },
    { accept: '*/*', timeoutMs: exportTimeoutMs },
  );
  if (response.body)
    await pipeline(Readable.fromWeb(response.body as never), app.host.stdout, { end: false });
}

async function verify(app: App, file: string): Promise<void> {
  const text = createReadStream(resolve(app.host.cwd, file), { encoding: 'utf8' });
  const check = await verifyExport(text as AsyncIterable<string>).catch((error: NodeJS.ErrnoException) => {
    throw error.code === 'ENOENT'
      ? misuse(`There is no file ${file}.`, 'Name an export of the audit log.')
      : error;
  });
  const { problem, entries, gaps, first, last } = check;
  app.output.item(check, [
    ['verified', `${count(entries)} entries`],
    ['from', first && `number ${first}`],
    ['last', last && `number ${last.id}, sha256 ${last.sha256}`],
    ['left out', gaps > 0 ? `${count(gaps)} numbers: other accounts, or outside of the filter` : null],
  ]);
  if (problem)
    throw new Failure({
      kind: 'refused',
      code: 'audit.export_changed',
      message: `At entry ${problem.entry} of the file: ${problem.message}.`,
      remedy:
        'What comes before it verifies. Export it again, and ask the operator what happened if that differs.',
    });
}
