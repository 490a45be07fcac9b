import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  type Demo,
  type DemoAccount,
  dataDir,
  publisherSlug,
  root,
  saveTo,
  send,
  souk,
  subscribe,
  unfinished,
  url,
} from './demo-client.ts';

/**
 * Publishes the price estimator, which runs beside this Souk, as a publisher of a web service does: the listing, the service's key,
 * the pipeline with Test Connection, a review by the operator; then the buyer subscribes and asks it over OData. Where the service was
 * not started (another database, another program that starts Souk), it is left out.
 */
const slug = 'price-estimator';
const flat = "District='Altstadt',AreaSqm=72.5,Rooms=3,YearBuilt=1998,Floor=2,Balcony=true";

export async function frontService(demo: Demo) {
  const key = process.env.PRICE_ESTIMATOR_KEY;
  if (!key) return;
  await publishService(demo, key);
  const name = await subscribe(demo, { slug, plan: 'free' });
  const address = `${url}/data/${name}/v1/EstimatePrice(${flat})`;
  await answers(address, demo.buyer.apiKey);
  demo.calls = [
    ...demo.calls.filter((c) => c.product !== name),
    { product: name, type: 'odata', curl: `curl -s -u souk:${demo.buyer.apiKey} "${address}"` },
  ];
  saveTo(unfinished)(demo);
}

interface Deployed {
  readonly id: string;
  readonly name: string;
  readonly endpoints: readonly { readonly name: string; readonly urls: { readonly execute: string } }[];
  readonly schema: {
    readonly input: { readonly columns: readonly { readonly name: string }[] };
    readonly sampleRows: readonly (readonly (string | null)[])[];
  };
}

/** The buyer's subscription to the classifier as a web service of their own, asked as Azure ML's were. It sleeps while nobody calls. */
export async function deployWebService(demo: Demo) {
  const product = `${publisherSlug}/iris-classifier`;
  const { service, key } = await deployed(demo, product);
  const { input, sampleRows } = service.schema;
  const execute = service.endpoints[0]?.urls.execute ?? '';
  const input1 = { ColumnNames: input.columns.map((c) => c.name), Values: sampleRows };
  const body = JSON.stringify({ Inputs: { input1 }, GlobalParameters: {} });
  await answers(execute, key, body);
  const headers = `-H 'Authorization: Bearer ${key}' -H 'Content-Type: application/json'`;
  demo.calls = [
    ...demo.calls.filter((c) => c.type !== 'rrs'),
    { product, type: 'rrs', curl: `curl -s '${execute}' ${headers} -d '${body}'` },
  ];
  saveTo(unfinished)(demo);
}

const webServiceName = 'Iris';

/** Its keys are shown once: interrupted between the two, a new one takes the place of the one that nobody has seen. */
async function deployed(demo: Demo, product: string): Promise<{ service: Deployed; key: string }> {
  const ask = async (method: string, path: string, body?: unknown) => {
    const answer = await send(method, path, body, as(demo.buyer));
    if (answer.status >= 300) throw new Error(`${method} ${path}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };
  const mine = (await ask('GET', '/api/web-services')) as { items: Deployed[] };
  const known = mine.items.find((s) => s.name === webServiceName);
  if (known) {
    const service = (await ask('GET', `/api/web-services/${known.id}`)) as Deployed;
    const path = `/api/web-services/${known.id}/endpoints/${service.endpoints[0]?.name}/keys`;
    const keys = (await ask('POST', path, { key: 'primary' })) as { primaryKey: string };
    return { service, key: keys.primaryKey };
  }
  const subscriptions = (await ask('GET', '/api/subscriptions?state=active')) as {
    items: { id: string; publisher: string; product: string }[];
  };
  const subscriptionId = subscriptions.items.find((s) => `${s.publisher}/${s.product}` === product)?.id;
  const made = (await ask('POST', '/api/web-services', {
    name: webServiceName,
    description: 'Names the species of an iris, in the form of a request-response service.',
    subscriptionId,
    instanceType: 'ml.m5.large',
    idleMinutes: 5,
  })) as { service: Deployed; keys: { primaryKey: string } };
  return { service: made.service, key: made.keys.primaryKey };
}

async function publishService(demo: Demo, key: string) {
  const live = await send('GET', `/api/catalog/products/${publisherSlug}/${slug}`, undefined, {});
  if (live.status === 200) return;
  const folder = listing();
  // The draft is there with the first push; it can be submitted when the key is, which is no part of the file.
  await souk(demo.publisher, ['push', folder]).catch((error: Error) => {
    if (!error.message.includes('credential_missing')) throw error;
  });
  rmSync(folder, { recursive: true });
  const product = await productOf(demo);
  const secret = `Bearer ${key}`;
  const sealed = await send(
    'PUT',
    `/api/products/${product}/service-credential`,
    { secret },
    as(demo.publisher),
  );
  if (sealed.status >= 300) throw new Error(`the service's key was refused: ${JSON.stringify(sealed.body)}`);
  await souk(demo.publisher, ['submit', slug, '--follow']);
  await souk(demo.publisher, ['sign-off', slug, '--follow']);
  await approve(demo, product);
  await souk(demo.publisher, ['status', slug, '--follow']);
}

const as = ({ apiKey }: DemoAccount) => ({ authorization: `Bearer ${apiKey}` });

async function productOf(demo: Demo): Promise<string> {
  const { body } = await send('GET', '/api/products', undefined, as(demo.publisher));
  const found = (body as { items: { id: string; slug: string }[] }).items.find((p) => p.slug === slug);
  if (!found) throw new Error(`${slug} is not among the publisher's products`);
  return found.id;
}

/** The operator's part of it, where the policy asks for one: the example is the only thing that is approved unread. */
async function approve(demo: Demo, product: string) {
  const { body } = await send('GET', `/api/products/${product}/submissions`, undefined, as(demo.publisher));
  const [newest] = (body as { items: { id: string; stage: string | null }[] }).items;
  if (newest?.stage === 'review')
    await souk(demo.operator, [
      'review',
      'approve',
      newest.id,
      '--comment',
      'The example of this marketplace.',
    ]);
}

/** The example's folder with the port at which the service listens here. */
function listing(): string {
  const folder = mkdtempSync(join(tmpdir(), 'souk-price-estimator-'));
  cpSync(join(root, 'examples', slug), folder, { recursive: true });
  const file = join(folder, 'souk.yaml');
  const port = process.env.PRICE_ESTIMATOR_PORT ?? '4610';
  writeFileSync(file, readFileSync(file, 'utf8').replace('127.0.0.1:4610', `127.0.0.1:${port}`));
  return folder;
}

/** The call that is printed works when it is printed. */
async function answers(address: string, key: string, body?: string) {
  const until = Date.now() + 60_000;
  for (;;) {
    const headers = {
      authorization: `Bearer ${key}`,
      ...(body ? { 'content-type': 'application/json' } : {}),
    };
    const answer = await fetch(address, body ? { method: 'POST', body, headers } : { headers }).catch(
      () => undefined,
    );
    if (answer?.ok) return;
    if (Date.now() > until)
      throw new Error(
        `${address} does not answer: ${answer ? await answer.text() : `nothing; see ${dataDir}`}`,
      );
    await new Promise((done) => setTimeout(done, 100));
  }
}
