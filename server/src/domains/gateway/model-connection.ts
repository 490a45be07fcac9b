import type { Socket } from 'node:net';
import type { Deadline } from './calls.deadlines.ts';
import type { ModelAnswer, ModelRequest } from './model-client.ts';
import { Exchange } from './model-exchange.ts';
import { bodyChunks, requestHead } from './model-request.ts';

const idleMax = 256;

/** One connection, and the one exchange that runs on it. */
export class Connection {
  /** When its last exchange was over. */
  idleSince = 0;
  private readonly socket: Socket;
  private readonly host: string;
  private readonly idle: Connection[];
  private exchange: Exchange | undefined;

  /** `socket` may still be connecting; `host` is what the server is called, and `idle` where this waits for its next request. */
  constructor(socket: Socket, host: string, idle: Connection[]) {
    this.socket = socket;
    this.host = host;
    this.idle = idle;
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

  /** Not to be asked any more. */
  close() {
    this.socket.destroy();
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
    if (!exchange.sent || !exchange.reader.keepAlive || this.idle.length >= idleMax) this.socket.destroy();
    else {
      this.idleSince = performance.now();
      this.idle.push(this);
    }
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
