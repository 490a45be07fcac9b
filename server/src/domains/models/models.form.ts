import { type Finding, finding } from '@souk/contract';

export interface Answer {
  readonly contentType: string;
  readonly body: string;
}

export interface ExpectedAnswer {
  readonly contentType: string;
  readonly body?: string | undefined;
}

interface Difference {
  readonly code: string;
  /** Where in the answer; elements of a list are one place, so that a thousand rows say it once. */
  readonly place: string;
  readonly message: string;
}

const findingsMax = 20;
const remedy =
  'Correct the expected answer of the validation profile, or the model; `souk serve-model` answers the same on your desk.';

/**
 * Holds an answer against the example that its publisher gave: keys and types, lengths, columns and rows; never the numbers, which
 * may differ in the last digit on another machine. Both belong to the same input, so their lengths must be the same.
 */
export function compareForm(expected: ExpectedAnswer, actual: Answer): Finding[] {
  const differences = differencesOf(expected, actual);
  const first = new Map<string, Difference & { times: number }>();
  for (const d of differences) {
    const key = `${d.code} ${d.place}`;
    const known = first.get(key);
    if (known) known.times++;
    else first.set(key, { ...d, times: 1 });
  }
  return [...first.values()].slice(0, findingsMax).map(({ code, message, times }) =>
    finding({
      rule: 'validation',
      code,
      severity: code === 'validation.field_unexpected' ? 'warning' : 'error',
      message: times === 1 ? message : `${message} The same is so in ${times - 1} more places.`,
      remedy,
    }),
  );
}

function differencesOf(expected: ExpectedAnswer, actual: Answer): Difference[] {
  const [wanted, given] = [baseType(expected.contentType), baseType(actual.contentType)];
  if (wanted !== given)
    return [
      {
        code: 'validation.content_type',
        place: '',
        message: `The model answered with ${given || 'no content type'}; ${wanted} is expected.`,
      },
    ];
  if (wanted === 'application/json' || wanted.endsWith('+json'))
    return compareJson(expected.body, actual.body);
  if (wanted === 'text/csv') return expected.body === undefined ? [] : compareCsv(expected.body, actual.body);
  return expected.body && !actual.body
    ? [{ code: 'validation.empty', place: '', message: 'The model answered with nothing.' }]
    : [];
}

const baseType = (contentType: string) => (contentType.split(';')[0] ?? '').trim().toLowerCase();

function compareJson(expected: string | undefined, actual: string): Difference[] {
  const given = parsed(actual);
  if (!given.ok)
    return [
      {
        code: 'validation.unreadable',
        place: '',
        message: `The model’s answer is not JSON, although it says so: ${given.problem}.`,
      },
    ];
  if (expected === undefined) return [];
  const wanted = parsed(expected);
  if (!wanted.ok)
    return [
      {
        code: 'validation.expected_unreadable',
        place: '',
        message: `The expected answer of the validation profile is not JSON: ${wanted.problem}.`,
      },
    ];
  return compareValues(wanted.value, given.value, [], []);
}

type Parsed = { ok: true; value: unknown } | { ok: false; problem: string };

function parsed(text: string): Parsed {
  try {
    return { ok: true, value: JSON.parse(text) };
  } catch (error) {
    return { ok: false, problem: (error as Error).message };
  }
}

