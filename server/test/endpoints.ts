import { randomBytes } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { join } from 'node:path';
import { after } from 'node:test';
import type { BodyOf, Endpoint, operations } from '@souk/contract';
import { startEndpointController } from '../src/domains/endpoints/endpoints.controller.ts';
import { startEndpointRunner } from '../src/domains/endpoints/endpoints.runner.ts';
import { newEndpoints } from '../src/domains/endpoints/index.ts';
import type { StartServable } from '../src/domains/runtime/servable.ts';
import { resolveRunnable } from '../src/domains/subscriptions/index.ts';
import { hashApiKey, newApiKey } from '../src/platform/api-keys.ts';
import type { Member } from '../src/platform/authorize.ts';
import { sql } from '../src/platform/db.ts';
import { version } from './catalog.ts';
import { listening, type RunningGateway, startGateway, testFolder, until } from './gateway.ts';
import { testSubscribing } from './subscribing.ts';

/** How containers of a version behave; by default each call is answered with the version and the instance. */
export interface Behaviour {
  readonly startMs?: number;
  /** It ends with these words instead of getting ready. */
  readonly fails?: string;
  readonly handle?: RequestListener;
}

/** What a buyer has who runs endpoints: a subscription to a product with two versions, a key, a gateway, a node. */
export async function testEndpoints(runtime: 'bun' | 'node' = 'bun') {
  const market = await testSubscribing();
  const { db, platform } = market;
  const seller = await market.member();
  const product = { accountId: seller.accountId, publisher: 'botany', slug: 'iris', title: 'Iris' };
  const { productId } = await market.release({ ...product, versions: [version('1.0.0'), version('1.1.0')] });
  for (const number of ['1.0.0', '1.1.0'])
    await sql`update product_versions set model_name = ${`iris-${number}`}, servable = servable || jsonb_build_object('modelName', ${`iris-${number}`}::text)
      where product_id = ${productId} and number = ${number}`.execute(db);
  const buyer = await market.person();
  const { id: subscriptionId } = await market.subscribe(buyer, product, { version: '1.0.0' });
  const endpoints = newEndpoints(platform, {
    runnable: resolveRunnable,
    checkLocation: async () => {},
    instanceTypes: async () => ['ml.m5.large', 'ml.t3.medium'],
  });

  /** By version. */
  const behaviours = new Map<string, Behaviour>();
  const folder = testFolder();
  /** Containers that run, by instance. */
  const running = new Map<string, { end: (reason: string) => void; hang: () => void }>();
  let started = 0;
  const start: StartServable = async ({ name, servable, onLog, environment }) => {
    const model = servable.kind === 'onnx' ? servable.modelName : '';
    const { startMs = 0, fails, handle } = behaviours.get(model.replace('iris-', '')) ?? {};
    const unix = join(folder, `${++started}.sock`);
    const exited = Promise.withResolvers<{ reason: string; kind: 'crashed' }>();
    let hangs = false;
    let underWay = 0;
    const server = await listening(
      (incoming, outgoing) => {
        if (hangs) return;
        if (incoming.url === '/ping') return void outgoing.end();
        underWay++;
        outgoing.once('close', () => underWay--);
        if (handle) return handle(incoming, outgoing);
        incoming
          .resume()
          .once('end', () =>
            outgoing
              .setHeader('content-type', 'application/json')
              .end(JSON.stringify({ model, instance: name, environment })),
          );
      },
      { unix },
    );
    onLog?.(`serving ${model}`);
    const end = (reason: string) => {
      running.delete(name);
      void server.close();
      exited.resolve({ reason, kind: 'crashed' });
    };
    running.set(name, {
      end,
      hang: () => {
        hangs = true;
      },
    });
    const ready = new Promise<void>((resolve, reject) =>
      setTimeout(() => {
        if (fails === undefined) return resolve();
        end(fails);
        reject(new Error(fails));
      }, startMs),
    );
    ready.catch(() => {});
    return {
      pid: started,
      address: { unix },
      sandbox: 'none',
      ready,
      exited: exited.promise,
      async stop() {
        // As a server does that is asked to end: what it has begun is answered.
        while (underWay > 0 && !hangs) await new Promise((resolve) => setTimeout(resolve, 5));
        end('stopped');
      },
    };
  };

  const { notifications, log, clock } = platform;
  // Of the file, whichever test began them.
  const nodes: (() => Promise<void>)[] = [];
  after(() => Promise.all(nodes.map((stop) => stop())));
  const startNode = (node = 'node-1') => {
    const runner = startEndpointRunner({ db, notifications, log, node, start, meter: market.meter });
    const controller = startEndpointController({ db, notifications, log, clock });
    let stopped: Promise<void> | undefined;
    const stop = () => {
      stopped ??= controller.stop().then(() => runner.stop());
      return stopped;
    };
    nodes.push(stop);
    return { stop };
  };

  const apiKey = newApiKey();
  await sql`insert into api_keys (id, account_id, person_id, name, key_sha256, hint, scopes)
    values (${`key_${randomBytes(6).toString('hex')}`}, ${buyer.accountId}, ${buyer.personId}, 'test', ${hashApiKey(apiKey)}, 'test', '{call}')`.execute(
    db,
  );
  const newGateway = async (): Promise<RunningGateway> => {
    const made = await startGateway({ databaseUrl: market.url }, runtime);
    await until('the snapshot is read', async () => (await fetch(`${made.url}/gateway/healthz`)).ok);
    return made;
  };
  let gateway = await newGateway();

  const get = (name: string) => endpoints.get(buyer.accountId, name);
  return {
    ...market,
    endpoints,
    buyer,
    product,
    productId,
    subscriptionId,
    behaviours,
    running,
    startNode,
    apiKey,
    get,
    gatewayUrl: () => gateway.url,
    async replaceGateway() {
      await gateway.kill('SIGKILL');
      gateway = await newGateway();
    },
    create: (
      name: string,
      more: Partial<BodyOf<typeof operations.createEndpoint>> = {},
      who: Member = buyer,
    ) => endpoints.create(who, { name, subscriptionId, instanceType: 'ml.m5.large', ...more }),
    update: (name: string, change: BodyOf<typeof operations.updateEndpoint>) =>
      endpoints.update(buyer, name, change),
    /** Looks at it until it is so. */
    becomes: async (name: string, what: string, holds: (e: Endpoint) => boolean): Promise<Endpoint> => {
      let last: Endpoint | undefined;
      const look = async () => {
        last = await get(name);
        return holds(last) ? last : undefined;
      };
      return until(`${name} ${what}`, look, 20_000).catch((error: Error) => {
        throw new Error(`${error.message}: ${JSON.stringify(last)}`);
      });
    },
    ping: (name: string) =>
      fetch(`${gateway.url}/endpoints/${name}/ping`, { headers: { authorization: `Bearer ${apiKey}` } }),
    call: (name: string, init: { path?: string; headers?: Record<string, string>; body?: string } = {}) =>
      fetch(`${gateway.url}/endpoints/${name}${init.path ?? '/invocations'}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${apiKey}`, 'content-type': 'text/csv', ...init.headers },
        body: init.body ?? '1,2,3\n',
      }),
  };
}
