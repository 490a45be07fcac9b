import { type Finding, finding, type ValidationProfile } from '@souk/contract';

/** An answer to one call of the model that is being checked; null: it was not 200. */
export type AskModel = (body: string) => Promise<string | null>;

/** Runs of several records may add in another order. */
const relativeMax = 1e-3;
const absoluteMax = 1e-5;

const found = (code: string, message: string, remedy: string): Finding =>
  finding({ rule: 'validation', code, severity: 'error', message, remedy });

/**
 * Whether what the publisher promises by `batching` holds: that a record's answer does not depend on the records beside it. The
 * sample's records are asked for each alone and all together; a model that normalises over its batch, say, is told apart so.
 */
export async function batchingFindings(
  { input, expected }: Pick<ValidationProfile, 'input' | 'expected'>,
  ask: AskModel,
): Promise<Finding[]> {
  const records = recordsOf(input.contentType, input.body);
  if (records === undefined || records.length < 2)
    return [
      found(
        'validation.batching_sample',
        'Batching cannot be checked: the sample input has not at least two records that can be told apart.',
        'Give two or more different records in the validation profile: lines of CSV, or JSON as {"instances": [...]}; or leave `batching` out.',
      ),
    ];
  const together = answersOf(expected.contentType, await ask(input.body), records.length);
  for (const [i, record] of records.entries()) {
    const [alone] = answersOf(expected.contentType, await ask(record), 1) ?? [];
    if (together === undefined || alone === undefined) return [unreadable()];
    if (!agree(alone, together[i])) return [differs(i, alone, together[i])];
  }
  return [];
}

const unreadable = () =>
  found(
    'validation.batching_answer',
    'Batching cannot be checked: the answer has not one row or prediction for each record of the sample.',
    'A model whose answer is not one row for each record cannot be batched: leave `batching` out.',
  );

const differs = (i: number, alone: unknown, together: unknown) =>
  found(
    'validation.batching_differs',
    `Record ${i + 1} of the sample is answered with ${shown(alone)} alone and with ${shown(together)} beside the others.`,
    'The model looks at its whole batch, so callers would change each other’s answers: leave `batching` out, or make its records independent.',
  );

const shown = (value: unknown) => JSON.stringify(value)?.slice(0, 120) ?? 'nothing';

/** Bodies with one record each, of the same form. */
function recordsOf(contentType: string, body: string): string[] | undefined {
  if (contentType.startsWith('text/csv'))
    return body
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .map((line) => `${line}\n`);
  const parsed = jsonOf(body);
  if (Array.isArray(parsed)) return parsed.map((record) => JSON.stringify([record]));
  const instances = (parsed as { instances?: unknown } | null | undefined)?.instances;
  if (Array.isArray(instances)) return instances.map((record) => JSON.stringify({ instances: [record] }));
  // Tensors by name: each has its records along its first dimension.
  const named = tensorsOf(parsed);
  if (named === undefined) return undefined;
  const [first] = Object.values(named);
  return first?.map((_, i) =>
    JSON.stringify(Object.fromEntries(Object.entries(named).map(([name, rows]) => [name, [rows[i]]]))),
  );
}

function answersOf(contentType: string, body: string | null, records: number): unknown[] | undefined {
  if (body === null) return undefined;
  let rows: unknown[] | undefined;
  if (contentType.startsWith('text/csv'))
    rows = body
      .split(/\r?\n/)
      .filter((line) => line !== '')
      .map((line) => line.split(',').map((cell) => (Number.isNaN(Number(cell)) ? cell : Number(cell))));
  else {
    const parsed = jsonOf(body);
    const predictions = (parsed as { predictions?: unknown } | null | undefined)?.predictions ?? parsed;
    const named = Array.isArray(predictions) ? undefined : tensorsOf(predictions);
    rows = Array.isArray(predictions)
      ? predictions
      : named && Object.values(named)[0]?.map((_, i) => Object.values(named).map((column) => column[i]));
  }
  return rows?.length === records ? rows : undefined;
}

function tensorsOf(value: unknown): Record<string, unknown[]> | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const entries = Object.entries(value);
  const [first] = entries;
  if (!Array.isArray(first?.[1])) return undefined;
  const { length } = first[1];
  return entries.every(([, rows]) => Array.isArray(rows) && rows.length === length)
    ? (value as Record<string, unknown[]>)
    : undefined;
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function agree(a: unknown, b: unknown): boolean {
  if (typeof a === 'number' && typeof b === 'number')
    return Math.abs(a - b) <= absoluteMax + relativeMax * Math.max(Math.abs(a), Math.abs(b));
  if (typeof a !== 'object' || a === null || typeof b !== 'object' || b === null) return a === b;
  const [keys, others] = [Object.keys(a), Object.keys(b)];
  return (
    keys.length === others.length &&
    keys.every((key) => agree((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]))
  );
}
