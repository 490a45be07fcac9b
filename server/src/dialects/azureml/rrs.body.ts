import type { PlaneParts, WebServiceRecord } from '../../domains/gateway/index.ts';
import { azureError } from './azureml.errors.ts';

/** The longest body of a call: what the endpoint behind takes. */
export const payloadMax = (
  { snapshot, settings }: Pick<PlaneParts, 'snapshot' | 'settings'>,
  service: WebServiceRecord,
) => snapshot.endpointById(service.servedBy)?.payloadBytesMax ?? settings.payloadBytesMax;

/** The body as text, never more of it than is allowed. A charset may stand in Content-Type, or, as some clients have it, in Content-Encoding. */
export async function bodyText(request: Request, bytesMax: number): Promise<string> {
  const tooLarge = () =>
    azureError(
      'MemoryQuotaViolation',
      'OutOfMemoryLimit',
      `The request is larger than the limit of ${bytesMax} bytes.`,
    );
  if (Number(request.headers.get('content-length') ?? 0) > bytesMax) throw tooLarge();
  const decoder = decoderOf(request.headers);
  const parts: Uint8Array[] = [];
  let bytes = 0;
  const reader = request.body?.getReader();
  try {
    for (;;) {
      const piece = await reader?.read();
      if (!piece || piece.done) break;
      bytes += piece.value.byteLength;
      if (bytes > bytesMax) {
        void reader?.cancel().catch(() => {});
        throw tooLarge();
      }
      parts.push(piece.value);
    }
  } catch (error) {
    if (error instanceof Error && 'errorClass' in error) throw error;
    throw azureError('RequestTimeout', 'RequestCanceled', 'The body did not come whole.');
  }
  try {
    return decoder.decode(Buffer.concat(parts));
  } catch {
    throw azureError(
      'BadArgument',
      'RequestBodyInvalid',
      'The body is not text of the charset that it names.',
    );
  }
}

function decoderOf(headers: Headers): InstanceType<typeof TextDecoder> {
  const encoding = (headers.get('content-encoding') ?? '').trim();
  const charset = /charset\s*=\s*"?([\w.:-]+)/i.exec(headers.get('content-type') ?? '')?.[1];
  if (/^(?:gzip|deflate|br|zstd|compress)$/i.test(encoding))
    throw azureError(
      'BadArgument',
      'RequestBodyInvalid',
      `Bodies compressed with ${encoding} are not taken; send it as it is.`,
    );
  for (const label of [charset, encoding, 'utf-8'])
    if (label && label.toLowerCase() !== 'identity')
      try {
        return new TextDecoder(label, { fatal: true });
      } catch {
        // No charset that is known here: the next.
      }
  return new TextDecoder('utf-8', { fatal: true });
}
