import { mkdtemp, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { type Finding, hasNoErrors } from '@souk/contract/findings';
import type { OnnxDescription } from '@souk/contract/models';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import {
  bareModelPath,
  type ExtractedPackage,
  extractPackage,
  type PackageFile,
  packageKind,
} from './archive/extract.ts';
import type { ArchiveLimits } from './archive/limits.ts';
import { asContents, contentsFindings } from './check-contents.ts';
import { checkPackage } from './check-package.ts';
import { asProgram, checkProgram, type TrainingProgram } from './check-program.ts';
import { fewOfEach } from './few-of-each.ts';
import type { Declared } from './onnx/declared.ts';
import { describeModel } from './onnx/describe-model.ts';
import { runtimeName } from './onnx/known-operators.ts';
import type { ModelLoader } from './onnx/load-attempt.ts';
import { RULE_SET } from './rules.ts';
import { FileScans, type MalwareEvidence, type Scanner } from './scan-files.ts';
import { sha256Of } from './sha256.ts';

/** A package that is served, a program that trains, or files that a container is given. They differ in what may be in them. */
export type CertifiedAs = 'model' | 'program' | 'contents';

export type CertifyOptions = {
  /** Else a model. */
  readonly as?: CertifiedAs;
  readonly archivePath: string;
  /** The digest under which the archive is stored; what is read must have it. */
  readonly sha256: string;
  /** Empty or absent; holds the unpacked package afterwards, unless the archive itself was refused. */
  readonly workDir: string;
  /** Null: there is none, and the evidence says so. */
  readonly scanner: Scanner | null;
  readonly loader: ModelLoader;
  readonly declared?: Declared;
  readonly limits?: ArchiveLimits;
  /** Called when nothing but the scan is left, with the folder of the model that will be served; waited for before the end. */
  readonly whileScanning?: WhileScanning;
};

/** `scanned` resolves when the scanner is done. */
export type WhileScanning = (modelFolder: string, scanned: Promise<unknown>) => Promise<void>;

export type Certification = {
  /** The same package under the same rules, signatures and runtime has the same verdict: it may be kept under this key. */
  readonly key: string;
  readonly ruleSet: string;
  readonly runtime: string;
  readonly findings: readonly Finding[];
  readonly kind: ExtractedPackage['kind'];
  readonly files: readonly PackageFile[];
  readonly modelPath: string | null;
  readonly onnx: OnnxDescription | null;
  /** Of a training program: what is started. Verdicts of before there were any do not have it. */
  readonly program?: TrainingProgram | null;
  readonly malware: MalwareEvidence;
  readonly timings: {
    readonly extractMs: number;
    readonly modelMs: number;
    readonly scanMs: number;
    readonly totalMs: number;
  };
};

/** The archive's content differs from its digest: our storage is at fault, not the publisher. */
export class DigestMismatch extends Error {
  override name = 'DigestMismatch';
}

/** Under which a verdict may be kept. Everything that could change it goes in. */
export function verdictKey(of: {
  readonly sha256: string;
  readonly scannerVersion: string | null;
  readonly declared?: Declared | undefined;
  readonly as?: CertifiedAs | undefined;
}): string {
  const { sha256, scannerVersion, declared = null, as = 'model' } = of;
  return canonicalSha256({ sha256, as, ruleSet: RULE_SET, runtime: runtimeName, scannerVersion, declared });
}

/**
 * Everything that certification has to say about a model package, or a training program. Four things go on side by side: the archive's digest,
 * its unpacking (with the digest of every file), the scan of each file as soon as it is there, and the runtime's start.
 */
export async function certifyModelPackage(options: CertifyOptions): Promise<Certification> {
  const started = performance.now();
  const as = options.as ?? 'model';
  if (as === 'model') options.loader.warm();
  const scans = new FileScans(options.scanner);
  // A bare model is its own only file: its digest is taken once, and its scan, the longest of all, need not wait for a copy.
  const isBare = (await packageKind(options.archivePath)) === 'onnx';
  if (isBare) scans.add(options.archivePath, bareModelPath, (await stat(options.archivePath)).size);
  const [archiveDigest, extracted] = await Promise.all([
    isBare ? null : sha256Of(options.archivePath),
    extractPackage({
      archivePath: options.archivePath,
      intoDir: options.workDir,
      ...(options.limits === undefined ? {} : { limits: options.limits }),
      onFile: (path, sizeBytes) => {
        if (!isBare) scans.add(join(options.workDir, path), path, sizeBytes);
      },
    }),
  ]);
  const digest = archiveDigest ?? extracted.files[0]?.sha256 ?? options.sha256;
  if (digest !== options.sha256)
    throw new DigestMismatch(`the archive stored as ${options.sha256} has the digest ${digest}`);
  if (!extracted.complete) scans.abandon('the package was refused while it was unpacked');
  const extractMs = performance.now() - started;
  const program =
    extracted.complete && as === 'program'
      ? await checkProgram({ dir: options.workDir, files: extracted.files })
      : null;
  const checked =
    extracted.complete && as === 'model'
      ? await checkPackage({
          dir: options.workDir,
          files: extracted.files,
          loader: options.loader,
          ...(options.declared === undefined ? {} : { declared: options.declared }),
        })
      : null;
  const inside =
    extracted.complete && as === 'contents' ? await lookInside(options.workDir, extracted.files) : [];
  const modelMs = performance.now() - started - extractMs;
  const scanned = scans.finish();
  const beside =
    checked?.modelPath && options.whileScanning && hasNoErrors([...extracted.findings, ...checked.findings])
      ? options.whileScanning(join(options.workDir, dirname(checked.modelPath)), scanned)
      : undefined;
  // Each may fail, and neither is left running behind.
  await Promise.allSettled([scanned, beside]);
  const malware = await scanned;
  const totalMs = performance.now() - started;
  return {
    key: verdictKey({
      sha256: digest,
      scannerVersion: options.scanner?.identity.version ?? null,
      declared: options.declared,
      as,
    }),
    ruleSet: RULE_SET,
    runtime: runtimeName,
    findings: fewOfEach([
      ...malware.findings,
      ...(as === 'model'
        ? extracted.findings
        : as === 'program'
          ? asProgram(extracted.findings)
          : asContents(extracted.findings)),
      ...inside,
      ...(checked?.findings ?? []),
      ...(program?.findings ?? []),
    ]),
    kind: extracted.kind,
    files: extracted.files,
    modelPath: checked?.modelPath ?? null,
    onnx: checked?.model === null || checked === null ? null : describeModel(checked.model),
    program: program?.program ?? null,
    malware: malware.evidence,
    timings: { extractMs, modelMs, scanMs: totalMs - extractMs - modelMs, totalMs },
  };
}

async function lookInside(folder: string, files: readonly PackageFile[]) {
  const workDir = await mkdtemp(join(tmpdir(), 'souk-contents-'));
  try {
    return await contentsFindings(folder, files, workDir);
  } finally {
    await rm(workDir, { recursive: true, force: true });
  }
}
