import type {
  OnnxDescription,
  Parameter,
  WebServiceColumn,
  WebServiceSchema,
  WebServiceType,
  WebServiceWire,
} from '@souk/contract';
import type { Static } from 'typebox';
import { fail } from '../../platform/errors.ts';
import { readCsv } from './webservices.csv.ts';

/** What is known of a model before anybody has said how its web service looks. */
export interface ModelFacts {
  /** For people. */
  readonly name: string;
  readonly onnx: OnnxDescription | null;
  /** Samples, as text: JSON or CSV; the first that can be read is taken. */
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** What a call may say beside its rows. */
  readonly attributes: readonly Static<typeof Parameter>[];
  readonly contentTypes: { readonly input: readonly string[]; readonly output: readonly string[] };
}

type Rows = (string | null)[][];
interface Table {
  /** Names of what the columns belong to, where they say: in JSON. */
  readonly names: readonly string[] | null;
  readonly rows: Rows;
}

const base = (type: string) => (type.split(';')[0] ?? '').trim().toLowerCase();

/** CSV wherever the model speaks it; else JSON, under the name that its sample shows. */
export function wireOf(facts: ModelFacts): WebServiceWire {
  const speaks = (type: string) =>
    [facts.contentTypes.input, facts.contentTypes.output].every((types) => types.map(base).includes(type));
  if (speaks('text/csv')) return { format: 'csv', inputKey: null };
  if (!speaks('application/json'))
    return fail('web_service.model_unsuitable', {
      model: facts.name,
      contentTypes: facts.contentTypes.input.join(', '),
    });
  for (const text of facts.inputs) {
    const value = parsed(text);
    if (!isObject(value) || 'instances' in value) continue;
    const [[key, rows] = ['', null], ...more] = Object.entries(value);
    if (more.length === 0 && Array.isArray(rows)) return { format: 'json', inputKey: key };
  }
  return { format: 'json', inputKey: null };
}

/** Columns by what the ONNX file declares, types and rows by the samples; parameters by what the product page says of calls. */
export function inferSchema(facts: ModelFacts, rowsMax: number): WebServiceSchema {
  const input = inferPort(facts, 'input');
  const output = inferPort(facts, 'output');
  return {
    input: { name: 'input1', columns: input.columns },
    output: { name: 'output1', columns: output.columns },
    parameters: facts.attributes.map((a) => ({
      name: a.name,
      type: 'String' as const,
      ...(a.description ? { description: a.description.slice(0, 2000) } : {}),
      ...(a.required ? {} : { default: '' }),
    })),
    sampleRows: input.rows.slice(0, 3),
    sampleAnswer: output.rows.slice(0, 3),
    rowsMax,
  };
}

function inferPort(facts: ModelFacts, side: 'input' | 'output'): { columns: WebServiceColumn[]; rows: Rows } {
  const texts = side === 'input' ? facts.inputs : facts.outputs;
  const declared = facts.onnx && columnsOf(facts.onnx[side === 'input' ? 'inputs' : 'outputs']);
  const tables = texts.map(tableOf).filter((t) => t !== undefined);
  if (declared) {
    const fitting = tables.find((t) => t.rows.every((r) => r.length === declared.length));
    return { columns: declared, rows: fitting?.rows ?? [] };
  }
  const [table] = tables;
  if (!table)
    return fail('web_service.schema_unknown', {
      model: facts.name,
      problem: `neither a declared ${side} nor a sample of it says which columns there are.`,
    });
  const width = table.rows[0]?.length ?? 0;
  const columns = Array.from({ length: width }, (_, i) => ({
    name: table.names?.[i] ?? `${side === 'input' ? 'Col' : 'Out'}${i + 1}`,
    type: typeOf(table.rows.map((r) => r[i] ?? null)),
  }));
  return { columns, rows: table.rows };
}

/** Undefined where a width is not declared: maps, sequences, dimensions that vary. */
function columnsOf(tensors: OnnxDescription['inputs']): WebServiceColumn[] | undefined {
  const columns: WebServiceColumn[] = [];
  for (const { name, type, shape } of tensors) {
    const wire = onnxTypes[type.toLowerCase().replace(/^tensor\((.*)\)$/, '$1')];
    if (!wire || !shape) return undefined;
    const [, ...inner] = shape;
    if (inner.some((d) => typeof d !== 'number' || d < 1)) return undefined;
    const width = inner.reduce<number>((n, d) => n * Number(d), 1);
    if (columns.length + width > 500) return undefined;
    for (let i = 0; i < width; i++)
      columns.push({ name: width === 1 ? name : `${name}_${i + 1}`, type: wire });
  }
  return columns.length > 0 ? columns : undefined;
}

