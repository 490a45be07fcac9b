import assert from 'node:assert/strict';
import { createHash, generateKeyPairSync, sign } from 'node:crypto';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, test } from 'node:test';
import { Ajv } from 'ajv';
import { tar } from '../archive/sample-archives.ts';
import { type BomInput, mlBom } from './ml-bom.ts';
import {
  keyIdOf,
  publicationPredicate,
  type SigningKey,
  type Statement,
  signStatement,
  verifyEnvelope,
} from './statement.ts';
import { verifyPackage } from './verify-package.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-evidence-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
const digest = (bytes: Buffer | string) => createHash('sha256').update(bytes).digest('hex');

const bom = (more: Partial<BomInput> = {}) =>
  mlBom({
    product: 'botany/iris-classifier',
    title: 'Iris Classifier',
    version: '1.0.0',
    supplier: 'Botany',
    description: 'Names the species of an iris.',
    useCases: ['Teaching'],
    limitations: ['Three species only'],
    packageSha256: digest('package'),
    files: [{ path: 'model.onnx', sizeBytes: 499, sha256: digest('model') }],
    modelPath: 'model.onnx',
    onnx: {
      irVersion: 8,
      opsets: [{ domain: '', version: 17 }],
      producer: 'souk-examples',
      inputs: [{ name: 'features', type: 'float32', shape: ['N', 4] }],
      outputs: [{ name: 'label', type: 'string', shape: ['N'] }],
      operators: ['Gemm', 'Softmax'],
      parametersCount: 18,
    },
    measured: [
      {
        instanceType: 'souk.small',
        p50Ms: 0.4,
        p99Ms: 1.2,
        callsPerSecond: 5000,
        calls: 1000,
        histogram: [],
        measuredAt: '2026-11-21T08:00:00Z',
      },
    ],
    metrics: [{ type: 'accuracy', value: '0.9333', slice: 'held out' }],
    createdAt: '2026-11-21T08:00:00Z',
    ...more,
  });
const image = (n: number) => {
  const installed = {
    kind: 'pypi',
    architecture: null,
    name: 'scikit-learn',
    version: '1.2.1',
    licence: 'BSD-3-Clause',
  } as const;
  return {
    name: `flowers/iris:${n}`,
    digest: `sha256:${String(n).repeat(64)}`,
    distribution: { id: 'debian', version: '12', name: 'Debian GNU/Linux 12' },
    // Found twice in the image: in its own folder, and in a copy of it.
    packages: [
      { ...installed, path: 'usr/lib/python3/dist-packages/a' },
      { ...installed, path: 'opt/copy/a' },
    ],
  };
};

test('the bill of materials follows the official schema of CycloneDX 1.6', () => {
  const require = createRequire(import.meta.url);
  // The library names its schemas in no export; they lie beside its package file.
  const schemas = join(dirname(require.resolve('@cyclonedx/cyclonedx-library/package.json')), 'res/schema');
  const read = (name: string) => JSON.parse(readFileSync(join(schemas, name), 'utf8')) as object;
  const ajv = new Ajv({ strict: false, validateFormats: false, allErrors: true });
  ajv.addSchema(read('spdx.SNAPSHOT.schema.json'), 'http://cyclonedx.org/schema/spdx.SNAPSHOT.schema.json');
  ajv.addSchema(
    read('jsf-0.82.SNAPSHOT.schema.json'),
    'http://cyclonedx.org/schema/jsf-0.82.SNAPSHOT.schema.json',
  );
  const validate = ajv.compile(read('bom-1.6.SNAPSHOT.schema.json'));
  for (const document of [bom(), bom({ images: [image(1), image(2)] }), bom({ elsewhere: true })]) {
    assert.equal(validate(document), true, JSON.stringify(validate.errors, null, 1));
    const text = JSON.stringify(document);
    const refs = [...text.matchAll(/"bom-ref":"([^"]+)"/g)].map(([, ref]) => ref);
    assert.equal(new Set(refs).size, refs.length, 'no reference is given twice');
    for (const { ref, dependsOn } of document.dependencies)
      for (const one of [ref, ...dependsOn]) assert.ok(refs.includes(one), `${one} is in the document`);
  }
  assert.equal(validate({ ...bom(), specVersion: 1.6 }), false);
  assert.equal(validate({ ...bom(), components: [{ type: 'model' }] }), false);
});

test('what is installed in the images of a version is part of its bill, without where it lies', () => {
  const { components } = bom({ images: [image(1)] });
  const text = JSON.stringify(components);
  assert.match(text, /pkg:pypi\/scikit-learn@1\.2\.1/);
  assert.ok(!/dist-packages|opt\/copy/.test(text));
  assert.ok(!text.includes('onnxruntime'), 'an image brings its own runtime');
});

