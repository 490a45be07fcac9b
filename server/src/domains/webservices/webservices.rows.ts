import type { WebServiceSchema, WebServiceWire } from '@souk/contract';
import { csvLine, readCsv } from './webservices.csv.ts';
import {
  type BoundParameters,
  bindParameters,
  CallProblem,
  type Cell,
  cellOf,
  inputColumns,
} from './webservices.values.ts';

export interface GivenTable {
  readonly columnNames: readonly string[];
  readonly values: readonly (readonly unknown[])[];
  /** How a row is called in messages: its number, or the line of a file. */
  readonly nameRow?: (index: number) => string;
}

export interface ModelCall {
  readonly contentType: string;
  readonly accept: string;
  readonly body: string;
  /** For X-Amzn-SageMaker-Custom-Attributes. */
  readonly attributes: string | null;
  readonly rows: number;
}

/** The model answered, but not with what the schema says. */
export class AnswerProblem extends Error {}

/** Where each of the model's columns comes from, decided once for all rows. */
export function newRowMaker(
  schema: WebServiceSchema,
  columnNames: readonly string[],
  parameters: Readonly<Record<string, unknown>>,
) {
  const port = schema.input.name;
  const bound: BoundParameters = bindParameters(schema.parameters, parameters);
  const known = inputColumns(schema);
  const at = new Map<string, number>();
  for (const [i, name] of columnNames.entries()) {
    if (at.has(name)) throw mismatch(port, `column "${name}" is named twice`);
    if (!known.some((c) => c.name === name))
      throw mismatch(
        port,
        `there is no column "${name}". Its columns: ${known.map((c) => c.name).join(', ')}`,
      );
    at.set(name, i);
  }
  for (const c of known)
    if (!at.has(c.name) && c.default === undefined) throw mismatch(port, `column "${c.name}" is missing`);

  const sources = schema.input.columns.map((column) => ({
    column,
    index: at.get(column.name),
    fixed: bound.columns.has(column.name)
      ? (bound.columns.get(column.name) ?? null)
      : (column.default ?? null),
  }));

  return {
    attributes: bound.attributes,
    /** A row of a call as a row of the model. */
    row(values: readonly unknown[], name: string): Cell[] {
      if (values.length !== columnNames.length)
        throw parse(
          name,
          `${port}: ${name} has ${values.length} values, and ${columnNames.length} columns are named. All rows must have the same number of elements.`,
        );
      return sources.map(({ column, index, fixed }) =>
        index === undefined
          ? fixed
          : cellOf(column, values[index], (problem) =>
              parse(
                `${name}, ${column.name}`,
                `${port}: ${name}, column "${column.name}" (${column.type}): ${problem}.`,
              ),
            ),
      );
    },
  };
}

const mismatch = (port: string, problem: string) =>
  new CallProblem('InputMismatchError', port, `${port}: ${problem}.`);
const parse = (target: string, message: string) => new CallProblem('InputParseError', target, message);

/** A call of a web service as a call of its model. */
export function modelCall(
  of: { readonly schema: WebServiceSchema; readonly wire: WebServiceWire },
  table: GivenTable,
  parameters: Readonly<Record<string, unknown>>,
): ModelCall {
  const { schema, wire } = of;
  if (table.values.length === 0) throw mismatch(schema.input.name, 'there are no rows');
  if (table.values.length > schema.rowsMax)
    throw mismatch(
      schema.input.name,
      `${table.values.length} rows were sent, and one call takes ${schema.rowsMax}; send a batch job for more`,
    );
  const maker = newRowMaker(schema, table.columnNames, parameters);
  const nameRow = table.nameRow ?? ((i: number) => `row ${i + 1}`);
  const rows = table.values.map((values, i) => maker.row(values, nameRow(i)));
  return callOfRows(schema, wire, rows, maker.attributes);
}

export function callOfRows(
  schema: WebServiceSchema,
  wire: WebServiceWire,
  rows: readonly (readonly Cell[])[],
  attributes: string | null,
): ModelCall {
  const given = { attributes, rows: rows.length };
  if (wire.format === 'csv') {
    const body = rows.map((r) => csvLine(r)).join('');
    return { contentType: 'text/csv', accept: 'text/csv', body, ...given };
  }
  const values = rows.map((r) => r.map((c, i) => jsonCell(schema, c, i)));
  const body = `{${JSON.stringify(wire.inputKey ?? 'instances')}:[${values.map((r) => `[${r.join(',')}]`).join(',')}]}`;
  return { contentType: 'application/json', accept: 'application/json', body, ...given };
}

/** Numbers are written as they came, so that those of 64 bits stay exact. */
function jsonCell(schema: WebServiceSchema, cell: Cell, index: number): string {
  if (cell === null) return 'null';
  const type = schema.input.columns[index]?.type;
  if (type === 'Boolean' || (['Int32', 'Int64', 'Double'].includes(type ?? '') && isJsonNumber(cell)))
    return cell;
  return JSON.stringify(cell);
}
const isJsonNumber = (text: string) => /^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?$/.test(text);

/** What the model answered, as rows of the columns that callers see. */
export function answerRows(
  schema: WebServiceSchema,
  contentType: string,
  text: string,
  expected: number,
): Cell[][] {
  const rows = /json/i.test(contentType) ? jsonRows(text) : readCsv(text).map(({ cells }) => cells);
  if (rows.length !== expected) throw new AnswerProblem(`it answered ${rows.length} rows to ${expected}`);
  const { columns } = schema.output;
  return rows.map((row, i) => {
    if (row.length !== columns.length)
      throw new AnswerProblem(
        `row ${i + 1} of its answer has ${row.length} columns; the schema has ${columns.length}`,
      );
    return row.filter((_, c) => !columns[c]?.hidden);
  });
}

function jsonRows(text: string): Cell[][] {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new AnswerProblem('its answer is not JSON, although it says so');
  }
  const bare = isObject(value) ? (value.predictions ?? value.outputs ?? value) : value;
  if (Array.isArray(bare)) return bare.map((r) => (isObject(r) ? Object.values(r).flatMap(flat) : flat(r)));
  if (!isObject(bare)) throw new AnswerProblem('its answer holds no rows');
  const columns = Object.values(bare).map((v) => (Array.isArray(v) ? v : [v]));
  return (columns[0] ?? []).map((_, i) => columns.flatMap((c) => flat(c[i])));
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const flat = (value: unknown): Cell[] =>
  Array.isArray(value) ? value.flatMap(flat) : [value === null || value === undefined ? null : String(value)];