/** `path` is where we are, for people; `place` the same without the numbers of elements. */
function compareValues(wanted: unknown, given: unknown, path: string[], place: string[]): Difference[] {
  // An example that shows null says only that something may be missing there.
  if (wanted === null) return [];
  const at = `/${path.join('/')}`;
  const key = place.join('/');
  const [wantedType, givenType] = [typeName(wanted), typeName(given)];
  if (wantedType !== givenType)
    return [
      {
        code: 'validation.type',
        place: key,
        message: `At ${at} the model answers ${givenType}; ${wantedType} is expected.`,
      },
    ];
  if (Array.isArray(wanted) && Array.isArray(given)) {
    if (wanted.length !== given.length)
      return [
        {
          code: 'validation.length',
          place: key,
          message: `At ${at} the model answers ${count(given.length, 'element')}; ${wanted.length} are expected for this input.`,
        },
      ];
    return wanted.flatMap((w, i) => compareValues(w, given[i], [...path, String(i)], [...place, '*']));
  }
  if (isObject(wanted) && isObject(given)) {
    const missing = Object.keys(wanted).filter((k) => !Object.hasOwn(given, k));
    const extra = Object.keys(given).filter((k) => !Object.hasOwn(wanted, k));
    return [
      ...missing.map((k) => ({
        code: 'validation.field_missing',
        place: `${key}/${k}`,
        message: `The field ${path.length === 0 ? '' : `${at}`}/${k} is missing from the model’s answer.`,
      })),
      ...extra.map((k) => ({
        code: 'validation.field_unexpected',
        place: `${key}/${k}`,
        message: `The model’s answer has the field ${path.length === 0 ? '' : `${at}`}/${k}, which the expected answer does not show.`,
      })),
      ...Object.keys(wanted)
        .filter((k) => Object.hasOwn(given, k))
        .flatMap((k) => compareValues(wanted[k], given[k], [...path, k], [...place, k])),
    ];
  }
  return [];
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

function typeName(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return 'a list';
  switch (typeof value) {
    case 'object':
      return 'an object';
    case 'string':
      return 'a text';
    case 'number':
      return 'a number';
    default:
      return 'true or false';
  }
}

function compareCsv(expected: string, actual: string): Difference[] {
  const [wanted, given] = [csvRows(expected), csvRows(actual)];
  if (wanted.length !== given.length)
    return [
      {
        code: 'validation.rows',
        place: '',
        message: `The model answers ${count(given.length, 'row')}; ${wanted.length} are expected for this input.`,
      },
    ];
  return wanted.flatMap((row, i) => {
    const cells = given[i] ?? [];
    if (row.length !== cells.length)
      return [
        {
          code: 'validation.columns',
          place: '*',
          message: `Row ${i + 1} of the model’s answer has ${count(cells.length, 'column')}; ${row.length} are expected.`,
        },
      ];
    return row.flatMap((cell, column) => {
      const [w, g] = [cellType(cell), cellType(cells[column] ?? '')];
      return w === 'nothing' || w === g
        ? []
        : [
            {
              code: 'validation.type',
              place: `column ${column}`,
              message: `In row ${i + 1}, column ${column + 1}, the model answers ${g}; ${w} is expected.`,
            },
          ];
    });
  });
}

/** NaN and the infinities are what models write for numbers that are none. */
function cellType(cell: string): string {
  const text = cell.trim();
  if (text === '') return 'nothing';
  if (/^(?:true|false)$/i.test(text)) return 'true or false';
  return /^[+-]?(?:\d+\.?\d*(?:e[+-]?\d+)?|\.\d+(?:e[+-]?\d+)?|nan|inf(?:inity)?)$/i.test(text)
    ? 'a number'
    : 'a text';
}

/** RFC 4180: commas, quotes doubled inside quotes, CR LF or LF; the last line break is optional. */
function csvRows(text: string): string[][] {
  const rows: string[][] = [];
  let row: string[] = [];
  let cell = '';
  let quoted = false;
  for (let i = 0; i < text.length; i++) {
    const c = text[i] ?? '';
    if (quoted) {
      if (c !== '"') cell += c;
      else if (text[i + 1] === '"') {
        cell += '"';
        i++;
      } else quoted = false;
    } else if (c === '"' && cell === '') quoted = true;
    else if (c === ',') {
      row.push(cell);
      cell = '';
    } else if (c === '\n') {
      rows.push([...row, cell]);
      row = [];
      cell = '';
    } else if (c !== '\r') cell += c;
  }
  if (cell !== '' || row.length > 0) rows.push([...row, cell]);
  return rows;
}

const count = (n: number, what: string) => `${n} ${what}${n === 1 ? '' : 's'}`;
