import type { Options } from './service-call.ts';

/** The operation of a sample: of an OData service the sample is a path with its query. */
export const nameIn = (path: string) => /^\/?(\w+)/.exec(path)?.[1] ?? path;

function decoded(text: string): string {
  try {
    return decodeURIComponent(text.replaceAll('+', ' '));
  } catch {
    return text;
  }
}

const withoutQuotes = (literal: string) =>
  literal.startsWith("'") ? literal.slice(1, -1).replaceAll("''", "'") : literal;

/** Values that stand in the parentheses of a sample path, as the fields of the form show them. */
export function argumentsIn(path: string): Record<string, string> {
  const inside = /^\/?\w+\((.*)\)/.exec(decoded(path.split('?')[0] ?? ''))?.[1] ?? '';
  const pairs = inside.matchAll(/(\w+)\s*=\s*('(?:[^']|'')*'|[^,]*)/g);
  return Object.fromEntries(
    [...pairs].map(([, name = '', value = '']) => [name, withoutQuotes(value.trim())]),
  );
}

/** Options that a sample path ends with. */
export function optionsIn(path: string): Options {
  const query = new URLSearchParams(path.slice(path.indexOf('?') + 1 || path.length));
  const given = (['filter', 'orderby', 'select', 'top'] as const).flatMap((name) => {
    const value = query.get(`$${name}`);
    return value === null ? [] : [[name, value] as const];
  });
  return Object.fromEntries(given);
}
