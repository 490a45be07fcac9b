export interface Page<T> {
  readonly items: T[];
  readonly nextCursor: string | null;
}

/**
 * One page out of `limit + 1` rows: the row too many says that there is another page. Lists are read on from the last row that
 * was seen, not from a number of rows, so that what is inserted meanwhile neither repeats nor hides anything.
 */
export function pageFrom<R, T>(
  rows: readonly R[],
  limit: number,
  show: (row: R) => T,
  cursorOf: (row: R) => string,
): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items: items.map(show), nextCursor: rows.length > limit && last ? cursorOf(last) : null };
}
