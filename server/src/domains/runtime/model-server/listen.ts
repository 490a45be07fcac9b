import { rmSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Handler } from './handler.ts';

export type Address = { readonly unix: string } | { readonly host: string; readonly port: number };

export interface Listener {
  /** With the port that was found where 0 was asked for. */
  readonly address: Address;
  /** Takes no new connections and resolves when every call begun has been answered. */
  drain(): Promise<void>;
}

/** What Bun.serve gives, as far as it is used: its types are not installed, since the rest runs on Node too. */
interface BunServer {
  readonly port: number;
  readonly pendingRequests: number;
  stop(closeActiveConnections: boolean): Promise<void>;
}

interface BunRuntime {
  serve(options: Record<string, unknown>): BunServer;
}

export async function listen(handler: Handler, address: Address): Promise<Listener> {
  if ('unix' in address) rmSync(address.unix, { force: true });
  const bun = (globalThis as { Bun?: BunRuntime }).Bun;
  return bun === undefined ? await listenOnNode(handler, address) : listenOnBun(bun, handler, address);
}

function listenOnBun(bun: BunRuntime, handler: Handler, address: Address): Listener {
  let draining = false;
  const server = bun.serve({
    ...('unix' in address ? { unix: address.unix } : { hostname: address.host, port: address.port }),
    // Our own limit answers in words; Bun's would close with an empty 413 before the handler is asked.
    maxRequestBodySize: Number.MAX_SAFE_INTEGER,
    // A model may think for minutes: the gateway's limits end calls, not silence on the wire.
    idleTimeout: 0,
    fetch: (request: Request) => (draining ? goingAway() : handler(request)),
  });
  return {
    address: 'unix' in address ? address : { host: address.host, port: server.port },
    async drain() {
      void server.stop(false);
      // Keep-alive connections still bring calls: those begun by now are answered, later ones are sent elsewhere.
      draining = true;
      while (server.pendingRequests > 0) await new Promise((resolve) => setTimeout(resolve, 5));
      await server.stop(true);
    },
  };
}

function goingAway(): Response {
  return Response.json(
    { error: 'this model server is stopping' },
    { status: 503, headers: { connection: 'close', 'retry-after': '1' } },
  );
}

async function listenOnNode(handler: Handler, address: Address): Promise<Listener> {
  const server = createServer((incoming, outgoing) => {
    // What can go wrong outside the handler is the connection itself, which the caller has closed by then.
    answer(handler, incoming, outgoing).catch(() => outgoing.destroy());
  });
  server.requestTimeout = 0;
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    if ('unix' in address) server.listen(address.unix, resolve);
    else server.listen(address.port, address.host, resolve);
  });
  return {
    address:
      'unix' in address ? address : { host: address.host, port: (server.address() as AddressInfo).port },
    drain: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeIdleConnections();
      }),
  };
}

// Web streams cost more than a small call's work: a body of announced, moderate size is gathered before the handler runs.
const gatheredBytesMax = 1_000_000;

async function answer(handler: Handler, incoming: IncomingMessage, outgoing: ServerResponse): Promise<void> {
  const method = incoming.method ?? 'GET';
  const hasBody = method !== 'GET' && method !== 'HEAD';
  const announced = Number(incoming.headers['content-length'] ?? Number.NaN);
  const init: Record<string, unknown> = { method, headers: headersOf(incoming) };
  if (hasBody) {
    // A longer one is passed on as the socket it is, so that a body over the limit is refused without being read.
    init.body = announced <= gatheredBytesMax ? await gathered(incoming) : incoming;
    init.duplex = 'half';
  }
  const response = await handler(new Request(`http://localhost${incoming.url ?? '/'}`, init));
  const content = Buffer.from(await response.arrayBuffer());
  const sent: Record<string, string> = Object.fromEntries(response.headers);
  sent['content-length'] = `${content.length}`;
  if (!incoming.complete && hasBody) sent.connection = 'close';
  outgoing.writeHead(response.status, sent);
  outgoing.end(method === 'HEAD' ? undefined : content);
}

function headersOf(incoming: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = [];
  for (let i = 0; i + 1 < incoming.rawHeaders.length; i += 2)
    pairs.push([incoming.rawHeaders[i] ?? '', incoming.rawHeaders[i + 1] ?? '']);
  return pairs;
}

async function gathered(incoming: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = [];
  for await (const chunk of incoming) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks);
}
