import assert from 'node:assert/strict';
import { generateKeyPairSync, sign } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { canonicalJson, canonicalSha256 } from '../canonical-json.ts';
import { serveContract } from '../testing/contract-server.ts';
import { runSouk, temporaryFolder } from '../testing/run-souk.ts';
import { catalogProduct, digest } from '../testing/samples.ts';

const { privateKey, publicKey } = generateKeyPairSync('ed25519');
const pemOf = (key: typeof publicKey) => key.export({ type: 'spki', format: 'pem' }).toString();
const bom = { bomFormat: 'CycloneDX', components: [{ name: 'model.onnx', b: 1, a: [] }] };
const subjects: Readonly<Record<string, string>> = {
  document: catalogProduct.revisionSha256,
  'versions/1.0.0/package': digest,
  'versions/1.0.0/bom': canonicalSha256(bom),
};

/** DSSE as its specification words it: the signature is over type and payload, each with its length. */
function envelopeOver(names: Readonly<Record<string, string>>) {
  const payloadType = 'application/vnd.in-toto+json';
  const subject = Object.entries(names).map(([name, sha256]) => ({ name, digest: { sha256 } }));
  const payload = Buffer.from(JSON.stringify({ _type: 'https://in-toto.io/Statement/v1', subject }));
  const signed = Buffer.from(`DSSEv1 ${payloadType.length} ${payloadType} ${payload.length} ${payload}`);
  const sig = sign(null, signed, privateKey).toString('base64');
  return { payloadType, payload: payload.toString('base64'), signatures: [{ keyid: 'k', sig }] };
}

const market = (envelope: unknown, served: unknown = bom) =>
  serveContract({
    getCatalogProduct: () => catalogProduct,
    getStatement: () => envelope,
    getMlBom: () => served,
    getSigningKey: () => ({ keyId: 'k', publicKeyPem: pemOf(publicKey) }),
  });
const argv = ['verify', 'fisher-lab/iris', '--json'];

test('a statement that covers what is shown verifies, whatever the order of the ML-BOM’s fields', async () => {
  await using server = await market(envelopeOver(subjects), {
    components: [{ a: [], b: 1, name: 'model.onnx' }],
    bomFormat: 'CycloneDX',
  });
  const ran = await runSouk(argv, { url: server.url });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(
    ran.json,
    Object.keys(subjects).map((name) => ({ name, state: 'same' })),
  );
});

test('a changed ML-BOM, a changed document or an unsigned package ends with 1 and is named', async () => {
  const { document: _, ...rest } = subjects;
  for (const [server, name, state] of [
    [await market(envelopeOver(subjects), { ...bom, bomFormat: 'other' }), 'versions/1.0.0/bom', 'differs'],
    [await market(envelopeOver({ ...subjects, document: 'b'.repeat(64) })), 'document', 'differs'],
    [await market(envelopeOver(rest)), 'document', 'not signed'],
  ] as const) {
    const ran = await runSouk(argv, { url: server.url });
    assert.equal(ran.code, 1);
    assert.deepEqual(
      ran.json.filter((c) => (c as { state: string }).state !== 'same'),
      [{ name, state }],
    );
    await server[Symbol.asyncDispose]();
  }
});

test('a payload that was changed after signing, or a key that is not the one you know, ends with 1', async () => {
  const envelope = envelopeOver(subjects);
  const changed = envelopeOver({ ...subjects, more: digest });
  await using server = await market({ ...envelope, payload: changed.payload });
  assert.equal((await runSouk(argv, { url: server.url })).code, 1);
  using folder = temporaryFolder();
  const other = generateKeyPairSync('ed25519').publicKey;
  writeFileSync(join(folder.path, 'other.pem'), pemOf(other));
  writeFileSync(join(folder.path, 'known.pem'), pemOf(publicKey));
  await using honest = await market(envelope);
  const run = (file: string) =>
    runSouk([...argv, '--public-key', file], { url: honest.url, cwd: folder.path });
  const refused = await run('other.pem');
  assert.deepEqual([refused.code, refused.stdout], [1, '']);
  assert.match(refused.stderr, /not_verified/);
  assert.equal((await run('known.pem')).code, 0);
});

test('what is no statement at all is refused in words', async () => {
  for (const envelope of [null, {}, { payloadType: 'x', payload: '', signatures: [] }, 'text']) {
    await using server = await market(envelope);
    const ran = await runSouk(argv, { url: server.url });
    assert.equal(ran.code, 1, ran.stderr);
  }
});

test('canonical JSON sorts keys at every depth and keeps the order of lists', () => {
  assert.equal(
    canonicalJson({ b: [2, { d: 1, c: null }], a: undefined, A: 'ü' }),
    '{"A":"ü","b":[2,{"c":null,"d":1}]}',
  );
});
