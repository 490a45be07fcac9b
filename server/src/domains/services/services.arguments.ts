import {
  type EdmType,
  isRequired,
  ServiceFailure,
  type ServiceOperation,
  type ServiceParameter,
} from '@souk/contract';
import { RE2JS } from 're2js';

/** A value as requests carry it: its text, and whether JSON writes it in quotes. */
export interface Scalar {
  readonly text: string;
  readonly quoted: boolean;
}
export type Value = Scalar | readonly Scalar[] | null;

/**
 * What a caller gives, held against the parameters: texts from a query, or typed values from a body. Every refusal is the caller's to
 * mend and names the parameter.
 */
export function checkedArguments(
  operation: Pick<ServiceOperation, 'name' | 'parameters'>,
  args: Readonly<Record<string, unknown>>,
): Map<string, Value> {
  const known = new Map(operation.parameters.map((p) => [p.name, p]));
  for (const name of Object.keys(args))
    if (!known.has(name))
      throw refused(
        'service.unknown_parameter',
        name.slice(0, 128),
        `${operation.name} has no parameter ${name.slice(0, 128)}.${
          known.size > 0 ? ` It has ${[...known.keys()].slice(0, 30).join(', ')}.` : ' It has none.'
        }`,
      );
  return new Map(operation.parameters.map((p) => [p.name, checkedValue(p, args[p.name])]));
}

function checkedValue(p: ServiceParameter, given: unknown): Value {
  const value = given === undefined ? p.default : given;
  if (value === undefined || value === null) {
    // A default of null is what publishers write where nothing shall be sent.
    if (given === undefined ? isRequired(p) : p.nullable !== true && p.default !== null)
      throw refused('service.parameter_missing', p.name, `${p.name} is missing.`);
    return null;
  }
  if (!p.collection) return scalar(p, value);
  const list = typeof value === 'string' ? listIn(p, value) : value;
  if (!Array.isArray(list)) throw wrong(p, 'a list');
  if (list.length > 10_000)
    throw refused('service.too_many_values', p.name, `${p.name} has ${list.length} values; 10000 are taken.`);
  return list.map((v) => scalar(p, v));
}

function listIn(p: ServiceParameter, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw wrong(p, 'a list, written as JSON');
  }
}

function scalar(p: ServiceParameter, value: unknown): Scalar {
  const read = readers[p.type](value);
  if (!read) throw wrong(p, words[p.type]);
  if (p.lengthMax !== undefined && [...read.text].length > p.lengthMax)
    throw refused('service.value_too_long', p.name, `${p.name} is longer than ${p.lengthMax} characters.`);
  if (p.values && p.values.length > 0 && !p.values.includes(read.text))
    throw refused(
      'service.value_not_allowed',
      p.name,
      `${p.name} must be one of ${p.values.slice(0, 20).join(', ')}${p.values.length > 20 ? ' and others' : ''}.`,
    );
  if (p.pattern !== undefined && !compiled(p.pattern).matcher(read.text).find())
    throw refused('service.value_not_allowed', p.name, `${p.name} does not have the form ${p.pattern}.`);
  return read;
}

const plain = (text: string): Scalar => ({ text, quoted: false });
const quoted = (text: string): Scalar => ({ text, quoted: true });

/** Texts are numbers too where they come from a query; JSON has its own. */
function number(value: unknown, form: RegExp, fits: (n: number) => boolean): Scalar | undefined {
  if (typeof value === 'bigint') return form.test(String(value)) ? plain(String(value)) : undefined;
  const text = typeof value === 'number' && Number.isFinite(value) ? String(value) : value;
  if (typeof text !== 'string' || text.length > 400 || !form.test(text) || !fits(Number(text)))
    return undefined;
  return plain(jsonNumber(text));
}
/** As JSON writes numbers: no plus, no leading zeros, no bare point. */
const jsonNumber = (text: string) =>
  text
    .replace(/^\+/, '')
    .replace(/^(-?)0+(?=\d)/, '$1')
    .replace(/^(-?)\./, '$10.')
    .replace(/\.(?=$|e)/i, '');

