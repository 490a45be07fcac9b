import { mkdir, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import type { Evidence } from '@souk/contract';
import { ClamdFault, clamdClient, identifyScanner } from '../../platform/clamd.ts';
import { inTx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  type Certification,
  type CertifiedAs,
  certifyModelPackage,
  type ModelLoader,
  type PackageFile,
  RULE_SET,
  runtimeName,
  type Scanner,
  verdictKey,
  type WhileScanning,
} from '../certification/index.ts';
import * as store from './models.sql.ts';
import { keepUnpacked, workFolder } from './models.unpacked.ts';

export interface PackageVerdict {
  readonly verdict: Certification;
  /** Given earlier on the same bytes under the same rules and signatures. */
  readonly reused: boolean;
}

export type Verdicts = ReturnType<typeof newVerdicts>;

/** What certification says about packages, each asked once for the same bytes, rules, signatures and runtime. */
export function newVerdicts({ db, config, blobs, log }: Platform, loader: ModelLoader) {
  const underWay = new Map<string, Promise<PackageVerdict>>();

  /** Null where no scanner is configured or none answers. */
  async function scanner(): Promise<Scanner | null> {
    if (!config.clamd) return null;
    try {
      const client = clamdClient({ address: config.clamd });
      return { client, identity: await identifyScanner(client, config.clamd) };
    } catch (error) {
      if (!(error instanceof ClamdFault)) throw error;
      log.warn({ err: error.message }, 'the virus scanner cannot be asked');
      return null;
    }
  }

  /** `whileScanning` is called where the package is examined now, and not where a verdict is known or under way. */
  async function of(
    archiveSha256: string,
    whileScanning?: WhileScanning,
    as: CertifiedAs = 'model',
  ): Promise<PackageVerdict> {
    const by = await scanner();
    const key = verdictKey({ sha256: archiveSha256, scannerVersion: by?.identity.version ?? null, as });
    const known = await store.findVerdict(db, key);
    if (known) return { verdict: known.verdict, reused: true };
    // A package registered twice at once is examined once.
    const running = underWay.get(key);
    if (running) return running;
    const next = examine(archiveSha256, by, whileScanning, as).finally(() => underWay.delete(key));
    underWay.set(key, next);
    return next;
  }

  async function examine(
    archiveSha256: string,
    by: Scanner | null,
    whileScanning: WhileScanning | undefined,
    as: CertifiedAs,
  ): Promise<PackageVerdict> {
    const workDir = workFolder(config);
    try {
      await mkdir(dirname(workDir), { recursive: true });
      const verdict = await certifyModelPackage({
        archivePath: await blobs.pathOf(archiveSha256),
        sha256: archiveSha256,
        as,
        workDir,
        scanner: by,
        loader,
        ...(whileScanning ? { whileScanning } : {}),
      });
      if (verdict.findings.some((f) => f.code === 'onnx.load_not_attempted'))
        throw new Error('the runtime that loads models does not start here');
      if (verdict.files.length > 0) await keepUnpacked(config, archiveSha256, workDir, verdict.files);
      // The key promises a scan: one that broke off is asked again. So is a load that this machine may have failed, not the model.
      if ((by === null || verdict.malware.state !== 'not run') && !dependsOnTheMachine(verdict))
        await inTx(db, (tx) => store.insertVerdict(tx, archiveSha256, verdict));
      return { verdict, reused: false };
    } finally {
      await rm(workDir, { recursive: true, force: true });
    }
  }

  return {
    of,
    /** What was found in a package that was released: it is not scanned again for each new set of signatures. */
    async released(archiveSha256: string): Promise<{ verdict: Certification; at: Date } | undefined> {
      return store.findScanned(db, archiveSha256, RULE_SET);
    },
    /** After a check was mended: what it found wrong is looked at anew. */
    retire: store.retireVerdicts,
    /** Changes whenever a verdict could: rules, runtime, scanner and signatures. */
    inForce: async (): Promise<string> =>
      `${RULE_SET} ${runtimeName} ${(await scanner())?.identity.version ?? 'no scanner'}`,
    /** The files of a package that was examined here, with their digests. */
    async files(archiveSha256: string, as: CertifiedAs = 'model'): Promise<readonly PackageFile[]> {
      const found = await store.findUnpacked(db, archiveSha256, as);
      if (!found) throw new Error(`the package ${archiveSha256} was not examined here`);
      return found.verdict.files;
    },
  };
}

/** A machine that was busy or short of memory says nothing lasting about a model. */
const machineCodes = ['onnx.load_timeout', 'onnx.load_memory', 'onnx.load_crashed'];
const dependsOnTheMachine = ({ findings }: Certification): boolean =>
  findings.some((f) => machineCodes.includes(f.code));

/** Whether everything was looked at for malware; if not, why. */
export function scanGap({ malware }: Certification): string | undefined {
  if (malware.state === 'clean' || malware.state === 'found') return undefined;
  return malware.reason ?? 'the scanner did not finish';
}

/** What a verdict rests on, for the product page. Names what was not run as plainly as what was. */
export function evidenceOf(verdict: Certification): Evidence[] {
  const { malware, files } = verdict;
  return [
    { name: 'Rules', value: verdict.ruleSet },
    { name: 'Files examined', value: files.length },
    { name: 'Unpacked size', value: files.reduce((sum, f) => sum + f.sizeBytes, 0), unit: 'bytes' },
    ...(verdict.program
      ? [{ name: 'Started as', value: `${verdict.program.interpreter} ${verdict.program.entry}` }]
      : [{ name: 'Loaded by', value: verdict.runtime }]),
    { name: 'Malware scan', value: malware.reason ? `${malware.state}: ${malware.reason}` : malware.state },
    ...(malware.engine ? [{ name: 'Scanner', value: malware.engine }] : []),
    ...(malware.signatureVersion ? [{ name: 'Signatures', value: malware.signatureVersion }] : []),
    ...(malware.signatureCount === null ? [] : [{ name: 'Signature count', value: malware.signatureCount }]),
    { name: 'Examined in', value: Math.round(verdict.timings.totalMs), unit: 'ms' },
  ];
}
