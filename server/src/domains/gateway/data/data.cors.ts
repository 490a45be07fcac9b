import type { ServiceRecord } from './services.ts';

const methods = 'GET, HEAD, POST, OPTIONS';
const asked =
  'authorization, x-api-key, content-type, accept, accept-language, odata-version, odata-maxversion, dataserviceversion, maxdataserviceversion, prefer, if-none-match, traceparent';

/** The origin that may read answers of this product, as the header says it; undefined: none. */
export function allowedOrigin(services: readonly ServiceRecord[], origin: string | null): string | undefined {
  if (!origin) return undefined;
  const allowed = services.flatMap((s) => s.section.corsOrigins ?? []);
  if (allowed.includes('*')) return '*';
  return allowed.some((one) => one.toLowerCase().replace(/\/$/, '') === origin.toLowerCase())
    ? origin
    : undefined;
}

/** The answer with the headers of this product's own rule, whatever was in it. */
export function withOrigin(response: Response, origin: string | undefined): Response {
  const { headers } = response;
  headers.delete('access-control-allow-origin');
  headers.delete('access-control-expose-headers');
  if (!origin) return response;
  headers.set('access-control-allow-origin', origin);
  headers.set('access-control-expose-headers', '*');
  if (origin !== '*') headers.append('vary', 'origin');
  return response;
}

export function preflightAnswer(origin: string, requestId: string): Response {
  const response = new Response(null, {
    status: 204,
    headers: {
      'x-request-id': requestId,
      'access-control-allow-methods': methods,
      'access-control-allow-headers': asked,
      'access-control-max-age': '7200',
    },
  });
  return withOrigin(response, origin);
}