const whole = /^[+-]?\d{1,19}$/;
const decimal = /^[+-]?(\d+(\.\d*)?|\.\d+)$/;
const floating = /^[+-]?(\d+(\.\d*)?|\.\d+)([eE][+-]?\d{1,3})?$/;
const within = (low: number, high: number) => (n: number) => n >= low && n <= high;
const finite = (n: number) => Number.isFinite(n);

const readers: Readonly<Record<EdmType, (value: unknown) => Scalar | undefined>> = {
  'Edm.String': (v) => (typeof v === 'string' ? quoted(v) : undefined),
  'Edm.Boolean': (v) =>
    v === true || v === 'true' ? plain('true') : v === false || v === 'false' ? plain('false') : undefined,
  'Edm.Int16': (v) => number(v, whole, within(-32768, 32767)),
  'Edm.Int32': (v) => number(v, whole, within(-2147483648, 2147483647)),
  'Edm.Int64': (v) => {
    const read = number(v, whole, finite);
    const big = read && BigInt(read.text);
    return big !== undefined && big >= -(2n ** 63n) && big < 2n ** 63n ? read : undefined;
  },
  'Edm.Single': (v) => number(v, floating, (n) => Math.abs(n) <= 3.4028235e38),
  'Edm.Double': (v) => number(v, floating, finite),
  'Edm.Decimal': (v) => number(v, decimal, finite),
  'Edm.Date': (v) => (typeof v === 'string' && isDate(v) ? quoted(v) : undefined),
  'Edm.DateTimeOffset': (v) =>
    typeof v === 'string' &&
    /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,12})?)?(Z|[+-]\d\d:\d\d)$/.test(v) &&
    isDate(v.slice(0, 10)) &&
    !Number.isNaN(Date.parse(v))
      ? quoted(v)
      : undefined,
  'Edm.Guid': (v) =>
    typeof v === 'string' && /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(v) ? quoted(v) : undefined,
};

function isDate(text: string): boolean {
  if (!/^\d{4}-\d\d-\d\d$/.test(text)) return false;
  const date = new Date(`${text}T00:00:00Z`);
  // The 31st of February is read as a day of March.
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(text);
}

const words: Readonly<Record<EdmType, string>> = {
  'Edm.String': 'a text',
  'Edm.Boolean': 'true or false',
  'Edm.Int16': 'a whole number from -32768 to 32767',
  'Edm.Int32': 'a whole number of 32 bits',
  'Edm.Int64': 'a whole number of 64 bits',
  'Edm.Single': 'a number',
  'Edm.Double': 'a number',
  'Edm.Decimal': 'a decimal number',
  'Edm.Date': 'a date such as 2026-11-21',
  'Edm.DateTimeOffset': 'a time such as 2026-11-21T20:40:00Z',
  'Edm.Guid': 'a GUID such as 2b5f3c1e-0d8a-4a57-9b0e-6f1f4a5c7d21',
};

const wrong = (p: ServiceParameter, what: string) =>
  refused('service.wrong_type', p.name, `${p.name} must be ${what}.`);

const refused = (code: string, target: string, message: string) =>
  new ServiceFailure({ status: 400, code, target, message });

// Publishers' patterns run on buyers' texts: by RE2, whose time grows with the text and nothing else. Compiling one costs more than
// asking it, and there are few.
const patterns = new Map<string, RE2JS>();
function compiled(pattern: string): RE2JS {
  const known = patterns.get(pattern);
  if (known) return known;
  if (patterns.size > 5000) patterns.clear();
  const made = compilePattern(pattern);
  patterns.set(pattern, made);
  return made;
}
export const compilePattern = (pattern: string): RE2JS => RE2JS.compile(pattern);
