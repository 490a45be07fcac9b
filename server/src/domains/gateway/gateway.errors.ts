import {
  type ErrorBody,
  type ErrorCode,
  errorDefinition,
  errorKinds,
  type gatewayErrors,
} from '@souk/contract';

export type CallErrorCode = keyof typeof gatewayErrors;
type Params = Record<string, string | number>;

/** How errors look in each protocol. Dialects add rows. */
const errorStyles = {
  sagemaker: (body: ErrorBody): unknown => body,
  v2: (body: ErrorBody): unknown => ({
    error: `${body.error.message} ${body.error.remedy} [${body.error.code}]`,
  }),
};
export type ErrorStyle = keyof typeof errorStyles;

export function errorResponse(
  code: CallErrorCode,
  params: Params,
  requestId: string,
  style: ErrorStyle,
  more: Record<string, string> = {},
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
  const { status } = errorKinds[definition.kind];
  return new Response(JSON.stringify(errorStyles[style](body)), {
    status: definition.status ?? status,
    headers: {
      'content-type': 'application/json',
      'x-request-id': requestId,
      'x-souk-error': code,
      'access-control-allow-origin': '*',
      'access-control-expose-headers': '*',
      ...more,
    },
  });
}
