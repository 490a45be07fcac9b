import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { after, test } from 'node:test';
import type { Image } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { type BuiltImage, buildImage, layerOf, ociArchive, servingLayer } from '../../../test/images.ts';
import { testImages } from '../../../test/images-service.ts';
import { testMember, testPlatform } from '../../../test/platform.ts';
import { row, rows, sql } from '../../platform/db.ts';
import { archiveOf, newImagesService, startable, usesOf, writeArchive } from './index.ts';

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database);
const { imageParts } = platform;
const { given, images, check, send, ...parts } = await testImages(platform);
const publisher = await testMember(db);
const other = await testMember(db);
const base = await servingLayer();
const folder = mkdtempSync(join(tmpdir(), 'souk-images-'));
after(() => rmSync(folder, { recursive: true, force: true }));

const pushed = (archive: Buffer) => parts.pushed(publisher, archive);
const checked = (archive: Buffer, name?: string) => parts.checked(publisher, archive, name);
const get = (image: string) => images.get(publisher, image);
const archiveOfImage = (image: BuiltImage) => ociArchive(image);
const codeOf = (answer: { json(): { error: { code: string } } }) => answer.json().error.code;
const hex = (digest: string) => digest.slice('sha256:'.length);

test('a pushed image is taken apart, looked at, and found again by its digest', async () => {
  const built = buildImage({ layers: [base] });
  const first = await pushed(await archiveOfImage(built));
  assert.deepEqual([first.status, first.digest, first.layers], ['Pending', null, []]);
  await check(first.id);
  const image = await get(first.id);
  assert.deepEqual([image.status, image.digest, image.failureReason], ['Completed', built.digest, null]);
  assert.deepEqual(image.run?.entrypoint, ['/opt/serve']);
  assert.equal(image.layers[0]?.unpackedBytes, base.length);
  assert.match(image.malwareScan ?? '', /^not run/);
  assert.equal((await get(built.digest)).id, image.id);
  const kept = await images.find(db, publisher.accountId, built.digest);
  assert.deepEqual([kept?.digest, kept?.entrypoint], [built.digest, ['/opt/serve']]);
  const listed = await send(publisher, { method: 'GET', url: '/api/images' });
  assert.equal(listed.json<{ items: Image[] }>().items[0]?.digest, built.digest);
  assert.deepEqual(
    (
      await rows<{ to: string }>(
        db,
        sql`select to_status as to from image_history where image_id = ${image.id} order by at`,
      )
    ).map((h) => h.to),
    ['Pending', 'Scanning', 'Completed'],
  );
});

test('what is given out again is the same image, byte for byte, as podman load takes it', async () => {
  const built = buildImage({ layers: [base], packing: 'zstd' });
  await checked(await archiveOfImage(built));
  const archive = await buffer(archiveOf({ db, imageParts }, built.digest));
  const again = await checked(archive);
  assert.equal(again.digest, built.digest);
  const path = join(folder, 'again.tar');
  await writeArchive({ db, imageParts }, built.digest, path);
  assert.deepEqual(
    execFileSync('tar', ['tf', path]).toString().trim().split('\n').sort(),
    Object.keys(built.files).sort(),
  );
});

test('a layer that is there already is not kept twice, and goes when no image has it', async () => {
  const more = await layerOf({ name: 'opt/extra', content: 'x'.repeat(1000) });
  const [one, two] = [buildImage({ layers: [base] }), buildImage({ layers: [base, more] })];
  const first = await checked(await archiveOfImage(one));
  const second = await checked(await archiveOfImage(two));
  const shared = first.layers[0]?.digest ?? '';
  assert.equal(second.layers[0]?.digest, shared);
  const path = await imageParts.pathOf(hex(shared));
  assert.ok(path);
  assert.equal(
    (await send(publisher, { method: 'DELETE', url: `/api/images/${second.id}` })).statusCode,
    204,
  );
  // As if a day had gone by.
  await sql`update image_parts set used_at = now() - interval '2 days'`.execute(db);
  await sql`update image_contents set created_at = now() - interval '2 days'`.execute(db);
  const later = newImagesService(
    { ...platform, clock: { now: () => new Date(Date.now() + 3 * 24 * 3600 * 1000) } },
    {
      finishedUpload: async () => assert.fail(),
      unusedUploads: async () => [],
      policies: async () => given.policies,
      usesOf: async () => [],
    },
  );
  await sql`update image_parts set used_at = now() + interval '9 days' where sha256 = ${hex(second.layers[1]?.digest ?? '')}`.execute(
    db,
  );
  await later.sweep();
  assert.equal(await imageParts.has(hex(second.layers[1]?.digest ?? '')), true, 'somebody counts on it');
  await sql`update image_parts set used_at = now() - interval '2 days'`.execute(db);
  await later.sweep();
  assert.equal(await imageParts.has(hex(second.layers[1]?.digest ?? '')), false);
  assert.equal(await imageParts.has(hex(shared)), true, 'the other image has it');
});

