import { isKeyForm, keyChars } from '@souk/contract';

/** A whole key in some bytes. `line` and `column` count from 1, the column in characters. */
export interface FoundKey {
  readonly key: string;
  readonly line: number;
  readonly column: number;
}

// The second is UTF-16, as Windows writes it: each character with a zero byte behind it.
const forms = [/souk_[0-9A-Za-z]{38}/g, /s\0o\0u\0k\0_\0(?:[0-9A-Za-z]\0){38}/g] as const;
const longest = 2 * keyChars;

/**
 * Finds whole keys in bytes of any kind and any length, in constant memory: what may be the beginning of a key at the end of a piece is
 * looked at again with the next. What stands around a key does not matter, its checksum tells it from chance.
 */
export async function* findKeys(pieces: AsyncIterable<Uint8Array>): AsyncGenerator<FoundKey> {
  let text = '';
  // Of the first byte of `text`.
  let line = 1;
  let column = 1;
  let searched = 0;
  const advance = (until: number) => {
    for (let at = 0; at < until; at++) {
      const byte = text.charCodeAt(at);
      if (byte === 10) [line, column] = [line + 1, 1];
      // Bytes that continue a character of UTF-8, and the zeros of UTF-16, take no column of their own.
      else if ((byte & 0xc0) !== 0x80 && byte !== 0) column++;
    }
    text = text.slice(until);
    searched = Math.max(0, searched - until);
  };
  for await (const piece of pieces) {
    text += Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1');
    for (let next = first(text, searched); next; next = first(text, searched)) {
      advance(next.at);
      yield { key: next.key, line, column };
      searched = next.length;
    }
    advance(Math.max(0, Math.min(text.length, Math.max(text.length - longest + 1, searched))));
  }
}

/** The first whole key that begins at or after `from`. */
function first(text: string, from: number): { at: number; key: string; length: number } | undefined {
  const found = forms.flatMap((form) => {
    form.lastIndex = from;
    for (let match = form.exec(text); match; match = form.exec(text)) {
      const key = match[0].replaceAll('\0', '');
      if (isKeyForm(key)) return [{ at: match.index, key, length: match[0].length }];
      // Another may begin inside of what only looked like one.
      form.lastIndex = match.index + 1;
    }
    return [];
  });
  return found.sort((a, b) => a.at - b.at)[0];
}
