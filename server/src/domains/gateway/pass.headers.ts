const hopByHop = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
]);

/** What only we say: where a request came from, and its name. */
const isOurs = (name: string) =>
  name.startsWith('x-forwarded-') ||
  name === 'forwarded' ||
  name === 'x-real-ip' ||
  name === 'x-request-id' ||
  name === 'host';

export interface From {
  readonly ip: string;
  readonly protocol: string;
  readonly requestId: string;
}

/** Headers for the control plane: those of one connection only, and what a client pretends about its address, are dropped. */
export function forwardedHeaders(inbound: Headers, from: From): Headers {
  const headers = new Headers();
  const named = namedIn(inbound);
  for (const [name, value] of inbound)
    if (!hopByHop.has(name) && !isOurs(name) && !named.has(name)) headers.append(name, value);
  headers.set('x-forwarded-for', from.ip);
  headers.set('x-forwarded-proto', from.protocol);
  headers.set('x-request-id', from.requestId);
  const host = inbound.get('host');
  if (host) headers.set('host', host);
  // Else the client below would ask for compression on behalf of one who may not understand it.
  if (!inbound.has('accept-encoding')) headers.set('accept-encoding', 'identity');
  return headers;
}

export function answerHeaders(outbound: Headers): Headers {
  const headers = new Headers();
  const named = namedIn(outbound);
  for (const [name, value] of outbound)
    if (!hopByHop.has(name) && !named.has(name)) headers.append(name, value);
  return headers;
}

const namedIn = (headers: Headers): Set<string> =>
  new Set((headers.get('connection') ?? '').split(',').map((name) => name.trim().toLowerCase()));
