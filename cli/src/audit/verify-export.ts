import { createHash } from 'node:crypto';
import { isDeepStrictEqual } from 'node:util';
import { csvRecords } from './csv-records.ts';

/** What an export of the audit log says of itself when it is computed again. */
export interface ExportCheck {
  readonly entries: number;
  /** Numbers that are left out: entries of other accounts, or outside of the filter. Nobody can verify what is not there. */
  readonly gaps: number;
  readonly first: number | null;
  readonly last: { readonly id: number; readonly sha256: string } | null;
  readonly problem: { readonly entry: number; readonly message: string } | null;
}

const names = [
  'id',
  'at',
  'accountId',
  'actor',
  'action',
  'target',
  'details',
  'requestId',
  'previousSha256',
];
const genesis = '0'.repeat(64);

/**
 * Reads an export, JSON lines or CSV, and stops at the first entry that does not fit: its hash is not that of the text that was
 * hashed, its fields are not those of that text, or it does not follow the entry with the number before.
 */
export async function verifyExport(chunks: AsyncIterable<string>): Promise<ExportCheck> {
  let [entries, gaps, first] = [0, 0, null as number | null];
  let last: { id: number; sha256: string } | null = null;
  const found = (entry: number, message: string): ExportCheck => ({
    entries,
    gaps,
    first,
    last,
    problem: { entry, message },
  });
  for await (const entry of entriesOf(chunks)) {
    const place = entries + 1;
    if (typeof entry === 'string') return found(place, entry);
    const { hashed, sha256, fields } = entry;
    if (createHash('sha256').update(hashed).digest('hex') !== sha256)
      return found(place, `entry ${fields.id}: its hash is not that of what was hashed`);
    const was: unknown = JSON.parse(hashed);
    if (!Array.isArray(was) || was.length !== names.length)
      return found(place, 'what was hashed is no audit entry');
    const expected = Object.fromEntries(
      names.map((name, i) => [name, name === 'at' ? `${was[i]}Z` : was[i]]),
    );
    const other = names.find((name) => !isDeepStrictEqual(fields[name], expected[name]));
    if (other) return found(place, `entry ${was[0]}: ${other} is not what was hashed`);
    const id = Number(was[0]);
    if (last && id <= last.id) return found(place, `entry ${id} stands after entry ${last.id}`);
    const previous = last?.id === id - 1 ? last.sha256 : id === 1 ? genesis : undefined;
    if (previous !== undefined && expected.previousSha256 !== previous)
      return found(place, `entry ${id} does not follow entry ${id - 1}`);
    if (last) gaps += id - last.id - 1;
    first ??= id;
    entries++;
    last = { id, sha256 };
  }
  return { entries, gaps, first, last, problem: null };
}

interface Entry {
  readonly hashed: string;
  readonly sha256: string;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Entries of a file, or what is wrong with the next one. */
async function* entriesOf(chunks: AsyncIterable<string>): AsyncGenerator<Entry | string> {
  let header: readonly string[] | undefined;
  for await (const record of recordsOf(chunks)) {
    if (typeof record === 'string') {
      yield readLine(record);
      continue;
    }
    if (!header) {
      header = record;
      if (!header.includes('hashed') || !header.includes('sha256')) yield 'this is no export of an audit log';
      continue;
    }
    yield readCells(header, record);
  }
}

async function* recordsOf(chunks: AsyncIterable<string>): AsyncGenerator<string | readonly string[]> {
  const iterator = chunks[Symbol.asyncIterator]();
  const { value, done } = await iterator.next();
  if (done) return;
  const again = (async function* () {
    yield value as string;
    yield* { [Symbol.asyncIterator]: () => iterator };
  })();
  if ((value as string).trimStart().startsWith('{')) yield* lines(again);
  else yield* csvRecords(again);
}

async function* lines(chunks: AsyncIterable<string>): AsyncGenerator<string> {
  let rest = '';
  for await (const chunk of chunks) {
    const parts = (rest + chunk).split('\n');
    rest = parts.pop() ?? '';
    yield* parts.filter((line) => line.trim() !== '');
  }
  if (rest.trim() !== '') yield rest;
}

function readLine(line: string): Entry | string {
  try {
    const { hashed, sha256, ...fields } = JSON.parse(line) as Record<string, unknown>;
    if (typeof hashed === 'string' && typeof sha256 === 'string') return { hashed, sha256, fields };
  } catch {}
  return 'the line is no entry of an export';
}

function readCells(header: readonly string[], cells: readonly string[]): Entry | string {
  if (cells.length !== header.length)
    return `the line has ${cells.length} columns instead of ${header.length}`;
  // The apostrophe keeps spreadsheets from running a text as a formula; it is not part of the text.
  const text = Object.fromEntries(
    header.map((name, i) => [name, (cells[i] ?? '').replace(/^'(?=[=+\-@\t\r])/, '')]),
  );
  try {
    const orNull = (value: string | undefined) => (value === '' ? null : value);
    return {
      hashed: text.hashed ?? '',
      sha256: text.sha256 ?? '',
      fields: {
        ...text,
        id: Number(text.id),
        accountId: orNull(text.accountId),
        requestId: orNull(text.requestId),
        details: JSON.parse(text.details ?? ''),
      },
    };
  } catch {
    return 'the details of the line are no JSON';
  }
}
