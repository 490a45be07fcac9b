import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { Handler } from './gateway.handler.ts';

export interface Listening {
  readonly port: number;
  /** Takes no more connections and waits for what is under way, at most `graceMs`. */
  stop(graceMs: number): Promise<void>;
}

interface BunServer {
  readonly port: number;
  readonly pendingRequests: number;
  requestIP(request: Request): { address: string } | null;
  stop(closeActive?: boolean): Promise<void>;
}
interface BunRuntime {
  serve(options: {
    port: number;
    hostname: string;
    idleTimeout: number;
    maxRequestBodySize: number;
    development: boolean;
    fetch(request: Request, server: BunServer): Response | Promise<Response>;
    error(error: Error): Response;
  }): BunServer;
}

// Uploads of models pass through here; the control plane has the limits.
const bodyBytesMax = 2 ** 40;
/** Bun's longest; event streams say something every 15 s. */
const idleTimeoutSeconds = 255;
const internalError =
  '{"error":{"code":"system.internal","kind":"internal","message":"Something broke on our side.","remedy":"Try again.","params":{},"requestId":null,"docs":"/docs/errors#system-internal"}}';

export function listenOnBun(handler: Handler, host: string, port: number): Listening {
  const { Bun } = globalThis as unknown as { Bun: BunRuntime };
  let draining = false;
  const server = Bun.serve({
    port,
    hostname: host,
    idleTimeout: idleTimeoutSeconds,
    maxRequestBodySize: bodyBytesMax,
    development: false,
    fetch(request, own) {
      const answer = handler.handle(request, () => own.requestIP(request)?.address ?? '');
      return draining ? closing(answer) : answer;
    },
    error: () =>
      new Response(internalError, { status: 500, headers: { 'content-type': 'application/json' } }),
  });
  return {
    port: server.port,
    async stop(graceMs) {
      draining = true;
      handler.end();
      void server.stop(false);
      const until = Date.now() + graceMs;
      while (server.pendingRequests > 0 && Date.now() < until) await pause(5);
      await server.stop(true);
    },
  };
}

/** Connections that are kept still bring requests: each is answered, and is the last of its connection. */
async function closing(answer: Response | Promise<Response>): Promise<Response> {
  const response = await answer;
  response.headers.set('connection', 'close');
  return response;
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

export function listenOnNode(handler: Handler, host: string, port: number): Promise<Listening> {
  let draining = false;
  const server = createServer((incoming, outgoing) => {
    if (draining) outgoing.setHeader('connection', 'close');
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.requestTimeout = 0;
  return new Promise((resolve) => {
    server.listen(port, host, () => {
      const address = server.address();
      resolve({
        port: address && typeof address === 'object' ? address.port : port,
        stop: (graceMs) =>
          new Promise((done) => {
            draining = true;
            handler.end();
            server.close(() => done());
            server.closeIdleConnections();
            setTimeout(() => server.closeAllConnections(), graceMs).unref();
          }),
      });
    });
  });
}

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const gone = new AbortController();
  outgoing.once('finish', () => incoming.resume());
  outgoing.once('close', () => {
    if (!outgoing.writableFinished) gone.abort();
  });
  const request = requestOf(incoming, gone.signal);
  const response = await handler.handle(request, () => incoming.socket.remoteAddress ?? '');
  // One pair for each: a map would keep the last of several Set-Cookie headers only.
  outgoing.writeHead(response.status, [...response.headers].flat());
  if (!response.body) {
    outgoing.end();
    return;
  }
  await pipeline(Readable.fromWeb(response.body as never), outgoing);
}

/** A body that nobody wants is still taken, so that a caller who is sending it can read why it was refused. */
const bodyOf = (incoming: IncomingMessage) =>
  ReadableStream.from(incoming.iterator({ destroyOnReturn: false })) as ReadableStream<Uint8Array>;

function requestOf(incoming: IncomingMessage, signal: AbortSignal): Request {
  const headers = new Headers();
  for (const [name, value] of Object.entries(incoming.headers))
    for (const one of Array.isArray(value) ? value : [value])
      if (one !== undefined) headers.append(name, one);
  const bodyless = incoming.method === 'GET' || incoming.method === 'HEAD';
  return new Request(`http://${incoming.headers.host ?? 'localhost'}${incoming.url}`, {
    method: incoming.method ?? 'GET',
    headers,
    signal,
    ...(bodyless ? {} : { body: bodyOf(incoming), duplex: 'half' }),
  } as RequestInit);
}
