import assert from 'node:assert/strict';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { after, test } from 'node:test';
import type { Image } from '@souk/contract';
import { testDatabase } from '../../../test/database.ts';
import { type BuiltImage, buildImage, digestOf, servingLayer } from '../../../test/images.ts';
import { testImages } from '../../../test/images-service.ts';
import { testMember, testPlatform } from '../../../test/platform.ts';
import { row, sql } from '../../platform/db.ts';
import { readReference } from './images.rules.ts';

/** A registry as the specification has it: an index of platforms, a token server, layers behind a redirect. */
const base = await servingLayer();
const here = buildImage({ layers: [base] });
const other = buildImage({ layers: [base], platform: { os: 'linux', architecture: 's390x' } });
const platformOf = (image: BuiltImage, architecture: string) => ({
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  digest: image.digest,
  size: image.manifest.length,
  platform: { os: 'linux', architecture },
});
const indexOf = (...manifests: unknown[]) =>
  Buffer.from(
    JSON.stringify({
      schemaVersion: 2,
      mediaType: 'application/vnd.oci.image.index.v1+json',
      manifests,
    }),
  );
const architecture = (JSON.parse(here.config.toString()) as { architecture: string }).architecture;
const both = indexOf(platformOf(other, 's390x'), platformOf(here, architecture));
const layers = new Map([here, other].flatMap((i) => [i.config, ...i.layers]).map((b) => [digestOf(b), b]));
const manifests = new Map([
  [here.digest, here.manifest],
  [other.digest, other.manifest],
  ['1', here.manifest],
  ['both', both],
  [digestOf(both), both],
  ['foreign', indexOf(platformOf(other, 's390x'))],
  [`sha256:${'ab'.repeat(32)}`, here.manifest],
]);
const asked: string[] = [];
const state = { damage: false };

function answer(request: IncomingMessage, response: ServerResponse): unknown {
  const { pathname, searchParams } = new URL(request.url ?? '', 'http://registry');
  const { authorization = '' } = request.headers;
  asked.push(`${pathname} ${authorization.split(' ')[0]}`);
  const send = (status: number, body: Buffer | string, headers = {}) => {
    response.writeHead(status, headers);
    response.end(body);
  };
  if (pathname === '/token') {
    const wanted = Buffer.from('me:secret').toString('base64');
    if (authorization !== `Basic ${wanted}`) return send(401, '{}');
    return send(200, JSON.stringify({ token: `for-${searchParams.get('scope')}` }));
  }
  if (pathname.startsWith('/cdn/')) {
    const content = layers.get(pathname.slice('/cdn/'.length)) ?? Buffer.alloc(0);
    return send(200, state.damage ? Buffer.alloc(content.length) : content);
  }
  const [, team, kind, version = ''] = /^\/v2\/(\w+)\/iris\/(manifests|blobs)\/(.+)$/.exec(pathname) ?? [];
  if (team === 'private' && authorization !== 'Bearer for-repository:private/iris:pull')
    return send(401, '{}', {
      'www-authenticate': `Bearer realm="http://${request.headers.host}/token",service="registry",scope="repository:private/iris:pull"`,
    });
  if (kind === 'blobs' && layers.has(version))
    return send(307, '', { location: `http://127.0.0.1:${portOf(cdn)}/cdn/${version}` });
  const manifest = manifests.get(version);
  if (kind === 'manifests' && manifest) {
    const { mediaType } = JSON.parse(manifest.toString()) as { mediaType: string };
    return send(200, manifest, { 'content-type': mediaType });
  }
  return send(404, JSON.stringify({ errors: [{ code: 'MANIFEST_UNKNOWN', message: 'manifest unknown' }] }));
}
const [registry, cdn] = [createServer(answer), createServer(answer)];
for (const server of [registry, cdn]) {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  after(() => server.close());
}
const portOf = (server: typeof cdn) => (server.address() as AddressInfo).port;
const address = `http://127.0.0.1:${portOf(registry)}`;

const database = await testDatabase();
const { db } = database;
const platform = testPlatform(database, { SOUK_OUTBOUND_ALLOW: '127.0.0.0/8' });
const { images, check, send, given } = await testImages(platform);
const publisher = await testMember(db);

async function pulled(
  reference: string,
  credentials: { username?: string; password?: string } = {},
): Promise<Image> {
  const { id } = await images.pull(publisher, { reference: `${address}/${reference}`, ...credentials });
  await check(id);
  return images.get(publisher, id);
}

