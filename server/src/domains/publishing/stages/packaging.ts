import { type PublicOperation, serviceVersion } from '@souk/contract';
import { canonicalSha256 } from '../../../platform/canonical-json.ts';
import type { PackagedVersion, StageNeeds } from './needs.ts';
import type { Stage } from './stage.ts';
import type { TrialOutput } from './trial-run.ts';
import { versionsOf } from './versions.ts';

const predicateVersion = 1;

/** A web service has no bytes: what stands for its package is how it is described. */
const servicePackage = {
  number: serviceVersion,
  modelPackageId: '',
  packageSizeBytes: 0,
  modelName: '',
  servable: null,
  instanceType: '',
  backend: '',
} as const;

/**
 * Writes the bill of materials of each version and one signed statement over everything that is published: the document, every
 * package and file, every bill of materials and the evidence. Deployments and `souk verify` check against it.
 */
export function packaging(needs: StageNeeds): Stage {
  return {
    reads: async (s) => s.revisionId,
    async run({ submission: s, output, log }) {
      const trial = (await output('trial-run')) as Partial<TrialOutput>;
      const versions: (PackagedVersion & { instanceType: string; backend: string })[] = [];
      const subjects = [{ name: 'document', sha256: s.revisionSha256 }];
      for (const v of await versionsOf(s, needs)) {
        const tried = trial.versions?.[v.number];
        if (!tried) throw new Error(`the trial run left nothing about version ${v.number}`);
        const files = await needs.packageFiles(v.resource);
        const bom = await needs.bom({
          number: v.number,
          product: `${s.publisher}/${s.productSlug}`,
          resource: v.resource,
          measured: tried.measured,
          files,
          title: s.document.listing?.title ?? s.productSlug,
          supplier: s.publisher,
        });
        subjects.push(
          { name: `versions/${v.number}/package`, sha256: v.resource.archiveSha256 },
          ...files.map((f) => ({ name: `versions/${v.number}/files/${f.path}`, sha256: f.sha256 })),
          { name: `versions/${v.number}/bom`, sha256: canonicalSha256(bom) },
        );
        const { id, name, archiveSha256, archiveSizeBytes, served, ...resource } = v.resource;
        versions.push({
          productId: s.productId,
          number: v.number,
          modelPackageId: id,
          packageSha256: archiveSha256,
          packageSizeBytes: archiveSizeBytes,
          modelName: name,
          servable: s.productType === 'algorithm' ? null : served,
          resource: { ...resource, name },
          bom,
          measured: tried.measured,
          evidence: tried.evidence,
          instanceType: tried.instanceType,
          backend: tried.backend,
        });
        await log(`version ${v.number}: bill of materials over ${files.length} files`);
      }
      if (s.productType === 'web-service') {
        const { operations = [], sampleRows = [] } = (await output('connection')) as {
          operations?: PublicOperation[];
          sampleRows?: Record<string, unknown>[];
        };
        const bom = needs.serviceBom({
          product: `${s.publisher}/${s.productSlug}`,
          title: s.document.listing?.title ?? s.productSlug,
          supplier: s.publisher,
          operations,
        });
        subjects.push({ name: `versions/${serviceVersion}/bom`, sha256: canonicalSha256(bom) });
        versions.push({
          ...servicePackage,
          productId: s.productId,
          packageSha256: canonicalSha256(s.document.service ?? {}),
          resource: { kind: 'web-service', operations, sampleRows },
          bom,
          measured: trial.versions?.[serviceVersion]?.measured ?? [],
          evidence: trial.versions?.[serviceVersion]?.evidence ?? [],
        });
      }
      const certified = await output('certification');
      const { envelope, keyId } = needs.sign(subjects, {
        predicateVersion,
        product: `${s.publisher}/${s.productSlug}`,
        revision: s.revision,
        submission: s.id,
        certification: certified,
        trial: trial.versions ?? {},
      });
      return {
        kind: 'passed',
        summary: `Signed, ${subjects.length} digests; in preview now.`,
        evidence: [
          { name: 'Signing key', value: keyId },
          { name: 'Digests signed', value: subjects.length },
        ],
        commit: async (tx) => {
          await needs.saveStatement(tx, s.revisionId, envelope, keyId);
          for (const { instanceType, backend, ...v } of versions) {
            await needs.saveVersion(tx, v);
            // An algorithm answers no calls: there is nothing to keep running.
            if (v.servable)
              await needs.deploy(tx, {
                productId: s.productId,
                version: v.number,
                packageSha256: v.packageSha256,
                servable: v.servable,
                modelName: v.modelName,
                backend,
                instanceType,
              });
          }
          await needs.setSlot(tx, s.productId, 'preview', s.revisionId);
          // What a revision that this one superseded had started.
          await needs.stopUnused(tx, s.productId);
        },
      };
    },
  };
}
