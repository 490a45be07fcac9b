import { type LiteralKind, said, type Token, tokens } from './lexer.ts';
import { refuse, shown } from './odata.failure.ts';

export type Comparison = 'eq' | 'ne' | 'gt' | 'ge' | 'lt' | 'le';

export type Expression =
  | { readonly kind: 'literal'; readonly literal: LiteralKind; readonly text: string; readonly at: number }
  | { readonly kind: 'column'; readonly name: string; readonly at: number }
  | { readonly kind: 'alias'; readonly name: string; readonly at: number }
  | { readonly kind: 'call'; readonly name: string; readonly of: readonly Expression[]; readonly at: number }
  | { readonly kind: 'not'; readonly of: Expression; readonly at: number }
  | {
      readonly kind: 'both';
      readonly word: 'and' | 'or';
      readonly of: readonly Expression[];
      readonly at: number;
    }
  | {
      readonly kind: 'compare';
      readonly word: Comparison;
      readonly left: Expression;
      readonly right: Expression;
      readonly at: number;
    };

const depthMax = 100;
/** From loose to tight; the words that are known and not offered have their places too, so that what is refused is named rightly. */
const strengths: Record<string, number> = {
  or: 1,
  and: 2,
  eq: 3,
  ne: 3,
  gt: 4,
  ge: 4,
  lt: 4,
  le: 4,
  has: 4,
  in: 4,
  add: 5,
  sub: 5,
  mul: 6,
  div: 6,
  divby: 6,
  mod: 6,
};
const offered = new Set(['or', 'and', 'eq', 'ne', 'gt', 'ge', 'lt', 'le']);
export const calls = new Set(['contains', 'startswith', 'endswith']);
const known = new Set(
  `concat indexof length substring matchespattern tolower toupper trim day date fractionalseconds hour maxdatetime mindatetime minute
  month now second time totaloffsetminutes totalseconds year ceiling floor round cast isof case geo.distance geo.intersects geo.length
  hassubset hassubsequence substringof any all`
    .split(/\s+/)
    .filter(Boolean),
);

/**
 * Reads `$filter` and the like: recursion for what is nested, loops for what is strung together, so that only nesting uses the stack, and
 * that is bounded.
 */
export function parseExpression(text: string, target: string): Expression {
  const words = tokens(text, target);
  let next = 0;
  const peek = (ahead = 0) => words[Math.min(next + ahead, words.length - 1)] as Token;
  const take = () => words[Math.min(next++, words.length - 1)] as Token;
  const isMark = (mark: string, ahead = 0) => {
    const token = peek(ahead);
    return token.kind === 'mark' && token.text === mark;
  };
  const expect = (mark: string, why: string) => {
    const token = take();
    if (token.kind !== 'mark' || token.text !== mark)
      refuse(
        'odata.malformed_expression',
        `"${mark}" is missing before ${said(token)}: ${why}`,
        target,
        token.at,
      );
  };

  function call(name: Token, depth: number): Expression {
    take();
    const given: Expression[] = [];
    if (!isMark(')'))
      for (;;) {
        given.push(expression(0, depth + 1));
        if (!isMark(',')) break;
        take();
      }
    expect(')', `the list of ${shown(name.text)} does not end`);
    const lower = name.text;
    if (!calls.has(lower))
      refuse(
        known.has(lower) ? 'odata.not_supported' : 'odata.malformed_expression',
        known.has(lower)
          ? `The function ${lower} is not supported; there are ${[...calls].join(', ')}`
          : `There is no function ${shown(lower)}; there are ${[...calls].join(', ')}`,
        target,
        name.at,
      );
    return { kind: 'call', name: lower, of: given, at: name.at };
  }

  function primary(depth: number): Expression {
    const token = take();
    if (token.kind === 'literal') return token;
    if (token.kind === 'alias') return { kind: 'alias', name: token.text, at: token.at };
    if (token.kind === 'mark' && token.text === '(') {
      const inner = expression(0, depth + 1);
      expect(')', 'a parenthesis is open');
      return inner;
    }
    if (token.kind === 'mark' && token.text === '-')
      refuse('odata.not_supported', 'Negation is not supported', target, token.at);
    if (token.kind === 'mark' && token.text === '$')
      refuse('odata.not_supported', '$it and $root are not supported', target, token.at);
    if (token.kind === 'name') {
      if (token.text === 'not') return { kind: 'not', of: expression(7, depth + 1), at: token.at };
      if (isMark('(')) return call(token, depth);
      if (isMark('/'))
        refuse('odata.not_supported', 'Paths, any and all are not supported', target, peek().at);
      return { kind: 'column', name: token.text, at: token.at };
    }
    refuse(
      'odata.malformed_expression',
      `A value or column is missing before ${said(token)}`,
      target,
      token.at,
    );
  }

  function expression(strength: number, depth: number): Expression {
    if (depth > depthMax)
      refuse('odata.too_deep', `More than ${depthMax} expressions within each other`, target, peek().at);
    let left = primary(depth);
    for (;;) {
      const token = peek();
      const own = token.kind === 'name' ? strengths[token.text] : undefined;
      if (own === undefined || own <= strength) return left;
      if (!offered.has(token.text))
        refuse('odata.not_supported', `The operator ${token.text} is not supported`, target, token.at);
      take();
      const right = expression(own, depth + 1);
      if (token.text === 'and' || token.text === 'or') {
        const word = token.text;
        const of = left.kind === 'both' && left.word === word ? left.of : [left];
        left = { kind: 'both', word, of: [...of, right], at: token.at };
      } else left = { kind: 'compare', word: token.text as Comparison, left, right, at: token.at };
    }
  }

  const read = expression(0, 0);
  const rest = peek();
  if (rest.kind !== 'end')
    refuse('odata.malformed_expression', `${said(rest)} is one thing too many`, target, rest.at);
  return read;
}