test('an image is fetched by tag or digest, for this platform, and kept under its own digest', async () => {
  for (const reference of [
    'team/iris:1',
    `team/iris@${here.digest}`,
    'team/iris:both',
    `team/iris@${digestOf(both)}`,
  ]) {
    const image = await pulled(reference);
    assert.deepEqual([image.status, image.digest], ['Completed', here.digest], reference);
  }
});

test('what is here already is not fetched again', async () => {
  await pulled('team/iris:1');
  asked.length = 0;
  await pulled('team/iris:1');
  const [layer] = here.layers;
  assert.equal(
    asked.filter((a) => a.includes(digestOf(layer ?? Buffer.alloc(0)))).length,
    0,
    asked.join('\n'),
  );
});

test('a token is asked for with the password, which is sealed and then forgotten', async () => {
  const { id } = await images.pull(publisher, {
    reference: `${address}/private/iris:1`,
    username: 'me',
    password: 'secret',
  });
  const sealed = () =>
    row<{ sealed: string | null }>(db, sql`select credentials_sealed as sealed from images where id = ${id}`);
  assert.doesNotMatch((await sealed())?.sealed ?? '', /secret/);
  assert.ok((await sealed())?.sealed);
  await check(id);
  assert.equal((await images.get(publisher, id)).status, 'Completed');
  assert.equal((await sealed())?.sealed, null);
  assert.ok(
    !asked.some((a) => a.startsWith('/cdn') && a.includes('B')),
    'nothing of it goes where a redirect leads',
  );
});

test('what a registry does not give ends in a finding that says why', async () => {
  const said = async (reference: string, credentials = {}) => {
    const image = await pulled(reference, credentials);
    assert.equal(image.status, 'Failed');
    return image.findings[0];
  };
  const unknown = await said('team/iris:9');
  assert.equal(unknown?.code, 'image.registry_refused');
  assert.match(unknown?.message ?? '', /404.*manifest unknown/);
  assert.match((await said('private/iris:1'))?.message ?? '', /status 401/);
  assert.match(
    (await said('private/iris:1', { username: 'me', password: 'wrong' }))?.message ?? '',
    /status 401/,
  );
  assert.equal((await said('team/iris:foreign'))?.code, 'image.architecture');
  assert.equal((await said(`team/iris@sha256:${'ab'.repeat(32)}`))?.code, 'image.digest_differs');
  given.policies = { ...given.policies, imageMegabytes: 0 };
  assert.equal((await said('team/iris:1'))?.code, 'image.size_exceeded');
  given.policies = { ...given.policies, imageMegabytes: 10_000 };
});

test('a layer that is not what its digest says is refused, and nothing of it is kept', async () => {
  const changed = buildImage({ layers: [base, base], config: { Labels: { changed: '1' } }, packing: 'zstd' });
  for (const part of [changed.config, ...changed.layers]) layers.set(digestOf(part), part);
  manifests.set('changed', changed.manifest);
  state.damage = true;
  const image = await pulled('team/iris:changed');
  state.damage = false;
  assert.deepEqual([image.status, image.findings[0]?.code], ['Failed', 'image.digest_differs']);
});

test('addresses inside are not called unless the operator allows them, and the finding says so', async () => {
  const outside = testPlatform(database);
  const strict = await testImages(outside);
  const { id } = await strict.images.pull(publisher, { reference: `${address}/team/iris:1` });
  await strict.check(id);
  const image = await strict.images.get(publisher, id);
  assert.deepEqual([image.status, image.findings[0]?.code], ['Failed', 'image.registry_unreachable']);
  assert.match(image.findings[0]?.remedy ?? '', /SOUK_OUTBOUND_ALLOW/);
});

test('what is no address of an image is refused at once, with the reason', async () => {
  const refused = [
    'iris',
    'iris:1',
    'team/iris:1',
    'registry.example.com/iris',
    'registry.example.com/iris@sha256:12',
    'registry.example.com/IRIS:1',
    'registry.example.com/a b:1',
    'registry.example.com/../x:1',
    'file:///etc/passwd',
    'user@registry.example.com/iris:1',
  ];
  for (const reference of refused) {
    const said = await send(publisher, { method: 'POST', url: '/api/images/pull', payload: { reference } });
    assert.deepEqual(
      [said.statusCode, said.json<{ error: { code: string } }>().error.code],
      [400, 'image.reference_invalid'],
      reference,
    );
  }
  assert.deepEqual(readReference('docker.io/python:3.11-slim'), {
    host: 'registry-1.docker.io',
    scheme: 'https',
    repository: 'library/python',
    version: '3.11-slim',
  });
});
