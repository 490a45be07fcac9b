import {
  type EdmType,
  pathProblem,
  type ServiceColumn,
  ServiceFailure,
  type ServiceOperation,
} from '@souk/contract';
import { readCsv } from './services.csv.ts';
import { jsonReader } from './services.json.ts';
import { xmlReader } from './services.xml.ts';

/** An answer, whatever it is written in. */
export interface AnswerReader {
  rows(path: string | undefined): unknown[];
  /** Undefined where the row does not have it. */
  value(row: unknown, path: string | undefined, names: readonly string[], index: number): unknown;
  matches(path: string): boolean;
}

export interface ReadAnswer {
  readonly rows: Record<string, unknown>[];
  /** Columns that no row has. */
  readonly absent: readonly string[];
}

const cellsMax = 2_000_000;

type Read = Pick<ServiceOperation, 'response' | 'columns' | 'collection' | 'name'>;

/** Rows of an answer, with the columns that buyers know and their types. What cannot be read is the service's failure, in words. */
export function readAnswer(operation: Read, text: string): ReadAnswer {
  const reader = open(operation, text);
  return understood(() => {
    const { rows: path } = operation.response;
    if (path !== undefined) allowed(operation, path);
    for (const c of operation.columns) if (c.path !== undefined) allowed(operation, c.path);
    const found = reader.rows(path);
    const nodes = operation.collection ? found : found.slice(0, 1);
    if (nodes.length * operation.columns.length > cellsMax) throw new Error('it has more rows than are read');
    const present = new Set<string>();
    const rows = nodes.map((node) =>
      Object.fromEntries(
        operation.columns.map((c, index) => {
          const value = reader.value(node, c.path, c.title ? [c.title, c.name] : [c.name], index);
          if (value !== undefined) present.add(c.name);
          return [c.name, columnValue(c, value)];
        }),
      ),
    );
    return {
      rows,
      absent: rows.length === 0 ? [] : operation.columns.map((c) => c.name).filter((n) => !present.has(n)),
    };
  });
}

/** The first condition that makes the answer an error; an answer that cannot be read meets none. */
export function declaredError(
  operation: Read,
  text: string,
): NonNullable<ServiceOperation['response']['errors']>[number] | undefined {
  const { errors = [], format } = operation.response;
  if (errors.length === 0 || format === 'csv') return undefined;
  try {
    const reader = open(operation, text);
    return errors.find((e) => pathProblem(format, e.match) === undefined && reader.matches(e.match));
  } catch {
    return undefined;
  }
}

function open({ response }: Read, text: string): AnswerReader {
  return understood(() => {
    if (response.format === 'json') return jsonReader(text);
    if (response.format === 'xml') return xmlReader(text, response.namespaces);
    const rows = readCsv(text);
    return {
      rows: () => rows,
      value: (row, path, names) => {
        const record = row as Readonly<Record<string, string>>;
        const name = (path === undefined ? names : [path]).find((n) => Object.hasOwn(record, n));
        return name === undefined ? undefined : record[name];
      },
      matches: () => false,
    };
  });
}

function allowed({ response, name }: Read, path: string): void {
  const problem = pathProblem(response.format, path);
  if (problem) throw new Error(`the path ${path} of ${name} is not followed: ${problem}`);
}

/** Whatever a parser throws at a strange answer, too deep a recursion too, is the answer's fault. */
function understood<T>(read: () => T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof ServiceFailure) throw error;
    throw unreadable(
      `The answer of the service cannot be read: ${(error as Error).message.split('\n')[0]?.slice(0, 300)}.`,
    );
  }
}

const unreadable = (message: string, target?: string) =>
  new ServiceFailure({ status: 502, code: 'service.answer_unreadable', message, target });

function columnValue(c: ServiceColumn, value: unknown): unknown {
  if (value === undefined || value === null || (value === '' && c.type !== 'Edm.String')) {
    if (c.nullable === false || c.key)
      throw unreadable(`A row of the answer does not have ${c.name}, which every row must have.`, c.name);
    return c.collection ? [] : null;
  }
  if (c.collection) return (Array.isArray(value) ? value : [value]).map((v) => typed(c, v));
  return typed(c, Array.isArray(value) ? value[0] : value);
}

function typed(c: ServiceColumn, value: unknown): unknown {
  const read = readers[c.type](value);
  if (read === undefined)
    throw unreadable(
      `The answer has "${shown(value)}" in ${c.name}, which is no ${c.type.slice(4)}.`,
      c.name,
    );
  return read;
}
const shown = (value: unknown) =>
  (typeof value === 'object' ? JSON.stringify(value) : String(value)).slice(0, 60);

/** Numbers beyond what a JSON number keeps stay texts. */
function numeric(value: unknown, whole: boolean): number | string | undefined {
  if (typeof value === 'number') return !whole || Number.isInteger(value) ? value : undefined;
  if (typeof value !== 'string') return undefined;
  const text = value.trim();
  if (!(whole ? /^[+-]?\d{1,40}$/ : /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/).test(text))
    return undefined;
  const n = Number(text);
  return whole && !Number.isSafeInteger(n) ? text.replace(/^\+/, '') : n;
}
const integer = (bits: number) => (v: unknown) => {
  const n = numeric(v, true);
  return typeof n === 'number' && Math.abs(n) <= 2 ** (bits - 1) ? n : undefined;
};
const floating = (v: unknown) => numeric(v, false);

const readers: Readonly<Record<EdmType, (value: unknown) => unknown>> = {
  'Edm.String': (v) => (typeof v === 'string' ? v : typeof v === 'object' ? JSON.stringify(v) : String(v)),
  'Edm.Boolean': (v) => {
    if (typeof v === 'boolean') return v;
    const text = String(v).trim().toLowerCase();
    return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
  },
  'Edm.Int16': integer(16),
  'Edm.Int32': integer(32),
  'Edm.Int64': (v) => numeric(v, true),
  'Edm.Single': floating,
  'Edm.Double': floating,
  'Edm.Decimal': (v) => {
    const n = numeric(v, false);
    return typeof v === 'string' && n !== undefined && String(n) !== v.trim()
      ? v.trim().replace(/^\+/, '')
      : n;
  },
  'Edm.Date': (v) => (typeof v === 'string' && /^\d{4}-\d\d-\d\d/.test(v) ? v.slice(0, 10) : undefined),
  'Edm.DateTimeOffset': (v) => {
    if (typeof v !== 'string' || !/^\d{4}-\d\d-\d\d/.test(v)) return undefined;
    // Services write local times without a zone; what is meant is almost always UTC.
    const zoned = /(Z|[+-]\d\d:?\d\d)$/.test(v) || v.length <= 10 ? v : `${v}Z`;
    const at = Date.parse(zoned);
    return Number.isNaN(at) ? undefined : new Date(at).toISOString();
  },
  'Edm.Guid': (v) =>
    typeof v === 'string' && /^\{?[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}\}?$/i.test(v)
      ? v.replace(/[{}]/g, '')
      : undefined,
};
