import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Finding } from '@souk/contract/findings';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import { examineImage } from './examine.ts';
import { imageLimits } from './limits.ts';
import { hexOf, hostPlatform } from './manifest.ts';
import { openImageArchive } from './open-image.ts';

/** What a push of this archive would be told, but for the malware scan. Architecture is compared with this machine’s. */
export async function checkImage(path: string): Promise<Finding[]> {
  const folder = await mkdtemp(join(tmpdir(), 'souk-image-'));
  try {
    const parts = join(folder, 'parts');
    const { config, layers } = await openImageArchive(path, parts, imageLimits, hostPlatform);
    const { findings } = await examineImage({
      config,
      layers: layers.map((l) => ({ ...l, path: join(parts, hexOf(l.digest)) })),
      workDir: join(folder, 'files'),
      scanner: null,
    });
    return [...findings];
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    return [error.toFinding()];
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}