const onnxTypes: Readonly<Record<string, WebServiceType>> = {
  string: 'String',
  bool: 'Boolean',
  int8: 'Int32',
  int16: 'Int32',
  int32: 'Int32',
  uint8: 'Int32',
  uint16: 'Int32',
  uint32: 'Int64',
  int64: 'Int64',
  uint64: 'Int64',
  float: 'Double',
  float16: 'Double',
  float32: 'Double',
  double: 'Double',
  float64: 'Double',
};

/** The table that a sample holds; undefined where it holds none. */
function tableOf(text: string): Table | undefined {
  const value = parsed(text);
  const table = value === undefined ? csvTable(text) : jsonTable(value);
  const width = table?.rows[0]?.length ?? 0;
  return table && width > 0 && table.rows.every((r) => r.length === width) ? table : undefined;
}

function csvTable(text: string): Table | undefined {
  try {
    return { names: null, rows: readCsv(text).map(({ cells }) => cells) };
  } catch {
    return undefined;
  }
}

/** `{"label": ["a"], "p": [[0.1, 0.9]]}` by name, `{"instances": [[..]]}`, `{"predictions": [..]}` and bare lists by row. */
function jsonTable(value: unknown): Table | undefined {
  const bare = isObject(value) ? (value.instances ?? value.predictions) : value;
  if (Array.isArray(bare)) {
    const [first] = bare;
    if (isObject(first)) return byName(Object.keys(first).map((k) => [k, bare.map((r) => r?.[k])]));
    return { names: null, rows: bare.map((r) => flat(r)) };
  }
  if (!isObject(value)) return undefined;
  const inner = isObject(value.outputs) ? value.outputs : isObject(value.inputs) ? value.inputs : value;
  return byName(Object.entries(inner).map(([k, v]) => [k, Array.isArray(v) ? v : [v]]));
}

function byName(columns: readonly [string, unknown[]][]): Table {
  const names: string[] = [];
  const rows: Rows = (columns[0]?.[1] ?? []).map(() => []);
  for (const [name, values] of columns) {
    const width = flat(values[0]).length;
    for (let i = 0; i < width; i++) names.push(width === 1 ? name : `${name}_${i + 1}`);
    for (const [i, v] of values.entries()) rows[i]?.push(...flat(v));
  }
  return { names, rows };
}

const flat = (value: unknown): (string | null)[] =>
  Array.isArray(value) ? value.flatMap(flat) : [value === null || value === undefined ? null : String(value)];

function typeOf(cells: readonly (string | null)[]): WebServiceType {
  const given = cells.filter((c) => c !== null && c !== '');
  const all = (pattern: RegExp) => given.length > 0 && given.every((c) => pattern.test(c ?? ''));
  if (all(/^(?:true|false)$/i)) return 'Boolean';
  // A sample of whole numbers does not say that fractions are not taken.
  if (all(/^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$|^nan$/i)) return 'Double';
  return 'String';
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function parsed(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? value : undefined;
  } catch {
    return undefined;
  }
}

/** What a schema that somebody wrote must keep to, against the one that was inferred. */
export function checkSchema(
  schema: WebServiceSchema,
  widths: { input: number | null; output: number | null },
) {
  const wrong = (place: string, problem: string) => fail('web_service.schema_invalid', { place, problem });
  for (const side of ['input', 'output'] as const) {
    const { columns } = schema[side];
    const width = widths[side];
    if (width !== null && columns.length !== width)
      wrong(`/${side}/columns`, `the model has ${width} columns there, the schema ${columns.length}.`);
    const names = new Set<string>();
    for (const [i, c] of columns.entries()) {
      const place = `/${side}/columns/${i}`;
      if (names.has(c.name)) wrong(`${place}/name`, `"${c.name}" is the name of two columns.`);
      names.add(c.name);
      if (side === 'input' && c.hidden && c.default === undefined)
        wrong(`${place}/default`, `"${c.name}" is hidden, so it needs a default.`);
    }
    if (columns.every((c) => c.hidden)) wrong(`/${side}/columns`, 'at least one column is to be seen.');
  }
  const names = new Set<string>();
  for (const [i, p] of schema.parameters.entries()) {
    const place = `/parameters/${i}`;
    if (names.has(p.name)) wrong(`${place}/name`, `"${p.name}" is the name of two parameters.`);
    names.add(p.name);
    const column = schema.input.columns.find((c) => c.name === p.column);
    if (p.column !== undefined && !column)
      wrong(`${place}/column`, `there is no input column "${p.column}".`);
    if (p.column === undefined && /[=,\s]/.test(p.name))
      wrong(`${place}/name`, 'what is told in custom attributes has a name without spaces, commas and "=".');
  }
  for (const [at, side] of [
    ['sampleRows', 'input'],
    ['sampleAnswer', 'output'],
  ] as const)
    for (const [i, row] of schema[at].entries())
      if (row.length !== schema[side].columns.length)
        wrong(
          `/${at}/${i}`,
          `the row has ${row.length} cells; there are ${schema[side].columns.length} columns.`,
        );
}
