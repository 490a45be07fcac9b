import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import {
  buildImage,
  digestOf,
  dockerArchive,
  type ImageGiven,
  type LayerEntry,
  layerOf,
  ociArchive,
  servingLayer,
} from '../../../../test/images.ts';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import { checkPaths } from '../check-paths.ts';
import { examineImage } from './examine.ts';
import { imageLimits } from './limits.ts';
import { hexOf, hostPlatform } from './manifest.ts';
import { looksLikeImage, openImageArchive } from './open-image.ts';

const folder = mkdtempSync(join(tmpdir(), 'souk-image-test-'));
after(() => rmSync(folder, { recursive: true, force: true }));
let count = 0;
const fresh = () => join(folder, String(++count));

async function opened(archive: Buffer, platform = hostPlatform) {
  const [path, intoDir] = [fresh(), fresh()];
  writeFileSync(path, archive);
  const image = await openImageArchive(path, intoDir, imageLimits, platform);
  return {
    image,
    examine: () =>
      examineImage({
        config: image.config,
        layers: image.layers.map((l) => ({ ...l, path: join(intoDir, hexOf(l.digest)) })),
        workDir: fresh(),
        scanner: null,
        platform,
      }),
  };
}
const examined = async (given: ImageGiven) => (await opened(await ociArchive(buildImage(given)))).examine();
const codesOf = ({ findings }: { findings: readonly { code: string }[] }) => findings.map((f) => f.code);
const errorsOf = ({ findings }: { findings: readonly { code: string; severity: string }[] }) =>
  findings.filter((f) => f.severity === 'error').map((f) => f.code);
/** The serving layer, and one more with these files. */
const withFiles = async (...entries: LayerEntry[]) =>
  examined({ layers: [await servingLayer(), await layerOf(...entries)] });
async function refusal(archive: Buffer): Promise<string> {
  try {
    await opened(archive);
  } catch (error) {
    if (error instanceof ArchiveProblem) return error.code;
    throw error;
  }
  return 'opened';
}
const base = await servingLayer();

test('OCI archives with plain, gzip and zstd layers, and Docker archives, open to the same content', async () => {
  for (const packing of ['plain', 'gzip', 'zstd'] as const) {
    const built = buildImage({ layers: [base], packing });
    const { image, examine } = await opened(await ociArchive(built));
    assert.equal(image.digest, built.digest);
    assert.equal(image.name, 'test:1');
    const result = await examine();
    assert.deepEqual(errorsOf(result), [], packing);
    assert.deepEqual(
      result.layers.map((l) => [l.unpackedBytes, l.files, l.createdBy]),
      [[base.length, 4, 'COPY layer-1 /']],
    );
  }
  const docker = await opened(await dockerArchive({ layers: [base] }));
  assert.deepEqual(errorsOf(await docker.examine()), []);
  const again = await opened(await dockerArchive({ layers: [base] }));
  assert.equal(docker.image.digest, again.image.digest, 'a digest of its own, always the same');
});

test('the archive itself may be compressed', async () => {
  const archive = await ociArchive(buildImage({ layers: [base] }));
  for (const whole of [gzipSync(archive), zstdCompressSync(archive)])
    assert.deepEqual(errorsOf(await (await opened(whole)).examine()), []);
});

test('an image is told from other archives', async () => {
  const is = async (content: Buffer) => {
    const path = fresh();
    writeFileSync(path, content);
    return looksLikeImage(path);
  };
  assert.equal(await is(gzipSync(await dockerArchive({ layers: [base] }))), true);
  assert.equal(await is(await layerOf({ name: 'model.onnx', content: 'x' })), false);
  assert.equal(await is(Buffer.from('not an archive')), false);
});

