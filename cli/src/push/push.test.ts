import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  completeness,
  type Draft,
  documentFindings,
  type ModelPackage,
  type Product,
  type ProductDocument,
  type Upload,
} from '@souk/contract';
import { type Handlers, Refusal, serveContract } from '../testing/contract-server.ts';
import { runSouk, temporaryFolder } from '../testing/run-souk.ts';
import { at, id, modelPackage, product } from '../testing/samples.ts';
import { defaultName } from './version-model.ts';

/** What the publishing half of a server keeps, as the contract describes it. */
function publishing(statusOf: (m: ModelPackage) => Partial<ModelPackage> = () => ({ status: 'Completed' })) {
  const uploads = new Map<string, Upload & { content: Buffer }>();
  const models = new Map<string, ModelPackage>();
  let made: Product | undefined;
  let document: ProductDocument = {};
  let version = 0;
  let profile: { slug: string } | undefined;
  const draft = (): Draft => {
    const findings = documentFindings(document);
    return {
      productId: id('prd'),
      version,
      document,
      findings,
      completeness: completeness(findings),
      savedAt: at,
    };
  };
  const show = ({ content: _, ...upload }: Upload & { content: Buffer }): Upload => upload;
  const uploadOf = (uploadId: string) => {
    const upload = uploads.get(uploadId);
    if (!upload) throw new Refusal('upload.missing');
    return upload;
  };
  const handlers: Handlers = {
    createUpload: ({ body }) => {
      const upload: Upload & { content: Buffer } = {
        id: id('upl', uploads.size),
        offset: 0,
        state: 'receiving',
        expiresAt: at,
        content: Buffer.alloc(0),
        fileName: body.fileName,
        purpose: body.purpose,
        sizeBytes: body.sizeBytes,
        sha256: body.sha256 ?? null,
      };
      uploads.set(upload.id, upload);
      return show(upload);
    },
    getUpload: ({ params }) => show(uploadOf(params.uploadId)),
    appendUpload: ({ params, body }) => {
      const upload = uploadOf(params.uploadId);
      const content = Buffer.concat([upload.content, body]);
      const state = content.length === upload.sizeBytes ? 'complete' : 'receiving';
      const now: Upload & { content: Buffer } = { ...upload, content, offset: content.length, state };
      uploads.set(upload.id, now);
      return show(now);
    },
    createModelPackage: ({ body }) => {
      const { content, fileName } = uploadOf(body.uploadId ?? '');
      if (models.has(body.name)) throw new Refusal('model.name_taken');
      const sha256 = createHash('sha256').update(content).digest('hex');
      const registered = modelPackage({
        name: body.name,
        status: 'InProgress',
        archive: { sha256, sizeBytes: content.length, fileName },
        validationSpecification: body.validationSpecification,
        ...(body.inferenceSpecification ? { inferenceSpecification: body.inferenceSpecification } : {}),
      });
      models.set(body.name, registered);
      uploads.delete(body.uploadId ?? '');
      return registered;
    },
    getModelPackage: ({ params }) => {
      const m = models.get(params.name) ?? modelPackage();
      models.set(params.name, { ...m, ...statusOf(m) });
      return models.get(params.name) ?? m;
    },
    listModelPackages: ({ query }) => ({
      items: [...models.values()].filter((m) => m.name.includes(query.nameContains ?? '')),
      nextCursor: null,
    }),
    listInstanceTypes: () => ({
      items: [
        {
          name: 'ml.c5.large',
          cpus: 2,
          memoryMb: 4096,
          backend: 'onnx',
          pricePerHour: '0',
          currency: 'USD',
          enabled: true,
        },
        {
          name: 'ml.old',
          cpus: 2,
          memoryMb: 4096,
          backend: 'onnx',
          pricePerHour: '0',
          currency: 'USD',
          enabled: false,
        },
      ],
    }),
    listProducts: () => ({ items: made ? [made] : [], nextCursor: null }),
    createProduct: ({ body }) => {
      document = body.document ?? {};
      version = 1;
      made = product({ slug: body.slug, draftVersion: version });
      return made;
    },
    getProduct: () => product({ ...made, draftVersion: version }),
    getDraft: () => draft(),
    putDraft: ({ body }) => {
      if (body.version !== version) throw new Refusal('product.draft_changed');
      document = body.document;
      version += 1;
      return draft();
    },
    getPublisher: () => {
      if (!profile) throw new Refusal('publisher.missing');
      return publisherProfile(profile);
    },
    putPublisher: ({ body }) => {
      profile = body;
      return publisherProfile(body);
    },
  };
  return { handlers, models, uploads, document: () => document, set: (d: ProductDocument) => (document = d) };
}

const publisherProfile = (given: object) => ({
  accountId: '123456789012',
  slug: 'fisher-lab',
  displayName: 'Fisher Lab',
  description: '',
  websiteUrl: null,
  contactEmail: null,
  logoSha256: null,
  verified: false,
  createdAt: at,
  ...given,
});

const png = Buffer.alloc(24);
png.write('\x89PNG', 0, 'latin1');
png.writeUInt32BE(200, 16);
png.writeUInt32BE(200, 20);

const yaml = (more = '') => `product: { type: model-package, slug: iris }
publisher: { slug: fisher-lab, displayName: Fisher Lab }
promotion: { logo: { $file: logo.png } }
versions:
  - number: 1.0.0
    model: { path: model.onnx, contentTypes: [text/csv] }
    input: { samples: { contentType: text/csv, realtime: "1,2" } }
    output: { samples: { contentType: text/csv, realtime: "a" } }
${more}`;

