import { createHash, randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { copyFile, cp, link, mkdir, readdir, rename, rm, stat, utimes } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * What a node needs to serve as this computer does: Souk's own parts that run models, and the programs that they run on. Copied to the
 * shared folder once for each version, so that nothing of Souk need be installed on the nodes.
 */
export interface NodeRuntime {
  readonly node: string;
  readonly main: string;
}

const sources = fileURLToPath(new URL('../../../../', import.meta.url));
const main = relative(sources, fileURLToPath(new URL('./node.main.ts', import.meta.url)));
const parts = ['src/domains/runtime', 'src/platform'];
const isSource = (path: string) => /\.(ts|js)$/.test(path) && !/\.test\.ts$/.test(path);
const runtimeDays = 60;
const staging = new Map<string, Promise<NodeRuntime>>();

export function nodeRuntime(folder: string): Promise<NodeRuntime> {
  const known = staging.get(folder);
  const staged = known ?? stage(folder);
  staging.set(folder, staged);
  staged.catch(() => staging.delete(folder));
  return staged;
}

async function stage(folder: string): Promise<NodeRuntime> {
  const files = (await Promise.all(parts.map((part) => filesBelow(join(sources, part))))).flat();
  const programs = programFiles();
  const hash = createHash('sha256').update(process.version).update(process.arch);
  for (const path of [...files, ...programs.map(([from]) => from)]) {
    const { size, mtimeMs } = await stat(path);
    hash.update(`${path}\0${size}\0${mtimeMs}\0`);
  }
  const top = join(folder, 'runtime', hash.digest('hex').slice(0, 24));
  const found = { node: join(top, 'node'), main: join(top, 'server', main) };
  if (existsSync(top)) {
    await utimes(top, new Date(), new Date()).catch(() => undefined);
    return found;
  }
  await removeOld(join(folder, 'runtime'), runtimeDays);
  const part = `${top}.part-${randomUUID()}`;
  try {
    for (const path of files) await copied(path, join(part, 'server', relative(sources, path)));
    await copied(join(sources, 'package.json'), join(part, 'server', 'package.json'));
    await linked(process.execPath, join(part, 'node'));
    for (const [from, to] of programs)
      if ((await stat(from)).isDirectory()) await cp(from, join(part, to), { recursive: true });
      else await linked(from, join(part, to));
    await rename(part, top).catch((error: NodeJS.ErrnoException) => {
      // Another process of ours was faster.
      if (!existsSync(top)) throw error;
    });
  } finally {
    await rm(part, { recursive: true, force: true });
  }
  return found;
}

/** What nobody has used for so long; a job that still runs on it has its files open already. */
export async function removeOld(folder: string, days: number): Promise<void> {
  for (const name of await readdir(folder).catch(() => [])) {
    const path = join(folder, name);
    const found = await stat(path).catch(() => undefined);
    if (found && Date.now() - found.mtimeMs > days * 86_400_000)
      await rm(path, { recursive: true, force: true });
  }
}

/** Of packages only what runs on this kind of computer; the nodes are of the same. */
function programFiles(): [from: string, to: string][] {
  const onnx = packageFolder('onnxruntime-node');
  const binaries = join('bin', 'napi-v6', 'linux', process.arch);
  const bun = places('bun')
    .map((place) => join(place, 'bun', 'bin', 'bun.exe'))
    .find((file) => existsSync(file));
  const at = (name: string, path = '') => join('node_modules', name, path);
  return [
    ...['package.json', 'dist', binaries].map((path): [string, string] => [
      join(onnx, path),
      at('onnxruntime-node', path),
    ]),
    [packageFolder('onnxruntime-common'), at('onnxruntime-common')],
    ...(bun === undefined ? [] : [[bun, at('bun', 'bin/bun.exe')] as [string, string]]),
  ];
}

const places = (name: string) => createRequire(import.meta.url).resolve.paths(name) ?? [];
function packageFolder(name: string): string {
  const found = places(name)
    .map((place) => join(place, name))
    .find((folder) => existsSync(folder));
  if (found === undefined) throw new Error(`the package ${name} is not installed: run npm install`);
  return found;
}

async function filesBelow(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true, recursive: true });
  return entries
    .filter((e) => e.isFile() && isSource(e.name))
    .map((e) => join(e.parentPath, e.name))
    .sort();
}

async function copied(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await copyFile(from, to);
}

/** Large ones need no second place where the shared folder lies on the same disk. */
async function linked(from: string, to: string): Promise<void> {
  await mkdir(dirname(to), { recursive: true });
  await link(from, to).catch(() => copyFile(from, to));
}
