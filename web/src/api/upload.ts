import { api, take } from './client.ts';
import { ApiError, hasCode, toApiError } from './errors.ts';
import type { Upload } from './types.ts';

export interface UploadProgress {
  readonly sentBytes: number;
  readonly sizeBytes: number;
  /** True while the connection is away and the next attempt is waited for. */
  readonly waiting: boolean;
}

interface Options {
  readonly purpose: Upload['purpose'];
  readonly onProgress?: (progress: UploadProgress) => void;
  readonly signal?: AbortSignal;
}

const partSizeBytes = 8 * 1024 * 1024;
const attemptsMax = 8;

/**
 * Sends a file in parts. What the server has is asked, never assumed: after a lost connection, a closed lid or a reload of
 * the page the same file goes on where it stood.
 */
export async function uploadFile(file: File, options: Options): Promise<Upload> {
  const key = memoryKey(file, options.purpose);
  let upload = await standing(key, file, options.purpose);
  let failures = 0;
  while (upload.state === 'receiving') {
    options.signal?.throwIfAborted();
    try {
      if (failures > 0) upload = await standing(key, file, options.purpose);
      if (upload.state === 'complete') break;
      const from = upload.offset;
      upload = await sendPart(upload, file.slice(from, from + partSizeBytes), options.signal, (sent) =>
        options.onProgress?.({ sentBytes: from + sent, sizeBytes: file.size, waiting: false }),
      );
      failures = 0;
    } catch (error) {
      if (options.signal?.aborted) throw error;
      const retryable =
        !(error instanceof ApiError) || error.status >= 500 || hasCode(error, 'upload.wrong_offset');
      failures += 1;
      if (!retryable || failures >= attemptsMax) throw error;
      options.onProgress?.({ sentBytes: upload.offset, sizeBytes: file.size, waiting: true });
      await pause(Math.min(500 * 2 ** failures, 15_000), options.signal);
    }
  }
  forget(key);
  options.onProgress?.({ sentBytes: file.size, sizeBytes: file.size, waiting: false });
  return upload;
}

async function standing(key: string, file: File, purpose: Upload['purpose']): Promise<Upload> {
  const upload = (await resume(key)) ?? (await begin(file, purpose));
  remember(key, upload.id);
  return upload;
}

const begin = (file: File, purpose: Upload['purpose']) =>
  take(api.POST('/api/uploads', { body: { fileName: file.name, purpose, sizeBytes: file.size } }));

async function resume(key: string): Promise<Upload | null> {
  const uploadId = recall(key);
  if (!uploadId) return null;
  try {
    const upload = await take(api.GET('/api/uploads/{uploadId}', { params: { path: { uploadId } } }));
    return upload;
  } catch (error) {
    if (error instanceof ApiError && error.status < 500) return null;
    // No answer: keep the id, so that the caller's next attempt asks again.
    throw error;
  }
}

/** XMLHttpRequest, because fetch does not tell how much of a body was sent. */
function sendPart(
  upload: Upload,
  part: Blob,
  signal: AbortSignal | undefined,
  onSent: (bytes: number) => void,
): Promise<Upload> {
  const { promise, resolve, reject } = Promise.withResolvers<Upload>();
  const request = new XMLHttpRequest();
  request.open('PATCH', `/api/uploads/${upload.id}?offset=${upload.offset}`);
  request.setRequestHeader('content-type', 'application/octet-stream');
  request.responseType = 'json';
  request.upload.onprogress = (event) => onSent(event.loaded);
  request.onload = () => {
    if (request.status < 300) resolve(request.response as Upload);
    else reject(toApiError(request.status, request.response));
  };
  request.onerror = () => reject(new TypeError('The connection was lost.'));
  request.onabort = () => reject(signal?.reason ?? new DOMException('Stopped', 'AbortError'));
  signal?.addEventListener('abort', () => request.abort(), { once: true });
  request.send(part);
  return promise;
}

function pause(durationMs: number, signal: AbortSignal | undefined): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  const timer = setTimeout(resolve, durationMs);
  signal?.addEventListener(
    'abort',
    () => {
      clearTimeout(timer);
      reject(signal.reason);
    },
    { once: true },
  );
  return promise;
}

const memoryKey = (file: File, purpose: string) =>
  `souk-upload:${purpose}:${file.name}:${file.size}:${file.lastModified}`;

// Storage may be full or forbidden; then an upload simply starts anew after a reload.
function remember(key: string, uploadId: string) {
  try {
    localStorage.setItem(key, uploadId);
  } catch {}
}
function recall(key: string): string | null {
  try {
    return localStorage.getItem(key);
  } catch {
    return null;
  }
}
function forget(key: string) {
  try {
    localStorage.removeItem(key);
  } catch {}
}
