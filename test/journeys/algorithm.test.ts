import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { type Algorithm, operations, type ProductDocument } from '@souk/contract';
import { trainerSpecification } from '../../server/test/algorithms.ts';
import { irisFile } from '../iris-document.ts';
import {
  goLive,
  registerIris,
  registerTrainer,
  settled,
  submit,
  trainerDocument,
  writeProfile,
} from './publish.ts';
import { type Person, type RunningSouk, removeFolder, signUp, startSouk, until } from './souk.ts';

/** An algorithm from its registration to a subscription: trained with its sample, previewed, signed off, live. */
let souk: RunningSouk;
let publisher: Person;
let buyer: Person;
let algorithm: Algorithm;
let productId: string;
let document: ProductDocument;
const address = { params: { publisher: 'trainers', product: 'trainer' } };

before(async () => {
  souk = await startSouk();
  [publisher, buyer] = await Promise.all([signUp(souk.url, 'publisher'), signUp(souk.url, 'buyer')]);
});
after(async () => {
  await souk.stop();
  removeFolder(souk.dataDir);
});

test('an algorithm is registered and trained with its sample', async () => {
  const { client } = publisher;
  await writeProfile(client, 'trainers');
  algorithm = await registerTrainer(client, 'trainer-1');
  assert.equal(algorithm.status, 'Completed', algorithm.failureReason ?? '');
});

test('a version that names the wrong thing is told what is wrong, each with its own code', async () => {
  const { client } = publisher;
  document = await trainerDocument(client, algorithm.arn);
  const model = await registerIris(client, 'iris-1');
  const product = await client.ok(operations.createProduct, {
    body: { type: 'algorithm', slug: 'trainer', document },
  });
  productId = product.id;
  const codesWith = async (change: object) => {
    const { version } = await client.ok(operations.getDraft, { params: { productId } });
    const changed = {
      ...document,
      versions: (document.versions ?? []).map((v) => ({ ...v, ...change })),
    };
    const saved = await client.ok(operations.putDraft, {
      params: { productId },
      body: { version, document: changed },
    });
    return saved.findings.filter((f) => f.severity === 'error').map((f) => f.code);
  };
  const other = algorithm.arn.replace(publisher.accountId, buyer.accountId);
  assert.deepEqual(await codesWith({ algorithmArn: 'trainer-1' }), ['document.arn_form']);
  assert.deepEqual(await codesWith({ algorithmArn: model.arn }), ['document.model_package_in_algorithm']);
  assert.deepEqual(await codesWith({ modelPackageArn: model.arn }), ['document.model_package_in_algorithm']);
  assert.deepEqual(await codesWith({ algorithmArn: other }), ['document.resource_foreign']);
  assert.deepEqual(await codesWith({ algorithmArn: `${algorithm.arn}-2` }), ['document.resource_missing']);
  assert.deepEqual(await codesWith({ recommendedInstanceTypes: { training: 'ml.p99' } }), [
    'document.instance_type',
  ]);
  assert.deepEqual(await codesWith({ training: {} }), [
    'document.missing',
    'document.missing',
    'document.missing',
  ]);
  assert.deepEqual(await codesWith({}), []);
  const models = await client.ok(operations.createProduct, {
    body: { type: 'model-package', slug: 'wrong', document },
  });
  const { findings } = await client.ok(operations.getDraft, { params: { productId: models.id } });
  const codes = findings.filter((f) => f.severity === 'error').map((f) => f.code);
  assert.ok(codes.includes('document.algorithm_in_model_package'), `${codes}`);
  assert.ok(codes.includes('document.training_in_model_package'), `${codes}`);
});

test('the pipeline certifies the program, shows the training, signs it and puts it into preview, then live', async () => {
  const preview = await settled(publisher.client, await submit(publisher.client, productId));
  assert.equal(
    preview.stage,
    'sign-off',
    JSON.stringify(preview.stages.map((s) => [s.stage, s.state, s.summary, s.findings])),
  );
  const evidence = preview.stages.flatMap((s) => s.evidence.map((e) => e.name));
  for (const name of ['1.0.0: Started as', '1.0.0: Metric validation:accuracy', '1.0.0: Malware scan'])
    assert.ok(evidence.includes(name), `${name} is not among ${evidence}`);
  const released = await goLive(publisher.client, preview);
  assert.equal(released.state, 'released', JSON.stringify(released.stages.at(-1)));
});

test('buyers find it by its type, and read channels, hyperparameters and metrics from the algorithm itself', async () => {
  const { client } = buyer;
  const found = await until(
    'the catalogue',
    () => client.ok(operations.searchCatalog, { query: { type: 'algorithm' } }),
    (page) => page.items.length > 0,
  );
  assert.deepEqual(
    found.items.map((i) => [i.slug, i.type]),
    [['trainer', 'algorithm']],
  );
  const page = await client.ok(operations.getCatalogProduct, address);
  const [version] = page.versions;
  assert.equal(version?.state, 'not-served');
  assert.deepEqual(version?.training?.specification.trainingChannels, trainerSpecification.trainingChannels);
  assert.deepEqual(
    version?.training?.trial.metrics.map((m) => m.name),
    ['train:loss', 'validation:accuracy'],
  );
  assert.equal(page.statement.verified, true);
});

test('a subscription is made; a call and a try say that there is nothing to call', async () => {
  const { client } = buyer;
  const page = await client.ok(operations.getCatalogProduct, address);
  const subscription = await client.ok(operations.subscribe, {
    body: {
      publisher: 'trainers',
      product: 'trainer',
      planId: 'free',
      eulaSha256: page.eula.sha256,
      acceptEula: true,
    },
  });
  assert.equal(subscription.state, 'active');
  assert.deepEqual(
    (await client.ok(operations.getSnippets, { params: { subscriptionId: subscription.id } })).items,
    [],
  );
  const tried = await client.send(operations.tryProduct, {
    ...address,
    body: { contentType: 'application/json', body: irisFile('sample-input.json').toString() },
  });
  assert.equal(tried.status, 400);
  assert.match(JSON.stringify(tried.body), /catalog\.not_served/);
});
