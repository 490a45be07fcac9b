import { type ErrorBody, type ErrorKind, errorKinds } from '@souk/contract';
import { Failure } from './failure.ts';

/** An answer that is an error, as the contract words it; or, from a proxy in between, by its status. */
export async function failureOf(response: Response, withKey: boolean): Promise<Failure> {
  const text = await response.text().catch(() => '');
  return failureFrom(response.status, text, response.headers.get('x-request-id'), withKey);
}

export function failureFrom(
  status: number,
  text: string,
  requestId: string | null,
  withKey: boolean,
): Failure {
  const error = errorIn(text);
  if (error) {
    const { code, kind, message, findings } = error;
    return new Failure({
      kind,
      code,
      message,
      remedy: code === 'request.unauthenticated' ? signInRemedy(withKey) : error.remedy,
      requestId: error.requestId ?? requestId,
      ...(findings ? { findings } : {}),
    });
  }
  return new Failure({
    kind: kindOf(status),
    code: `http.${status}`,
    message: `The answer was ${status}: ${text.trim().slice(0, 300) || 'empty'}`,
    remedy: 'This does not look like Souk’s own answer: check the address and what stands in between.',
    requestId,
  });
}

function errorIn(text: string): ErrorBody['error'] | undefined {
  try {
    const { error } = JSON.parse(text) as Partial<ErrorBody>;
    if (
      error &&
      typeof error.code === 'string' &&
      typeof error.message === 'string' &&
      error.kind in errorKinds
    )
      return error;
  } catch {
    // Not JSON: somebody else's page.
  }
  return undefined;
}

const signInRemedy = (withKey: boolean) =>
  withKey
    ? 'The sign-in or key is not (or no longer) good: run souk sign-in, or give another with --key or SOUK_API_KEY.'
    : 'Run souk sign-in, set SOUK_API_KEY, or act as a demo account: --as publisher.';

export function kindOf(status: number): ErrorKind {
  const exact = (Object.entries(errorKinds) as [ErrorKind, { status: number }][]).find(
    ([, k]) => k.status === status,
  );
  if (exact) return exact[0];
  if (status === 502 || status === 504) return 'unavailable';
  return status >= 500 ? 'internal' : 'invalid';
}

export function unreachable(url: string, error: unknown): Failure {
  return new Failure({
    kind: 'unavailable',
    code: 'cli.unreachable',
    message: `Souk does not answer at ${url} (${reasonOf(error)}).`,
    remedy: 'Start it with npm start in the checkout, or set SOUK_URL (or --url) to where it runs.',
    cause: error,
  });
}

/** fetch hides the reason in its cause, and that one in a list when a name has several addresses. */
function reasonOf(error: unknown): string {
  const e = error as { name?: string; message?: string; code?: string; cause?: unknown; errors?: unknown[] };
  if (e.name === 'TimeoutError') return 'no answer in time';
  if (e.code) return e.code;
  if (e.errors?.[0]) return reasonOf(e.errors[0]);
  if (e.cause) return reasonOf(e.cause);
  return e.message ?? 'unknown';
}
