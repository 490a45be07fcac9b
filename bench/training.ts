import { spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { operations } from '@souk/contract';
import { trainer, trainerArchive, trainerProfile, trainerSpecification } from '../server/test/algorithms.ts';
import { goLive, irisDocument, settled, submit, upload, writeProfile } from '../test/journeys/publish.ts';
import {
  type Person,
  type RunningSouk,
  removeFolder,
  signUp,
  startSouk,
  until,
} from '../test/journeys/souk.ts';
import { type BenchRow, sideBySide } from './bench-row.ts';
import { at } from './processes.ts';
import { say } from './say.ts';

/**
 * How long a buyer waits after POST of a training job for the first line that its program prints, as the API shows it: the job is
 * claimed, its data fetched, the program unpacked and confined. Beside it the same program on the same table, started by hand.
 */
const rounds = Number(process.env.SOUK_BENCH_ROUNDS ?? 5);
const pollMs = 10;
const epochs = '5';

export async function run(): Promise<BenchRow[]> {
  const souk = await startSouk({ env: { SOUK_CHECK_ANSWERS: '0' } });
  const byHand = layOutByHand();
  try {
    const { buyer, subscriptionId } = await subscribed(souk);
    const [ours, peer]: [number[], number[]] = [[], []];
    for (let round = 0; round <= rounds; round++) {
      const theirs = await firstLineOf(byHand);
      const mine = await firstLine(buyer, subscriptionId, `round-${round}`);
      // The first of each fills the caches of the disk.
      if (round === 0) continue;
      peer.push(theirs);
      ours.push(mine);
      say(`training: round ${round} of ${rounds}: ${Math.round(mine)} ms, ${Math.round(theirs)} ms by hand`);
    }
    return [
      sideBySide({
        name: 'training: from its submission to its first line',
        unit: 'ms',
        ours,
        peer,
        peerName: 'the same program by hand, without a sandbox',
        inverted: true,
      }),
    ];
  } finally {
    await souk.stop();
    removeFolder(souk.dataDir);
    rmSync(byHand, { recursive: true, force: true });
  }
}

async function firstLine(
  { accountId, client }: Person,
  subscriptionId: string,
  name: string,
): Promise<number> {
  const began = performance.now();
  const params = { name };
  await client.ok(operations.createTrainingJob, {
    body: {
      name,
      subscriptionId,
      inputDataConfig: [
        { channelName: 'train', uri: `souk://${accountId}/train.csv`, contentType: 'text/csv' },
      ],
      resourceConfig: { instanceType: 'ml.t3.medium' },
      hyperParameters: { epochs },
    },
  });
  for (;;) {
    const { lines } = await client.ok(operations.getTrainingLog, { params });
    if (lines.length > 0) break;
    const job = await client.ok(operations.getTrainingJob, { params });
    if (job.status === 'Failed') throw new Error(`the training failed: ${job.failureReason}`);
    await sleep(pollMs);
  }
  const ms = performance.now() - began;
  await until(
    'the end of the training',
    () => client.ok(operations.getTrainingJob, { params }),
    ({ status }) => status === 'Completed' || status === 'Failed',
  );
  return ms;
}

/** The folders that the contract promises, below one of our own. */
function layOutByHand(): string {
  const root = mkdtempSync(join(tmpdir(), 'souk-bench-ml-'));
  for (const folder of ['input/config', 'input/data/train', 'model', 'output'])
    mkdirSync(join(root, folder), { recursive: true });
  writeFileSync(join(root, 'input/config/hyperparameters.json'), JSON.stringify({ epochs }));
  writeFileSync(join(root, 'input/config/inputdataconfig.json'), JSON.stringify({ train: {} }));
  writeFileSync(join(root, 'input/data/train/train.csv'), trainer.table);
  cpSync(at('examples/tabular-trainer/program'), join(root, 'program'), { recursive: true });
  return root;
}

async function firstLineOf(root: string): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'program/main.mjs')], {
    env: { ...process.env, OPT_ML: root },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let ms: number | undefined;
  child.stdout.on('data', (chunk: Buffer) => {
    if (chunk.includes('\n')) ms ??= performance.now() - began;
  });
  const code = await new Promise((resolve) => child.once('close', resolve));
  if (ms === undefined || code !== 0) throw new Error(`the program ended with ${code}`);
  return ms;
}

/** The example algorithm, published, with a buyer who has the table that it learns from. */
async function subscribed(souk: RunningSouk): Promise<{ buyer: Person; subscriptionId: string }> {
  const [{ client }, buyer] = [await signUp(souk.url, 'Bench'), await signUp(souk.url, 'Buyer')];
  await writeProfile(client, 'bench');
  const { uploadId } = await upload(client, await trainerArchive(), 'trainer.tar', 'model');
  await client.ok(operations.registerAlgorithm, {
    body: {
      name: 'trainer-1',
      uploadId,
      trainingSpecification: trainerSpecification,
      validationSpecification: { validationProfiles: [trainerProfile] },
    },
  });
  const algorithm = await until(
    'the end of the checks',
    () => client.ok(operations.getAlgorithm, { params: { name: 'trainer-1' } }),
    ({ status }) => status === 'Completed' || status === 'Failed',
  );
  if (algorithm.status === 'Failed') throw new Error(`the algorithm failed: ${algorithm.failureReason}`);
  const iris = await irisDocument(client, '');
  const document = {
    ...iris,
    versions: (iris.versions ?? []).map(({ modelPackageArn: _, ...version }) => ({
      ...version,
      algorithmArn: algorithm.arn,
      training: {
        overview: 'Softmax regression by gradient descent.',
        description: 'Tables with a header line; the last column is the class.',
        sample: 'a,b,class\n1,2,x\n3,4,y\n',
      },
      recommendedInstanceTypes: { training: 'ml.t3.medium' },
    })),
    plans: [{ id: 'free', name: 'Free' }],
  };
  const product = await client.ok(operations.createProduct, {
    body: { type: 'algorithm', slug: 'trainer', document },
  });
  const released = await goLive(client, await settled(client, await submit(client, product.id)));
  if (released.state !== 'released') throw new Error(`the algorithm is ${released.state}`);
  const address = { publisher: 'bench', product: 'trainer' };
  const page = await client.ok(operations.getCatalogProduct, { params: address });
  const subscription = await buyer.client.ok(operations.subscribe, {
    body: { ...address, planId: 'free', eulaSha256: page.eula.sha256, acceptEula: true },
  });
  await buyer.client.ok(operations.writeFile, {
    query: { path: 'train.csv' },
    raw: Buffer.from(trainer.table),
  });
  return { buyer, subscriptionId: subscription.id };
}
