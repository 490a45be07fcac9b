import { fail } from '../../platform/errors.ts';
import { columnsOf, csvLine, parseCsvLine } from './records/csv.ts';
import type { Path } from './transforms.paths.ts';

export type Form = 'csv' | 'jsonlines' | 'json' | 'other';

/** What a content type is made of, parameters aside. */
export function formOf(contentType: string): Form {
  const type = contentType.split(';')[0]?.trim().toLowerCase() ?? '';
  if (type === 'text/csv') return 'csv';
  if (/^application\/(x-)?(jsonlines|jsonl|ndjson)$/.test(type)) return 'jsonlines';
  return type === 'application/json' ? 'json' : 'other';
}
export const hasHeader = (contentType: string): boolean => /;\s*header\s*=\s*present\b/i.test(contentType);

export interface Processing {
  readonly inputFilter: Path | null;
  readonly outputFilter: Path | null;
  readonly join: boolean;
}
/** True where answers have to be taken apart into records. */
export const isByRecord = (p: Processing): boolean => p.join || p.outputFilter !== null;

/** Where a record stands, for messages. */
export interface At {
  readonly uri: string;
  readonly record: number;
}

const refusedJson = ({ uri, record }: At, error: unknown): never =>
  fail('transform.not_json', { uri, record, problem: (error as Error).message });

/** A record of the input as the value that filters speak of: a CSV line is the list of its columns. */
export function valueOfRecord(record: Buffer, form: Form, at: At): unknown {
  const text = record.toString('utf8');
  if (form === 'csv') return parseCsvLine(text);
  try {
    return JSON.parse(text);
  } catch (error) {
    return refusedJson(at, error);
  }
}

function found(
  path: Path,
  filter: 'inputFilter' | 'outputFilter',
  value: unknown,
  { uri, record }: At,
): unknown {
  const result = path.of(value);
  return result === undefined
    ? fail('transform.filter_found_nothing', { filter, path: path.text, uri, record })
    : result;
}

const written = (value: unknown, form: Form): string =>
  form === 'csv' ? csvLine(Array.isArray(value) ? value : [value]) : JSON.stringify(value);

/** What the model is sent of a record. */
export function filtered(record: Buffer, form: Form, filter: Path | null, at: At): Buffer {
  if (!filter) return record;
  return Buffer.from(written(found(filter, 'inputFilter', valueOfRecord(record, form, at), at), form));
}

/** Every line of a CSV file has as many columns as its first; without this a shifted line would be answered as if it were right. */
export function newColumnCheck(uri: string): (line: Buffer, number: number) => void {
  let expected: number | undefined;
  return (line, number) => {
    const columns = columnsOf(line);
    if (columns < 0) fail('transform.csv_quotes', { uri, line: number });
    expected ??= columns;
    if (columns !== expected) fail('transform.ragged_csv', { uri, line: number, columns, expected });
  };
}

/**
 * An answer as one value per record that was sent. Lines of CSV or JSON; or one JSON value: of a single record itself, of several a list,
 * bare or as `predictions`. Undefined where it has another number.
 */
export function answersOf(answer: Buffer, form: Form, sent: number): unknown[] | undefined {
  const text = answer.toString('utf8');
  if (form === 'json') {
    const value = JSON.parse(text) as unknown;
    if (sent === 1) return [value];
    const list = Array.isArray(value) ? value : (value as { predictions?: unknown } | null)?.predictions;
    return Array.isArray(list) && list.length === sent ? list : undefined;
  }
  if (form === 'other') return sent === 1 ? [text.replace(/\r?\n$/, '')] : undefined;
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  if (lines.length !== sent) return undefined;
  return lines.map((line) => (form === 'csv' ? parseCsvLine(line) : (JSON.parse(line) as unknown)));
}

/** What is written for a record, of the record itself and its answer; in the form of the input where both are joined. */
export function outcomeOf(
  p: Processing,
  source: { readonly record: Buffer; readonly form: Form },
  answer: { readonly value: unknown; readonly form: Form },
  at: At,
): string {
  let { value, form } = answer;
  if (p.join) {
    value = joined(valueOfRecord(source.record, source.form, at), source.form, answer);
    form = source.form;
  }
  if (p.outputFilter) value = found(p.outputFilter, 'outputFilter', value, at);
  return form === 'other' ? String(value) : written(value, form);
}

function joined(input: unknown, inputForm: Form, answer: { value: unknown; form: Form }): unknown {
  if (inputForm === 'csv')
    return [...(input as string[]), ...(Array.isArray(answer.value) ? answer.value : [answer.value])];
  const output = answer.form === 'csv' ? plain(answer.value as string[]) : answer.value;
  return typeof input === 'object' && input !== null && !Array.isArray(input)
    ? { ...input, SageMakerOutput: output }
    : { SageMakerInput: input, SageMakerOutput: output };
}

/** Columns of an answer as JSON: numbers as numbers, one column by itself. */
function plain(columns: readonly string[]): unknown {
  const values = columns.map((c) => (c.trim() !== '' && Number.isFinite(Number(c)) ? Number(c) : c));
  return values.length === 1 ? values[0] : values;
}
