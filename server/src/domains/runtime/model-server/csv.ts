import { CallError } from './call-error.ts';
import type { ElementType, Numbers, Values } from './elements.ts';
import type { Model } from './model.ts';
import { type Columns, dealt, requiredInputs } from './records.ts';
import { part, type TensorSpec } from './tensors.ts';

/** Records as RFC 4180 writes them: one a line, fields in quotes where they hold commas, quotes or line ends. */
interface Table {
  readonly rows: string[][];
  /** The line each row starts on, for messages. */
  readonly lines: number[];
}

export function readCsv(text: string): Table {
  const table = text.includes('"') ? quotedRows(text) : plainRows(text);
  const width = table.rows[0]?.length ?? 0;
  table.rows.forEach((row, i) => {
    if (row.length !== width)
      throw new CallError(
        400,
        `line ${table.lines[i]} has ${columnCount(row.length)}, line ${table.lines[0]} has ${width}`,
      );
  });
  return table;
}

function columnCount(count: number): string {
  return count === 1 ? '1 column' : `${count} columns`;
}

function plainRows(text: string): Table {
  const lines = text.split('\n');
  if (lines.at(-1) === '') lines.pop();
  return {
    rows: lines.map((line) => (line.endsWith('\r') ? line.slice(0, -1) : line).split(',')),
    lines: lines.map((_, i) => i + 1),
  };
}

function quotedRows(text: string): Table {
  const rows: string[][] = [];
  const lines: number[] = [];
  let row: string[] = [];
  let line = 1;
  let startedOn = 1;
  let at = 0;
  while (at < text.length) {
    const [field, end, lineEnds] = text[at] === '"' ? quotedField(text, at, line) : bareField(text, at);
    row.push(field);
    line += lineEnds;
    at = end;
    if (text[at] === ',') {
      at++;
      if (at === text.length) row.push('');
      else continue;
    }
    if (text[at] === '\r') at++;
    if (at < text.length && text[at] !== '\n')
      throw new CallError(400, `line ${line}: a comma or a line end must follow a closing quote`);
    at++;
    rows.push(row);
    lines.push(startedOn);
    row = [];
    startedOn = ++line;
  }
  return { rows, lines };
}

function bareField(text: string, start: number): [field: string, end: number, lineEnds: number] {
  let end = start;
  while (end < text.length && text[end] !== ',' && text[end] !== '\n') end++;
  if (text[end - 1] === '\r' && end > start) end--;
  return [text.slice(start, end), end, 0];
}

function quotedField(
  text: string,
  start: number,
  line: number,
): [field: string, end: number, lineEnds: number] {
  for (let close = text.indexOf('"', start + 1); close >= 0; close = text.indexOf('"', close + 2)) {
    if (text[close + 1] === '"') continue;
    const field = text.slice(start + 1, close).replaceAll('""', '"');
    return [field, close + 1, field.split('\n').length - 1];
  }
  throw new CallError(400, `line ${line}: a quoted field is not closed`);
}

/**
 * A header line is one only when the caller says so (Content-Type: text/csv; header=present): a guess would now and then
 * eat a record. When its names are the model's inputs, columns go by name; otherwise, and without it, by position.
 */
export function columnsOfCsv(model: Model, text: string, hasHeaderLine: boolean): Columns {
  const { rows, lines } = readCsv(text);
  const header = hasHeaderLine ? rows.shift() : undefined;
  if (header !== undefined) lines.shift();
  if (rows.length === 0) throw new CallError(400, 'the body holds no records: send one a line');
  const columns = (header && byHeader(model, header, rows)) ?? byPosition(model, rows, lines);
  return new Map(
    [...columns].map(([spec, values]) => [spec, values.map((v, i) => typed(spec, v, lines[i]))]),
  );
}

function byHeader(model: Model, header: readonly string[], rows: string[][]): Columns | undefined {
  const specs = header.map((name) => model.inputByName.get(name.trim()));
  const named = specs.filter((spec) => spec !== undefined);
  if (named.length < header.length || !requiredInputs(model).every((input) => named.includes(input)))
    return undefined;
  // An input of [N,1] takes a list of one value, an input of [N] the value itself.
  const value = (spec: TensorSpec, field: string | undefined) => (spec.dims?.length === 1 ? field : [field]);
  return new Map(named.map((spec, i) => [spec, rows.map((row) => value(spec, row[i]))]));
}

function byPosition(model: Model, rows: string[][], lines: readonly number[]): Columns {
  try {
    return dealt(model, rows);
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    throw new CallError(error.status, error.message.replace(/^record 1 /, `line ${lines[0]} `));
  }
}

function typed(spec: TensorSpec, value: unknown, line: number | undefined): unknown {
  const one = (field: unknown) => fieldValue(spec, `${field}`, line);
  return Array.isArray(value) ? value.map(one) : one(value);
}

const decimal = /^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$/;
const words: Readonly<Record<string, number | boolean>> = {
  nan: Number.NaN,
  infinity: Number.POSITIVE_INFINITY,
  '-infinity': Number.NEGATIVE_INFINITY,
  inf: Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
  true: true,
  false: false,
};

/** Integers of 64 bits stay text, which keeps them exact; everything else becomes what JSON would have held. */
function fieldValue(spec: TensorSpec, field: string, line: number | undefined): unknown {
  if (spec.type.kind === 'string') return field;
  const text = field.trim();
  if (decimal.test(text)) return spec.type.kind === 'integer64' ? text.replace(/^\+/, '') : Number(text);
  const word = words[text.toLowerCase()];
  if (word !== undefined) return word;
  throw new CallError(
    400,
    text === ''
      ? `line ${line}: an empty field where "${spec.name}" takes ${spec.type.datatype}: write NaN for a missing number`
      : `line ${line}: "${text.slice(0, 40)}" is not a number, where "${spec.name}" takes ${spec.type.datatype}` +
          (line === 1 ? '; if line 1 is a header, say so: Content-Type: text/csv; header=present' : ''),
  );
}

/** Part of a tensor as fields of one line. */
export function csvFields(type: ElementType, values: Values, start: number, end: number): string {
  const row = part(values, start, end);
  if (type.kind === 'string') return (row as string[]).map(quoted).join(',');
  if (type.kind === 'bool') return Array.from(row as Numbers, (value) => `${value !== 0}`).join(',');
  return row.join(',');
}

export function quoted(field: string): string {
  return /[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field;
}
