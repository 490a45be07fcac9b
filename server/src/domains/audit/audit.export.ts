import type { ExportRow } from './audit.sql.ts';

export type ExportFormat = 'csv' | 'jsonl';

/** What was hashed, as a list: number, time, account, actor, action, target, details, request, and the hash of the entry before. */
type Hashed = [
  number,
  string,
  string | null,
  string,
  string,
  string,
  Record<string, unknown>,
  string | null,
  string,
];

/** An entry as it is handed out: its fields, and the exact text whose SHA-256 `sha256` is. */
function entryOf({ hashed, sha256 }: ExportRow) {
  const [id, at, accountId, actor, action, target, details, requestId, previousSha256] = JSON.parse(
    hashed,
  ) as Hashed;
  return {
    id,
    at: `${at}Z`,
    accountId,
    actor,
    action,
    target,
    details,
    requestId,
    previousSha256,
    sha256,
    hashed,
  };
}
type Entry = ReturnType<typeof entryOf>;

const columns = [
  'id',
  'at',
  'accountId',
  'actor',
  'action',
  'target',
  'details',
  'requestId',
  'previousSha256',
  'sha256',
  'hashed',
] as const satisfies readonly (keyof Entry)[];

const line: Readonly<Record<ExportFormat, (entry: Entry) => string>> = {
  jsonl: (entry) => `${JSON.stringify(entry)}\n`,
  csv: (entry) => `${columns.map((name) => cell(entry[name])).join(',')}\r\n`,
};

/** RFC 4180. A leading = + - @ would be run as a formula by spreadsheets, so a text that has one gets an apostrophe. */
function cell(value: Entry[keyof Entry]): string {
  if (value === null) return '';
  const text = typeof value === 'object' ? JSON.stringify(value) : String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

/** The file in pieces, a stretch of entries each: however long the log is, no more than a stretch is in memory. */
export async function* exportText(
  format: ExportFormat,
  stretches: AsyncIterable<readonly ExportRow[]>,
): AsyncGenerator<string> {
  if (format === 'csv') yield `${columns.join(',')}\r\n`;
  for await (const rows of stretches) yield rows.map((row) => line[format](entryOf(row))).join('');
}
