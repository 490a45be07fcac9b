import { createBrotliDecompress, createGunzip, createInflate } from 'node:zlib';
import { Client, type Dispatcher } from 'undici';
import type { Tell } from './outbound.ts';
import { OutboundError } from './outbound-errors.ts';
import { type CheckedAddress, openSocket } from './outbound-socket.ts';

/** One request to one place. */
export interface Hop {
  readonly url: URL;
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | Uint8Array | undefined;
  readonly bodySizeBytesMax: number;
  readonly headerSizeBytesMax: number;
  readonly onBody?: ((part: Buffer) => Promise<void>) | undefined;
}

export interface HopAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[]>>;
  readonly body: Buffer;
}

export async function sendHop(
  hop: Hop,
  addresses: readonly CheckedAddress[],
  signal: AbortSignal,
  tell: Tell,
): Promise<HopAnswer> {
  const socket = await openSocket(hop.url, addresses, signal, tell);
  // The client is given the open connection and may not make another: it would ask DNS again.
  let given = false;
  const client = new Client(hop.url.origin, {
    maxHeaderSize: hop.headerSizeBytesMax,
    // Later, since undici overlooks a connection that is there before it has begun to wait for it.
    connect: (_options, done) =>
      queueMicrotask(() => {
        if (given) return done(new Error('the connection was closed'), null);
        given = true;
        done(null, socket);
      }),
  });
  try {
    const answer = await client.request({
      method: hop.method,
      path: `${hop.url.pathname}${hop.url.search}`,
      headers: { 'user-agent': 'Souk', 'accept-encoding': 'identity', ...hop.headers },
      body: hop.body ?? null,
      signal,
    });
    tell('status', String(answer.statusCode));
    const body = await read(answer, hop, signal);
    return { status: answer.statusCode, headers: definedOnly(answer.headers), body };
  } catch (error) {
    if ((error as { code?: string }).code === 'UND_ERR_HEADERS_OVERFLOW')
      throw new OutboundError('headers_too_large', { bytesMax: hop.headerSizeBytesMax });
    throw error;
  } finally {
    void client.destroy().catch(() => {});
    socket.destroy();
  }
}

/** Unpacks as it comes and counts what comes out, so that a small packed answer cannot grow past the limit in memory. */
async function read(answer: Dispatcher.ResponseData, hop: Hop, signal: AbortSignal): Promise<Buffer> {
  const encoding = String(answer.headers['content-encoding'] ?? 'identity').toLowerCase();
  const unpack = unpackers[encoding];
  if (!unpack) throw new OutboundError('encoding', { encoding: encoding.slice(0, 60) });
  const unpacked = hop.method === 'HEAD' ? answer.body : unpack(answer.body, signal);
  const parts: Buffer[] = [];
  const handOn = answer.statusCode < 300 ? hop.onBody : undefined;
  let sizeBytes = 0;
  try {
    for await (const part of unpacked as AsyncIterable<Buffer>) {
      sizeBytes += part.length;
      if (sizeBytes > hop.bodySizeBytesMax)
        throw new OutboundError('too_large', { bytesMax: hop.bodySizeBytesMax });
      if (handOn) await handOn(part);
      else parts.push(part);
    }
  } catch (error) {
    if (String((error as { code?: string }).code).startsWith('Z_') || isBrotli(error))
      throw new OutboundError('encoding', { encoding });
    throw error;
  }
  return Buffer.concat(parts);
}

const isBrotli = (error: unknown) =>
  String((error as { code?: string }).code).startsWith('ERR__ERROR_FORMAT');

type Body = Dispatcher.ResponseData['body'];
const through =
  (make: () => NodeJS.ReadWriteStream & { destroy(error?: Error): unknown }) =>
  (body: Body, signal: AbortSignal) => {
    const unpacker = make();
    body.on('error', (error) => unpacker.destroy(error));
    signal.addEventListener('abort', () => unpacker.destroy(signal.reason as Error), { once: true });
    return body.pipe(unpacker);
  };
const unpackers: Readonly<Record<string, (body: Body, signal: AbortSignal) => NodeJS.ReadableStream>> = {
  identity: (body) => body,
  gzip: through(() => createGunzip()),
  'x-gzip': through(() => createGunzip()),
  deflate: through(() => createInflate()),
  br: through(() => createBrotliDecompress()),
};

function definedOnly(headers: Record<string, string | string[] | undefined>) {
  const defined: Record<string, string | string[]> = {};
  for (const [name, value] of Object.entries(headers)) if (value !== undefined) defined[name] = value;
  return defined;
}
