import { createReadStream } from 'node:fs';
import { readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Blobs } from '../../platform/blobs.ts';
import { packModel } from '../algorithms/index.ts';
import type { Locations, StagedFile } from '../files/index.ts';
import type { JobRow } from './training.ts';

export interface Packed {
  readonly sha256: string;
  readonly sizeBytes: number;
  readonly staged: StagedFile | null;
}

interface OutputParts {
  readonly blobs: Blobs;
  readonly locations: Pick<Locations, 'stage'>;
}

/** `<output>/<job>/output/<file>`: where programs that were written elsewhere expect it. */
export const outputUri = (j: Pick<JobRow, 'name' | 'spec'>, file: string): string | null =>
  j.spec.outputUri === null ? null : `${j.spec.outputUri.replace(/\/+$/, '')}/${j.name}/output/${file}`;

/** Packs /opt/ml/model and keeps it as a blob; at the buyer's location too, where one was named. Or says why it cannot be a model. */
export async function keepModel(
  { blobs, locations }: OutputParts,
  j: JobRow,
  folder: string,
  workDir: string,
): Promise<Packed | { problem: string; missing: boolean }> {
  const file = join(workDir, 'model.tar.gz');
  const findings = await packModel(folder, file);
  const [first] = findings;
  if (first) return { problem: first.message, missing: first.code === 'training.model_missing' };
  const { sha256, sizeBytes } = await blobs.put(createReadStream(file));
  const uri = outputUri(j, 'model.tar.gz');
  const staged =
    uri === null ? null : await locations.stage(j.accountId, uri, createReadStream(file), 'application/gzip');
  await rm(file, { force: true });
  return { sha256, sizeBytes, staged };
}

/** What the program left in /opt/ml/output/data, as one archive beside the model. Null where there is nothing, or nowhere to put it. */
export async function keepOutput(
  { locations }: OutputParts,
  j: JobRow,
  folder: string,
  workDir: string,
): Promise<StagedFile | null> {
  const uri = outputUri(j, 'output.tar.gz');
  const data = join(folder, 'data');
  if (uri === null || (await readdir(data).catch(() => [])).length === 0) return null;
  const file = join(workDir, 'output.tar.gz');
  // Links and pipes among them are a stranger's: then nothing of it is read.
  if ((await packModel(data, file)).length > 0 || (await stat(file)).size === 0) return null;
  const staged = await locations.stage(j.accountId, uri, createReadStream(file), 'application/gzip');
  await rm(file, { force: true });
  return staged;
}