test('souk check says of an archive on the desk what a push would be told', async () => {
  const check = async (content: Buffer) => {
    const path = `${fresh()}.tar`;
    writeFileSync(path, content);
    const codes: string[] = [];
    for await (const { findings } of checkPaths([path])) codes.push(...findings.map((f) => f.code));
    return codes;
  };
  assert.deepEqual(await check(await dockerArchive({ layers: [base] })), ['image.packages_unknown']);
  const shell = { layers: [base], config: { Entrypoint: ['/bin/sh', '-c', 'serve'] } };
  assert.ok((await check(gzipSync(await ociArchive(buildImage(shell))))).includes('image.entrypoint_shell'));
  assert.deepEqual(await check((await ociArchive(buildImage(shell))).subarray(0, 2000)), ['archive.damaged']);
  assert.deepEqual(await check(await layerOf({ name: 'readme.txt', content: 'x' })), [
    'package.model_missing',
  ]);
});

test('what is no archive of one whole image is refused, each case by its own code', async () => {
  const built = buildImage({ layers: [base] });
  const [layer] = built.layers;
  const files = (change: Record<string, Buffer | null>) =>
    layerOf(
      ...Object.entries({ ...built.files, ...change }).flatMap(([name, content]) =>
        content === null ? [] : [{ name, content }],
      ),
    );
  const layerName = `blobs/sha256/${hexOf(digestOf(layer ?? Buffer.alloc(0)))}`;
  const configName = `blobs/sha256/${hexOf(digestOf(built.config))}`;
  const tampered = Buffer.from(layer ?? '');
  tampered[tampered.length - 1] = (tampered.at(-1) ?? 0) ^ 1;
  assert.equal(await refusal(Buffer.from('PK not a tar at all')), 'image.kind_unknown');
  assert.equal(await refusal(Buffer.alloc(0)), 'image.kind_unknown');
  assert.equal(await refusal(await layerOf({ name: 'model.onnx', content: 'x' })), 'image.kind_unknown');
  assert.equal(
    await refusal(await files({ 'index.json': Buffer.from('{"manifests":') })),
    'image.manifest_invalid',
  );
  assert.equal(await refusal(await files({ [layerName]: null })), 'image.part_missing');
  assert.equal(await refusal(await files({ [configName]: null })), 'image.part_missing');
  assert.equal(await refusal(await files({ [layerName]: tampered })), 'image.digest_differs');
  assert.equal(
    await refusal(await files({ [configName]: Buffer.from('{"os":"linux"}') })),
    'image.digest_differs',
  );
  assert.equal(await refusal((await ociArchive(built)).subarray(0, 1500)), 'archive.damaged');
  assert.equal(
    await refusal(
      await layerOf({ name: '../../etc/cron.d/x', content: 'x' }, { name: 'index.json', content: '{}' }),
    ),
    'archive.path_escapes',
  );
  assert.equal(
    await refusal(
      await layerOf({ name: 'index.json', content: '{}' }, { name: 'index.json', content: '{}' }),
    ),
    'archive.path_duplicate',
  );
  const manifest = JSON.parse(built.manifest.toString()) as { layers: { mediaType: string }[] };
  const foreign = Buffer.from(
    JSON.stringify({
      ...manifest,
      layers: manifest.layers.map((l) => ({ ...l, mediaType: 'application/x+encrypted' })),
    }),
  );
  const index = JSON.stringify({
    schemaVersion: 2,
    manifests: [
      {
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        digest: digestOf(foreign),
        size: foreign.length,
      },
    ],
  });
  const withForeign = await files({
    'index.json': Buffer.from(index),
    [`blobs/sha256/${hexOf(digestOf(foreign))}`]: foreign,
  });
  assert.equal(await refusal(withForeign), 'image.layer_kind');
  const two = Buffer.from(
    JSON.stringify([
      { Config: 'a', Layers: ['b'] },
      { Config: 'c', Layers: ['d'] },
    ]),
  );
  assert.equal(await refusal(await layerOf({ name: 'manifest.json', content: two })), 'image.several');
  const many = await layerOf({ name: 'x', content: 'x' });
  assert.equal(
    await refusal(await ociArchive(buildImage({ layers: Array.from({ length: 128 }, () => many) }))),
    'image.too_many_layers',
  );
});

