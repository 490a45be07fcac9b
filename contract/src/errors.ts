import { type Static, Type } from 'typebox';
import { Finding } from './findings.ts';
import { nullable, oneOf, record } from './schema.ts';

/** What an error means for the caller. The kind decides HTTP status, exit code, log level and whether a retry can help. */
export const errorKinds = {
  invalid: { status: 400, exitCode: 2, retryable: false },
  unauthenticated: { status: 401, exitCode: 3, retryable: false },
  forbidden: { status: 403, exitCode: 4, retryable: false },
  missing: { status: 404, exitCode: 5, retryable: false },
  conflict: { status: 409, exitCode: 6, retryable: false },
  precondition: { status: 412, exitCode: 7, retryable: false },
  limited: { status: 429, exitCode: 8, retryable: true },
  unavailable: { status: 503, exitCode: 9, retryable: true },
  internal: { status: 500, exitCode: 10, retryable: true },
} as const;
export type ErrorKind = keyof typeof errorKinds;

export interface ErrorDefinition {
  readonly kind: ErrorKind;
  /** Public sentence; `{name}` is replaced by the parameter of that name. */
  readonly message: string;
  readonly remedy: string;
  /** Differs from the kind's status only where a protocol demands it (413, 415, 410, 402). */
  readonly status?: number;
}

export const defineErrors = <const T extends Record<string, ErrorDefinition>>(errors: T): T => errors;

export const ErrorBody = record('Error', {
  error: record('ErrorDetail', {
    code: Type.String({ description: 'Stable; listed in docs/errors.md.' }),
    kind: oneOf(Object.keys(errorKinds) as ErrorKind[]),
    message: Type.String(),
    remedy: Type.String(),
    params: Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
    findings: Type.Optional(Type.Array(Finding)),
    requestId: nullable(Type.String()),
    docs: Type.String({ description: 'Address of the explanation.' }),
  }),
});
export type ErrorBody = Static<typeof ErrorBody>;

export const requestErrors = defineErrors({
  'request.invalid': {
    kind: 'invalid',
    message: 'The request is not valid: {problem}',
    remedy: 'Correct the field named by the findings; the reference at /docs shows the schema.',
  },
  'request.unknown_route': {
    kind: 'missing',
    message: 'There is nothing at {method} {path}.',
    remedy: 'See /docs for the addresses that exist.',
  },
  'request.too_large': {
    kind: 'invalid',
    status: 413,
    message: 'The body is larger than the limit of {limitBytes} bytes.',
    remedy: 'Send less, or send files through /api/uploads, which takes them in parts.',
  },
  'request.unsupported_media_type': {
    kind: 'invalid',
    status: 415,
    message: 'The content type {contentType} is not taken here.',
    remedy: 'Send application/json, or application/octet-stream to uploads.',
  },
  'request.unauthenticated': {
    kind: 'unauthenticated',
    message: 'This needs a sign-in or an API key.',
    remedy: 'Sign in, or send the header Authorization: Bearer souk_...',
  },
  'request.forbidden': {
    kind: 'forbidden',
    message: 'Your roles in account {accountId} do not allow {action}.',
    remedy: 'Ask an admin of the account for a role that allows it.',
  },
  'request.key_limited': {
    kind: 'forbidden',
    message:
      'This key is limited to some products and to: {abilities}. It may not {action} here, or whoever made it may not.',
    remedy:
      'Use a key with the ability, or one that is not limited; an admin sees both under Account > API keys.',
  },
  'request.cross_site': {
    kind: 'forbidden',
    message: 'A change that relies on a sign-in cookie must come from Souk’s own pages.',
    remedy: 'Use an API key in scripts and other sites.',
  },
  'request.limited': {
    kind: 'limited',
    message: 'Too many attempts; try again in {seconds} seconds.',
    remedy: 'Wait, then try again.',
  },
  'system.internal': {
    kind: 'internal',
    message: 'Something broke on our side.',
    remedy: 'Try again; if it stays, give the operator the request id.',
  },
  'system.unavailable': {
    kind: 'unavailable',
    message: 'Souk cannot reach {part} right now.',
    remedy: 'Try again in a moment; nothing was changed.',
  },
});
