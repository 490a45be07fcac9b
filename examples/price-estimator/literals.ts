import { Refusal } from './refusal.ts';

/** A primitive literal of an address: 'text' with doubled quotes, a number, true, false, or a date. */
export function literal(text: string, target: string): string | number | boolean {
  if (/^'(?:[^']|'')*'$/.test(text)) return text.slice(1, -1).replaceAll("''", "'");
  if (text === 'true' || text === 'false') return text === 'true';
  if (/^\d{4}-\d{2}-\d{2}$/.test(text)) return text;
  if (/^-?\d+(?:\.\d+)?$/.test(text)) return Number(text);
  throw new Refusal(400, 'InvalidLiteral', `"${text.slice(0, 60)}" is no literal of OData.`, target);
}

/** `(A=1,B='x')` of a call, with `@p` taken from the query; or the same values straight from the query. */
export function callArguments(list: string | undefined, query: URLSearchParams): Record<string, unknown> {
  const pairs: [string, string][] =
    list === undefined
      ? [...query].filter(([name]) => /^[A-Za-z]/.test(name))
      : [...list.matchAll(/(?:^|,)\s*(\w+)\s*=\s*('(?:[^']|'')*'|[^,']*)/g)].map((m) => [
          m[1] ?? '',
          (m[2] ?? '').trim(),
        ]);
  return Object.fromEntries(
    pairs.map(([name, value]) => [
      name,
      literal(value.startsWith('@') ? (query.get(value) ?? value) : value, name),
    ]),
  );
}
