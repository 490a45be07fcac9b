import { readFileSync } from 'node:fs';
import { request, type ServerResponse } from 'node:http';
import { join } from 'node:path';
import { after } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { NewWebService, WebService } from '@souk/contract';
import { newEndpointCaller } from '../src/domains/endpoints/index.ts';
import { serve } from '../src/domains/runtime/model-server/serve.ts';
import { resolveRunnable } from '../src/domains/subscriptions/index.ts';
import {
  newWebServiceEndpoints,
  newWebServices,
  newWebServiceTrial,
} from '../src/domains/webservices/index.ts';
import { json, sql } from '../src/platform/db.ts';
import { testEndpoints } from './endpoints.ts';
import { testFolder, until } from './gateway.ts';

const example = fileURLToPath(new URL('../../examples/iris-classifier/', import.meta.url));
const sample = (name: string) => readFileSync(join(example, name), 'utf8');

/** As testEndpoints, with the iris classifier behind: the real model, in the real model server. */
export async function testWebServices() {
  const market = await testEndpoints();
  const { db, platform, buyer, endpoints, productId, subscriptionId } = market;
  const unix = join(testFolder(), 'iris.sock');
  const model = await serve({
    models: [{ name: 'iris', path: join(example, 'model.onnx') }],
    address: { unix },
    threads: 1,
    bodyBytesMax: 10_000_000,
    log: () => {},
  });
  await model.loaded;
  after(() => model.stop());
  const told: { attributes: string | undefined }[] = [];
  const hold = {
    until: undefined as Promise<void> | undefined,
    waiting: 0,
    /** Answers in the model's place. */
    instead: undefined as ((outgoing: ServerResponse) => void) | undefined,
  };
  for (const version of ['1.0.0', '1.1.0'])
    market.behaviours.set(version, {
      handle: async (incoming, outgoing) => {
        told.push({ attributes: incoming.headers['x-amzn-sagemaker-custom-attributes']?.toString() });
        hold.waiting++;
        await hold.until;
        hold.waiting--;
        if (hold.instead) {
          incoming.resume();
          return hold.instead(outgoing);
        }
        const { method, url: path, headers } = incoming;
        incoming.pipe(
          request({ socketPath: unix, method, path, headers }, (answer) => {
            outgoing.writeHead(answer.statusCode ?? 500, answer.headers);
            answer.pipe(outgoing);
          }),
        );
      },
    });
  const tensor = (name: string, type: string, shape: (string | number)[]) => ({ name, type, shape });
  const onnx = {
    irVersion: 8,
    opsets: [],
    producer: null,
    inputs: [tensor('features', 'float32', ['N', 4])],
    outputs: [tensor('label', 'string', ['N']), tensor('probabilities', 'float32', ['N', 3])],
    operators: [],
    parametersCount: 15,
  };
  await sql`update product_versions set resource = resource || ${json({ onnx })} where product_id = ${productId}`.execute(
    db,
  );
  const samples = {
    input: {
      samples: {
        contentType: 'application/json',
        realtime: sample('sample-input.json'),
        batch: sample('sample-input.csv'),
      },
    },
    output: {
      samples: {
        contentType: 'application/json',
        realtime: sample('sample-output.json'),
        batch: sample('sample-output.csv'),
      },
    },
  };
  await sql`update revisions set document = jsonb_set(document, '{versions}', (select jsonb_agg(v || ${json(samples)}) from jsonb_array_elements(document -> 'versions') v))
    where product_id = ${productId}`.execute(db);

  const services = newWebServices(platform, { runnable: resolveRunnable, endpoints });
  const own = newWebServiceEndpoints(platform);
  const call = newEndpointCaller(db, 'test');
  const deploy = async (more: Partial<NewWebService> = {}) => {
    const made = await services.create(buyer, {
      name: 'Iris',
      subscriptionId,
      instanceType: 'ml.m5.large',
      ...more,
    });
    return { ...made, key: made.keys.primaryKey ?? '' };
  };
  const execute = (
    service: Pick<WebService, 'workspace' | 'endpoints'>,
    key: string,
    body: unknown,
    {
      query = 'api-version=2.0&details=true',
      endpoint = 0,
      headers = {} as Record<string, string>,
      path = 'execute',
    } = {},
  ) =>
    fetch(
      `${market.gatewayUrl()}/workspaces/${service.workspace}/services/${service.endpoints[endpoint]?.id}/${path}?${query}`,
      {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json', ...headers },
        body: typeof body === 'string' ? body : JSON.stringify(body),
      },
    );
  return {
    ...market,
    services,
    own,
    call,
    trial: newWebServiceTrial(platform, services, call),
    told,
    hold,
    deploy,
    execute,
    /** Until the gateway answers with it. */
    answering: (service: WebService, key: string) =>
      until(`${service.name} answers`, async () => (await execute(service, key, irisCall)).ok, 20_000),
  };
}

const names = ['features_1', 'features_2', 'features_3', 'features_4'];
/** The sample of the example, in the column form: two as text, one as numbers. */
export const irisCall = {
  Inputs: {
    input1: {
      ColumnNames: names,
      Values: [
        ['5.5', '3.5', '1.3', '0.2'],
        [4.9, 2.4, 3.3, 1],
        ['6.3', 2.9, '5.6', 1.8],
      ],
    },
  },
  GlobalParameters: {},
};
