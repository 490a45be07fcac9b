/** What is told of an answer while it is read. */
export interface AnswerSink {
  /** `lengthBytes` is undefined where the answer does not say how long it is. */
  head(status: number, headers: ReadonlyMap<string, string>, lengthBytes: number | undefined): void;
  data(bytes: Buffer): void;
  end(): void;
}

export class MalformedAnswer extends Error {}

type State = 'head' | 'length' | 'close' | 'chunk-size' | 'chunk' | 'chunk-end' | 'trailer' | 'done';

const headBytesMax = 65_536;

/**
 * Reads one answer of HTTP/1.1 from bytes as they come, cut anywhere (RFC 9112, section 6). Strict: a server that says its length
 * twice, or something after its end, is not listened to any longer.
 */
export class AnswerReader {
  /** Another request may follow on this connection, once this answer is complete. */
  keepAlive = true;
  private state: State = 'head';
  private left = 0;
  private held: Buffer | undefined;
  private readonly method: string;
  private readonly sink: AnswerSink;

  constructor(method: string, sink: AnswerSink) {
    this.method = method;
    this.sink = sink;
  }

  read(bytes: Buffer): void {
    let rest = this.held ? Buffer.concat([this.held, bytes]) : bytes;
    this.held = undefined;
    while (rest.length > 0) {
      const used = this.step(rest);
      if (used === 0) {
        if (rest.length > headBytesMax) throw new MalformedAnswer('a line is too long');
        this.held = rest;
        return;
      }
      rest = rest.subarray(used);
    }
  }

  /** The server has closed the connection: the end of an answer that said no length, and of nothing else. */
  closed(): void {
    if (this.state === 'close') this.finish();
    else if (this.state !== 'done')
      throw new MalformedAnswer('the connection was closed before the answer was complete');
  }

  /** Takes what it can from the beginning and says how much that was; 0 when it needs to see more. */
  private step(bytes: Buffer): number {
    switch (this.state) {
      case 'head': {
        const end = bytes.indexOf('\r\n\r\n');
        if (end < 0) return 0;
        this.head(bytes.toString('latin1', 0, end));
        return end + 4;
      }
      case 'length':
        return this.pass(bytes, () => this.finish());
      case 'close':
        this.sink.data(bytes);
        return bytes.length;
      case 'chunk':
        return this.pass(bytes, () => {
          this.state = 'chunk-end';
        });
      case 'done':
        throw new MalformedAnswer('more came than was announced');
      default:
        return this.line(bytes);
    }
  }

  private pass(bytes: Buffer, whenAll: () => void): number {
    const used = Math.min(this.left, bytes.length);
    this.left -= used;
    this.sink.data(used === bytes.length ? bytes : bytes.subarray(0, used));
    if (this.left === 0) whenAll();
    return used;
  }

  private line(bytes: Buffer): number {
    const end = bytes.indexOf('\r\n');
    if (end < 0) return 0;
    const line = bytes.toString('latin1', 0, end);
    if (this.state === 'chunk-end') {
      if (line !== '') throw new MalformedAnswer('a chunk is longer than it said');
      this.state = 'chunk-size';
    } else if (this.state === 'trailer') {
      if (line === '') this.finish();
    } else {
      const [, size] = /^([0-9a-f]{1,10})\s*(?:;.*)?$/i.exec(line) ?? [];
      if (size === undefined) throw new MalformedAnswer('a chunk does not say its size');
      this.left = Number.parseInt(size, 16);
      this.state = this.left === 0 ? 'trailer' : 'chunk';
    }
    return end + 2;
  }

  private head(text: string) {
    const { status, headers, keepAlive, framing, lengthBytes } = headOf(text);
    // 100 Continue and its like announce the answer; they are none.
    if (status < 200) return;
    const bare = this.method === 'HEAD' || status === 204 || status === 304;
    this.keepAlive = keepAlive && (bare || framing !== 'close');
    this.left = bare ? 0 : lengthBytes;
    this.state = bare ? 'length' : framing;
    this.sink.head(status, headers, this.state === 'length' ? this.left : undefined);
    if (this.state === 'length' && this.left === 0) this.finish();
  }

  private finish() {
    this.state = 'done';
    this.sink.end();
  }
}

interface Head {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  readonly keepAlive: boolean;
  /** What tells the end of the body. */
  readonly framing: 'length' | 'chunk-size' | 'close';
  readonly lengthBytes: number;
}

const heads = new Map<string, Head>();
const headsMax = 200;

/** Within a second a model server begins its answers with the same few heads: the date changes once, the lengths are alike. */
function headOf(text: string): Head {
  const known = heads.get(text);
  if (known) return known;
  const head = parseHead(text);
  if (heads.size >= headsMax) heads.clear();
  heads.set(text, head);
  return head;
}

function parseHead(text: string): Head {
  const [statusLine = '', ...lines] = text.split('\r\n');
  const [, minor, digits] = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: |$)/.exec(statusLine) ?? [];
  if (!digits) throw new MalformedAnswer('this is not HTTP');
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(':');
    if (colon < 1 || line.charCodeAt(0) <= 32) throw new MalformedAnswer('a header cannot be read');
    const name = line.slice(0, colon).toLowerCase();
    const value = line.slice(colon + 1).trim();
    const before = headers.get(name);
    headers.set(name, before === undefined ? value : `${before}, ${value}`);
  }
  const connection = headers.get('connection');
  const encoding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  if (encoding !== undefined && (encoding.toLowerCase() !== 'chunked' || length !== undefined))
    throw new MalformedAnswer('an answer must say its length in one way');
  if (length !== undefined && !/^\d{1,15}$/.test(length)) throw new MalformedAnswer('a length is no number');
  return {
    status: Number(digits),
    headers,
    keepAlive: connection === undefined ? minor === '1' : /\bkeep-alive\b/i.test(connection),
    framing: encoding ? 'chunk-size' : length === undefined ? 'close' : 'length',
    lengthBytes: Number(length ?? 0),
  };
}