test('the same model has the same bill, digest for digest', () => {
  assert.deepEqual(bom(), bom());
  assert.match(
    bom().serialNumber,
    /^urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
});

function newKey(): SigningKey & { readonly publicPem: string } {
  const { privateKey, publicKey } = generateKeyPairSync('ed25519');
  return {
    keyId: keyIdOf(publicKey),
    privateKey,
    publicPem: publicKey.export({ type: 'spki', format: 'pem' }).toString(),
  };
}
const key = newKey();
const statement: Statement = {
  subjects: [{ name: 'files/model.onnx', sha256: digest('model') }],
  predicateType: publicationPredicate,
  predicate: { product: 'botany/iris-classifier' },
};

test('a signed statement says again what was signed', () => {
  const envelope = JSON.parse(JSON.stringify(signStatement(statement, key))) as unknown;
  assert.deepEqual(verifyEnvelope(envelope, key.publicPem), { ok: true, keyId: key.keyId, statement });
});

test('any change, another key, another type and nonsense are told apart from the truth', () => {
  const envelope = signStatement(statement, key);
  const refused = (given: unknown, pem = key.publicPem) => assert.equal(verifyEnvelope(given, pem).ok, false);
  const payload = Buffer.from(envelope.payload, 'base64');
  for (const at of [0, 50, payload.length - 1]) {
    const changed = Buffer.from(payload);
    changed[at] = (changed[at] ?? 0) ^ 1;
    refused({ ...envelope, payload: changed.toString('base64') });
  }
  refused(envelope, newKey().publicPem);
  refused({ ...envelope, payloadType: 'application/json' });
  refused({ ...envelope, signatures: [] });
  refused({ ...envelope, signatures: [{ keyid: key.keyId, sig: '' }] });
  for (const nonsense of [null, 1, 'x', [], {}, { payloadType: 1 }, { ...envelope, signatures: [null] }])
    refused(nonsense);
});

test('a signature over something else is no signature over a statement', () => {
  const payload = Buffer.from(JSON.stringify({ hello: 'world' }));
  const type = 'application/vnd.in-toto+json';
  const signed = Buffer.concat([Buffer.from(`DSSEv1 ${type.length} ${type} ${payload.length} `), payload]);
  const sig = sign(null, signed, key.privateKey).toString('base64');
  const envelope = {
    payloadType: type,
    payload: payload.toString('base64'),
    signatures: [{ keyid: 'k', sig }],
  };
  assert.deepEqual(verifyEnvelope(envelope, key.publicPem), {
    ok: false,
    reason: 'What was signed is not an in-toto statement.',
  });
  // Without the encoding that binds the type, the very same bytes are not accepted.
  const bare = sign(null, payload, key.privateKey).toString('base64');
  assert.equal(
    verifyEnvelope({ ...envelope, signatures: [{ keyid: 'k', sig: bare }] }, key.publicPem).ok,
    false,
  );
});

test('a package, packed or unpacked, is held against its statement file by file', async () => {
  const archive = tar({ path: 'model.onnx', content: 'model' }, { path: 'd/w.bin', content: 'weights' });
  const path = join(folder, 'p.tar');
  writeFileSync(path, archive);
  const dir = join(folder, 'p');
  mkdirSync(join(dir, 'd'), { recursive: true });
  writeFileSync(join(dir, 'model.onnx'), 'model');
  writeFileSync(join(dir, 'd/w.bin'), 'weights');
  const envelope = signStatement(
    {
      ...statement,
      subjects: [
        { name: 'versions/1.0.0/package', sha256: digest(archive) },
        { name: 'versions/1.0.0/files/model.onnx', sha256: digest('model') },
        { name: 'versions/1.0.0/files/d/w.bin', sha256: digest('weights') },
        { name: 'versions/2.0.0/files/other.onnx', sha256: digest('other') },
      ],
    },
    key,
  );
  const verify = async (at: string, version = '1.0.0') => {
    const { ok, checked } = await verifyPackage(at, envelope, key.publicPem, version);
    return { ok, states: checked.map((one) => `${one.name} ${one.state}`) };
  };
  assert.deepEqual(await verify(path), {
    ok: true,
    states: ['versions/1.0.0/package same', 'd/w.bin same', 'model.onnx same'],
  });
  assert.deepEqual(await verify(dir), { ok: true, states: ['d/w.bin same', 'model.onnx same'] });
  assert.equal((await verify(dir, '2.0.0')).ok, false);
  assert.equal((await verify(dir, '3.0.0')).ok, false);

  writeFileSync(join(dir, 'model.onnx'), 'another');
  assert.deepEqual(await verify(dir), { ok: false, states: ['d/w.bin same', 'model.onnx differs'] });
  writeFileSync(join(dir, 'model.onnx'), 'model');
  writeFileSync(join(dir, 'more.txt'), 'added');
  assert.deepEqual(await verify(dir), {
    ok: false,
    states: ['d/w.bin same', 'model.onnx same', 'more.txt not signed'],
  });
  rmSync(join(dir, 'more.txt'));
  rmSync(join(dir, 'd/w.bin'));
  assert.deepEqual(await verify(dir), { ok: false, states: ['d/w.bin missing', 'model.onnx same'] });
});