test('of an index of several platforms the one of this machine is taken; another’s alone is refused', async () => {
  const here = buildImage({ layers: [base] });
  const other = buildImage({ layers: [base], platform: { os: 'linux', architecture: 's390x' } });
  const of = (image: typeof here, architecture: string) => ({
    mediaType: 'application/vnd.oci.image.manifest.v1+json',
    digest: image.digest,
    size: image.manifest.length,
    platform: { os: 'linux', architecture },
  });
  const attestation = { ...of(other, 'unknown'), platform: { os: 'unknown', architecture: 'unknown' } };
  const archiveOf = (manifests: unknown[]) =>
    ociArchive({
      ...here,
      files: {
        ...other.files,
        ...here.files,
        'index.json': Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })),
      },
    });
  const { image } = await opened(
    await archiveOf([of(other, 's390x'), of(here, hostPlatform.architecture), attestation]),
  );
  assert.equal(image.digest, here.digest);
  assert.equal(await refusal(await archiveOf([of(other, 's390x'), attestation])), 'image.architecture');
});

test('an image for another processor or system is refused, and says which', async () => {
  const s390 = await examined({ layers: [base], platform: { os: 'linux', architecture: 's390x' } });
  assert.deepEqual(errorsOf(s390), ['image.architecture']);
  assert.match(s390.findings[0]?.message ?? '', /linux\/s390x.*linux\/amd64|linux\/s390x.*linux\//);
  const windows = await examined({ layers: [base], platform: { os: 'windows', architecture: 'amd64' } });
  assert.deepEqual(errorsOf(windows), ['image.os']);
});

test('what keeps an image from starting with serve is named', async () => {
  const start = async (config: Record<string, unknown>, ...more: LayerEntry[]) =>
    codesOf(
      await examined({ layers: more.length > 0 ? [base, await layerOf(...more)] : [base], config }),
    ).filter((c) => c !== 'image.packages_unknown');
  assert.deepEqual(await start({}), []);
  assert.deepEqual(await start({ Entrypoint: ['/bin/sh', '-c', 'python3 main.py'] }), [
    'image.entrypoint_shell',
  ]);
  assert.deepEqual(await start({ Entrypoint: null }), ['image.serve_missing']);
  assert.deepEqual(
    await start({ Entrypoint: null }, { name: 'usr/bin/serve', content: '#!/bin/sh\n', mode: 0o755 }),
    [],
  );
  assert.deepEqual(await start({ Entrypoint: ['/opt/nothing'] }), ['image.program_missing']);
  assert.deepEqual(
    await start({ Entrypoint: ['/opt/plain'] }, { name: 'opt/plain', content: 'x', mode: 0o644 }),
    ['image.program_missing'],
  );
  assert.deepEqual(await start({ Entrypoint: ['sh', '/opt/serve'] }), []);
  const script = (line: string) => ({ name: 'opt/main', content: `${line}\n`, mode: 0o755 });
  assert.deepEqual(await start({ Entrypoint: ['/opt/main'] }, script('#!/usr/bin/python3')), [
    'image.interpreter_missing',
  ]);
  assert.deepEqual(await start({ Entrypoint: ['/opt/main'] }, script('#!/bin/sh\r')), [
    'image.interpreter_missing',
  ]);
  assert.deepEqual(await start({ User: 'model' }), ['image.user_unknown']);
  assert.deepEqual(await start({ User: 'model' }, { name: 'etc/passwd', content: 'model:x:1:1::/:\n' }), []);
  assert.deepEqual(await start({ User: '' }), ['image.user_root']);
  assert.deepEqual(await start({ ExposedPorts: { '80/tcp': {} } }), ['image.port_other']);
  assert.deepEqual(await start({ ExposedPorts: { '80/tcp': {}, '8080/tcp': {} } }), []);
});

test('hostile layers are refused: paths, devices, links, bombs, too many files, damage', async () => {
  const withOne = async (entry: LayerEntry) => errorsOf(await withFiles(entry));
  assert.deepEqual(await withOne({ name: '/etc/shadow', content: 'x' }), ['archive.path_escapes']);
  assert.deepEqual(await withOne({ name: 'a/../../x', content: 'x' }), ['archive.path_escapes']);
  assert.deepEqual(await withOne({ name: 'dev/sda', type: 'character-device' }), ['archive.special_file']);
  assert.deepEqual(await withOne({ name: 'dev/pipe', type: 'fifo' }), ['archive.special_file']);
  assert.deepEqual(await withOne({ name: 'x', type: 'link', linkname: '../../../etc/passwd' }), [
    'archive.link_escapes',
  ]);
  assert.deepEqual(await withOne({ name: 'x', type: 'link', linkname: 'nothing' }), [
    'archive.link_dangling',
  ]);
  assert.deepEqual(await withOne({ name: 'x', type: 'symlink', linkname: '/etc/passwd' }), []);
  assert.deepEqual(await withOne({ name: 'lib/system-x\\x2d.slice', content: '' }), []);

  const limited = async (layer: Buffer, limits: Partial<typeof imageLimits>) => {
    const { image } = await opened(await ociArchive(buildImage({ layers: [layer] })));
    const path = fresh();
    writeFileSync(path, gzipSync(layer));
    const layers = image.layers.map((l) => ({ ...l, path }));
    const options = { config: image.config, layers, workDir: fresh(), scanner: null };
    return errorsOf(await examineImage({ ...options, limits: { ...imageLimits, ...limits } }));
  };
  const zeros = await layerOf({ name: 'zeros', content: Buffer.alloc(4 * 2 ** 20) });
  assert.deepEqual(await limited(zeros, { ratioFreeBytes: 2 ** 20, ratioMax: 20 }), [
    'archive.ratio_exceeded',
  ]);
  assert.deepEqual(await limited(base, { filesMax: 3 }), ['archive.too_many_files']);
  assert.deepEqual(await limited(zeros, { totalBytesMax: 2 ** 20 }), ['archive.too_large']);
  assert.ok((await limited(gzipSync('not a tar'), {})).includes('archive.damaged'));
});

test('a layer that unpacks to something else than the configuration states is refused', async () => {
  const built = buildImage({ layers: [base] });
  const config = JSON.parse(built.config.toString()) as { rootfs: { diff_ids: string[] } };
  config.rootfs.diff_ids = [digestOf(Buffer.from('other'))];
  const { image } = await opened(await ociArchive(built));
  const path = fresh();
  writeFileSync(path, base);
  const layers = image.layers.map((l) => ({ ...l, path }));
  const result = await examineImage({
    config: Buffer.from(JSON.stringify(config)),
    layers,
    workDir: fresh(),
    scanner: null,
  });
  assert.deepEqual(errorsOf(result), ['image.digest_differs']);
});

test('whiteouts take away what lower layers had, and only that', async () => {
  const status = (name: string) => ({
    name: `var/lib/dpkg/status.d/${name}`,
    content: `Package: ${name}\nVersion: 1\nArchitecture: amd64\n`,
  });
  const packages = async (...upper: LayerEntry[]) =>
    (
      await examined({ layers: [base, await layerOf(status('a'), status('b')), await layerOf(...upper)] })
    ).packages.map((p) => p.name);
  assert.deepEqual(await packages({ name: 'etc/x', content: '' }), ['a', 'b']);
  assert.deepEqual(await packages({ name: 'var/lib/dpkg/status.d/.wh.a', content: '' }), ['b']);
  assert.deepEqual(await packages({ name: 'var/lib/dpkg/status.d/.wh..wh..opq', content: '' }, status('c')), [
    'c',
  ]);
  assert.deepEqual(await packages(status('c'), { name: 'var/lib/dpkg/status.d/.wh..wh..opq', content: '' }), [
    'c',
  ]);
  assert.deepEqual(await packages({ name: 'var/lib/.wh.dpkg', content: '' }), []);
  const gone = await examined({
    layers: [base, await layerOf({ name: 'opt/.wh.serve', content: '' })],
  });
  assert.deepEqual(errorsOf(gone), ['image.program_missing']);
});

test('packages of Debian, Alpine, Python and npm are listed with what they are known by', async () => {
  const result = await withFiles(
    { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID="12"\nPRETTY_NAME="Debian 12"\n' },
    {
      name: 'var/lib/dpkg/status',
      content:
        'Package: libc6\nStatus: install ok installed\nVersion: 2.36-9\nArchitecture: amd64\n\nPackage: gone\nStatus: deinstall ok config-files\nVersion: 1\n',
    },
    { name: 'lib/apk/db/installed', content: 'P:musl\nV:1.2.4\nA:x86_64\nL:MIT\n\n' },
    {
      name: 'usr/lib/python3/dist-packages/scikit_learn-1.2.1.dist-info/METADATA',
      content:
        'Metadata-Version: 2.1\nName: scikit-learn\nVersion: 1.2.1\nLicense: BSD\n\nVersion: 9 in the text\n',
    },
    { name: 'usr/lib/python3/dist-packages/six-1.16.0.egg-info', content: 'Name: six\nVersion: 1.16.0\n' },
    {
      name: 'app/node_modules/@a/b/package.json',
      content: '{"name":"@a/b","version":"2.0.0","license":"MIT"}',
    },
    { name: 'app/node_modules/bad/package.json', content: '{' },
  );
  assert.deepEqual(errorsOf(result), []);
  assert.deepEqual(result.packages.map((p) => [p.kind, p.name, p.version, p.licence]).sort(), [
    ['apk', 'musl', '1.2.4', 'MIT'],
    ['deb', 'libc6', '2.36-9', null],
    ['npm', '@a/b', '2.0.0', 'MIT'],
    ['pypi', 'scikit-learn', '1.2.1', 'BSD'],
    ['pypi', 'six', '1.16.0', null],
  ]);
  assert.equal(result.distribution?.name, 'Debian 12');
});

test('programs that others may change and that run with their owner’s rights are refused', async () => {
  const mode = async (bits: number) =>
    errorsOf(await withFiles({ name: 'usr/bin/su', content: 'x', mode: bits }));
  assert.deepEqual(await mode(0o4755), []);
  assert.deepEqual(await mode(0o777), []);
  assert.deepEqual(await mode(0o4757), ['image.set_uid_writable']);
  assert.deepEqual(await mode(0o2777), ['image.set_uid_writable']);
});

test('secrets are found in files of any layer and in the configuration; samples of installed packages only warn', async () => {
  const key = `-----BEGIN RSA ${'PRIVATE'} KEY-----\nMIIEpAIBAAKCAQEA\n`;
  assert.deepEqual(errorsOf(await withFiles({ name: 'root/.ssh/id_rsa', content: key })), [
    'secret.private_key',
  ]);
  const removed = await examined({
    layers: [
      base,
      await layerOf({ name: 'k.pem', content: key }),
      await layerOf({ name: '.wh.k.pem', content: '' }),
    ],
  });
  assert.deepEqual(errorsOf(removed), ['secret.private_key'], 'a lower layer still has it');
  const owned = await withFiles(
    { name: 'usr/lib/python3/dist-packages/certs/test.pem', content: key },
    {
      name: 'var/lib/dpkg/info/python3-certs.list',
      content: '/usr/lib/python3/dist-packages/certs/test.pem\n',
    },
  );
  assert.deepEqual(errorsOf(owned), []);
  assert.ok(codesOf(owned).includes('image.secret_of_package'));
  const token = ['gh', 'p_', 'a1B2'.repeat(9)].join('');
  assert.deepEqual(
    errorsOf(await examined({ layers: [base], config: { Env: [`TOKEN=${token}`, 'PATH=/bin'] } })),
    ['secret.token'],
  );
});
