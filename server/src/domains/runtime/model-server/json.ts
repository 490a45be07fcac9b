import { CallError } from './call-error.ts';

/** Stands for a bare NaN between parsing and the tensor: JSON has no such number, and no caller can send U+E000 by accident. */
export const notANumber = '\uE000NaN';

/**
 * Reads what clients really send: JSON, and the bare tokens NaN, Infinity and -Infinity that Python's json.dumps writes.
 * `exactIntegers` keeps integers beyond 2^53 as bigint; it costs a slower parse, only for bodies with such a number.
 */
export function readJson(text: string, exactIntegers: boolean): unknown {
  const revive = exactIntegers && longNumber.test(text) ? keepIntegers : undefined;
  try {
    return JSON.parse(text, revive);
  } catch (error) {
    const mended = withoutBareTokens(text);
    if (mended !== undefined)
      try {
        return JSON.parse(mended, revive);
      } catch {
        // The first message speaks of the text as it was sent.
      }
    const reason = error instanceof Error ? error.message : String(error);
    throw new CallError(400, text === '' ? 'the body is empty' : `the body is not JSON: ${reason}`);
  }
}

const longNumber = /\d{16}/;
const integerText = /^-?\d+$/;

function keepIntegers(_key: string, value: unknown, context?: { source?: string }): unknown {
  if (typeof value !== 'number' || Number.isSafeInteger(value)) return value;
  const source = context?.source;
  return source !== undefined && integerText.test(source) ? BigInt(source) : value;
}

/**
 * Replaces the tokens outside of strings. 1e999 parses as Infinity; NaN has no such spelling. Undefined when there is none.
 * Strings are stepped over by hand: a regular expression over strings of megabytes may exhaust its stack.
 */
function withoutBareTokens(text: string): string | undefined {
  const parts: string[] = [];
  let copied = 0;
  for (let at = 0; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === quote) at = endOfString(text, at);
    else if (character === letterN && text.startsWith('NaN', at)) {
      parts.push(text.slice(copied, at), JSON.stringify(notANumber));
      copied = at + 3;
      at += 2;
    } else if (character === letterI && text.startsWith('Infinity', at)) {
      parts.push(text.slice(copied, at), '1e999');
      copied = at + 8;
      at += 7;
    }
  }
  return copied === 0 ? undefined : parts.join('') + text.slice(copied);
}

const quote = 34;
const backslash = 92;
const letterI = 73;
const letterN = 78;

function endOfString(text: string, start: number): number {
  for (let at = start + 1; at < text.length; at++) {
    const character = text.charCodeAt(at);
    if (character === backslash) at++;
    else if (character === quote) return at;
  }
  return text.length;
}
