import { compile, type JSONPathQuery } from 'json-p3';
import type { AnswerReader } from './services.answer.ts';

type Json = Parameters<JSONPathQuery['query']>[0];

// Compiling a path costs more than asking it, and there are few.
const compiledPaths = new Map<string, JSONPathQuery>();
export function compileJsonPath(path: string): JSONPathQuery {
  const known = compiledPaths.get(path);
  if (known) return known;
  if (compiledPaths.size > 5000) compiledPaths.clear();
  const made = compile(path);
  compiledPaths.set(path, made);
  return made;
}

/** An answer in JSON. A path that begins with `$` is a JSONPath; any other is the name of a property. */
export function jsonReader(text: string): AnswerReader {
  const root = JSON.parse(text) as Json;
  return {
    rows(path) {
      if (path === undefined) return [root];
      if (!path.startsWith('$')) return asRows(property(root, path));
      const query = compileJsonPath(path);
      const found = query.query(root).values();
      // A path to one list means what is in it; a path to many places means these.
      return query.singularQuery() ? asRows(found[0]) : found;
    },
    value(row, path, names, index) {
      if (path?.startsWith('$')) {
        const query = compileJsonPath(path);
        const found = query.query(row as Json).values();
        return query.singularQuery() || found.length <= 1 ? found[0] : found;
      }
      if (path !== undefined) return property(row, path);
      // Services that answer rows as lists have columns by their position.
      if (Array.isArray(row)) return row[index];
      return names.map((name) => property(row, name)).find((v) => v !== undefined);
    },
    matches(path) {
      const found = path.startsWith('$')
        ? compileJsonPath(path).query(root).values()
        : [property(root, path)];
      return found.some((v) => v !== undefined && v !== null && v !== false);
    },
  };
}

const asRows = (value: unknown): unknown[] =>
  Array.isArray(value) ? value : value === undefined ? [] : [value];

const property = (value: unknown, name: string): unknown =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name)
    ? (value as Record<string, unknown>)[name]
    : undefined;
