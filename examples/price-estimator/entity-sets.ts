import { literal } from './literals.ts';
import { Refusal } from './refusal.ts';

type Row = Readonly<Record<string, unknown>>;

const pageRows = 100;
const understood = new Set(['$top', '$skip', '$count', '$select', '$orderby', '$filter', '$format']);
const comparisons: Readonly<Record<string, (a: never, b: never) => boolean>> = {
  eq: (a, b) => a === b,
  ne: (a, b) => a !== b,
  gt: (a, b) => a > b,
  ge: (a, b) => a >= b,
  lt: (a, b) => a < b,
  le: (a, b) => a <= b,
};

/** Answers a read of a set: filtered, ordered, counted, cut into pages of a hundred with a link to the next. */
export function readSet(name: string, rows: readonly Row[], query: URLSearchParams, root: string) {
  for (const option of query.keys())
    if (option.startsWith('$') && !understood.has(option))
      throw new Refusal(501, 'NotImplemented', `This service does not know ${option}.`, option);
  const columns = Object.keys(rows[0] ?? {});
  const found = ordered(rows.filter(filterOf(query.get('$filter'), columns)), query.get('$orderby'), columns);
  const skip = whole(query, '$skip') ?? 0;
  const top = whole(query, '$top') ?? Number.POSITIVE_INFINITY;
  const page = found.slice(skip, skip + Math.min(top, pageRows));
  const isPartial = top > pageRows && skip + pageRows < found.length;
  const chosen = query
    .get('$select')
    ?.split(',')
    .map((c) => column(c.trim(), columns));
  return {
    '@odata.context': `${root}/$metadata#${name}${chosen ? `(${chosen.join(',')})` : ''}`,
    ...(query.get('$count') === 'true' ? { '@odata.count': found.length } : {}),
    value: chosen ? page.map((row) => Object.fromEntries(chosen.map((c) => [c, row[c]]))) : page,
    ...(isPartial ? { '@odata.nextLink': nextLink(name, query, root, skip + pageRows, top - pageRows) } : {}),
  };
}

function nextLink(name: string, query: URLSearchParams, root: string, skip: number, left: number): string {
  const next = new URLSearchParams(query);
  next.set('$skip', String(skip));
  if (Number.isFinite(left)) next.set('$top', String(left));
  return `${root}/${name}?${next}`;
}

/** `A eq 1 and B gt 'x'`: enough for a set of a thousand rows; whoever needs more reads it whole. */
function filterOf(text: string | null, columns: readonly string[]): (row: Row) => boolean {
  if (text === null) return () => true;
  const tests = text.split(/ and (?=(?:[^']*'[^']*')*[^']*$)/).map((part) => {
    const [, name = '', operator = '', value = ''] = /^\s*(\w+) (\w+) (.+?)\s*$/.exec(part) ?? [];
    const compare = comparisons[operator];
    if (!compare)
      throw new Refusal(501, 'NotImplemented', `This service cannot filter by "${part.trim()}".`, '$filter');
    const wanted = literal(value, '$filter') as never;
    const known = column(name, columns);
    return (row: Row) => compare(row[known] as never, wanted);
  });
  return (row) => tests.every((t) => t(row));
}

function ordered(rows: readonly Row[], text: string | null, columns: readonly string[]): readonly Row[] {
  if (text === null) return rows;
  const [, name = '', direction = 'asc'] = /^\s*(\w+)(?: (asc|desc))?\s*$/.exec(text) ?? [];
  const by = column(name, columns);
  const sign = direction === 'desc' ? -1 : 1;
  return [...rows].sort(
    (a, b) => sign * ((a[by] as never) < (b[by] as never) ? -1 : Number(a[by] !== b[by])),
  );
}

function column(name: string, columns: readonly string[]): string {
  if (columns.includes(name)) return name;
  throw new Refusal(
    400,
    'UnknownProperty',
    `There is no property "${name}"; there are ${columns.join(', ')}.`,
    name,
  );
}

function whole(query: URLSearchParams, option: string): number | undefined {
  const text = query.get(option);
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  throw new Refusal(
    400,
    'InvalidOption',
    `${option} is a whole number from 0, not "${text.slice(0, 40)}".`,
    option,
  );
}
