import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { createReadStream, createWriteStream } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { PassThrough, type Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';

/** A layer as a file: packed, with the digests of what is packed (`diffId`) and of the file itself. */
export interface Layer {
  readonly path: string;
  readonly diffId: string;
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly says: string;
}

export interface ImageConfig {
  readonly entrypoint: readonly string[];
  readonly environment: Readonly<Record<string, string>>;
  readonly labels: Readonly<Record<string, string>>;
}

/** The architecture as images name it. */
export const architecture = (): string => {
  const name = ({ x64: 'amd64', arm64: 'arm64' } as Record<string, string>)[process.arch];
  if (!name) throw new Error(`no image is built for ${process.arch}`);
  return name;
};

/** Packs a folder, in one order and without times and owners of this machine: the same content gives the same digest. */
export async function layerOf(
  folder: string,
  { into, at, says }: { into: string; at: string; says: string },
): Promise<Layer> {
  await mkdir(dirname(into), { recursive: true });
  const place = at === '/' ? [] : [`--transform=s,^\\.,.${at},`];
  const tar = spawn(
    'tar',
    [
      ...['--create', '--sort=name', '--mtime=@1', '--numeric-owner', '--format=posix'],
      '--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime',
      ...(at === '/' ? [] : ['--owner=0', '--group=0', '--mode=u=rwX,go=rX']),
      ...place,
      ...['--directory', folder, '.'],
    ],
    { stdio: ['ignore', 'pipe', 'inherit'] },
  );
  const ended = new Promise<void>((done, failed) => {
    tar.once('error', failed);
    tar.once('close', (code) => (code === 0 ? done() : failed(new Error(`tar ended with ${code}`))));
  });
  const [diff, packed] = [counting(), counting()];
  const part = `${into}.part`;
  await Promise.all([
    ended,
    pipeline(
      tar.stdout as Readable,
      diff.through,
      createGzip({ level: 4 }),
      packed.through,
      createWriteStream(part),
    ),
  ]);
  await rename(part, into);
  return {
    path: into,
    diffId: diff.digest(),
    sha256: packed.digest(),
    sizeBytes: packed.sizeBytes(),
    says,
  };
}

function counting() {
  const hash = createHash('sha256');
  let sizeBytes = 0;
  let digest: string | undefined;
  const through = new PassThrough();
  through.on('data', (chunk: Buffer) => {
    hash.update(chunk);
    sizeBytes += chunk.length;
  });
  return { through, digest: () => (digest ??= hash.digest('hex')), sizeBytes: () => sizeBytes };
}

/** Writes an image of these layers, the lowest first, as an OCI archive; answers with the digest of its manifest. */
export async function writeOciArchive(
  file: string,
  { name, layers, config }: { name: string; layers: readonly Layer[]; config: ImageConfig },
): Promise<string> {
  const folder = await mkdtemp(`${file}.parts-`);
  try {
    const blobs = join(folder, 'blobs/sha256');
    await mkdir(blobs, { recursive: true });
    const keep = async (content: unknown, mediaType: string) => {
      const text = JSON.stringify(content);
      const sha256 = createHash('sha256').update(text).digest('hex');
      await writeFile(join(blobs, sha256), text);
      return { mediaType, digest: `sha256:${sha256}`, size: Buffer.byteLength(text) };
    };
    for (const { path, sha256 } of layers) await copyFile(path, join(blobs, sha256));
    const described = await keep(
      {
        architecture: architecture(),
        os: 'linux',
        config: {
          Entrypoint: config.entrypoint,
          Env: Object.entries(config.environment).map(([key, value]) => `${key}=${value}`),
          ExposedPorts: { '8080/tcp': {} },
          WorkingDir: '/',
          StopSignal: 'SIGTERM',
          Labels: config.labels,
        },
        rootfs: { type: 'layers', diff_ids: layers.map((l) => `sha256:${l.diffId}`) },
        history: layers.map((l) => ({ created_by: l.says })),
      },
      'application/vnd.oci.image.config.v1+json',
    );
    const manifest = await keep(
      {
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.manifest.v1+json',
        config: described,
        layers: layers.map((l) => ({
          mediaType: 'application/vnd.oci.image.layer.v1.tar+gzip',
          digest: `sha256:${l.sha256}`,
          size: l.sizeBytes,
        })),
      },
      'application/vnd.oci.image.manifest.v1+json',
    );
    await writeFile(join(folder, 'oci-layout'), '{"imageLayoutVersion":"1.0.0"}');
    await writeFile(
      join(folder, 'index.json'),
      JSON.stringify({
        schemaVersion: 2,
        mediaType: 'application/vnd.oci.image.index.v1+json',
        manifests: [{ ...manifest, annotations: { 'org.opencontainers.image.ref.name': name } }],
      }),
    );
    await run('tar', [
      ...['--create', '--sort=name', '--mtime=@1', '--numeric-owner', '--owner=0', '--group=0'],
      ...['--file', `${file}.part`, '--directory', folder, 'oci-layout', 'index.json', 'blobs'],
    ]);
    await rename(`${file}.part`, file);
    return manifest.digest;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

export async function sha256OfFile(path: string): Promise<string> {
  const hash = createHash('sha256');
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk as Buffer);
  return hash.digest('hex');
}

/** Runs a program to its end; its last words are the error's. */
export function run(command: string, args: readonly string[]): Promise<void> {
  const child = spawn(command, [...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let words = '';
  const hear = (d: Buffer) => {
    words = (words + d.toString()).slice(-3000);
  };
  child.stdout.on('data', hear);
  child.stderr.on('data', hear);
  return new Promise((done, failed) => {
    child.once('error', failed);
    child.once('close', (code) =>
      code === 0 ? done() : failed(new Error(`${command} ended with ${code}:\n${words.trim()}`)),
    );
  });
}

export const exists = (path: string): Promise<boolean> =>
  stat(path).then(
    () => true,
    () => false,
  );
