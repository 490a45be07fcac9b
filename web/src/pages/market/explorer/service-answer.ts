import { ApiError } from '../../../api/errors.ts';
import type { ErrorDetail } from '../../../api/types.ts';
import type { ServiceCall } from './service-call.ts';

export interface Balance {
  /** What this call cost; null where it is known only when a long answer has ended. */
  readonly transactions: number | null;
  /** Null: the plan has no end. */
  readonly remaining: number | null;
  readonly limit: number | null;
  readonly resetsAt: string | null;
}

export interface ServiceAnswer {
  readonly status: number;
  readonly durationMs: number;
  readonly rows: readonly Record<string, unknown>[];
  readonly nextLink: string | null;
  readonly balance: Balance | null;
  readonly text: string;
}

function numberIn(headers: Headers, name: string): number | null {
  const text = headers.get(name);
  return text !== null && /^\d+$/.test(text) ? Number(text) : null;
}

export function balanceOf(headers: Headers): Balance | null {
  const limit = headers.get('x-souk-balance-limit');
  const transactions = numberIn(headers, 'x-souk-transactions');
  if (limit === null && transactions === null) return null;
  return {
    transactions,
    remaining: numberIn(headers, 'x-souk-balance-remaining'),
    limit: numberIn(headers, 'x-souk-balance-limit'),
    resetsAt: headers.get('x-souk-balance-reset'),
  };
}

const isObject = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const withoutAnnotations = (row: Record<string, unknown>) =>
  Object.fromEntries(Object.entries(row).filter(([name]) => !name.includes('@')));

/** Rows of an answer of OData: a collection, one row, or one value. */
export function rowsOf(body: unknown): Record<string, unknown>[] {
  if (!isObject(body)) return body === undefined || body === null ? [] : [{ value: body }];
  if (Array.isArray(body.value))
    return body.value.map((row) => (isObject(row) ? withoutAnnotations(row) : { value: row }));
  return [withoutAnnotations(body)];
}

/** What went wrong, from an error of OData or of Souk: the way out stands in `remedy`, in `innererror` or in the message. */
export function failureOf(status: number, body: unknown, requestId: string | null): ApiError {
  const error = isObject(body) && isObject(body.error) ? body.error : {};
  const inner = isObject(error.innererror) ? error.innererror : error;
  const remedy = typeof inner.remedy === 'string' ? inner.remedy : '';
  const message = typeof error.message === 'string' ? error.message : `The service answered ${status}.`;
  const details = Array.isArray(error.details) ? error.details.filter(isObject) : [];
  const detail: ErrorDetail = {
    code: typeof error.code === 'string' ? error.code : `http.${status}`,
    kind: status >= 500 ? 'unavailable' : 'invalid',
    message: remedy && message.endsWith(remedy) ? message.slice(0, -remedy.length).trim() : message,
    remedy: remedy || details.map(({ message }) => String(message)).join(' '),
    params: {},
    requestId,
    docs: '',
  };
  return new ApiError(status, detail);
}

/** The address on this site: what the service calls its root may be the name that others reach it by. */
const here = (url: string) => {
  const { pathname, search } = new URL(url, window.location.origin);
  return pathname + search;
};

export async function send(call: ServiceCall, key: string): Promise<ServiceAnswer> {
  const began = performance.now();
  const response = await fetch(here(call.url), {
    method: call.method,
    // The key says who calls; a session beside it would only travel further than it must.
    credentials: 'omit',
    headers: {
      // Whole numbers of 64 bits and decimals as text: a number here would lose their last digits.
      Accept: 'application/json;IEEE754Compatible=true,application/json;q=0.9',
      Authorization: `Bearer ${key}`,
      ...(call.body === null ? {} : { 'Content-Type': 'application/json' }),
    },
    body: call.body,
  });
  const text = await response.text();
  let body: unknown;
  try {
    body = text === '' ? undefined : JSON.parse(text);
  } catch {
    body = response.ok ? text : undefined;
  }
  if (!response.ok) throw failureOf(response.status, body, response.headers.get('x-request-id'));
  const next = isObject(body) ? body['@odata.nextLink'] : undefined;
  return {
    status: response.status,
    durationMs: performance.now() - began,
    rows: rowsOf(body),
    nextLink: typeof next === 'string' ? next : null,
    balance: balanceOf(response.headers),
    text,
  };
}
