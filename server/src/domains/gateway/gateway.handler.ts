import { randomUUID } from 'node:crypto';
import { newCalls } from './calls.ts';
import { type NewDataPlane, planeParts } from './data-plane.ts';
import { parseEndpointPath } from './endpoints.ts';
import { newGatewayMetrics } from './gateway.metrics.ts';
import { meansMetrics } from './gateway.rules.ts';
import type { Sync } from './gateway.sync.ts';
import type { GatewaySettings } from './gateway.ts';
import { newModelClient } from './model-client.ts';
import { newPass } from './pass.ts';
import type { Send } from './upstream.ts';

export interface Handler {
  handle(request: Request, client: () => string): Response | Promise<Response>;
  /** The process is about to end: what would never end by itself is ended. */
  end(): void;
}

/** The front door: calls of products, the gateway's own health, and everything else for the control plane. */
export function newHandler(
  settings: GatewaySettings,
  sync: Sync,
  send: Send,
  newPlanes: readonly NewDataPlane[] = [],
): Handler {
  const metrics = newGatewayMetrics(sync);
  const calls = newCalls({ settings, sync, ask: newModelClient(), metrics });
  const ending = new AbortController();
  const parts = planeParts({ settings, sync, metrics, calls, ending: ending.signal });
  const planes = newPlanes.map((newPlane) => newPlane(parts));
  const pass = newPass(settings, send, ending.signal);
  const prefix = randomUUID().slice(0, 8);
  let requests = 0;

  return {
    end: () => ending.abort(),
    handle(request, client) {
      const { url } = request;
      const pathAt = url.startsWith('/') ? 0 : url.indexOf('/', 8);
      const queryAt = url.indexOf('?', pathAt);
      const path = queryAt < 0 ? url.slice(pathAt) : url.slice(pathAt, queryAt);
      const requestId = `${prefix}-${(++requests).toString(36).padStart(6, '0')}`;
      if (path.startsWith('/call/')) return calls.product(request, path, requestId);
      const endpoint = path.startsWith('/endpoints/') ? parseEndpointPath(path) : undefined;
      if (endpoint) return calls.endpoint(request, endpoint, requestId);
      for (const plane of planes)
        if (plane.matches(path)) return plane.handle(request, path, requestId, client);
      if (path === '/gateway/healthz') return health(sync);
      // Metrics, ours and the control plane's, are for those on this machine.
      if (meansMetrics(path) && !isLoopback(client())) return new Response(null, { status: 404 });
      if (path === '/gateway/metrics') return metricsText(metrics.text());
      return pass(request, url.slice(pathAt), client(), requestId);
    },
  };
}

function health(sync: Sync): Response {
  const freshAt = sync.freshAt();
  const body = {
    ok: sync.snapshot.loaded,
    snapshotAgeMs: freshAt === null ? null : Date.now() - freshAt,
    usageBacklog: sync.usage.backlog,
  };
  return Response.json(body, { status: sync.snapshot.loaded ? 200 : 503 });
}

function metricsText(text: string): Response {
  return new Response(text, { headers: { 'content-type': 'text/plain; version=0.0.4' } });
}

const isLoopback = (ip: string) => ip === '::1' || ip.startsWith('127.') || ip.startsWith('::ffff:127.');
