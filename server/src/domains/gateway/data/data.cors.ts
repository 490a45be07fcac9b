import type { ServiceRecord } from './services.ts';

const methods = 'GET, HEAD, POST, OPTIONS';
const asked =
  'authorization, x-api-key, content-type, accept, accept-language, odata-version, odata-maxversion, dataserviceversion, maxdataserviceversion, prefer, if-none-match, traceparent';

/**
 * The origin that may read answers of these services, as the header says it; undefined: none. An answer asks about the one service
 * that gave it: what a draft allows is nothing of what is live. A browser that asks beforehand sends no key, so it is told what any
 * of the slots allows; that lets it ask, not read.
 */
export function allowedOrigin(services: readonly ServiceRecord[], origin: string | null): string | undefined {
  if (!origin) return undefined;
  const allowed = services.flatMap((s) => s.section.corsOrigins ?? []);
  if (allowed.includes('*')) return '*';
  return allowed.some((one) => one.toLowerCase().replace(/\/$/, '') === origin.toLowerCase())
    ? origin
    : undefined;
}

/**
 * What a publisher's service answers is data wherever it is opened, a picture with a script in it too: this address is Souk's
 * own, and a program from it would act for whoever is signed in here.
 */
export function inert(response: Response): Response {
  response.headers.set('x-content-type-options', 'nosniff');
  response.headers.set('content-security-policy', "sandbox; default-src 'none'");
  return response;
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
