import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { identityModel, serving } from '../src/domains/runtime/model-server/testing.ts';

/** A model server that already runs: the Open Inference Protocol, one model `iris` that gives back its two columns, a bearer token. */
export async function serveElsewhere() {
  const { handler } = await serving({ iris: identityModel(1, ['N', 2]) });
  const settings = { token: 'first-secret', isWell: true };
  const server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const bytes = Buffer.concat(chunks);
    if (incoming.headers.authorization !== `Bearer ${settings.token}`)
      return void outgoing.writeHead(401).end();
    const { method = 'GET', url: path = '/' } = incoming;
    const headers = { 'content-length': `${bytes.length}` };
    const body = method === 'POST' ? { body: bytes } : {};
    const answer = settings.isWell
      ? await handler(new Request(`http://x${path}`, { method, ...body, headers }))
      : new Response('', { status: 500 });
    outgoing.writeHead(answer.status).end(await answer.text());
  }).listen(0, '127.0.0.1');
  await new Promise((resolve) => server.once('listening', resolve));
  return Object.assign(settings, {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close() {
      server.closeAllConnections();
      server.close();
    },
  });
}
