import { join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { ArchiveProblem } from './archive/archive-problem.ts';
import { Budget } from './archive/budget.ts';
import type { PackageFile } from './archive/extract.ts';
import { defaultLimits } from './archive/limits.ts';
import { insideFindings, needsLookInside } from './image/inside.ts';
import { openFile } from './onnx/byte-source.ts';
import { found } from './rules.ts';

const startBytes = 64 * 1024;

/**
 * What is known of a package's files when a container is given them. Programs and scripts among them are the container's own affair: it
 * runs nothing that its image could not bring. Pickles are looked into instead of being refused unread.
 */
export const asContents = (findings: readonly Finding[]): Finding[] =>
  findings.filter((f) => !['unsafe.script', 'unsafe.executable', 'unsafe.pickle'].includes(f.code));

/** What the pickles among the files would look up when they are loaded, as in the layers of an image. */
export async function contentsFindings(
  folder: string,
  files: readonly PackageFile[],
  workDir: string,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  const budget = new Budget(defaultLimits, 0);
  for (const { path } of files) {
    const whole = join(folder, path);
    if (!needsLookInside(path, startOf(whole))) continue;
    try {
      findings.push(...(await insideFindings(path, { path: whole }, { budget, workDir })));
    } catch (error) {
      if (!(error instanceof ArchiveProblem)) throw error;
      findings.push(found('image.too_costly', { file: path, message: error.message }));
    }
  }
  return findings;
}

function startOf(path: string): Buffer {
  const source = openFile(path);
  try {
    return Buffer.from(source.read(0, Math.min(startBytes, source.sizeBytes)));
  } finally {
    source.close();
  }
}
