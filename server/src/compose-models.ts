import { mkdirSync } from 'node:fs';
import { type Evidence, type Finding, isGrantable, type Policies } from '@souk/contract';
import { podmanHere } from './containers.ts';
import { type CertifiedAs, createModelLoader, servedModel } from './domains/certification/index.ts';
import {
  compareForm,
  ensureUnpacked,
  evidenceOf,
  imageGone,
  newCheck,
  newModelsService,
  newVerdicts,
  type PackageNeeds,
  removeLeftovers,
  scanGap,
} from './domains/models/index.ts';
import { findProductNaming } from './domains/products/index.ts';
import {
  elsewhereEvidence,
  Hold,
  type PackageFile,
  type PackageVerdict,
  type Resource,
} from './domains/publishing/index.ts';
import { newTrials } from './domains/runtime/index.ts';
import { newServers, type Servers } from './domains/servers/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import { clamdClient } from './platform/clamd.ts';
import { folders } from './platform/config.ts';
import type { Platform } from './platform/platform.ts';
import { findSandbox } from './platform/sandbox.ts';
import { startHere } from './runner.ts';

export type ComposedModels = Awaited<ReturnType<typeof composeModels>>;

/** Model packages with what examines and runs them in this process. */
export async function composeModels(
  platform: Platform,
  uploads: Uploads,
  image: PackageNeeds['image'],
  policies: () => Promise<Policies>,
  lift: (
    accountId: string,
    packageSha256: string,
    findings: readonly Finding[],
  ) => Promise<readonly Finding[]>,
  servers: Pick<Servers, 'openTo' | 'lookAtOpen'> = newServers(platform),
) {
  const { config, db, log, blobs, imageParts } = platform;
  const { work } = folders(config.dataDir);
  mkdirSync(work, { recursive: true });
  const loader = createModelLoader({ confined: { sandbox: await findSandbox(), folders: [work] } });
  const verdicts = newVerdicts(platform, loader);
  const start = await startHere({ config, db, blobs, imageParts, log });
  const trials = newTrials(start);
  const service = newModelsService(platform, {
    finishedUpload: (reader, accountId, uploadId) => uploads.finished(reader, accountId, uploadId, 'model'),
    productNaming: findProductNaming,
    image,
    server: servers.openTo,
  });
  const containersMissing = async () => {
    const podman = await podmanHere(config, log);
    return 'missing' in podman ? podman.missing : null;
  };

  async function certify(
    resource: Resource,
    say: (line: string) => Promise<void>,
    released: boolean,
  ): Promise<PackageVerdict> {
    const { archiveSha256 } = resource;
    const before = released ? await verdicts.released(archiveSha256) : undefined;
    if (before) {
      const day = before.at.toISOString().slice(0, 10);
      await say(`buyers run it already; examined on ${day} under the rules in force, and not examined again`);
      return {
        key: before.verdict.key,
        findings: before.verdict.findings,
        evidence: [
          ...evidenceOf(before.verdict),
          { name: 'Package digest', value: archiveSha256 },
          { name: 'Carried over from', value: day },
        ],
        reused: true,
      };
    }
    const { verdict, reused } = await verdicts.of(archiveSha256, undefined, resourceCertifiedAs(resource));
    const gap = scanGap(verdict);
    // What only an exception lets pass is not let pass unscanned either.
    const refused = verdict.findings.some((f) => f.severity === 'error' && !isGrantable(f.code));
    if (gap && !refused && (await policies()).scannerMissing === 'hold')
      throw new Hold(
        `The package cannot be scanned for malware: ${gap}. It goes on when the scanner is back.`,
      );
    if (reused) await say('examined before: the same bytes under the same rules and signatures');
    const { server } = resource.inferenceSpecification;
    const evidence: Evidence[] = [
      // Nothing was loaded here: what there is of the package only names the server.
      ...evidenceOf(verdict).filter((e) => server === undefined || e.name !== 'Loaded by'),
      { name: 'Package digest', value: archiveSha256 },
      ...elsewhereEvidence(resource),
    ];
    const findings = [...verdict.findings];
    for (const digest of imagesOf(resource)) {
      const kept = await image(db, accountOf(resource.arn), digest);
      if (!kept) findings.push(imageGone(digest));
      evidence.push(
        { name: 'Image digest', value: digest },
        ...(kept ? [{ name: 'Image size', value: kept.sizeBytes, unit: 'bytes' }] : []),
      );
    }
    return { key: verdict.key, findings, evidence, reused };
  }

  return {
    service,
    verdicts,
    start,
    lift,
    check: newCheck(platform, {
      verdicts,
      start,
      trials,
      image,
      containersMissing,
      server: servers.lookAtOpen,
      policies,
      lift,
    }),
    certify,
    compareForm,
    trials,
    inForce: verdicts.inForce,
    retireVerdicts: verdicts.retire,
    /** With the images that run it, under their digests: what is signed is everything that runs. */
    async packageFiles(resource: Resource): Promise<readonly PackageFile[]> {
      const files = await verdicts.files(resource.archiveSha256, resourceCertifiedAs(resource));
      const images = imagesOf(resource).map(async (digest) => ({
        path: `image/${digest}`,
        sha256: digest.replace('sha256:', ''),
        sizeBytes: (await image(db, accountOf(resource.arn), digest))?.sizeBytes ?? 0,
      }));
      return [...files, ...(await Promise.all(images))];
    },
    packagePath: (sha256: string) => ensureUnpacked({ config, db, blobs }, sha256),
    servedModel: (files: readonly PackageFile[]) => servedModel(files.map((f) => f.path)),
    /** clamd's own word on its version; throws when it cannot be asked. */
    async scannerVersion(): Promise<string> {
      if (!config.clamd) throw new Error('no scanner is configured and clamd is not installed');
      return clamdClient({ address: config.clamd, timeoutMs: 5000 }).version();
    },
    removeLeftovers: () => removeLeftovers(config),
    close: () => loader.close(),
  };
}

const containersOf = ({ inferenceSpecification, training }: Resource) =>
  [training?.specification.container, inferenceSpecification.container].filter((c) => c !== undefined);
/** The images that train or serve a resource. */
export const imagesOf = (resource: Resource) => [...new Set(containersOf(resource).map((c) => c.image))];
/** An ARN names its account fifth. */
export const accountOf = (arn: string) => arn.split(':')[4] ?? '';

/** What the archive of a resource is looked at as; beside the image that starts it, its files are the image's own affair. */
const resourceCertifiedAs = ({ kind, inferenceSpecification, training }: Resource): CertifiedAs =>
  kind === 'algorithm'
    ? training?.specification.container
      ? 'contents'
      : 'program'
    : inferenceSpecification.container || inferenceSpecification.server
      ? 'contents'
      : 'model';
