import { mkdir, rm } from 'node:fs/promises';
import type { Finding } from '@souk/contract/findings';
import { ArchiveProblem } from '../archive/archive-problem.ts';
import { Budget } from '../archive/budget.ts';
import type { ArchiveLimits } from '../archive/limits.ts';
import { secretsIn } from '../content/secrets.ts';
import { fewOfEach } from '../few-of-each.ts';
import { found, RULE_SET } from '../rules.ts';
import type { MalwareEvidence, Scanner } from '../scan-files.ts';
import { ImageScans } from './image-scans.ts';
import { type Gathering, problemFinding, type ReadLayer, readLayer } from './layer.ts';
import { imageLimits } from './limits.ts';
import { lintImage, platformFindings } from './lint.ts';
import { hostPlatform, type ImageConfig, type Platform, readConfig } from './manifest.ts';
import { ownedPaths } from './owned-paths.ts';
import { type Distribution, distributionOf, type InstalledPackage, packagesIn } from './packages.ts';
import { RootTree } from './root-tree.ts';

export type ImageToExamine = {
  readonly config: Buffer;
  readonly layers: readonly { readonly digest: string; readonly sizeBytes: number; readonly path: string }[];
  /** Made if absent, removed at the end; holds one file at a time. */
  readonly workDir: string;
  readonly scanner: Scanner | null;
  readonly platform?: Platform;
  readonly limits?: ArchiveLimits;
};

export type ExaminedLayer = {
  readonly digest: string;
  readonly sizeBytes: number;
  readonly unpackedBytes: number;
  readonly files: number;
  readonly createdBy: string | null;
};

/** What is known of an image once it was looked at whole. */
export type ExaminedImage = {
  readonly ruleSet: string;
  readonly findings: readonly Finding[];
  readonly config: ImageConfig | null;
  readonly layers: readonly ExaminedLayer[];
  readonly packages: readonly InstalledPackage[];
  readonly distribution: Distribution | null;
  readonly malware: MalwareEvidence;
};

/** Reads every layer once, as a stream, from the lowest to the topmost. Nothing is started and nothing is unpacked. */
export async function examineImage(image: ImageToExamine): Promise<ExaminedImage> {
  const limits = image.limits ?? imageLimits;
  const platform = image.platform ?? hostPlatform;
  const scans = new ImageScans(image.scanner);
  const findings: Finding[] = [];
  const layers: ExaminedLayer[] = [];
  const tree = new RootTree();
  const texts = new Map<string, Buffer>();
  let config: ImageConfig | null = null;
  await mkdir(image.workDir, { recursive: true });
  try {
    config = readConfig(image.config, image.layers.length);
    findings.push(...configSecrets(image.config));
    const packedBytes = image.layers.reduce((sum, l) => sum + l.sizeBytes, 0);
    const budget = new Budget(limits, packedBytes);
    const to: Gathering = { tree, budget, scans, findings, texts, workDir: image.workDir };
    for (const [i, { digest, sizeBytes, path }] of image.layers.entries()) {
      const read = await readLayer(path, i, to).catch((error) => problemFinding(error, i));
      if ('code' in read) {
        findings.push(read);
        break;
      }
      findings.push(...diffFindings(config.diffIds[i], read, i));
      const { unpackedBytes, files } = read;
      layers.push({ digest, sizeBytes, unpackedBytes, files, createdBy: config.createdBy[i] ?? null });
    }
    const whole = layers.length === image.layers.length;
    if (whole) findings.push(...lintImage(config, tree, texts, platform), ...setUidFindings(tree));
    else findings.push(...platformFindings(config, platform));
  } catch (error) {
    if (!(error instanceof ArchiveProblem)) throw error;
    findings.push(error.toFinding());
  } finally {
    await rm(image.workDir, { recursive: true, force: true });
  }
  const { findings: scanned, evidence } = await scans.finish();
  const remaining = new Map([...texts].filter(([path]) => tree.find(path)?.kind === 'file'));
  const packages = packagesIn(remaining);
  const nothing = packages.length === 0 && layers.length === image.layers.length;
  if (nothing)
    findings.push(
      found('image.packages_unknown', {
        message: 'No package of Debian, Alpine, Python or npm was found in the image.',
      }),
    );
  return {
    ruleSet: RULE_SET,
    findings: fewOfEach([...scanned, ...softened(findings, ownedPaths(remaining))]),
    config,
    layers,
    packages,
    distribution: distributionOf(remaining.get('etc/os-release') ?? remaining.get('usr/lib/os-release')),
    malware: evidence,
  };
}

function diffFindings(stated: string | undefined, { diffId }: ReadLayer, layer: number): Finding[] {
  if (stated === diffId) return [];
  const message = `Layer ${layer + 1} unpacks to ${diffId}; the configuration states ${stated ?? 'nothing'}.`;
  return [found('image.digest_differs', { message })];
}

/** Environment, labels and the commands that built the image are read by everybody who can read the image. */
function configSecrets(config: Buffer): Finding[] {
  return secretsIn(config.toString('latin1'), 0).map(({ code, what }) =>
    found(code, {
      message: `The image’s configuration (environment, labels or history) holds ${what}.`,
      remedy: 'Give it at build time as a mounted secret (`RUN --mount=type=secret`), and revoke this one.',
    }),
  );
}

function setUidFindings(tree: RootTree): Finding[] {
  return [...tree.files()]
    .filter(({ node }) => (node.mode & 0o6000) !== 0 && (node.mode & 0o002) !== 0)
    .map(({ path, node }) =>
      found('image.set_uid_writable', {
        file: path,
        message: `“/${path}” has the mode ${node.mode.toString(8).padStart(4, '0')}: everybody may change what runs with another’s rights.`,
      }),
    );
}

/** Debian’s and Python’s own packages bring sample keys for their tests. Everybody has them; nothing has leaked. */
function softened(findings: readonly Finding[], owned: (path: string) => boolean): Finding[] {
  return findings.map((f) =>
    f.rule === 'secrets' && f.file !== null && owned(f.file)
      ? found('image.secret_of_package', { file: f.file, line: f.line, message: f.message })
      : f,
  );
}
