import type { ErrorDetail, Finding } from './types.ts';

/** An answer of the server that is not the one asked for, with everything a person needs to go on. */
export class ApiError extends Error {
  readonly status: number;
  readonly detail: ErrorDetail;

  constructor(status: number, detail: ErrorDetail) {
    super(detail.message);
    this.name = 'ApiError';
    this.status = status;
    this.detail = detail;
  }

  get code(): string {
    return this.detail.code;
  }

  get findings(): Finding[] {
    return this.detail.findings ?? [];
  }
}

export const isApiError = (error: unknown): error is ApiError => error instanceof ApiError;

export const hasCode = (error: unknown, code: string): boolean => isApiError(error) && error.code === code;

/** What went wrong in words, whatever was thrown: the server's own words where it gave any. */
export function describeError(error: unknown): ErrorDetail {
  if (isApiError(error)) return error.detail;
  const detail = { kind: 'unavailable', params: {}, requestId: null, docs: '' } as const;
  // fetch rejects with a TypeError when no answer came at all.
  if (error instanceof TypeError)
    return {
      ...detail,
      code: 'web.unreachable',
      message: 'Souk does not answer.',
      remedy: 'Check the connection; this page tries again by itself.',
    };
  return {
    ...detail,
    kind: 'internal',
    code: 'web.broken',
    message: error instanceof Error ? error.message : 'Something broke on this page.',
    remedy: 'Reload the page; if it stays, tell the operator what you did.',
  };
}

export function toApiError(status: number, body: unknown): ApiError {
  if (typeof body === 'object' && body !== null && 'error' in body) {
    const { error } = body as { error: unknown };
    if (typeof error === 'object' && error !== null && 'code' in error && 'message' in error)
      return new ApiError(status, error as ErrorDetail);
  }
  // A proxy in between may answer with a page of its own.
  return new ApiError(status, {
    code: 'web.unexpected_answer',
    kind: status >= 500 ? 'unavailable' : 'internal',
    message: `The server answered ${status} without saying why.`,
    remedy: 'Try again in a moment.',
    params: {},
    requestId: null,
    docs: '',
  });
}