test('what cannot be an image fails with its own code, and its archive is let go', async () => {
  const cases: [Buffer, string][] = [
    [Buffer.from('this is not an archive'), 'image.kind_unknown'],
    [(await archiveOfImage(buildImage({ layers: [base] }))).subarray(0, 4096), 'archive.damaged'],
    [
      await archiveOfImage(buildImage({ layers: [base], platform: { os: 'linux', architecture: 's390x' } })),
      'image.architecture',
    ],
    [
      await archiveOfImage(
        buildImage({ layers: [base], config: { Entrypoint: ['/bin/sh', '-c', 'serve'] } }),
      ),
      'image.entrypoint_shell',
    ],
  ];
  for (const [archive, code] of cases) {
    const image = await checked(archive);
    assert.deepEqual([image.status, image.findings[0]?.code], ['Failed', code]);
    assert.ok(image.failureReason);
    const kept = await row<{ archive: string | null }>(
      db,
      sql`select archive_sha256 as archive from images where id = ${image.id}`,
    );
    assert.equal(kept?.archive, null);
    if (image.digest) assert.equal(await images.find(db, publisher.accountId, image.digest), undefined);
  }
});

test('an account keeps no more images than the operator lets it; what it shares counts once, and what is refused is let go', async () => {
  const before = given.policies;
  const third = await testMember(db);
  const [first, second] = await Promise.all(
    ['a', 'b'].map((name) => layerOf({ name, content: randomBytes(40_000).toString('hex') })),
  );
  const push = async (caller: typeof third, layers: Buffer[]) =>
    parts.checked(caller, await archiveOfImage(buildImage({ layers, packing: 'plain' })));
  const used = async () => (await images.list(third, {})).used.sizeBytes;
  assert.equal((await push(third, [base, first ?? base])).status, 'Completed');
  const kept = await used();
  // Less than a byte more than there is: nothing but the second layer does not fit.
  given.policies = { ...before, accountImageGigabytes: (kept + 1) / 1e9 };
  assert.equal((await push(third, [base, first ?? base])).status, 'Completed');
  const refused = await push(third, [base, second ?? base]);
  assert.deepEqual(
    [refused.status, refused.findings.map((f) => f.code), refused.digest],
    ['Failed', ['image.account_full'], null],
  );
  assert.equal(await used(), kept);
  given.policies = { ...before, accountImageGigabytes: 0 };
  await assert.rejects(push(third, [base]), { code: 'image.over_quota' });
  given.policies = before;
});

test('an image larger than the operator takes is refused before it is looked at', async () => {
  given.policies = { ...given.policies, imageMegabytes: 1 };
  const noise = Buffer.from(Array.from({ length: 300_000 }, (_, i) => (i * 2654435761) % 4294967296).join());
  const large = buildImage({
    layers: [base, await layerOf({ name: 'noise', content: noise })],
    packing: 'plain',
  });
  const image = await checked(await archiveOfImage(large));
  given.policies = { ...given.policies, imageMegabytes: 10_000 };
  assert.deepEqual([image.status, image.findings.map((f) => f.code)], ['Failed', ['image.size_exceeded']]);
});

test('without a scanner an image waits, where the operator wants it so, and goes on by itself', async () => {
  given.policies = { ...given.policies, scannerMissing: 'hold' };
  const { id } = await pushed(
    await archiveOfImage(buildImage({ layers: [base], config: { Labels: { held: '1' } } })),
  );
  await check(id);
  const held = await get(id);
  assert.equal(held.status, 'Scanning');
  assert.match(held.statusMessage ?? '', /virus scanner/);
  given.policies = { ...given.policies, scannerMissing: 'record' };
  await check(id);
  assert.equal((await get(id)).status, 'Completed');
});

test('pushing the same image again puts the newer in the place of the older, and asks the rules once', async () => {
  const archive = await archiveOfImage(buildImage({ layers: [base], config: { Labels: { twice: '1' } } }));
  const first = await checked(archive, 'old:1');
  const second = await checked(archive, 'new:1');
  assert.equal(second.digest, first.digest);
  assert.equal((await get(first.digest ?? '')).name, 'new:1');
  assert.equal((await send(publisher, { method: 'GET', url: `/api/images/${first.id}` })).statusCode, 404);
  const verdicts = await rows(db, sql`select 1 from image_verdicts where digest = ${first.digest}`);
  assert.equal(verdicts.length, 1);
});

