/**
 * `node image.child.ts REQUEST ANSWER`: takes an archive of an image apart, or looks at the layers of one, in a process of its own: whatever
 * a hostile file does to what unpacks it, it does here. Both files are JSON.
 */
import { readFile, writeFile } from 'node:fs/promises';
import type { Finding } from '@souk/contract/findings';
import { clamdClient, type ScannerIdentity } from '../../../platform/clamd.ts';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import type { ArchiveLimits } from '../archive/limits.ts';
import { type ExaminedImage, examineImage } from './examine.ts';
import type { Platform } from './manifest.ts';
import { openImageArchive } from './open-image.ts';
import type { OpenedImage } from './opened-image.ts';

export type ImageRequest =
  | {
      readonly what: 'open';
      readonly archivePath: string;
      readonly intoDir: string;
      readonly limits: ArchiveLimits;
      readonly platform: Platform;
    }
  | {
      readonly what: 'examine';
      readonly configPath: string;
      readonly layers: readonly {
        readonly digest: string;
        readonly sizeBytes: number;
        readonly path: string;
      }[];
      readonly workDir: string;
      readonly limits: ArchiveLimits;
      readonly platform: Platform;
      readonly scanner: { readonly socket: string; readonly identity: ScannerIdentity } | null;
    };

export type ImageAnswer =
  | ({ readonly what: 'opened' } & Omit<OpenedImage, 'manifest' | 'config'> & {
        /** base64: a digest is of bytes. */
        readonly manifest: string;
        readonly config: string;
      })
  | { readonly what: 'refused'; readonly findings: readonly Finding[] }
  | { readonly what: 'examined'; readonly image: ExaminedImage };

async function answerTo(request: ImageRequest): Promise<ImageAnswer> {
  if (request.what === 'open') {
    const { archivePath, intoDir, limits, platform } = request;
    try {
      const { manifest, config, ...opened } = await openImageArchive(archivePath, intoDir, limits, platform);
      return {
        what: 'opened',
        ...opened,
        manifest: manifest.toString('base64'),
        config: config.toString('base64'),
      };
    } catch (error) {
      if (!(error instanceof ArchiveProblem)) throw error;
      return { what: 'refused', findings: [error.toFinding()] };
    }
  }
  const { configPath, layers, workDir, limits, platform, scanner } = request;
  const image = await examineImage({
    config: await readFile(configPath),
    layers,
    workDir,
    limits,
    platform,
    scanner: scanner && {
      client: clamdClient({ address: { socket: scanner.socket } }),
      identity: scanner.identity,
    },
  });
  return { what: 'examined', image };
}

const [requestPath, answerPath] = process.argv.slice(2);
if (requestPath !== undefined && answerPath !== undefined && import.meta.main) {
  const request = JSON.parse(await readFile(requestPath, 'utf8')) as ImageRequest;
  await writeFile(answerPath, JSON.stringify(await answerTo(request)));
}
