import { connect, type Socket } from 'node:net';
import { type CallBody, wholeBytesMax } from './calls.body.ts';
import type { Deadline } from './calls.deadlines.ts';
import type { UpstreamAddress } from './gateway.ts';
import { AnswerReader, type AnswerSink } from './model-answer.ts';
import { bodyChunks, requestHead } from './model-request.ts';

export interface ModelRequest {
  readonly method: string;
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: CallBody;
  /** Of a stream that says its length. */
  readonly lengthBytes: number | undefined;
}

export interface ModelAnswer {
  readonly status: number;
  readonly headers: ReadonlyMap<string, string>;
  /** Whole when the answer said that it is short, else as it comes. */
  readonly body: Uint8Array | ReadableStream<Uint8Array>;
}

export type Ask = (
  address: UpstreamAddress,
  request: ModelRequest,
  deadline: Deadline,
) => Promise<ModelAnswer>;

const idleMax = 256;

/**
 * Asks model servers over connections that are kept. Our own client, because it is half of a call's cost: Bun's fetch hands each
 * request to another thread and wants an AbortController for each; this took 23 instead of 32 µs of processor time for a whole
 * call, where nginx with auth_request took 24.
 */
export function newModelClient(): Ask {
  const pools = new Map<string, Connection[]>();
  return (address, request, deadline) => {
    const key = 'unix' in address ? address.unix : address.url;
    let idle = pools.get(key);
    if (!idle) {
      idle = [];
      pools.set(key, idle);
    }
    const connection = idle.pop() ?? new Connection(address, idle);
    return connection.ask(request, deadline);
  };
}

/** One connection, and the one exchange that runs on it. */
class Connection {
  private readonly socket: Socket;
  private readonly host: string;
  private readonly idle: Connection[];
  private exchange: Exchange | undefined;

  constructor(address: UpstreamAddress, idle: Connection[]) {
    this.idle = idle;
    if ('unix' in address) {
      this.socket = connect(address.unix);
      this.host = 'model';
    } else {
      const { hostname, port, host } = new URL(address.url);
      this.socket = connect(Number(port || 80), hostname.replace(/^\[|\]$/g, ''));
      this.socket.setNoDelay(true);
      this.host = host;
    }
    this.socket.on('data', (bytes) => this.heard(bytes));
    this.socket.on('error', (error) => this.gone(error));
    // The end of what the server says comes first: from then on nobody may be given this connection.
    this.socket.on('end', () => this.gone());
    this.socket.on('close', () => this.gone());
  }

  ask(request: ModelRequest, deadline: Deadline): Promise<ModelAnswer> {
    const exchange = new Exchange(request.method, this.socket);
    this.exchange = exchange;
    if (this.socket.isPaused()) this.socket.resume();
    deadline.onEnd = (error) => this.end(error);
    const head = requestHead(request, this.host);
    if (request.body instanceof ReadableStream) void this.send(exchange, head, request);
    else {
      this.socket.write(joined(head, request.body));
      exchange.sent = true;
    }
    return exchange.answer;
  }

  /** Sends a body as it comes, no faster than the model server takes it. */
  private async send(exchange: Exchange, head: string, request: ModelRequest) {
    try {
      this.socket.write(head, 'latin1');
      for await (const bytes of bodyChunks(request)) {
        if (this.exchange !== exchange) return;
        if (!this.socket.write(bytes)) await drained(this.socket);
      }
      exchange.sent = true;
    } catch (error) {
      if (this.exchange === exchange) this.end(error as Error);
    }
  }

  private heard(bytes: Buffer) {
    try {
      // A server that speaks without being asked is not to be understood.
      if (this.exchange) this.exchange.reader.read(bytes);
      else this.socket.destroy();
      if (this.exchange?.complete) this.over(this.exchange);
    } catch (error) {
      this.end(error as Error);
    }
  }

  /** The answer is complete, and nothing came behind it. */
  private over(exchange: Exchange) {
    this.exchange = undefined;
    if (exchange.sent && exchange.reader.keepAlive && this.idle.length < idleMax) this.idle.push(this);
    else this.socket.destroy();
  }

  private end(error: Error) {
    const { exchange } = this;
    this.exchange = undefined;
    this.socket.destroy();
    exchange?.fail(error);
  }

  private gone(error?: Error) {
    const at = this.idle.indexOf(this);
    if (at >= 0) this.idle.splice(at, 1);
    if (!this.exchange) return;
    try {
      if (error) throw error;
      this.exchange.reader.closed();
      this.exchange = undefined;
    } catch (why) {
      this.end(why as Error);
    }
  }
}

/** One request's answer: whole at its end when it said that it is short, else a stream from its head on. */
class Exchange implements AnswerSink {
  readonly answer: Promise<ModelAnswer>;
  readonly reader: AnswerReader;
  /** All of the request is on its way. */
  sent = false;
  complete = false;
  private readonly socket: Socket;
  private readonly resolve: (answer: ModelAnswer) => void;
  private readonly reject: (error: Error) => void;
  private status = 0;
  private headers: ReadonlyMap<string, string> = new Map();
  private chunks: Buffer[] = [];
  private stream: ReadableStreamDefaultController<Uint8Array> | undefined;

  constructor(method: string, socket: Socket) {
    const { promise, resolve, reject } = Promise.withResolvers<ModelAnswer>();
    this.answer = promise;
    this.resolve = resolve;
    this.reject = reject;
    this.socket = socket;
    this.reader = new AnswerReader(method, this);
  }

  head(status: number, headers: ReadonlyMap<string, string>, lengthBytes: number | undefined) {
    this.status = status;
    this.headers = headers;
    if (lengthBytes !== undefined && lengthBytes <= wholeBytesMax) return;
    const body = new ReadableStream<Uint8Array>({
      start: (controller) => {
        this.stream = controller;
      },
      pull: () => void this.socket.resume(),
      cancel: () => void this.socket.destroy(),
    });
    this.resolve({ status, headers, body });
  }

  data(bytes: Buffer) {
    if (!this.stream) {
      this.chunks.push(bytes);
      return;
    }
    this.stream.enqueue(bytes);
    if ((this.stream.desiredSize ?? 0) <= 0) this.socket.pause();
  }

  end() {
    this.complete = true;
    const [first = empty, ...more] = this.chunks;
    if (this.stream) this.stream.close();
    else
      this.resolve({
        status: this.status,
        headers: this.headers,
        body: more.length === 0 ? first : Buffer.concat(this.chunks),
      });
  }

  fail(error: Error) {
    this.stream?.error(error);
    this.reject(error);
  }
}

const empty = Buffer.alloc(0);

/** Head and body in one write: one packet. */
function joined(head: string, body: Uint8Array | null): Buffer {
  const bytes = Buffer.allocUnsafe(head.length + (body?.length ?? 0));
  bytes.write(head, 'latin1');
  if (body) bytes.set(body, head.length);
  return bytes;
}

function drained(socket: Socket): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = () => {
      socket.off('drain', settle).off('close', settle);
      if (socket.destroyed) reject(new Error('the connection was closed'));
      else resolve();
    };
    socket.on('drain', settle).on('close', settle);
  });
}

const noConnection = new Set(['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH']);

/** True when nobody took the connection, so that the request was certainly not seen. */
export const tookNoConnection = (error: unknown): boolean =>
  noConnection.has(String((error as { code?: unknown } | null)?.code));
