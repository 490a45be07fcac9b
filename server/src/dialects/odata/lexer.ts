import { refuse, shown } from './odata.failure.ts';

/** Numbers keep their text: whether they fit is decided by the type that is wanted. */
export type LiteralKind = 'null' | 'string' | 'boolean' | 'number' | 'date' | 'dateTimeOffset' | 'guid';

export type Token =
  | { readonly kind: 'literal'; readonly literal: LiteralKind; readonly text: string; readonly at: number }
  | { readonly kind: 'name'; readonly text: string; readonly at: number }
  | { readonly kind: 'alias'; readonly text: string; readonly at: number }
  | { readonly kind: 'mark'; readonly text: string; readonly at: number }
  | { readonly kind: 'end'; readonly text: ''; readonly at: number };

const tokensMax = 4000;

const guid = /[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}(?![\w-])/y;
// A plus that the client did not encode arrives as a space.
const dateTimeOffset =
  /-?\d{4,6}-\d{2}-\d{2}T\d{2}:\d{2}(?::\d{2}(?:\.\d{1,12})?)?(?:[Zz]|[+\- ]\d{2}:\d{2})(?![\w:])/y;
const date = /-?\d{4,6}-\d{2}-\d{2}(?![\w-])/y;
const number = /-?(?:\d+(?:\.\d+)?(?:[eE][+-]?\d+)?|INF)(?![\w.])/y;
const name = /[A-Za-z_][A-Za-z0-9_]*(?:\.[A-Za-z_][A-Za-z0-9_]*)*/y;
const alias = /@[A-Za-z_][A-Za-z0-9_]*/y;
const typed = /^(?:duration|binary|geography|geometry)$/i;

/** Reads a string literal from its opening quote: quotes in it are doubled. */
function readString(text: string, at: number, target: string): { value: string; end: number } {
  let value = '';
  let from = at + 1;
  for (;;) {
    const quote = text.indexOf("'", from);
    if (quote < 0)
      refuse(
        'odata.malformed_literal',
        'The text in single quotes does not end; write a quote within as two',
        target,
        at,
      );
    value += text.slice(from, quote);
    if (text[quote + 1] !== "'") return { value, end: quote + 1 };
    value += "'";
    from = quote + 2;
  }
}

const literals: readonly [
  Exclude<LiteralKind, 'null' | 'string' | 'boolean'>,
  RegExp,
  (word: string) => string,
][] = [
  ['guid', guid, (word) => word.toLowerCase()],
  ['dateTimeOffset', dateTimeOffset, (word) => word.replace(' ', '+').toUpperCase()],
  ['date', date, (word) => word],
  ['number', number, (word) => word],
];

function matchAt(pattern: RegExp, text: string, at: number): string | undefined {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0];
}

/** A name, or what looks like one: true, false, null, INF and NaN; and `duration'…'` and the like, which are refused. */
function readName(word: string, next: string | undefined, at: number, target: string): Token {
  if (next === "'") {
    const isKnown = typed.test(word) || word.includes('.');
    refuse(
      isKnown ? 'odata.not_supported' : 'odata.malformed_literal',
      isKnown
        ? `Values of the form ${shown(word)}'…' are not supported`
        : `Nothing of the form ${shown(word)}'…' is known`,
      target,
      at,
    );
  }
  const lower = word.toLowerCase();
  if (lower === 'null') return { kind: 'literal', literal: 'null', text: lower, at };
  if (lower === 'true' || lower === 'false') return { kind: 'literal', literal: 'boolean', text: lower, at };
  if (word === 'INF' || word === 'NaN') return { kind: 'literal', literal: 'number', text: word, at };
  return { kind: 'name', text: word, at };
}

function readToken(text: string, at: number, target: string): { token: Token; end: number } {
  const char = text[at] ?? '';
  if (char === "'") {
    const { value, end } = readString(text, at, target);
    return { token: { kind: 'literal', literal: 'string', text: value, at }, end };
  }
  for (const [literal, pattern, written] of literals) {
    const word = matchAt(pattern, text, at);
    if (word) return { token: { kind: 'literal', literal, text: written(word), at }, end: at + word.length };
  }
  const sign = matchAt(alias, text, at);
  if (sign) return { token: { kind: 'alias', text: sign, at }, end: at + sign.length };
  const word = matchAt(name, text, at);
  if (word) return { token: readName(word, text[at + word.length], at, target), end: at + word.length };
  if (!'(),/=:*-$'.includes(char))
    refuse('odata.malformed_expression', `"${shown(text.slice(at), 20)}" is not understood`, target, at);
  return { token: { kind: 'mark', text: char, at }, end: at + 1 };
}

/** The words of an expression. Time and memory grow with the text only: every pattern is anchored and read once. */
export function tokens(text: string, target: string): readonly Token[] {
  const found: Token[] = [];
  let at = 0;
  while (at < text.length) {
    if (text[at] === ' ' || text[at] === '\t') {
      at += 1;
      continue;
    }
    if (found.length >= tokensMax)
      refuse('odata.too_deep', `More than ${tokensMax} words; ask in smaller pieces`, target, at);
    const { token, end } = readToken(text, at, target);
    found.push(token);
    at = end;
  }
  found.push({ kind: 'end', text: '', at: text.length });
  return found;
}

/** A token as a message names it. */
export const said = (token: Token) =>
  token.kind === 'end'
    ? 'the end'
    : token.kind === 'literal' && token.literal === 'string'
      ? `'${shown(token.text, 20)}'`
      : `"${shown(token.text, 20)}"`;
