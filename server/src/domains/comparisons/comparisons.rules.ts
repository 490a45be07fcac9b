import type { ComparedAnswer, ComparedSample, Comparison, Difference } from '@souk/contract';

export const differencesMax = 50;
const shownCharsMax = 200;

/** The same to whoever reads it: equal, or so near that only the arithmetic differs. */
export const isNear = (a: number, b: number, tolerance: number): boolean =>
  a === b || Math.abs(a - b) <= tolerance * Math.max(1, Math.abs(a), Math.abs(b));

/** Where two answers differ: by value in JSON and JSON Lines, by cell in CSV and other text, as a whole in anything else. */
export function differencesOf(
  before: ComparedAnswer,
  after: ComparedAnswer,
  tolerance: number,
): Difference[] {
  const found: Difference[] = [];
  const add = (at: string, a: unknown, b: unknown) => found.push({ at, before: shown(a), after: shown(b) });
  if (before.status !== after.status) add('status', before.status, after.status);
  const [typeBefore, typeAfter] = [mediaType(before.contentType), mediaType(after.contentType)];
  if (typeBefore !== typeAfter) add('content type', typeBefore, typeAfter);
  if (before.body === after.body && before.encoding === after.encoding) return found;
  if (before.encoding === 'base64' || after.encoding === 'base64') {
    add('body', `${before.body.length} characters of base64`, `${after.body.length} characters of base64`);
    return found;
  }
  const json = [parsed(before.body), parsed(after.body)];
  if (json[0] && json[1]) compareJson('', json[0].value, json[1].value, tolerance, add);
  else compareText(before.body, after.body, tolerance, add);
  return found;
}

type Add = (at: string, before: unknown, after: unknown) => void;

function compareJson(at: string, a: unknown, b: unknown, tolerance: number, add: Add): void {
  if (typeof a === 'number' && typeof b === 'number') {
    if (!isNear(a, b, tolerance)) add(at || '/', a, b);
  } else if (Array.isArray(a) && Array.isArray(b)) {
    for (let i = 0; i < Math.max(a.length, b.length); i++)
      compareJson(`${at}/${i}`, a[i], b[i], tolerance, add);
  } else if (isObject(a) && isObject(b)) {
    for (const key of new Set([...Object.keys(a), ...Object.keys(b)]))
      compareJson(`${at}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`, a[key], b[key], tolerance, add);
  } else if (a !== b) add(at || '/', a, b);
}

/** Line by line; a line of JSON as JSON, any other by its cells. */
function compareText(before: string, after: string, tolerance: number, add: Add): void {
  const [a, b] = [linesOf(before), linesOf(after)];
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one, other] = [a[i], b[i]];
    if (one === other) continue;
    const at = `line ${i + 1}`;
    if (one === undefined || other === undefined) {
      add(at, one, other);
      continue;
    }
    const json = /^\s*[[{]/.test(one) ? [parsed(one), parsed(other)] : [];
    if (json[0] && json[1]) compareJson(at, json[0].value, json[1].value, tolerance, add);
    else compareCells(at, one.split(/[,;\t]/), other.split(/[,;\t]/), tolerance, add);
  }
}

function compareCells(at: string, a: readonly string[], b: readonly string[], tolerance: number, add: Add) {
  for (let i = 0; i < Math.max(a.length, b.length); i++) {
    const [one, other] = [a[i]?.trim(), b[i]?.trim()];
    if (one === other || (isNumber(one) && isNumber(other) && isNear(Number(one), Number(other), tolerance)))
      continue;
    add(`${at}, column ${i + 1}`, one, other);
  }
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
const isNumber = (text: string | undefined): boolean =>
  text !== undefined && text !== '' && Number.isFinite(Number(text));
const linesOf = (text: string): string[] => text.replace(/\r?\n$/, '').split(/\r?\n/);
const mediaType = (contentType: string): string => (contentType.split(';')[0] ?? '').trim().toLowerCase();

/** In an object, so that `null` is told from what is no JSON. */
function parsed(text: string): { readonly value: unknown } | undefined {
  try {
    return { value: JSON.parse(text) };
  } catch {
    return undefined;
  }
}

function shown(value: unknown): string | null {
  if (value === undefined) return null;
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > shownCharsMax ? `${text.slice(0, shownCharsMax)}…` : text;
}

export function compared(
  sample: Pick<ComparedSample, 'number' | 'contentType' | 'body' | 'encoding'>,
  before: ComparedAnswer | null,
  after: ComparedAnswer | null,
  tolerance: number,
): ComparedSample {
  const all = before && after ? differencesOf(before, after, tolerance) : [];
  return {
    ...sample,
    before,
    after,
    outcome: !before || !after ? 'unknown' : all.length > 0 ? 'different' : 'same',
    differences: all.slice(0, differencesMax),
    moreDifferences: Math.max(0, all.length - differencesMax),
  };
}

export function summaryOf(samples: readonly ComparedSample[]): NonNullable<Comparison['summary']> {
  const of = (outcome: ComparedSample['outcome']) => samples.filter((s) => s.outcome === outcome).length;
  // What was recorded was measured elsewhere, at another time: it says nothing about which of both is faster.
  const times = (side: 'before' | 'after') =>
    samples.flatMap((s) => (s[side] && !s[side].recorded ? s[side].durationMs : []));
  return {
    samples: samples.length,
    same: of('same'),
    different: of('different'),
    unknown: of('unknown'),
    medianBeforeMs: median(times('before')),
    medianAfterMs: median(times('after')),
  };
}

function median(values: readonly number[]): number | null {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.floor((sorted.length - 1) / 2)] ?? null;
}

/** Bytes as JSON can carry them. */
export function textOf(bytes: Uint8Array): { readonly body: string; readonly encoding: 'text' | 'base64' } {
  try {
    return {
      body: new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes),
      encoding: 'text',
    };
  } catch {
    return { body: Buffer.from(bytes).toString('base64'), encoding: 'base64' };
  }
}

export const bytesOf = (body: string, encoding: 'text' | 'base64' = 'text'): Buffer =>
  Buffer.from(body, encoding === 'base64' ? 'base64' : 'utf8');
