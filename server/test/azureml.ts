import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { after } from 'node:test';
import Fastify from 'fastify';
import { addAzureMl, newAzureMlControl, newBlobLinks } from '../src/dialects/azureml/index.ts';
import { newAccounts } from '../src/domains/accounts/index.ts';
import { newBuckets, newFiles, newLocations } from '../src/domains/files/index.ts';
import { newBatches, newDirectory, startBatches } from '../src/domains/webservices/index.ts';
import { inTx } from '../src/platform/db.ts';
import { until } from './gateway.ts';
import { testWebServices } from './webservices.ts';

/** As testWebServices, with the addresses that the control plane answers, and the worker of batch jobs. */
export async function testAzureMl() {
  const market = await testWebServices();
  const { db, platform, buyer } = market;
  const files = newFiles(platform, {
    quotaBytes: async () => 1e9,
    finishedUpload: () => Promise.reject(new Error('nobody uploads here')),
    unusedUploads: async () => [],
  });
  const locations = newLocations(platform, files, newBuckets(platform).storeOf);
  const time = { addMs: 0 };

  // It listens before it is put together: addresses in its answers are its own.
  let handler: RequestListener = (_incoming, outgoing) => outgoing.writeHead(503).end();
  const server = createServer((incoming, outgoing) => handler(incoming, outgoing));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const app = Fastify({
    serverFactory: (made) => {
      handler = made;
      return server;
    },
  });
  const accounts = newAccounts(platform, { signUpPolicy: async () => 'open' });
  await addAzureMl(
    app,
    newAzureMlControl({
      directory: newDirectory(db, url),
      services: market.services,
      endpoints: market.own,
      batches: newBatches(platform, locations),
      links: newBlobLinks('secret', 55),
      publicUrl: url,
      nowMs: () => Date.now() + time.addMs,
      authenticate: accounts.authenticate,
      authorizer: platform.authorizer,
    }),
    1_000_000,
  );
  await app.ready();
  const worker = startBatches({ ...platform, locations, call: market.call });
  after(async () => {
    await worker.stop();
    server.closeAllConnections();
    server.close();
  });

  const text = async (path: string) => {
    const parts: Buffer[] = [];
    for await (const part of await locations.open(buyer.accountId, `souk://${buyer.accountId}/${path}`))
      parts.push(part as Buffer);
    return Buffer.concat(parts).toString('utf8');
  };
  const put = async (path: string, content: string) => {
    const staged = await locations.stage(
      buyer.accountId,
      `souk://${buyer.accountId}/${path}`,
      Readable.from([Buffer.from(content)]),
    );
    await inTx(db, (tx) => staged.commit(tx, 'test'));
  };
  /** Of an address below /workspaces, as its client would send it. */
  const send = (method: string, path: string, key: string, body?: unknown) =>
    fetch(path.startsWith('http') ? path : url + path, {
      method,
      headers: { ...(key ? { authorization: `Bearer ${key}` } : {}), 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
    });
  return { ...market, url, time, put, text, send, until };
}
