import { constants, createWriteStream } from 'node:fs';
import { lstat, open, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { createGzip } from 'node:zlib';
import type { Finding } from '@souk/contract';
import { pack } from 'tar-stream';
import { found } from '../certification/index.ts';

interface ModelFile {
  readonly path: string;
  readonly sizeBytes: number;
}

const filesMax = 10_000;

/**
 * Packs what a training left in /opt/ml/model. The program wrote it and may have meant harm: nothing but plain files is opened, and no
 * link followed. The same files give the same bytes, so that a training that is repeated gives the same digest.
 */
export async function packModel(folder: string, intoFile: string): Promise<Finding[]> {
  const files: ModelFile[] = [];
  const findings: Finding[] = [];
  await collect(folder, '', files, findings);
  if (findings.length > 0) return findings.slice(0, 20);
  if (files.length === 0)
    return [found('training.model_missing', { message: 'The training left nothing in /opt/ml/model.' })];
  const archive = pack();
  const writing = pipeline(archive, createGzip(), createWriteStream(intoFile, { mode: 0o600 }));
  try {
    for (const file of files) await add(archive, folder, file);
    archive.finalize();
    await writing;
  } catch (error) {
    archive.destroy();
    await writing.catch(() => undefined);
    throw error;
  }
  return [];
}

async function collect(top: string, inside: string, files: ModelFile[], findings: Finding[]): Promise<void> {
  const entries = await readdir(join(top, inside), { withFileTypes: true }).catch((error: Error) => error);
  if (entries instanceof Error) {
    findings.push(unreadable(inside || '.'));
    return;
  }
  for (const entry of entries.sort((a, b) => (a.name < b.name ? -1 : 1))) {
    const path = inside === '' ? entry.name : `${inside}/${entry.name}`;
    if (entry.isDirectory()) await collect(top, path, files, findings);
    else if (!entry.isFile())
      findings.push(
        found('training.model_link', {
          file: path,
          message: `The training left “${path}” in /opt/ml/model, which is no plain file.`,
        }),
      );
    else if (files.length < filesMax) {
      const readable = await open(join(top, path), constants.O_RDONLY | constants.O_NOFOLLOW).catch(
        () => null,
      );
      await readable?.close();
      if (readable === null) findings.push(unreadable(path));
      else files.push({ path, sizeBytes: (await lstat(join(top, path))).size });
    }
  }
}

const unreadable = (file: string) =>
  found('training.model_unreadable', {
    file,
    message: `“${file}” in /opt/ml/model cannot be read: the program took its permissions away.`,
  });

async function add(archive: ReturnType<typeof pack>, top: string, { path, sizeBytes }: ModelFile) {
  const handle = await open(join(top, path), constants.O_RDONLY | constants.O_NOFOLLOW);
  const entry = archive.entry({ name: path, size: sizeBytes, mode: 0o644, mtime: new Date(0) });
  await pipeline(handle.createReadStream(), entry);
}
