import type { WebServiceSchema } from '@souk/contract';
import {
  type Cell,
  type GivenTable,
  inputColumns,
  outputColumns,
  shownCell,
} from '../../domains/webservices/index.ts';
import { azureError } from './azureml.errors.ts';

export interface RrsOptions {
  /** Names and values, in place of columns and rows. */
  readonly swagger: boolean;
  /** Column types in the answer. */
  readonly details: boolean;
}

export interface RrsCall {
  readonly table: GivenTable;
  readonly parameters: Readonly<Record<string, unknown>>;
}

/** The query of a call. Names go in any case, as clients write them so. */
export function rrsOptions(query: URLSearchParams): RrsOptions {
  const value = (name: string) => {
    for (const [key, v] of query) if (key.toLowerCase() === name) return v;
    return undefined;
  };
  const version = value('api-version');
  if (version !== '2.0')
    throw azureError(
      'BadArgument',
      'BadVersionCall',
      version === undefined
        ? 'The query must name the version: api-version=2.0.'
        : `The version ${version.slice(0, 20)} is not known here; use api-version=2.0.`,
    );
  const format = value('format');
  if (format !== undefined && format.toLowerCase() !== 'swagger')
    throw azureError(
      'BadArgument',
      'InvalidQueryParameter',
      `format=${format.slice(0, 20)} is not known; only swagger is.`,
    );
  return { swagger: format !== undefined, details: value('details')?.toLowerCase() === 'true' };
}

/** Reads a body in either form: clients mix up which of them the address asks for. */
export function readRrs(schema: WebServiceSchema, text: string): RrsCall {
  if (text.trim() === '') throw azureError('BadArgument', 'RequestIsEmpty', 'The request has no body.');
  const body = objectOf(parsed(text), 'The body');
  for (const name of Object.keys(body))
    if (!['Inputs', 'GlobalParameters', 'Outputs'].includes(name))
      throw invalid(`"${name.slice(0, 60)}" is not known beside Inputs and GlobalParameters.`);
  const parameters = body.GlobalParameters ?? {};
  const { name } = schema.input;
  if (body.Inputs === undefined || body.Inputs === null) {
    if (inputColumns(schema).length > 0)
      throw azureError('BadArgument', 'MissingRequestInput', `Inputs is missing; it holds "${name}".`);
    return { table: { columnNames: [], values: [[]] }, parameters: objectOf(parameters, 'GlobalParameters') };
  }
  const inputs = objectOf(body.Inputs, 'Inputs');
  for (const given of Object.keys(inputs))
    if (given !== name)
      throw azureError(
        'BadArgument',
        'InvalidInputNames',
        `There is no input "${given.slice(0, 60)}"; the input is called "${name}".`,
      );
  if (inputs[name] === undefined || inputs[name] === null)
    throw azureError('BadArgument', 'MissingRequestInput', `Inputs holds no "${name}".`);
  const known = inputColumns(schema).map((c) => c.name);
  return { table: tableOf(name, known, inputs[name]), parameters: objectOf(parameters, 'GlobalParameters') };
}

function tableOf(port: string, known: readonly string[], given: unknown): GivenTable {
  if (Array.isArray(given)) return namedRows(port, known, given);
  const { ColumnNames, Values } = objectOf(given, port);
  if (!Array.isArray(ColumnNames) || !ColumnNames.every((c) => typeof c === 'string'))
    throw invalid(`${port}.ColumnNames must be a list of names.`);
  notTooMany(port, known, ColumnNames);
  if (!Array.isArray(Values)) throw invalid(`${port}.Values must be a list of rows.`);
  for (const [i, row] of Values.entries())
    if (!Array.isArray(row)) throw invalid(`${port}.Values[${i}] must be a list: a row.`);
  return { columnNames: ColumnNames, values: Values as unknown[][] };
}

/** All that follows looks at each name of the call, so what is too much is refused before anything does. */
function notTooMany(port: string, known: readonly string[], names: readonly string[]) {
  if (names.length <= known.length) return;
  const left = new Set(known);
  const odd = names.find((n) => !left.delete(n)) ?? '';
  throw azureError(
    'BadUserArgument',
    'InputMismatchError',
    `${port}: ${names.length} columns are named, and the service takes ${known.length}; "${odd.slice(0, 60)}" is ${known.includes(odd) ? 'named twice' : 'none of them'}.`,
  );
}

function namedRows(port: string, known: readonly string[], given: readonly unknown[]): GivenTable {
  const rows = given.map((r, i) => objectOf(r, `${port}[${i}]`));
  const columnNames = Object.keys(rows[0] ?? {});
  notTooMany(port, known, columnNames);
  const first = new Set(columnNames);
  const values = rows.map((row, i) => {
    const own = Object.keys(row);
    const odd = own.find((n) => !first.has(n)) ?? columnNames.find((n) => !Object.hasOwn(row, n));
    if (odd !== undefined)
      throw azureError(
        'BadUserArgument',
        'InputMismatchError',
        `${port}: row ${i + 1} and row 1 differ in column "${odd.slice(0, 60)}". All rows must have the same columns.`,
      );
    return columnNames.map((n) => row[n]);
  });
  return { columnNames, values };
}

const invalid = (message: string) => azureError('BadArgument', 'RequestBodyInvalid', message);

function objectOf(value: unknown, what: string): Record<string, unknown> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw invalid(`${what} must be a JSON object.`);
  return value as Record<string, unknown>;
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw invalid(`The body is not JSON: ${(error as Error).message}.`);
  }
}

/** All cells are text, and a column's type is said only where details are asked for. */
export function rrsAnswer(
  schema: WebServiceSchema,
  rows: readonly Cell[][],
  { swagger, details }: RrsOptions,
) {
  const columns = outputColumns(schema);
  const cells = rows.map((r) => r.map((c, i) => (columns[i] ? shownCell(columns[i], c) : c)));
  const names = columns.map((c) => c.name);
  if (swagger)
    return {
      Results: { [schema.output.name]: cells.map((r) => Object.fromEntries(r.map((c, i) => [names[i], c]))) },
    };
  const value = {
    ColumnNames: names,
    ...(details ? { ColumnTypes: columns.map((c) => c.type) } : {}),
    Values: cells,
  };
  return { Results: { [schema.output.name]: { type: 'DataTable', value } } };
}
