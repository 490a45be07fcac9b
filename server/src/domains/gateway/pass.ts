import { errorResponse } from './gateway.errors.ts';
import { hasNoBody } from './gateway.rules.ts';
import type { GatewaySettings } from './gateway.ts';
import { answerHeaders, forwardedHeaders } from './pass.headers.ts';
import type { Send } from './upstream.ts';

/** Passes requests for the web application and the API to the control plane, both ways as they come. */
export function newPass(settings: GatewaySettings, send: Send, ending: AbortSignal) {
  const control = { url: `http://${settings.controlPlane.host}:${settings.controlPlane.port}` };
  const protocol = settings.publicUrl.startsWith('https:') ? 'https' : 'http';

  return async function pass(
    request: Request,
    pathAndQuery: string,
    ip: string,
    requestId: string,
  ): Promise<Response> {
    const gone = new AbortController();
    const stop = () => gone.abort();
    request.signal.addEventListener('abort', stop, { once: true });
    try {
      const answer = await send(control, pathAndQuery, {
        method: request.method,
        headers: forwardedHeaders(request.headers, { ip, protocol, requestId }),
        body: request.method === 'GET' || request.method === 'HEAD' ? null : request.body,
        signal: gone.signal,
      });
      // Event streams have no end of their own: they must not hold up ours.
      if (answer.headers.get('content-type')?.startsWith('text/event-stream')) {
        if (ending.aborted) stop();
        ending.addEventListener('abort', stop, { once: true });
      }
      return new Response(hasNoBody(request.method, answer.status) ? null : answer.body, {
        status: answer.status,
        headers: answerHeaders(answer.headers),
      });
    } catch {
      return away(request, requestId);
    }
  };
}

/** The control plane is away: programs get the error, people a page that tries again by itself. */
function away(request: Request, requestId: string): Response {
  if (!(request.headers.get('accept') ?? '').includes('text/html'))
    return errorResponse('call.control_plane_away', {}, requestId, 'sagemaker', { 'retry-after': '2' });
  return new Response(awayPage, {
    status: 503,
    headers: { 'content-type': 'text/html; charset=utf-8', 'retry-after': '2', 'x-request-id': requestId },
  });
}

const awayPage = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta http-equiv="refresh" content="2">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Souk is back in a moment</title>
<style>body{font:16px/1.5 system-ui,sans-serif;max-width:32rem;margin:20vh auto;padding:0 1rem;color-scheme:light dark}</style>
<body>
<h1>Back in a moment</h1>
<p>The marketplace’s pages are restarting. Calls of products go on meanwhile. This page tries again by itself.</p>
`;
