import { lstat, open, readdir, realpath } from 'node:fs/promises';
import { join, relative, sep } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { ArchiveProblem } from './archive/archive-problem.ts';
import { Budget } from './archive/budget.ts';
import { type ArchiveLimits, defaultLimits } from './archive/limits.ts';
import { inspectNested } from './archive/nested.ts';
import type { CertifiedAs } from './certify-model-package.ts';
import { checkPackage } from './check-package.ts';
import { asProgram, checkProgram, looksLikeProgram } from './check-program.ts';
import { FileInspector } from './content/file-inspector.ts';
import { hiddenFileFindings } from './content/hidden-files.ts';
import type { ModelLoader } from './onnx/load-attempt.ts';
import { found } from './rules.ts';

/** A folder as it would be packed: every file is looked at as in an archive. */
export async function checkUnpackedFolder(
  folder: string,
  loader: ModelLoader,
  options: { readonly as?: CertifiedAs; readonly limits?: ArchiveLimits } = {},
): Promise<Finding[]> {
  const { limits = defaultLimits } = options;
  const findings: Finding[] = [];
  const files: { path: string; sizeBytes: number }[] = [];
  const budget = new Budget({ ...limits, ratioMax: Number.POSITIVE_INFINITY }, 0);
  try {
    for await (const path of walkFolder(folder, folder, 0, limits, findings)) {
      const { size } = await lstat(join(folder, path));
      budget.entry(path, size);
      files.push({ path, sizeBytes: size });
      findings.push(...(await inspectFile(join(folder, path), path, budget)));
    }
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    return [...findings, error.toFinding()];
  }
  findings.push(...hiddenFileFindings(files.map((file) => file.path)));
  if ((options.as ?? (looksLikeProgram(files.map((f) => f.path)) ? 'program' : 'model')) === 'program')
    return [...asProgram(findings), ...(await checkProgram({ dir: folder, files })).findings];
  return [...findings, ...(await checkPackage({ dir: folder, files, loader })).findings];
}

async function* walkFolder(
  top: string,
  folder: string,
  depth: number,
  limits: ArchiveLimits,
  findings: Finding[],
): AsyncGenerator<string> {
  if (depth > limits.pathDepthMax) return;
  for (const entry of (await readdir(folder, { withFileTypes: true })).sort((a, b) =>
    a.name < b.name ? -1 : 1,
  )) {
    const path = join(folder, entry.name);
    const inside = relative(top, path).split(sep).join('/');
    if (entry.isDirectory()) yield* walkFolder(top, path, depth + 1, limits, findings);
    else if (entry.isFile()) yield inside;
    else if (entry.isSymbolicLink()) {
      const real = await realpath(path).catch(() => null);
      if (real === null)
        findings.push(
          found('archive.link_dangling', {
            file: inside,
            message: `The link “${inside}” points at nothing.`,
          }),
        );
      else if (!real.startsWith((await realpath(top)) + sep))
        findings.push(
          found('archive.link_escapes', {
            file: inside,
            message: `The link “${inside}” points outside the folder.`,
          }),
        );
    } else
      findings.push(
        found('archive.special_file', { file: inside, message: `“${inside}” is no plain file.` }),
      );
  }
}

async function inspectFile(diskPath: string, path: string, budget: Budget): Promise<Finding[]> {
  const inspector = new FileInspector(path);
  const handle = await open(diskPath, 'r');
  for await (const chunk of handle.createReadStream({ highWaterMark: 256 * 1024 })) {
    budget.content(path, (chunk as Buffer).length);
    inspector.feed(chunk as Buffer);
  }
  const findings = inspector.end();
  return inspector.kind?.kind === 'archive'
    ? [...findings, ...(await inspectNested(diskPath, path, 1, budget))]
    : findings;
}
