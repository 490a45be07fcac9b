import { type LiteralKind, said, type Token, tokens } from './lexer.ts';
import { refuse, shown } from './odata.failure.ts';

/** A value in the path, or the alias that stands for one. */
export type PathValue =
  | { readonly kind: 'literal'; readonly literal: LiteralKind; readonly text: string; readonly at: number }
  | { readonly kind: 'alias'; readonly name: string; readonly at: number };

export interface Segment {
  readonly name: string;
  /** `(a=1,b=2)` by name, `(1)` under the empty name; one group for the arguments, one for a key. */
  readonly groups: readonly ReadonlyMap<string, PathValue>[];
}

export interface Path {
  readonly first: Segment | undefined;
  /** `$count`, `$value`, columns. */
  readonly rest: readonly string[];
}

const where = 'path';

/** Splits at slashes outside of quotes: clients forget to encode the ones within. */
function split(path: string): string[] {
  const parts: string[] = [];
  let from = 0;
  let quoted = false;
  for (let at = 0; at < path.length; at += 1) {
    if (path[at] === "'") quoted = !quoted;
    else if (path[at] === '/' && !quoted) {
      parts.push(path.slice(from, at));
      from = at + 1;
    }
  }
  parts.push(path.slice(from));
  return parts;
}

function group(words: readonly Token[], start: number): { values: Map<string, PathValue>; end: number } {
  const values = new Map<string, PathValue>();
  let next = start;
  const take = () => words[Math.min(next++, words.length - 1)] as Token;
  const isMark = (token: Token, mark: string) => token.kind === 'mark' && token.text === mark;
  if (isMark(words[next] as Token, ')')) return { values, end: next + 1 };
  for (;;) {
    let token = take();
    let name = '';
    if (token.kind === 'name') {
      name = token.text;
      const equals = take();
      if (!isMark(equals, '='))
        refuse(
          'odata.malformed_literal',
          `"=" is missing after ${said(token)}; texts stand in single quotes`,
          where,
          equals.at,
        );
      token = take();
    }
    if (token.kind === 'name')
      refuse(
        'odata.malformed_literal',
        `${said(token)} is no value; texts stand in single quotes`,
        where,
        token.at,
      );
    if (token.kind !== 'literal' && token.kind !== 'alias')
      refuse('odata.malformed_literal', `A value is missing before ${said(token)}`, where, token.at);
    if (values.has(name))
      refuse(
        'odata.malformed_url',
        name ? `${name} is there twice` : 'Values need their names',
        where,
        token.at,
      );
    values.set(name, token.kind === 'alias' ? { kind: 'alias', name: token.text, at: token.at } : token);
    const after = take();
    if (isMark(after, ')')) break;
    if (!isMark(after, ','))
      refuse('odata.malformed_literal', `"," or ")" is missing before ${said(after)}`, where, after.at);
  }
  if (values.size > 1 && values.has('')) refuse('odata.malformed_url', 'Values need their names', where);
  return { values, end: next };
}

function segment(text: string): Segment {
  if (text.startsWith('$')) return { name: text, groups: [] };
  const name = /^[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*/.exec(text)?.[0];
  if (!name) refuse('odata.not_found', `There is nothing at ${shown(text)}`, where);
  const words = tokens(text, where);
  const groups: ReadonlyMap<string, PathValue>[] = [];
  let next = 1;
  for (;;) {
    const token = words[next] as Token;
    if (token.kind === 'end') return { name, groups };
    if (token.kind !== 'mark' || token.text !== '(' || groups.length === 2)
      refuse('odata.malformed_url', `${said(token)} is one thing too many`, where, token.at);
    const { values, end } = group(words, next + 1);
    groups.push(values);
    next = end;
  }
}

export function parsePath(encoded: string): Path {
  let path: string;
  try {
    path = decodeURIComponent(encoded);
  } catch {
    refuse('odata.malformed_url', 'The percent-encoding of the path is broken', where);
  }
  const [first = '', ...rest] = split(path.replace(/^\//, ''));
  if (rest.at(-1) === '') rest.pop();
  if (rest.length > 3) refuse('odata.not_found', `There is nothing at ${shown(path)}`, where);
  return { first: first === '' && !rest.length ? undefined : segment(first), rest };
}
