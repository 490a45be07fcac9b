/** What a service answered in good HTTP is no data that can be passed on. */
export class Nonsense extends Error {}

export const tokenBytesMax = 65_536;

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const [openObject, closeObject, openArray, closeArray] = [0x7b, 0x7d, 0x5b, 0x5d];

type Expects = 'value' | 'value-or-end' | 'key' | 'key-or-end' | 'colon' | 'comma-or-end' | 'nothing';

/** Deeper than any data; a bound for what is remembered of an answer. */
const depthMax = 500;
const keyBytesMax = 1024;
const mark = [0xef, 0xbb, 0xbf];

/**
 * Bytes of a JSON document as they come, cut anywhere: addresses in the places where OData has addresses are rewritten, and the
 * rows of the answer are counted. Nothing is held but the word that is being read. It checks that the document is one; numbers
 * and words are taken as they are.
 */
export class JsonRewriter {
  /** Rows of `value` (or of `d`, `d.results`, or of an array that is the whole answer). */
  private rows = 0;
  private isCollection = false;
  private expects: Expects = 'value';
  private readonly arrays: boolean[] = [];
  private readonly keys: string[] = [];
  /** The depth of the array whose elements are rows; 0: none yet. */
  private rowsAt = 0;
  private inString: 'no' | 'key' | 'address' | 'text' = 'no';
  private inWord = false;
  private isEscaped = false;
  private token: Buffer[] = [];
  private tokenBytes = 0;
  private markAt = 0;
  private readonly rewrite: (address: string) => string;
  private readonly isServiceDocument: boolean;

  constructor(rewrite: (address: string) => string, isServiceDocument = false) {
    this.rewrite = rewrite;
    this.isServiceDocument = isServiceDocument;
  }

  /** An entity or a value alone is one row. */
  get records(): number {
    return this.isCollection ? this.rows : 1;
  }

  push(chunk: Uint8Array): Uint8Array {
    let bytes = Buffer.from(chunk.buffer, chunk.byteOffset, chunk.length);
    // A byte order mark is none of JSON's characters.
    while (this.markAt < mark.length && bytes.length > 0) {
      if (bytes[0] !== mark[this.markAt]) {
        if (this.markAt > 0) throw new Nonsense('the JSON document is malformed');
        this.markAt = mark.length;
        break;
      }
      this.markAt++;
      bytes = bytes.subarray(1);
    }
    const out: Buffer[] = [];
    let from = 0;
    let i = 0;
    while (i < bytes.length) {
      const { inString } = this;
      if (inString !== 'no') {
        const end = this.stringEnd(bytes, i);
        const part = bytes.subarray(i, end < 0 ? bytes.length : end);
        if (inString !== 'text') this.keep(part);
        i = end < 0 ? bytes.length : end + 1;
        if (end >= 0) {
          const address = this.endString(inString);
          if (address !== undefined) out.push(Buffer.from(address));
        }
        if (inString === 'address') from = i;
        continue;
      }
      const byte = bytes[i] as number;
      if (byte === quote) {
        this.inWord = false;
        if (this.startString() === 'address') {
          out.push(bytes.subarray(from, i));
          from = i + 1;
        }
      } else if (byte > 0x20) this.sign(byte);
      else this.inWord = false;
      i++;
    }
    if (from < i) out.push(bytes.subarray(from, i));
    return out.length === 1 ? (out[0] as Buffer) : Buffer.concat(out);
  }

  /** To be asked when all has come: throws when the document is not whole. */
  end(): void {
    if (this.expects !== 'nothing' || this.inString !== 'no')
      throw new Nonsense('the JSON document is not whole');
  }

  private stringEnd(bytes: Buffer, at: number): number {
    for (let i = at; i < bytes.length; i++) {
      const byte = bytes[i] as number;
      if (this.isEscaped) this.isEscaped = false;
      else if (byte === backslash) this.isEscaped = true;
      else if (byte === quote) return i;
      else if (byte < 0x20) throw new Nonsense('a text in the JSON document goes over its line');
    }
    return -1;
  }

  private keep(part: Buffer) {
    if (part.length === 0) return;
    this.tokenBytes += part.length;
    if (this.inString === 'key') {
      if (this.tokenBytes <= keyBytesMax) this.token.push(Buffer.from(part));
    } else if (this.tokenBytes > tokenBytesMax)
      throw new Nonsense('an address in the JSON document is too long');
    else this.token.push(Buffer.from(part));
  }

  private text(): string {
    const raw = Buffer.concat(this.token).toString('utf8');
    const isLong = this.tokenBytes > keyBytesMax;
    this.token = [];
    this.tokenBytes = 0;
    if (isLong) return '';
    return raw.includes('\\') ? unescaped(raw) : raw;
  }

