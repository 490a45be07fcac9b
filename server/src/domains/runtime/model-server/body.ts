import { CallError } from './call-error.ts';

/**
 * The body as text, never longer than `bytesMax`. `exactText`: bytes that are not of the charset are refused. Without it
 * they become U+FFFD, which is faster and harmless where a model takes numbers only: no number has such a character.
 */
export async function readText(
  request: Request,
  bytesMax: number,
  charset: string,
  exactText: boolean,
): Promise<string> {
  const announced = request.headers.get('content-length');
  if (announced === null) return decoded(await readStream(request, bytesMax), charset);
  if (Number(announced) > bytesMax) throw tooLong(bytesMax);
  if (charset === 'utf-8' && !exactText) return await request.text();
  return decoded(new Uint8Array(await request.arrayBuffer()), charset);
}

/** The body as it is, never longer than `bytesMax`. */
export async function readBytes(request: Request, bytesMax: number): Promise<Uint8Array> {
  const announced = request.headers.get('content-length');
  if (announced === null) return await readStream(request, bytesMax);
  if (Number(announced) > bytesMax) throw tooLong(bytesMax);
  return new Uint8Array(await request.arrayBuffer());
}

/** A body of unannounced length is counted as it comes. */
async function readStream(request: Request, bytesMax: number): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  if (request.body !== null)
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      length += chunk.length;
      if (length > bytesMax) throw tooLong(bytesMax);
      chunks.push(chunk);
    }
  return Buffer.concat(chunks);
}

export function decoded(bytes: Uint8Array, charset: string): string {
  let decoder: { decode(bytes: Uint8Array): string };
  try {
    decoder = new TextDecoder(charset, { fatal: true });
  } catch {
    throw new CallError(415, `charset "${charset}" is not supported: send UTF-8`);
  }
  try {
    return decoder.decode(bytes);
  } catch {
    throw new CallError(400, `the body is not valid ${charset}`);
  }
}

function tooLong(bytesMax: number): CallError {
  return new CallError(413, `the body is longer than this server takes: at most ${bytesMax} bytes`);
}
