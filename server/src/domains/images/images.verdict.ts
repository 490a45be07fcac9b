import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { ClamdFault, clamdClient, identifyScanner, type ScannerIdentity } from '../../platform/clamd.ts';
import { inTx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Sandbox } from '../../platform/sandbox.ts';
import { type ExaminedImage, hexOf, hostPlatform, imageLimits, RULE_SET } from '../certification/index.ts';
import { workFolder } from '../models/index.ts';
import { askChild, scannerSocket } from './images.examine.ts';
import * as store from './images.sql.ts';
import type { ImageVerdict } from './images.ts';

export type Verdict = (digest: string, signal: AbortSignal) => Promise<ImageVerdict>;

/** What the rules say about an image that is kept; asked once for the same image, rules, scanner and signatures. */
export function newVerdict(platform: Platform, sandbox: Sandbox): Verdict {
  const { db, config, imageParts, log } = platform;

  async function scanner(): Promise<ScannerIdentity | null> {
    if (!config.clamd) return null;
    try {
      return await identifyScanner(clamdClient({ address: config.clamd }), config.clamd);
    } catch (error) {
      if (!(error instanceof ClamdFault)) throw error;
      log.warn({ err: error.message }, 'the virus scanner cannot be asked');
      return null;
    }
  }

  async function examine(
    digest: string,
    identity: ScannerIdentity | null,
    signal: AbortSignal,
  ): Promise<ExaminedImage> {
    const contents = await store.findContents(db, digest);
    if (!contents) throw new Error(`the image ${digest} is not here`);
    const configPath = await imageParts.pathOf(hexOf(contents.configDigest));
    const layers = await Promise.all(
      contents.layers.map(async ({ digest: layer, sizeBytes }) => ({
        digest: layer,
        sizeBytes,
        path: await imageParts.pathOf(hexOf(layer)),
      })),
    );
    const folder = workFolder(config);
    const socket = identity && config.clamd ? await scannerSocket(config.clamd) : null;
    try {
      const answer = await askChild(
        {
          what: 'examine',
          configPath,
          layers,
          workDir: join(folder, 'files'),
          limits: imageLimits,
          platform: hostPlatform,
          scanner: socket && identity ? { socket: socket.socket, identity } : null,
        },
        {
          sandbox,
          folder,
          readOnly: [
            ...new Set([configPath, ...layers.map((l) => l.path)]),
            ...(socket ? [socket.folder] : []),
          ],
          signal,
        },
      );
      if (answer.what === 'examined') return answer.image;
      if (answer.what === 'refused') return unexamined(answer.findings);
      throw new Error('what looks at images answered out of turn');
    } finally {
      await socket?.close();
      await rm(folder, { recursive: true, force: true });
    }
  }

  return async (digest, signal) => {
    const by = await scanner();
    const key = canonicalSha256({
      digest,
      rules: RULE_SET,
      scanner: by?.version ?? null,
      platform: `${hostPlatform.os}/${hostPlatform.architecture}`,
    });
    const known = await store.findVerdict(db, key);
    if (known) return known;
    const verdict = { key, examined: await examine(digest, by, signal) };
    const { malware, findings } = verdict.examined;
    // The key promises a scan: one that broke off is asked again. So is what this machine may have been too slow for.
    const lasting =
      (by === null || malware.state !== 'not run') && !findings.some((f) => f.code === 'image.too_costly');
    if (lasting) await inTx(db, (tx) => store.insertVerdict(tx, digest, verdict));
    return verdict;
  };
}

const unexamined = (findings: ExaminedImage['findings']): ExaminedImage => ({
  ruleSet: RULE_SET,
  findings,
  config: null,
  layers: [],
  packages: [],
  distribution: null,
  malware: {
    state: 'not run',
    reason: 'the image could not be looked at',
    engine: null,
    signatureVersion: null,
    signatureCount: null,
    signatureDate: null,
    filesScanned: 0,
    bytesScanned: 0,
  },
});
