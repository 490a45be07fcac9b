import { type Finding, finding, limits } from '@souk/contract';

export interface Named {
  readonly accountId: string;
  readonly note: string;
}

/** Findings that are shown of one file; more says nothing more. */
const findingsMax = 100;

/**
 * An audience out of a CSV file: account id, then a note that may stand in quotes. Every line is read, so that one answer names
 * all that is wrong. Comma, semicolon and tab separate: spreadsheets of different countries write different ones.
 */
export function readAudienceCsv(text: string): {
  readonly accounts: readonly Named[];
  readonly findings: readonly Finding[];
} {
  const accounts: Named[] = [];
  const findings: Finding[] = [];
  const firstLines = new Map<string, number>();
  const records = recordsOf(text.replace(/^\ufeff/, ''));
  const begins = records.findIndex(({ cells }) => cells.some((c) => c.trim() !== ''));
  records.forEach(({ cells, line, open }, i) => {
    const [id = '', note = '', ...more] = cells.map((c) => c.trim());
    if (cells.every((c) => c.trim() === '')) return;
    if (i === begins && /^account[ _-]?id$/i.test(id)) return;
    const refuse = (code: string, message: string, remedy: string) =>
      findings.push(finding({ rule: 'audience-csv', code, severity: 'error', line, message, remedy }));
    if (open) refuse('audience.quote', 'A quote is opened and never closed.', 'Close it, or leave it out.');
    else if (more.some((c) => c !== ''))
      refuse(
        'audience.columns',
        `The line has ${cells.length} columns.`,
        'Write account id and note; put a note with commas in quotes.',
      );
    else if (!/^[0-9]{12}$/.test(id))
      refuse(
        'audience.account_id',
        `“${id.slice(0, 40)}” is not an account id.`,
        'Write 12 digits. Spreadsheets drop leading zeros: format the column as text.',
      );
    else if ([...note].length > limits.audienceNoteChars)
      refuse(
        'audience.note',
        `The note has ${[...note].length} characters; ${limits.audienceNoteChars} are allowed.`,
        'Shorten it.',
      );
    else if (firstLines.has(id))
      refuse(
        'audience.duplicate',
        `The account ${id} is on line ${firstLines.get(id)} already.`,
        'Keep one of the two.',
      );
    else {
      firstLines.set(id, line);
      accounts.push({ accountId: id, note: readNote(note) });
    }
  });
  return { accounts, findings: findings.slice(0, findingsMax) };
}

export const audienceCsv = (accounts: readonly Named[]): string =>
  ['accountId,note', ...accounts.map((a) => `${a.accountId},${cell(a.note)}`), ''].join('\r\n');

/** A note that a spreadsheet would run as a formula gets an apostrophe before it, which the import takes away again. */
const cell = (note: string): string => {
  const safe = /^['=+\-@\t\r]/.test(note) ? `'${note}` : note;
  return /[",;\t\r\n']/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
};
const readNote = (note: string): string => (/^'['=+\-@\t\r]/.test(note) ? note.slice(1) : note);

interface CsvRecord {
  readonly cells: string[];
  readonly line: number;
  /** A quote that was never closed. */
  readonly open: boolean;
}

function recordsOf(text: string): CsvRecord[] {
  const records: CsvRecord[] = [];
  let [cells, cell, quoted, line, began] = [[] as string[], '', false, 1, 1];
  const end = (open = false) => {
    records.push({ cells: [...cells, cell], line: began, open });
    [cells, cell] = [[], ''];
  };
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (c === '\n') line++;
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') cell += text[++i];
      else quoted = false;
    } else if (c === '"' && cell.trim() === '') [quoted, cell] = [true, ''];
    else if (c === ',' || c === ';' || c === '\t') {
      cells.push(cell);
      cell = '';
    } else if (c === '\n') {
      end();
      began = line;
    } else if (c !== '\r') cell += c;
  }
  if (cell !== '' || cells.length > 0 || quoted) end(quoted);
  return records;
}