function productFolder() {
  const folder = temporaryFolder();
  const write = (name: string, content: string | Buffer) => writeFileSync(join(folder.path, name), content);
  write('souk.yaml', yaml());
  write('model.onnx', 'model one');
  write('logo.png', png);
  return { ...folder, write, [Symbol.dispose]: () => folder[Symbol.dispose]() };
}

async function push(cwd: string, url: string) {
  return runSouk(['push', '--json'], { url, cwd, env: { SOUK_DATA: join(cwd, '.souk') } });
}

test('one push writes profile, model, logo and draft; a second one does nothing', async () => {
  using folder = productFolder();
  const store = publishing();
  await using server = await serveContract(store.handlers);
  const first = await push(folder.path, server.url);
  // The document is far from complete, so the draft is saved and the exit code says that it cannot be submitted.
  assert.equal(first.code, 1, first.stderr);
  assert.equal((first.json[0] as Product).slug, 'iris');
  const { versions, promotion } = store.document();
  assert.match(versions?.[0]?.modelPackageArn ?? '', /model-package\/iris-1-0-0$/);
  assert.deepEqual([promotion?.logo?.contentType, promotion?.logo?.width], ['image/png', 200]);
  const specification = store.models.get('iris-1-0-0')?.inferenceSpecification;
  assert.deepEqual(specification?.supportedContentTypes, ['text/csv']);
  assert.deepEqual(specification?.supportedRealtimeInferenceInstanceTypes, ['ml.c5.large']);
  const changes = () => server.log.filter((line) => !line.startsWith('GET')).length;
  const before = changes();
  await push(folder.path, server.url);
  assert.equal(changes(), before);
});

test('a version may name a package of the account instead of its ARN', async () => {
  using folder = productFolder();
  const store = publishing();
  store.models.set('iris-container-1', modelPackage({ name: 'iris-container-1' }));
  await using server = await serveContract(store.handlers);
  folder.write(
    'souk.yaml',
    yaml().replace(
      'model: { path: model.onnx, contentTypes: [text/csv] }',
      'modelPackageArn: iris-container-1',
    ),
  );
  const ran = await push(folder.path, server.url);
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(store.document().versions?.[0]?.modelPackageArn ?? '', /^arn:.*model-package\//);
  assert.equal(store.uploads.size, 1, 'the logo alone');
});

test('a changed model is registered anew, and the version points to it', async () => {
  using folder = productFolder();
  const store = publishing();
  await using server = await serveContract(store.handlers);
  await push(folder.path, server.url);
  folder.write('model.onnx', 'model two');
  await push(folder.path, server.url);
  assert.deepEqual([...store.models.keys()], ['iris-1-0-0', 'iris-1-0-0-2']);
  assert.match(store.document().versions?.[0]?.modelPackageArn ?? '', /iris-1-0-0-2$/);
});

test('a version whose model is no longer here keeps the package that it has', async () => {
  using folder = productFolder();
  const store = publishing();
  await using server = await serveContract(store.handlers);
  await push(folder.path, server.url);
  folder.write('souk.yaml', yaml().replace('model.onnx', 'gone.onnx'));
  const ran = await push(folder.path, server.url);
  assert.match(ran.stderr, /gone\.onnx is not here; version 1\.0\.0 keeps arn:/);
  assert.match(store.document().versions?.[0]?.modelPackageArn ?? '', /iris-1-0-0$/);
});

test('a model that fails its checks ends with 1 and its findings, before the draft is touched', async () => {
  using folder = productFolder();
  const finding = {
    rule: 'onnx-opset',
    code: 'onnx.opset_unsupported',
    severity: 'error' as const,
    file: 'model.onnx',
    pointer: null,
    line: null,
    message: 'Operator set 3 is not supported.',
    remedy: 'Convert it.',
  };
  const store = publishing(() => ({ status: 'Failed', failureReason: 'refused', findings: [finding] }));
  await using server = await serveContract(store.handlers);
  const ran = await push(folder.path, server.url);
  assert.equal(ran.code, 1);
  assert.match(ran.stderr, /onnx\.opset_unsupported/);
  assert.ok(!server.log.includes('POST /api/products'));
});

test('findings of the draft are shown on the lines of souk.yaml', async () => {
  using folder = productFolder();
  await using server = await serveContract(publishing().handlers);
  const ran = await runSouk(['push'], {
    url: server.url,
    cwd: folder.path,
    env: { SOUK_DATA: join(folder.path, '.souk') },
  });
  assert.match(ran.stderr, /souk\.yaml:8 \/versions\/0\/output\/description/);
  assert.match(ran.stderr, /souk\.yaml:5 \/versions\/0\/releaseNotes/);
});

test('test accounts that were set apart stay when souk.yaml does not speak of them', async () => {
  using folder = productFolder();
  const store = publishing();
  await using server = await serveContract(store.handlers);
  await push(folder.path, server.url);
  store.set({ ...store.document(), audience: { testAccounts: ['999999999999'] } });
  folder.write('souk.yaml', yaml('listing: { title: Iris }\n'));
  await push(folder.path, server.url);
  assert.deepEqual(store.document().audience?.testAccounts, ['999999999999']);
  assert.equal(store.document().listing?.title, 'Iris');
});

test('names of packages say product and version within the 63 characters that are allowed', () => {
  assert.equal(defaultName('iris-classifier', '1.0.0'), 'iris-classifier-1-0-0');
  assert.equal(defaultName('iris', '2.0_beta+3'), 'iris-2-0-beta-3');
  const long = defaultName('a'.repeat(63), '1.2.3');
  assert.ok(long.length <= 60 && long.endsWith('-1-2-3'), long);
  assert.match(defaultName(`${'a'.repeat(52)}-bbbbbbbbb`, '1.2.3'), /^[a-zA-Z0-9](?:-*[a-zA-Z0-9]){0,62}$/);
});
