import { compare, exampleOf, type Family, familyOf, type Value, valueOfLiteral } from './edm.ts';
import { type Comparison, type Expression, parseExpression } from './expression.ts';
import { tokens } from './lexer.ts';
import { refuse, shown } from './odata.failure.ts';
import type { EdmField, Row } from './odata.ts';

/** An expression with its types checked: `null` is the type of null, which goes with all. */
interface Checked {
  readonly family: Family | null;
  readonly says: string;
  readonly value: (row: Row) => Value;
}

type Columns = ReadonlyMap<string, EdmField>;
type Aliases = ReadonlyMap<string, string>;

const literalFamilies = {
  string: 'string',
  boolean: 'boolean',
  number: 'number',
  date: 'date',
  dateTimeOffset: 'dateTimeOffset',
  guid: 'guid',
} as const;
const typeFor = {
  string: 'Edm.String',
  boolean: 'Edm.Boolean',
  number: 'Edm.Decimal',
  date: 'Edm.Date',
  dateTimeOffset: 'Edm.DateTimeOffset',
  guid: 'Edm.Guid',
} as const;

const holds: Record<Comparison, (order: number | undefined) => boolean> = {
  eq: (order) => order === 0,
  ne: (order) => order !== 0,
  gt: (order) => order !== undefined && order > 0,
  ge: (order) => order !== undefined && order >= 0,
  lt: (order) => order !== undefined && order < 0,
  le: (order) => order !== undefined && order <= 0,
};

/** Null compared: equal to itself, unequal to all else, and neither above nor below anything. */
const withNull = (word: Comparison, a: Value, b: Value) =>
  word === 'eq' ? a === b : word === 'ne' ? a !== b : false;

const textual: Record<string, (text: string, part: string) => boolean> = {
  contains: (text, part) => text.includes(part),
  startswith: (text, part) => text.startsWith(part),
  endswith: (text, part) => text.endsWith(part),
};

export function columnNamed(columns: Columns, name: string, target: string, at: number): EdmField {
  const column = columns.get(name);
  if (!column)
    refuse(
      'odata.unknown_column',
      `There is no column ${shown(name)}; there are ${shown([...columns.keys()].join(', '), 300)}`,
      target,
      at,
    );
  return column;
}

export function compileFilter(text: string, columns: Columns, aliases: Aliases): (row: Row) => boolean {
  const target = '$filter';

  function literal(kind: Extract<Expression, { kind: 'literal' }>, where: string): Checked {
    if (kind.literal === 'null') return { family: null, says: 'null', value: () => null };
    const family = literalFamilies[kind.literal];
    const value =
      kind.literal === 'number' && /INF|NaN/.test(kind.text)
        ? valueOfLiteral('Edm.Double', kind.literal, kind.text)
        : valueOfLiteral(typeFor[family], kind.literal, kind.text);
    if (value === undefined)
      refuse('odata.malformed_literal', `${shown(kind.text)} is no such value`, where, kind.at);
    return { family, says: typeFor[family], value: () => value };
  }

  function alias(expression: Extract<Expression, { kind: 'alias' }>): Checked {
    const given = aliases.get(expression.name);
    // An alias without a value is null: the protocol says so.
    if (given === undefined) return { family: null, says: 'null', value: () => null };
    const [first, second] = tokens(given, expression.name);
    if (first?.kind !== 'literal' || second?.kind !== 'end')
      refuse('odata.malformed_literal', `${expression.name} stands for one value`, expression.name);
    return literal(first, expression.name);
  }

  function truthOf(expression: Expression): Checked {
    const checked = check(expression);
    if (checked.family !== 'boolean' && checked.family !== null)
      refuse('odata.wrong_type', `${checked.says} is neither true nor false here`, target, expression.at);
    return checked;
  }

  function check(expression: Expression): Checked {
    switch (expression.kind) {
      case 'literal':
        return literal(expression, target);
      case 'alias':
        return alias(expression);
      case 'column': {
        const column = columnNamed(columns, expression.name, target, expression.at);
        if (column.collection)
          refuse(
            'odata.not_supported',
            `${column.name} is a list; lists cannot be filtered`,
            target,
            expression.at,
          );
        return {
          family: familyOf[column.type],
          says: `${column.name} (${column.type})`,
          value: (row) => (row[column.name] ?? null) as Value,
        };
      }
      case 'call': {
        const [text, part, ...more] = expression.of.map(check);
        if (!text || !part || more.length)
          refuse('odata.malformed_expression', `${expression.name} takes two values`, target, expression.at);
        for (const given of [text, part])
          if (given.family !== 'string' && given.family !== null)
            refuse(
              'odata.wrong_type',
              `${expression.name} takes texts, not ${given.says}`,
              target,
              expression.at,
            );
        const found = textual[expression.name] as (text: string, part: string) => boolean;
        return {
          family: 'boolean',
          says: expression.name,
          value: (row) => {
            const [a, b] = [text.value(row), part.value(row)];
            return a === null || b === null ? null : found(String(a), String(b));
          },
        };
      }
      case 'not': {
        const of = truthOf(expression.of);
        return {
          family: 'boolean',
          says: 'not',
          value: (row) => {
            const value = of.value(row);
            return value === null ? null : !value;
          },
        };
      }
      case 'both': {
        const parts = expression.of.map(truthOf);
        // What decides is false for and, true for or; null is what is left when nothing decided and something was unknown.
        const decides = expression.word === 'or';
        return {
          family: 'boolean',
          says: expression.word,
          value: (row) => {
            let unknown = false;
            for (const part of parts) {
              const value = part.value(row);
              if (value === decides) return decides;
              unknown ||= value === null;
            }
            return unknown ? null : !decides;
          },
        };
      }
      case 'compare': {
        const [left, right] = [check(expression.left), check(expression.right)];
        const family = left.family ?? right.family;
        if (left.family !== null && right.family !== null && left.family !== right.family)
          refuse(
            'odata.wrong_type',
            `${left.says} and ${right.says} cannot be compared; a value is written like ${
              exampleOf[typeFor[left.family]]
            }`,
            target,
            expression.at,
          );
        const { word } = expression;
        return {
          family: 'boolean',
          says: word,
          value: (row) => {
            const [a, b] = [left.value(row), right.value(row)];
            if (a === null || b === null || family === null) return withNull(word, a, b);
            return holds[word](compare(family, a, b));
          },
        };
      }
    }
  }

  const { value } = truthOf(parseExpression(text, target));
  return (row) => value(row) === true;
}

