import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { operations, type Product, type ProductDocument, type Submission } from '@souk/contract';
import { parse } from 'yaml';
import { goLive, settled, submit, upload, writeProfile } from './publish.ts';
import { type Client, freePort, operatorOf, root } from './souk.ts';

/** The price estimator of the examples, as it runs at its publisher’s; and the publisher’s steps until it is sold. */
export interface RunningService {
  readonly url: string;
  /** What it wants to be asked with. */
  readonly credential: string;
  stop(): void;
}

const folder = join(root, 'examples/price-estimator');

export async function startEstimator(): Promise<RunningService> {
  const port = await freePort();
  const key = 'a-key-of-the-publisher-only';
  const child: ChildProcess = spawn(process.execPath, [join(folder, 'service.ts'), '--exit-with-parent'], {
    env: { ...process.env, PRICE_ESTIMATOR_PORT: String(port), PRICE_ESTIMATOR_KEY: key },
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => resolve());
    child.once('exit', (code) => reject(new Error(`the price estimator ended with ${code}`)));
  });
  return {
    url: `http://127.0.0.1:${port}`,
    credential: `Bearer ${key}`,
    stop: () => child.kill('SIGKILL'),
  };
}

/** The example’s listing, with its files sent and the address at which the service listens here. */
async function listing(client: Client, url: string): Promise<{ slug: string; document: ProductDocument }> {
  const read = (name: string) => readFileSync(join(folder, name));
  const { product, ...rest } = parse(read('souk.yaml').toString()) as ProductDocument & {
    product: { slug: string };
  };
  const { sha256 } = await upload(client, read('logo.png'), 'logo.png', 'media');
  const document = {
    ...rest,
    service: { ...rest.service, url },
    promotion: { ...rest.promotion, logo: { sha256, contentType: 'image/png' } },
    terms: { ...rest.terms, eula: read('eula.txt').toString() },
  };
  return { slug: product.slug, document };
}

export async function createService(
  client: Client,
  publisher: string,
  service: RunningService,
): Promise<Product> {
  await writeProfile(client, publisher);
  const product = await client.ok(operations.createProduct, {
    body: { type: 'web-service', ...(await listing(client, service.url)) },
  });
  await client.ok(operations.putServiceCredential, {
    params: { productId: product.id },
    body: { secret: service.credential },
  });
  return product;
}

/** Through the pipeline, the publisher’s sign-off, and the review that the operator’s policy asks for. */
export async function publishService(client: Client, { id }: Product): Promise<Submission> {
  const preview = await settled(client, await submit(client, id));
  assert.equal(preview.stage, 'sign-off', preview.message);
  const signed = await goLive(client, preview);
  assert.deepEqual([signed.stage, signed.waitsFor], ['review', 'operator'], signed.message);
  const operator = await operatorOf(client.url);
  await operator.client.ok(operations.reviewSubmission, {
    params: { submissionId: signed.id },
    body: { decision: 'approve', comment: 'Read it.' },
  });
  return settled(client, signed);
}
