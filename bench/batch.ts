import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { open, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { operations, type TransformJob } from '@souk/contract';
import { findPodman } from '../server/src/platform/podman.ts';
import { goLive, irisDocument, settled, submit, upload, writeProfile } from '../test/journeys/publish.ts';
import {
  type Client,
  type Person,
  type RunningSouk,
  removeFolder,
  signUp,
  startSouk,
  until,
} from '../test/journeys/souk.ts';
import { type BenchRow, notRun, sideBySide } from './bench-row.ts';
import { type ContainerPair, containerPair, instanceType } from './container-pair.ts';
import { say } from './say.ts';

/**
 * A table through a container's model, row by row: a transform job of a whole Souk, from the file in the buyer's account to the answers
 * and the manifest there, beside a program that reads the same table from disk, sends the same payloads with as many calls under way
 * to the same image, and writes the answers to disk in order.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 3);
const rowsOfTable = Number(process.env.SOUK_BENCH_ROWS ?? 1_000_000);
const callsAtOnce = 4;
const payloadMb = 1;
const pollMs = 20;
const row = '5.1,3.5,1.4,0.2\n';
const sums = '10.2\n';
const input = '{"instances":[{"features":[5.1,3.5,1.4,0.2]}]}';
const answer = '{"predictions":[{"label":"setosa","probability":0.98}]}';
const json = 'application/json';

/** Seconds from "do it" to the last row written, and of that from the moment that the container could be called. */
interface Seconds {
  readonly whole: number;
  readonly working: number;
}

export async function run(): Promise<BenchRow[]> {
  const pair = await containerPair();
  if ('skip' in pair) return [notRun('batch', pair.skip)];
  const folder = mkdtempSync(join(tmpdir(), 'souk-bench-'));
  let souk: RunningSouk | undefined;
  try {
    souk = await startSouk({ env: { SOUK_CHECK_ANSWERS: '0' } });
    const table = await tableIn(folder);
    const { buyer, subscriptionId } = await subscribed(souk, pair, folder);
    await buyer.client.ok(operations.writeFile, {
      query: { path: 'in/table.csv' },
      raw: readFileSync(table),
    });
    const measured: { ours: Seconds[]; peer: Seconds[] } = { ours: [], peer: [] };
    for (let round = 0; round <= rounds; round++) {
      const peer = await byProgram(pair, table, join(folder, 'answers.csv'));
      const ours = await byJob(buyer, subscriptionId, `round-${round}`);
      // The first of each loads the image and fills the caches of the disk.
      if (round === 0) continue;
      measured.peer.push(peer);
      measured.ours.push(ours);
      say(
        `batch: round ${round} of ${rounds}: ${words(ours)}; a plain client ${words(peer)} (in all, and once the container runs)`,
      );
    }
    const perSecond = (of: keyof Seconds) => ({
      unit: `rows/s, ${callsAtOnce} calls of ${payloadMb} MB at once`,
      ours: measured.ours.map((s) => rowsOfTable / s[of]),
      peer: measured.peer.map((s) => rowsOfTable / s[of]),
      peerName: 'a plain client of the same container',
    });
    return [
      sideBySide({ name: 'batch: once the container runs', ...perSecond('working') }),
      sideBySide({ name: 'batch: with the start of the container', ...perSecond('whole') }),
    ];
  } finally {
    await souk?.stop();
    await pair.close();
    if (souk) await removeAll(souk);
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Its podman's part lies below /run. */
async function removeAll({ dataDir }: RunningSouk): Promise<void> {
  const podman = await findPodman(dataDir);
  if (!('missing' in podman)) rmSync(podman.runDir, { recursive: true, force: true });
  removeFolder(dataDir);
}

const words = (s: Seconds) => `${s.whole.toFixed(2)} s, ${s.working.toFixed(2)} s`;

async function tableIn(folder: string): Promise<string> {
  const path = join(folder, 'table.csv');
  const file = await open(path, 'w');
  const block = row.repeat(10_000);
  for (let left = rowsOfTable; left > 0; left -= 10_000)
    await file.write(left < 10_000 ? row.repeat(left) : block);
  await file.close();
  return path;
}

async function byJob({ accountId, client }: Person, subscriptionId: string, name: string): Promise<Seconds> {
  const began = performance.now();
  const params = { transformJob: name };
  let job: TransformJob = await client.ok(operations.createTransformJob, {
    body: {
      name,
      model: { subscriptionId },
      transformInput: { uri: `souk://${accountId}/in/`, contentType: 'text/csv', splitType: 'Line' },
      transformOutput: { uri: `souk://${accountId}/out/${name}` },
      transformResources: { instanceType },
      batchStrategy: 'MultiRecord',
      maxPayloadInMB: payloadMb,
      maxConcurrentTransforms: callsAtOnce,
    },
  });
  let working: number | undefined;
  while (job.endedAt === null) {
    await sleep(pollMs);
    job = await client.ok(operations.getTransformJob, { params });
    if (job.stage === 'Transforming') working ??= performance.now();
  }
  const ended = performance.now();
  if (job.state !== 'Completed' || job.progress.rows !== rowsOfTable)
    throw new Error(
      `the job is ${job.state} after ${job.progress.rows} rows: ${JSON.stringify(job.failure)}`,
    );
  return { whole: (ended - began) / 1000, working: (ended - (working ?? began)) / 1000 };
}

async function byProgram(pair: ContainerPair, table: string, to: string): Promise<Seconds> {
  const began = performance.now();
  const container = await pair.byHand();
  try {
    const working = performance.now();
    const answers = await answersTo(
      `http://127.0.0.1:${container.port}/invocations`,
      await payloadsOf(table),
    );
    const file = await open(to, 'w');
    for (const some of answers) await file.write(some);
    await file.close();
    const ended = performance.now();
    const written = (await readFile(to)).length;
    if (written !== rowsOfTable * sums.length) throw new Error(`the container answered ${written} bytes`);
    return { whole: (ended - began) / 1000, working: (ended - working) / 1000 };
  } finally {
    await container.stop();
  }
}

/** Cut where rows end, each as long as it may be. */
async function payloadsOf(table: string): Promise<Buffer[]> {
  const all = await readFile(table);
  const payloads: Buffer[] = [];
  for (let from = 0; from < all.length; ) {
    const to = Math.min(all.length, all.lastIndexOf('\n', from + payloadMb * 1024 * 1024 - 1) + 1);
    payloads.push(all.subarray(from, to));
    from = to;
  }
  return payloads;
}

async function answersTo(url: string, payloads: readonly Buffer[]): Promise<Buffer[]> {
  const answers: Buffer[] = [];
  let next = 0;
  const caller = async () => {
    while (next < payloads.length) {
      const mine = next++;
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'content-type': 'text/csv' },
        body: new Uint8Array(payloads[mine] ?? []),
      });
      if (!response.ok) throw new Error(`the container answers ${response.status}`);
      answers[mine] = Buffer.from(await response.arrayBuffer());
    }
  };
  await Promise.all(Array.from({ length: callsAtOnce }, caller));
  return answers;
}

