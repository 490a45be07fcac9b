import { type Value, valueOfAnswer } from './edm.ts';
import type { Operation } from './model.ts';
import { refuse } from './odata.failure.ts';
import type { EdmField, Execute, FaceLimits, Row } from './odata.ts';

export interface Query {
  readonly filter: ((row: Row) => boolean) | undefined;
  readonly order: ((a: Row, b: Row) => number) | undefined;
  readonly skip: number;
  readonly top: number;
  readonly count: boolean;
  /** Where the page begins among the rows that skip and top leave. */
  readonly from: number;
  /** Rows of a page; undefined where the answer has no pages. */
  readonly pageSize: number | undefined;
}

export interface Page {
  readonly rows: readonly Row[];
  readonly count: number | undefined;
  /** Where the next page begins; undefined: this is the last. */
  readonly next: number | undefined;
}

export interface Source {
  readonly operation: Operation;
  /** Rows after the first `skip`, as the service has them. */
  fetch(skip: number, top: number | undefined): Promise<{ rows: readonly Row[]; more: boolean }>;
}

function columnValue(operation: Operation, column: EdmField, given: unknown): Value | readonly Value[] {
  const nonsense = (): never =>
    refuse(
      'odata.bad_answer',
      `The service answered something that is no ${column.type} as ${column.name} of ${operation.name}`,
      column.name,
    );
  if (column.collection) {
    if (given === null || given === undefined) return [];
    if (!Array.isArray(given)) return nonsense();
    return given.map((member) => valueOfAnswer(column.type, member) ?? (member === null ? null : nonsense()));
  }
  const value = valueOfAnswer(column.type, given);
  if (value === undefined || (value === null && !column.nullable)) return nonsense();
  return value;
}

/** What the service answers, in the types that the metadata promises. */
export function newSource(
  operation: Operation,
  execute: Execute,
  call: {
    readonly args: Record<string, unknown>;
    readonly batch?: readonly Record<string, unknown>[] | undefined;
    readonly signal: AbortSignal;
  },
): Source {
  return {
    operation,
    async fetch(skip, top) {
      const { args, batch, signal } = call;
      const answered = await execute(operation.name, args, { skip, top, signal, ...(batch && { batch }) });
      const rows = answered.rows.map((row, index) =>
        Object.fromEntries(
          operation.columns.map((column) => [
            column.name,
            column.name === operation.rowNumber
              ? skip + index + 1
              : columnValue(operation, column, row[column.name]),
          ]),
        ),
      );
      return { rows, more: answered.more ?? false };
    },
  };
}

/** Without this, a client that follows the next links would never end. */
const refuseEmpty = (source: Source): never =>
  refuse('odata.bad_answer', `${source.operation.name} promised more rows and answered none`);

async function readAll(source: Source, limits: FaceLimits): Promise<Row[]> {
  const rows: Row[] = [];
  for (let pages = 1; ; pages++) {
    const { rows: found, more } = await source.fetch(rows.length, undefined);
    for (const row of found) rows.push(row);
    if (rows.length > limits.rowsMax)
      refuse(
        'odata.too_many_rows',
        `${source.operation.name} answers more than ${limits.rowsMax} rows; sort, filter or count fewer by giving other values`,
      );
    if (!more) return rows;
    if (!found.length) refuseEmpty(source);
    if (pages >= limits.pagesMax)
      refuse(
        'odata.too_many_rows',
        `${source.operation.name} has more than ${limits.pagesMax} pages; sort, filter or count fewer by giving other values`,
      );
  }
}

/**
 * One page: filter, count, order, skip, top, page, in the protocol's order. Where nothing must be known of the other rows, only the page is
 * asked of the service.
 */
export async function readPage(source: Source, query: Query, limits: FaceLimits): Promise<Page> {
  const left = Math.max(0, query.top - query.from);
  const size = Math.min(left, query.pageSize ?? Number.POSITIVE_INFINITY);
  const begin = query.skip + query.from;
  const next = (reached: boolean) => (reached || size >= left ? undefined : query.from + size);

  if (!query.filter && !query.order && !query.count && query.pageSize !== undefined) {
    if (size === 0) return { rows: [], count: undefined, next: undefined };
    // One more than the page, to know whether there is a next.
    const { rows, more } = await source.fetch(begin, size + 1);
    if (more && !rows.length) refuseEmpty(source);
    if (rows.length <= size && more && rows.length > 0 && rows.length < size)
      // The service's own pages are smaller: this one is handed on as it is.
      return { rows, count: undefined, next: rows.length < left ? query.from + rows.length : undefined };
    return { rows: rows.slice(0, size), count: undefined, next: next(rows.length <= size && !more) };
  }
  let rows = await readAll(source, limits);
  if (query.filter) rows = rows.filter(query.filter);
  const count = query.count ? rows.length : undefined;
  if (query.order) rows.sort(query.order);
  const page = rows.slice(begin, begin + size);
  return { rows: page, count, next: next(begin + size >= rows.length) };
}
