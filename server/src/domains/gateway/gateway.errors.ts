import {
  type dataErrors,
  type ErrorBody,
  type ErrorCode,
  errorDefinition,
  errorKinds,
  type gatewayErrors,
} from '@souk/contract';

export type CallErrorCode = keyof typeof gatewayErrors | keyof typeof dataErrors;
type Params = Readonly<Record<string, string | number>>;

/** How errors look in each protocol. Dialects add rows. */
const errorStyles = {
  sagemaker: (body: ErrorBody): unknown => body,
  v2: (body: ErrorBody): unknown => ({
    error: `${body.error.message} ${body.error.remedy} [${body.error.code}]`,
  }),
  // Clients show the message and nothing else, so the way out is in it; members that OData does not know are only allowed inside.
  odata: ({ error: { code, message, ...inner } }: ErrorBody): unknown => ({
    error: { code, message: `${message} ${inner.remedy}`, innererror: inner },
  }),
};
export type ErrorStyle = keyof typeof errorStyles;

/** The status that an error is answered with. */
export function statusOf(code: CallErrorCode): number {
  const definition = errorDefinition(code as ErrorCode);
  return definition.status ?? errorKinds[definition.kind].status;
}

export function errorResponse(
  code: CallErrorCode,
  params: Params,
  requestId: string,
  style: ErrorStyle,
  more: Readonly<Record<string, string>> = {},
): Response {
  const definition = errorDefinition(code as ErrorCode);
  const fill = (text: string) =>
    text.replace(/\{(\w+)\}/g, (whole, name: string) => (name in params ? String(params[name]) : whole));
  const body: ErrorBody = {
    error: {
      code,
      kind: definition.kind,
      message: fill(definition.message),
      remedy: fill(definition.remedy),
      params,
      requestId,
      docs: `/docs/errors#${code.replaceAll(/[._]/g, '-')}`,
    },
  };
  return new Response(JSON.stringify(errorStyles[style](body)), {
    status: statusOf(code),
    headers: {
      'content-type': 'application/json',
      'content-language': 'en',
      'x-request-id': requestId,
      'x-souk-error': code,
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      ...more,
    },
  });
}