  private address(): string {
    const raw = Buffer.concat(this.token).toString('utf8');
    this.token = [];
    this.tokenBytes = 0;
    const before = raw.includes('\\') ? unescaped(raw) : raw;
    const after = this.rewrite(before);
    return after === before ? `"${raw}"` : JSON.stringify(after);
  }

  /** What stands in the place of an address; undefined for other texts, which have been passed on as they came. */
  private endString(was: 'key' | 'address' | 'text'): string | undefined {
    this.inString = 'no';
    this.expects = was === 'key' ? 'colon' : this.afterValue();
    if (was === 'key') this.keys[this.keys.length - 1] = this.text();
    return was === 'address' ? this.address() : undefined;
  }

  private startString() {
    if (this.expects === 'key' || this.expects === 'key-or-end') {
      this.inString = 'key';
      return this.inString;
    }
    this.beginValue();
    const depth = this.arrays.length;
    const isMember = depth > 0 && !this.arrays[depth - 1];
    this.inString = isMember && this.hasAddress(this.keys[depth - 1] ?? '', depth) ? 'address' : 'text';
    return this.inString;
  }

  private hasAddress(key: string, depth: number): boolean {
    if (key === 'url') return this.isServiceDocument && depth === 3;
    if (!key.includes('odata.') && !key.includes('@') && !v2Addresses.has(key)) return false;
    return v2Addresses.has(key) || addressKey.test(key);
  }

  private beginValue() {
    if (this.expects !== 'value' && this.expects !== 'value-or-end')
      throw new Nonsense('the JSON document is malformed');
    if (this.rowsAt > 0 && this.arrays.length === this.rowsAt) this.rows++;
  }

  private sign(byte: number) {
    switch (byte) {
      case openObject:
      case openArray:
        this.open(byte === openArray);
        break;
      case closeObject:
      case closeArray:
        this.close(byte === closeArray);
        break;
      case colon:
        if (this.expects !== 'colon') throw new Nonsense('the JSON document is malformed');
        this.expects = 'value';
        break;
      case comma:
        if (this.expects !== 'comma-or-end') throw new Nonsense('the JSON document is malformed');
        this.expects = this.arrays.at(-1) ? 'value' : 'key';
        break;
      default:
        this.word(byte);
        return;
    }
    this.inWord = false;
  }

  /** A number, true, false or null, sign by sign. */
  private word(byte: number) {
    const isOne = (byte >= 0x30 && byte <= 0x39) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x45;
    if (!isOne && byte !== 0x2d && byte !== 0x2b && byte !== 0x2e)
      throw new Nonsense('the JSON document is malformed');
    if (this.inWord) return;
    this.beginValue();
    this.inWord = true;
    this.expects = this.afterValue();
  }

  private open(isArray: boolean) {
    this.beginValue();
    if (this.arrays.length >= depthMax) throw new Nonsense('the JSON document is nested too deeply');
    if (isArray && this.rowsAt === 0 && this.isRows()) {
      this.rowsAt = this.arrays.length + 1;
      this.isCollection = true;
    }
    this.arrays.push(isArray);
    this.keys.push('');
    this.expects = isArray ? 'value-or-end' : 'key-or-end';
  }

  private isRows(): boolean {
    const [first, second] = this.keys;
    if (this.arrays.some((isArray) => isArray)) return false;
    if (this.keys.length === 0) return true;
    if (this.keys.length === 1) return first === 'value' || first === 'd';
    return this.keys.length === 2 && first === 'd' && second === 'results';
  }

  private close(isArray: boolean) {
    const mayEnd = isArray ? 'value-or-end' : 'key-or-end';
    if (this.arrays.at(-1) !== isArray || (this.expects !== mayEnd && this.expects !== 'comma-or-end'))
      throw new Nonsense('the JSON document is malformed');
    // The rows have been counted; a second array of that depth is not one of rows.
    if (this.arrays.length === this.rowsAt) this.rowsAt = -1;
    this.arrays.pop();
    this.keys.pop();
    this.expects = this.afterValue();
  }

  private afterValue(): Expects {
    return this.arrays.length === 0 ? 'nothing' : 'comma-or-end';
  }
}

function unescaped(raw: string): string {
  try {
    return JSON.parse(`"${raw}"`) as string;
  } catch {
    throw new Nonsense('a text in the JSON document is malformed');
  }
}

/** Control information of OData 4.0 and 3.0 (with `odata.`) and 4.01 (without) that is an address. */
const addressKey =
  /(?:^|@)(?:odata\.)?(?:context|nextLink|deltaLink|id|editLink|readLink|navigationLink|navigationLinkUrl|associationLink|associationLinkUrl|mediaReadLink|mediaEditLink|metadata)$/;
const v2Addresses = new Set(['__next', 'uri', 'edit_media', 'media_src']);