test('a digest that another account has pushed gives nobody else the image', async () => {
  const image = await checked(
    await archiveOfImage(buildImage({ layers: [base], config: { Labels: { private: '1' } } })),
  );
  for (const name of [image.id, image.digest ?? ''])
    for (const [method, path] of [
      ['GET', ''],
      ['GET', '/sbom'],
      ['DELETE', ''],
    ] as const) {
      const answer = await send(other, { method, url: `/api/images/${name}${path}` });
      assert.deepEqual([answer.statusCode, codeOf(answer)], [404, 'image.missing'], `${method} ${path}`);
    }
  assert.equal(await images.find(db, other.accountId, image.digest ?? ''), undefined);
  const listed = await send(other, { method: 'GET', url: '/api/images' });
  assert.deepEqual(listed.json<{ items: Image[] }>().items, []);
});

test('an image that something uses stays', async () => {
  const image = await checked(
    await archiveOfImage(buildImage({ layers: [base], config: { Labels: { used: '1' } } })),
  );
  given.uses = [{ kind: 'model-package', name: 'iris-1' }];
  assert.deepEqual((await get(image.id)).usedBy, given.uses);
  const refused = await send(publisher, { method: 'DELETE', url: `/api/images/${image.id}` });
  assert.deepEqual([refused.statusCode, codeOf(refused)], [409, 'image.in_use']);
  given.uses = [];
  assert.equal((await send(publisher, { method: 'DELETE', url: `/api/images/${image.id}` })).statusCode, 204);
  assert.equal((await send(publisher, { method: 'GET', url: `/api/images/${image.id}` })).statusCode, 404);
});

test('an image is used by what names it: registered, or released with it', async () => {
  const digest = `sha256:${'77'.repeat(32)}`;
  assert.deepEqual(await usesOf(db, publisher.accountId, digest), []);
  await sql`insert into model_packages (id, account_id, region, name, arn, description, status, archive_sha256, archive_size_bytes, archive_file_name,
      inference_specification, validation_specification, certify_for_marketplace, created_by)
    values ('mpk_0000000000000000', ${publisher.accountId}, 'here', 'in-a-container', 'arn:x', '', 'Completed', ${'00'.repeat(32)}, 1, 'x',
      ${JSON.stringify({ container: { image: digest } })}::jsonb, '{}', true, 'me')`.execute(db);
  assert.deepEqual(await usesOf(db, publisher.accountId, digest), [
    { kind: 'model-package', name: 'in-a-container' },
  ]);
  assert.deepEqual(await usesOf(db, other.accountId, digest), []);
  assert.ok((await startable(db)).has(digest), 'podman keeps it');
  await sql`delete from model_packages where id = 'mpk_0000000000000000'`.execute(db);
  assert.ok(!(await startable(db)).has(digest), 'nothing starts it any more');
});

test('an image that is not done cannot be deleted, and has no bill of materials', async () => {
  const image = await pushed(await archiveOfImage(buildImage({ layers: [base] })));
  const refused = await send(publisher, { method: 'DELETE', url: `/api/images/${image.id}` });
  assert.deepEqual([refused.statusCode, codeOf(refused)], [409, 'image.not_finished']);
  const bom = await send(publisher, { method: 'GET', url: `/api/images/${image.id}/sbom` });
  assert.equal(codeOf(bom), 'image.no_packages');
});

test('the bill of materials is CycloneDX with a package URL for each package', async () => {
  const layer = await layerOf(
    { name: 'etc/os-release', content: 'ID=debian\nVERSION_ID=12\n' },
    {
      name: 'var/lib/dpkg/status.d/libc6',
      content: 'Package: libc6\nVersion: 2.36-9+deb12u9\nArchitecture: amd64\n',
    },
  );
  const image = await checked(await archiveOfImage(buildImage({ layers: [base, layer] })));
  const answer = await send(publisher, { method: 'GET', url: `/api/images/${image.id}/sbom` });
  assert.match(String(answer.headers['content-disposition']), /iris-1\.cdx\.json/);
  const bom = answer.json<{ bomFormat: string; specVersion: string; components: { purl?: string }[] }>();
  assert.deepEqual([bom.bomFormat, bom.specVersion], ['CycloneDX', '1.6']);
  assert.ok(
    bom.components.some(
      (c) => c.purl === 'pkg:deb/debian/libc6@2.36-9%2Bdeb12u9?arch=amd64&distro=debian-12',
    ),
  );
});
