import type { ModelRequest } from './model-client.ts';

/** The head of a request. Its header values come from a parsed request: they hold no line breaks, and bytes only. */
export function requestHead(
  { method, path, headers, body, lengthBytes }: ModelRequest,
  host: string,
): string {
  let head = `${method} ${path} HTTP/1.1\r\nhost: ${host}\r\n`;
  for (const name in headers) head += `${name}: ${headers[name]}\r\n`;
  if (body instanceof ReadableStream)
    head +=
      lengthBytes === undefined ? 'transfer-encoding: chunked\r\n' : `content-length: ${lengthBytes}\r\n`;
  else if (body) head += `content-length: ${body.length}\r\n`;
  return `${head}\r\n`;
}

/** A streamed body as it goes over the wire. */
export async function* bodyChunks({ body, lengthBytes }: ModelRequest): AsyncGenerator<Uint8Array> {
  if (!(body instanceof ReadableStream)) return;
  let left = lengthBytes ?? Number.POSITIVE_INFINITY;
  for await (const bytes of body) {
    if (bytes.length === 0) continue;
    left -= bytes.length;
    if (left < 0) throw new Error('the body is longer than it said');
    if (lengthBytes !== undefined) yield bytes;
    else yield Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, crlf]);
  }
  if (lengthBytes === undefined) yield lastChunk;
  else if (left > 0) throw new Error('the body is shorter than it said');
}

const crlf = Buffer.from('\r\n');
const lastChunk = Buffer.from('0\r\n\r\n');
