import { type Db, json, sql } from '../../server/src/platform/db.ts';

/** Two container images of an account, one of them looked at: taking real ones apart is the business of other tests. */
export const imageIds = { kept: 'img_00000000000000000000', spare: 'img_00000000000000000001' };

export async function insertImages(db: Db, accountId: string) {
  const digest = `sha256:${'ab'.repeat(32)}`;
  const layer = { digest: `sha256:${'cd'.repeat(32)}`, sizeBytes: 1000 };
  const config = {
    architecture: 'amd64',
    os: 'linux',
    created: null,
    entrypoint: ['/opt/serve'],
    cmd: [],
    environment: ['PATH=/bin'],
    user: '1000',
    workingDir: '/',
    exposedPorts: ['8080/tcp'],
    labels: {},
    stopSignal: null,
    diffIds: [layer.digest],
    createdBy: [null],
  };
  const malware = {
    state: 'clean',
    reason: null,
    engine: 'ClamAV',
    signatureVersion: '1',
    signatureCount: 1,
    signatureDate: null,
    filesScanned: 1,
    bytesScanned: 1,
  };
  const found = {
    kind: 'deb',
    name: 'libc6',
    version: '2.36',
    architecture: 'amd64',
    licence: null,
    path: 'var/lib/dpkg/status',
  };
  const examined = {
    ruleSet: '1',
    findings: [],
    config,
    layers: [{ ...layer, unpackedBytes: 2000, files: 3, createdBy: null }],
    packages: [found],
    distribution: { id: 'debian', version: '12', name: 'Debian 12' },
    malware,
  };
  await sql`insert into image_contents (digest, media_type, manifest_bytes, config_digest, layers, size_bytes)
    values (${digest}, 'application/vnd.oci.image.manifest.v1+json', 500, ${`sha256:${'ef'.repeat(32)}`},
      ${json([{ ...layer, mediaType: 'application/vnd.oci.image.layer.v1.tar' }])}, 1000)`.execute(db);
  await sql`insert into image_verdicts (key, digest, examined) values ('key', ${digest}, ${json(examined)})`.execute(
    db,
  );
  for (const [id, name] of [
    [imageIds.kept, 'iris:1'],
    [imageIds.spare, 'iris:2'],
  ])
    await sql`insert into images (id, account_id, name, source, status, digest, verdict_key, created_by)
      values (${id}, ${accountId}, ${name}, ${json({ kind: 'upload', fileName: 'iris.tar' })}, 'Completed', ${digest}, 'key', 'p@flowers.test')`.execute(
      db,
    );
}
