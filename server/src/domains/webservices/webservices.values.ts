import type { WebServiceColumn, WebServiceParameter, WebServiceSchema, WebServiceType } from '@souk/contract';

export type Cell = string | null;
export type CallProblemCode =
  | 'InputMismatchError'
  | 'InputParseError'
  | 'MissingRequiredGlobalParameters'
  | 'UnexpectedParameter'
  | 'UserParameterInvalid';

/** What is wrong in a call, in the words of whoever sent it. The codes are the vendor's (reference, section 2b). */
export class CallProblem extends Error {
  readonly code: CallProblemCode;
  /** The column, parameter or row. */
  readonly target: string;
  constructor(code: CallProblemCode, target: string, message: string) {
    super(message);
    this.code = code;
    this.target = target;
  }
}

/** Columns that callers give. Hidden ones, and those that a parameter fills, they do not see. */
export const inputColumns = (schema: WebServiceSchema): WebServiceColumn[] => {
  const filled = new Set(schema.parameters.map((p) => p.column));
  return schema.input.columns.filter((c) => !c.hidden && !filled.has(c.name));
};

export const outputColumns = (schema: WebServiceSchema): WebServiceColumn[] =>
  schema.output.columns.filter((c) => !c.hidden);

const numberWords = /^(?:nan|[+-]?inf(?:inity)?)$/i;
const decimal = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/;
const whole = /^[+-]?\d+$/;
const time =
  /^\d{4}-\d{2}-\d{2}(?:[T ]\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?$|^\d{1,2}\/\d{1,2}\/\d{4}(?: .*)?$/;

/** Why a text is no value of the type; undefined where it is one. */
export function problemOf(type: WebServiceType, text: string): string | undefined {
  switch (type) {
    case 'String':
      return undefined;
    case 'Boolean':
      return /^(?:true|false|0|1)$/i.test(text) ? undefined : 'is neither True nor False';
    case 'Int32':
    case 'Int64': {
      if (!whole.test(text)) return 'is no whole number';
      const bits = type === 'Int32' ? 31n : 63n;
      const n = BigInt(text.replace(/^\+/, '').slice(0, 40));
      return n >= -(2n ** bits) && n < 2n ** bits ? undefined : `does not fit into ${type}`;
    }
    case 'Double':
      return decimal.test(text) || numberWords.test(text) ? undefined : 'is no number';
    case 'DateTime':
      return time.test(text) && !Number.isNaN(Date.parse(text)) ? undefined : 'is no date';
  }
}

/** A value of a call as text for the model. Numbers may come as numbers or as text. */
export function cellOf(
  of: Pick<WebServiceColumn, 'name' | 'type' | 'nullable' | 'values'>,
  given: unknown,
  refuse: (problem: string) => CallProblem,
): Cell {
  if (given === null || given === undefined) {
    if (!of.nullable) throw refuse('is null, which it does not take');
    // A model that takes numbers knows a missing one as NaN.
    return of.type === 'Double' ? 'NaN' : null;
  }
  if (!['string', 'number', 'boolean', 'bigint'].includes(typeof given))
    throw refuse('is neither text, nor number, nor True or False');
  const text = of.type === 'String' ? String(given) : String(given).trim();
  if (text === '' && of.type !== 'String' && of.nullable) return of.type === 'Double' ? 'NaN' : null;
  const problem = problemOf(of.type, text);
  if (problem) throw refuse(`"${text.slice(0, 40)}" ${problem}`);
  if (of.values && !of.values.includes(text))
    throw refuse(`"${text.slice(0, 40)}" is none of: ${of.values.slice(0, 20).join(', ')}`);
  return of.type === 'Boolean' ? (/^(?:true|1)$/i.test(text) ? 'true' : 'false') : text;
}

export interface BoundParameters {
  /** By input column. */
  readonly columns: ReadonlyMap<string, Cell>;
  /** What the model is told beside its rows; null: nothing. */
  readonly attributes: string | null;
}

/** Holds the global parameters of a call against those that there are. */
export function bindParameters(
  parameters: readonly WebServiceParameter[],
  given: Readonly<Record<string, unknown>>,
): BoundParameters {
  const known = new Map(parameters.map((p) => [p.name, p]));
  for (const name of Object.keys(given))
    if (!known.has(name))
      throw new CallProblem(
        'UnexpectedParameter',
        name,
        `There is no global parameter "${name}". Known: ${[...known.keys()].join(', ') || 'none'}.`,
      );
  const columns = new Map<string, Cell>();
  const attributes: string[] = [];
  for (const p of parameters) {
    const value = Object.hasOwn(given, p.name) ? given[p.name] : p.default;
    if (value === undefined || value === null) {
      const message = `The global parameter "${p.name}" is required, and was not given.`;
      throw new CallProblem('MissingRequiredGlobalParameters', p.name, message);
    }
    const cell = cellOf(
      p,
      value,
      (problem) =>
        new CallProblem('UserParameterInvalid', p.name, `The global parameter "${p.name}": ${problem}.`),
    );
    if (p.column !== undefined) columns.set(p.column, cell);
    else if (cell !== null && cell !== '') attributes.push(`${p.name}=${encodeURIComponent(cell)}`);
  }
  return { columns, attributes: attributes.length > 0 ? attributes.join(',') : null };
}

/** Cells as the wire of the vendor has them: True and False, null for what is missing. */
export function shownCell(column: WebServiceColumn, cell: Cell): Cell {
  if (cell === null) return null;
  if (column.type === 'Boolean')
    return /^(?:true|1)$/i.test(cell) ? 'True' : /^(?:false|0)$/i.test(cell) ? 'False' : cell;
  return cell === '' && column.type !== 'String' ? null : cell;
}

/** The same, as a value of its type. 64-bit numbers beyond what JSON carries exactly stay text. */
export function typedCell(column: Pick<WebServiceColumn, 'type'>, cell: Cell): unknown {
  if (cell === null) return null;
  switch (column.type) {
    case 'String':
      return cell;
    case 'Boolean':
      return /^(?:true|1)$/i.test(cell) ? true : /^(?:false|0)$/i.test(cell) ? false : null;
    case 'DateTime': {
      const at = Date.parse(cell);
      return Number.isNaN(at) ? null : new Date(at).toISOString();
    }
    default: {
      if (cell === '') return null;
      if (numberWords.test(cell))
        return /nan/i.test(cell)
          ? Number.NaN
          : cell.startsWith('-')
            ? Number.NEGATIVE_INFINITY
            : Number.POSITIVE_INFINITY;
      const n = Number(cell);
      return column.type === 'Int64' && !Number.isSafeInteger(n) ? cell : n;
    }
  }
}
