import { createHash } from 'node:crypto';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  architecture,
  exists,
  type ImageConfig,
  type Layer,
  layerOf,
  run,
  sha256OfFile,
  writeOciArchive,
} from './oci-archive.ts';

/** The images of the examples: the same Debian below, the example's own program above. */
const images: Readonly<Record<string, ImageConfig>> = {
  'forest-algorithm': {
    entrypoint: ['/usr/bin/python3', '/opt/program/forest.py'],
    environment: python(),
    labels: { 'org.opencontainers.image.title': 'Forest: training and serving', ...ours() },
  },
  'iris-container': {
    entrypoint: ['/usr/bin/python3', '/opt/program/main.py'],
    environment: python(),
    labels: { 'org.opencontainers.image.title': 'Iris neighbours: serving', ...ours() },
  },
};
export type ImageName = 'forest-algorithm' | 'iris-container';

function python() {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    PYTHONUNBUFFERED: '1',
    PYTHONDONTWRITEBYTECODE: '1',
    // The contract promises UTF-8 texts; a minimal system's own encoding is ASCII.
    LANG: 'C.UTF-8',
  };
}
function ours() {
  return { 'org.opencontainers.image.licenses': 'Apache-2.0', 'org.opencontainers.image.vendor': 'Souk' };
}

const here = fileURLToPath(new URL('.', import.meta.url));
const script = join(here, 'debian-python.sh');

export interface BuiltImage {
  readonly file: string;
  /** Of its manifest. */
  readonly digest: string;
}

/** Why no image can be built on this machine, with what would change that; undefined when one can. */
export function cannotBuild(): string | undefined {
  const has = (command: string) =>
    `${process.env.PATH ?? ''}:/usr/sbin:/sbin`
      .split(':')
      .some((folder) => existsSync(join(folder, command)));
  if (process.platform !== 'linux') return 'images are built on Linux only';
  if (!has('debootstrap')) return 'debootstrap is missing (apt-get install debootstrap)';
  if (process.getuid?.() !== 0) return 'debootstrap needs root (run this as root)';
  return undefined;
}

/** Builds the image of an example, or takes the one that was built of the same script and program before. */
export async function buildImage(
  name: ImageName,
  say: (line: string) => void = () => undefined,
): Promise<BuiltImage> {
  const cannot = cannotBuild();
  if (cannot) throw new Error(cannot);
  const config = images[name];
  if (!config) throw new Error(`there is no image ${name}`);
  const cache = await cacheFolder();
  const base = await baseLayer(cache, say);
  const program = await layerOf(join(here, '..', name, 'program'), {
    into: join(cache, `${name}-${process.pid}.layer`),
    at: '/opt/program',
    says: `examples/${name}/program`,
  });
  try {
    const key = createHash('sha256')
      .update(JSON.stringify([base.sha256, program.sha256, config]))
      .digest('hex');
    const file = join(cache, `${name}-${key.slice(0, 16)}.tar`);
    const noted = `${file}.digest`;
    if (!(await exists(file)) || !(await exists(noted))) {
      say(`packing the image of ${name}`);
      const digest = await writeOciArchive(file, {
        name: `souk-examples/${name}:1.0.0`,
        layers: [base, program],
        config,
      });
      await writeFile(noted, digest);
    }
    return { file, digest: await readFile(noted, 'utf8') };
  } finally {
    await rm(program.path, { force: true });
  }
}

const notedAt = (cache: string) => {
  const hash = createHash('sha256').update(readFileSync(script)).update(architecture());
  return join(cache, `base-${hash.digest('hex').slice(0, 16)}.json`);
};

/** Whether the lower layer, which takes minutes, is there already. */
export const isBuilt = async (): Promise<boolean> => exists(notedAt(await cacheFolder()));

/** Debian with Python: built once for each state of the script, which takes a minute or two. */
async function baseLayer(cache: string, say: (line: string) => void): Promise<Layer> {
  const noted = notedAt(cache);
  if (await exists(noted)) {
    const known = JSON.parse(await readFile(noted, 'utf8')) as Layer;
    if ((await exists(known.path)) && (await sha256OfFile(known.path)) === known.sha256) return known;
  }
  say('installing Debian packages into an image (a minute or two, once)');
  const root = await mkdtemp(join(cache, 'root-'));
  try {
    await run('sh', [script, root]);
    say('packing them');
    const layer = await layerOf(root, {
      into: `${noted.slice(0, -'.json'.length)}.layer`,
      at: '/',
      says: 'examples/container-images/debian-python.sh',
    });
    await writeFile(`${noted}.part`, JSON.stringify(layer));
    await rename(`${noted}.part`, noted);
    return layer;
  } finally {
    await rm(root, { recursive: true, force: true });
  }
}

/** Outside of the checkout, so that a clean clone on the same machine does not build again; nobody else may write there. */
async function cacheFolder(): Promise<string> {
  const folder = join(tmpdir(), `souk-images-${process.getuid?.() ?? 0}`);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const { uid, mode } = statSync(folder);
  if (uid !== process.getuid?.() || (mode & 0o022) !== 0)
    throw new Error(`${folder} is not this user's own: remove it, or set TMPDIR`);
  return folder;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [name = '', to] = process.argv.slice(2);
  if (!(name in images)) {
    process.stderr.write(
      `usage: node examples/container-images/build.ts ${Object.keys(images).join('|')} [FILE]\n`,
    );
    process.exit(2);
  }
  try {
    const built = await buildImage(name as ImageName, (line) => process.stderr.write(`${line}\n`));
    if (to) await run('cp', [built.file, to]);
    process.stdout.write(`${to ?? built.file} ${built.digest}\n`);
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 1;
  }
}