/** The image through the whole pipeline, and a buyer who is subscribed. */
async function subscribed(souk: RunningSouk, pair: ContainerPair, folder: string) {
  const [{ client }, buyer] = [await signUp(souk.url, 'Bench'), await signUp(souk.url, 'Buyer')];
  await writeProfile(client, 'bench');
  const model = await registered(client, await pushed(client, pair, folder));
  const document = await irisDocument(client, model.arn);
  const samples = (realtime: string) => ({
    description: 'A sample.',
    samples: { contentType: json, realtime },
  });
  const versions = (document.versions ?? []).map((v) => ({
    ...v,
    input: samples(input),
    output: samples(answer),
  }));
  const plans = [{ id: 'free', name: 'Free' }];
  const product = await client.ok(operations.createProduct, {
    body: { type: 'model-package', slug: 'sums', document: { ...document, versions, plans } },
  });
  const released = await goLive(client, await settled(client, await submit(client, product.id)));
  if (released.state !== 'released')
    throw new Error(`the product is ${released.state}: ${JSON.stringify(released.stages).slice(0, 3000)}`);
  const address = { publisher: 'bench', product: 'sums' };
  const page = await client.ok(operations.getCatalogProduct, { params: address });
  const subscription = await buyer.client.ok(operations.subscribe, {
    body: { ...address, planId: 'free', eulaSha256: page.eula.sha256, acceptEula: true },
  });
  return { buyer, subscriptionId: subscription.id };
}

async function pushed(client: Client, pair: ContainerPair, folder: string): Promise<string> {
  const archive = join(folder, 'image.tar');
  await pair.save(archive);
  const { uploadId } = await upload(client, readFileSync(archive), 'image.tar', 'image');
  rmSync(archive);
  const { id } = await client.ok(operations.createImage, { body: { uploadId } });
  const image = await until(
    'the checks of the image',
    () => client.ok(operations.getImage, { params: { image: id } }),
    ({ status }) => status === 'Completed' || status === 'Failed',
  );
  if (image.status === 'Failed') throw new Error(`the image failed: ${JSON.stringify(image).slice(0, 3000)}`);
  return image.digest ?? '';
}

async function registered(client: Client, image: string) {
  const params = { name: 'sums-1' };
  const both = [json, 'text/csv'];
  const types = [instanceType];
  await client.ok(operations.createModelPackage, {
    body: {
      ...params,
      inferenceSpecification: {
        container: { image },
        supportedContentTypes: both,
        supportedResponseMIMETypes: both,
        supportedRealtimeInferenceInstanceTypes: types,
        supportedTransformInstanceTypes: types,
      },
      validationSpecification: {
        validationProfiles: [
          {
            profileName: 'sample',
            input: { contentType: json, body: input },
            expected: { contentType: json, body: answer },
          },
        ],
      },
    },
  });
  const model = await until(
    'the checks of the model package',
    () => client.ok(operations.getModelPackage, { params }),
    ({ status }) => status === 'Completed' || status === 'Failed',
    90_000,
  );
  if (model.status === 'Failed')
    throw new Error(`the model package failed: ${model.failureReason} ${JSON.stringify(model.findings)}`);
  return model;
}
