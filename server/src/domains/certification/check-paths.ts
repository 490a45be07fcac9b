import { realpathSync, statSync } from 'node:fs';
import { mkdtemp, open, realpath, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve, sep } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { extractPackage } from './archive/extract.ts';
import type { ArchiveLimits } from './archive/limits.ts';
import { archiveKind, readHead } from './archive/open-archive.ts';
import type { CertifiedAs } from './certify-model-package.ts';
import { checkUnpackedFolder } from './check-folder.ts';
import { checkPackage } from './check-package.ts';
import { asProgram, checkProgram, looksLikeProgram } from './check-program.ts';
import { FileInspector } from './content/file-inspector.ts';
import { fewOfEach } from './few-of-each.ts';
import { checkImage } from './image/check-image.ts';
import { looksLikeImage } from './image/open-image.ts';
import { checkModel } from './onnx/check-model.ts';
import { createModelLoader, type ModelLoader } from './onnx/load-attempt.ts';
import { found, RULE_SET } from './rules.ts';

export type CheckedPath = {
  readonly path: string;
  readonly ruleSet: string;
  readonly findings: readonly Finding[];
};

/** What the document of a product folder says: its findings, and the model files that it names, relative to the folder. */
export type CheckedDocument = {
  readonly findings: readonly Finding[];
  readonly modelPaths: readonly string[];
};

export type CheckPathsOptions = {
  /** What the paths are; else a package with a file named train and without a model is taken for a training program. */
  readonly as?: CertifiedAs;
  readonly loader?: ModelLoader;
  readonly limits?: ArchiveLimits;
  /** Says what a folder's souk.yaml does; undefined where it has none. Without it only the model beside it is checked. */
  readonly checkDocument?: (folder: string) => Promise<CheckedDocument | undefined>;
};

/**
 * The rules of certification, without a marketplace: for each path (a model, an archive, an unpacked package, or a folder
 * with souk.yaml) what a submission of it would be told. Yields in the order of the paths, as soon as each is done.
 */
export async function* checkPaths(
  paths: readonly string[],
  options: CheckPathsOptions = {},
): AsyncGenerator<CheckedPath> {
  const loader = options.loader ?? createModelLoader();
  try {
    for (const path of paths)
      yield { path, ruleSet: RULE_SET, findings: fewOfEach(await checkPath(path, loader, options)) };
  } finally {
    if (options.loader === undefined) loader.close();
  }
}

async function checkPath(path: string, loader: ModelLoader, options: CheckPathsOptions): Promise<Finding[]> {
  try {
    const known = await stat(path);
    if (known.isFile()) return await checkFile(path, loader, options);
    if (known.isDirectory()) return await checkFolder(path, loader, options);
    return [found('package.path_unreadable', { message: `“${path}” is neither a file nor a folder.` })];
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : '';
    if (!/^E(?:NOENT|ACCES|PERM|NOTDIR|LOOP|NAMETOOLONG)$/.test(code) && code !== 'ERR_INVALID_ARG_VALUE')
      throw error;
    return [found('package.path_unreadable', { message: `“${path}” cannot be read (${code}).` })];
  }
}

async function checkFile(path: string, loader: ModelLoader, options: CheckPathsOptions): Promise<Finding[]> {
  const { limits } = options;
  const head = await readHead(path);
  if (options.as === 'program' && path.toLowerCase().endsWith('.onnx'))
    return (await checkProgram({ dir: dirname(resolve(path)), files: [] })).findings;
  if (path.toLowerCase().endsWith('.onnx') || (archiveKind(head) === 'other' && head[0] === 0x08))
    return checkBareModel(path, loader);
  if (options.as === undefined && (await looksLikeImage(path))) return checkImage(path);
  const folder = await mkdtemp(join(tmpdir(), 'souk-check-'));
  try {
    const dir = join(folder, 'package');
    const extracted = await extractPackage({
      archivePath: path,
      intoDir: dir,
      ...(limits === undefined ? {} : { limits }),
    });
    if (!extracted.complete) return [...extracted.findings];
    const { files } = extracted;
    if ((options.as ?? (looksLikeProgram(files.map((f) => f.path)) ? 'program' : 'model')) === 'program')
      return [...asProgram(extracted.findings), ...(await checkProgram({ dir, files })).findings];
    return [...extracted.findings, ...(await checkPackage({ dir, files, loader })).findings];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** A model where it lies; its external data may lie beside it. */
async function checkBareModel(path: string, loader: ModelLoader): Promise<Finding[]> {
  const name = basename(path);
  const unsafe = await inspectHead(path, name);
  if (unsafe.length > 0) return unsafe;
  const folder = await realpath(dirname(resolve(path)));
  const { findings } = await checkModel(path, {
    loader,
    packagePath: name,
    sizeOf: (inside) => sizeInside(folder, inside),
  });
  return findings;
}

/** Size of a plain file below a folder, links followed only as long as they stay there. */
function sizeInside(folder: string, inside: string): number | null {
  try {
    const real = realpathSync(join(folder, inside));
    const known = real.startsWith(folder + sep) ? statSync(real) : null;
    return known?.isFile() === true ? known.size : null;
  } catch {
    return null;
  }
}

/** A renamed program or pickle is told apart from a damaged model. */
async function inspectHead(path: string, name: string): Promise<Finding[]> {
  const inspector = new FileInspector(name);
  const handle = await open(path, 'r');
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(128 * 1024), 0, 128 * 1024, 0);
    inspector.feed(buffer.subarray(0, bytesRead));
    return inspector.end().filter((finding) => finding.rule.startsWith('unsafe'));
  } finally {
    await handle.close();
  }
}

async function checkFolder(
  folder: string,
  loader: ModelLoader,
  options: CheckPathsOptions,
): Promise<Finding[]> {
  const document = await options.checkDocument?.(folder);
  const file = await stat(join(folder, 'souk.yaml')).catch(() => null);
  return document || file?.isFile() === true
    ? checkProductFolder(folder, document ?? { findings: [], modelPaths: ['model.onnx'] }, loader, options)
    : checkUnpackedFolder(folder, loader, options);
}

/** A publisher's working folder: scripts and data lie beside the model, and are not part of the package. */
async function checkProductFolder(
  folder: string,
  document: CheckedDocument,
  loader: ModelLoader,
  options: CheckPathsOptions,
): Promise<Finding[]> {
  const findings = [...document.findings];
  for (const model of document.modelPaths) {
    const path = join(folder, model);
    const known = await stat(path).catch(() => null);
    if (known === null) {
      const message = `souk.yaml needs “${model}”, which is not there.`;
      findings.push(found('package.model_missing', { file: model, message }));
    } else if (known.isDirectory()) {
      const inside = await checkUnpackedFolder(path, loader, options);
      findings.push(
        ...inside.map((one) => ({ ...one, file: one.file === null ? model : join(model, one.file) })),
      );
    } else findings.push(...(await checkFile(path, loader, options)));
  }
  return findings;
}
