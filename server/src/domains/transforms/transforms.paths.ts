import { compile, type JSONPathQuery } from 'json-p3';
import { fail } from '../../platform/errors.ts';

/** A JSONPath (RFC 9535) of a filter. One that names a single place gives its value; any other gives a list of values. */
export interface Path {
  readonly text: string;
  /** Undefined where it finds nothing. */
  of(value: unknown): unknown;
}

const selectors = new Set(['NameSelector', 'IndexSelector', 'SliceSelector', 'WildcardSelector']);

/**
 * Filter expressions are not taken, as the vendor does not take them: with their patterns a single path could keep the whole
 * marketplace busy.
 */
export function pathOf(filter: 'inputFilter' | 'outputFilter', text: string): Path {
  const refuse = (problem: string): never => fail('transform.json_path', { filter, path: text, problem });
  let query: JSONPathQuery;
  try {
    query = compile(text);
  } catch (error) {
    return refuse(`${(error as Error).message}.`);
  }
  for (const segment of query.segments) {
    if (segment.constructor.name !== 'ChildSegment') refuse('".." is not taken: name the place.');
    for (const selector of segment.selectors)
      if (!selectors.has(selector.constructor.name)) refuse('filter expressions (?) are not taken.');
  }
  const single = query.singularQuery();
  return {
    text,
    of(value) {
      const found = query.query(value as never).values();
      return single ? found[0] : found.length === 0 ? undefined : found;
    },
  };
}
