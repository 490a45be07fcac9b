import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { operations } from '@souk/contract';
import { cannotBuild, isBuilt } from '../../examples/container-images/build.ts';
import { Client, type RunningSouk, removeFolder, root, startSouk } from './souk.ts';

/** The examples in containers, as `npm run examples -- containers` publishes them, and as a buyer uses them. */
const podman = spawnSync('podman', ['--version']).status === 0;
const skip =
  cannotBuild() ??
  (podman
    ? (await isBuilt())
      ? // Debian is installed into an image for it: minutes that every run of all tests would pay.
        false
      : 'the image is not built yet (node examples/container-images/build.ts forest-algorithm; then run this again)'
    : 'podman is missing (sh scripts/system-deps.sh containers)');

interface Demo {
  readonly buyer: { readonly accountId: string; readonly apiKey: string };
  readonly calls: readonly { product: string; type: string; curl?: string; command?: string }[];
}
let souk: RunningSouk;
let demo: Demo;

before(async () => {
  if (skip === false) souk = await startSouk();
});
after(async () => {
  if (skip !== false) return;
  await souk.stop();
  removeFolder(souk.dataDir);
});

/** A program of the examples, on this Souk. */
async function example(file: string): Promise<string> {
  const child = spawn(process.execPath, [file], {
    cwd: root,
    env: { ...process.env, SOUK_URL: souk.url, SOUK_DATA: souk.dataDir },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (d: Buffer) => {
      output += d.toString();
    });
  const code = await new Promise<number | null>((done) => child.once('close', done));
  assert.equal(code, 0, output);
  return output;
}

test('both examples are built, pushed, tried, published, called, trained and run in batch', {
  skip,
}, async () => {
  await example('examples/demo.ts');
  await example('examples/containers.ts');
  demo = JSON.parse(readFileSync(join(souk.dataDir, 'demo.json'), 'utf8')) as Demo;
  assert.deepEqual(
    demo.calls.map((c) => `${c.type} ${c.product}`),
    [
      'invocations souk-examples/iris-classifier',
      'rrs souk-examples/iris-classifier',
      'invocations souk-examples/iris-container',
      'training souk-examples/forest-algorithm',
      'batch souk-examples/iris-container',
    ],
  );
});

test('what the buyer trained has the metrics that the publisher declared, and the batch an answer for each row', {
  skip,
}, async () => {
  const buyer = new Client(souk.url, demo.buyer.apiKey);
  const job = await buyer.ok(operations.getTrainingJob, { params: { name: 'forest-demo' } });
  assert.equal(job.status, 'Completed');
  assert.deepEqual(job.metrics.map((m) => m.name).sort(), [
    'train:accuracy',
    'validation:accuracy',
    'validation:loss',
  ]);
  const answer = await fetch(`${souk.url}/api/files/content?path=iris/out/sample-input.csv.out`, {
    headers: { authorization: `Bearer ${demo.buyer.apiKey}` },
  });
  assert.equal(
    (await answer.text()).trim(),
    readFileSync(join(root, 'examples/iris-container/sample-output.csv'), 'utf8').trim(),
  );
});

test('done twice, nothing is built, pushed or published again', { skip }, async () => {
  const output = await example('examples/containers.ts');
  assert.doesNotMatch(output, /pushing|packing|installing|training a|running a/);
});
