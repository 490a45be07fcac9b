import { refuse, shown } from './odata.failure.ts';

/** Reads the JSON of an action, at most `bytesMax` of it. No body is an object without members. */
export async function readBody(request: Request, bytesMax: number): Promise<unknown> {
  const tooLong = (): never => refuse('odata.too_long', `The body is longer than ${bytesMax} bytes`);
  if (Number(request.headers.get('Content-Length') ?? 0) > bytesMax) tooLong();
  const type = request.headers.get('Content-Type');
  const chunks: Uint8Array[] = [];
  let size = 0;
  if (request.body)
    for await (const chunk of request.body as unknown as AsyncIterable<Uint8Array>) {
      size += chunk.byteLength;
      if (size > bytesMax) tooLong();
      chunks.push(chunk);
    }
  if (size === 0) return {};
  if (type && !/^application\/(?:[\w.+-]+\+)?json\s*(?:;|$)/i.test(type))
    refuse('odata.format_not_supported', `A body of ${shown(type)} is not understood; send application/json`);
  const charset = /charset\s*=\s*"?([^";\s]+)/i.exec(type ?? '')?.[1];
  if (charset && !/^utf-?8$/i.test(charset))
    refuse('odata.format_not_supported', `A body in ${shown(charset)} is not understood; send UTF-8`);
  let text: string;
  try {
    text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks));
  } catch {
    refuse('odata.malformed_body', 'The body is no UTF-8');
  }
  try {
    return JSON.parse(text);
  } catch (error) {
    refuse(
      'odata.malformed_body',
      `The body is no JSON: ${error instanceof Error ? shown(error.message, 200) : ''}`,
    );
  }
}