/** `a, b desc`: by the first, then the second. Null stands before everything else. The sort is stable. */
export function compileOrder(text: string, columns: Columns): (a: Row, b: Row) => number {
  const target = '$orderby';
  const words = tokens(text, target);
  const by: { name: string; family: Family; sign: 1 | -1 }[] = [];
  let next = 0;
  for (;;) {
    const token = words[next++];
    if (token?.kind !== 'name')
      refuse('odata.malformed_option', 'A column is missing', target, token?.at ?? text.length);
    const after = words[next];
    if (after?.kind === 'mark' && (after.text === '(' || after.text === '/'))
      refuse('odata.not_supported', 'Only columns can be sorted by', target, after.at);
    const column = columnNamed(columns, token.text, target, token.at);
    if (column.collection)
      refuse('odata.not_supported', `${column.name} is a list; lists have no order`, target, token.at);
    const direction = after?.kind === 'name' ? after.text : undefined;
    if (direction !== undefined && direction !== 'asc' && direction !== 'desc')
      refuse('odata.malformed_option', `"${shown(direction)}" is neither asc nor desc`, target, after?.at);
    if (direction) next += 1;
    by.push({ name: column.name, family: familyOf[column.type], sign: direction === 'desc' ? -1 : 1 });
    const end = words[next++];
    if (end?.kind === 'end') break;
    if (end?.kind !== 'mark' || end.text !== ',')
      refuse('odata.malformed_option', 'Columns are separated by commas', target, end?.at);
  }
  return (a, b) => {
    for (const { name, family, sign } of by) {
      const [x, y] = [(a[name] ?? null) as Value, (b[name] ?? null) as Value];
      const order = x === null ? (y === null ? 0 : -1) : y === null ? 1 : (compare(family, x, y) ?? 0);
      if (order) return order * sign;
    }
    return 0;
  };
}

/** The columns wanted, in the order of the type; undefined is all. */
export function compileSelect(text: string, columns: Columns): readonly EdmField[] | undefined {
  const target = '$select';
  const wanted = new Set<string>();
  let all = false;
  let at = 0;
  for (const part of text.split(',')) {
    const name = part.trim();
    if (name === '*') all = true;
    else if (/[/().]/.test(name))
      refuse('odata.not_supported', `"${shown(name)}": only columns can be selected`, target, at);
    else if (!/^\w+$/.test(name))
      refuse(
        'odata.malformed_option',
        name ? `"${shown(name)}" is no column` : 'A column is missing',
        target,
        at,
      );
    else wanted.add(columnNamed(columns, name, target, at).name);
    at += part.length + 1;
  }
  return all ? undefined : [...columns.values()].filter(({ name }) => wanted.has(name));
}
