import { readFile } from 'node:fs/promises';
import { accountOf, type ComposedModels, imagesOf } from './compose-models.ts';
import type { ComposedResources } from './compose-resources.ts';
import {
  listingFindings,
  mlBom,
  publicationPredicate,
  serviceBom,
  signStatement,
} from './domains/certification/index.ts';
import type { Images } from './domains/images/index.ts';
import type { Operator } from './domains/operator/index.ts';
import type { Products } from './domains/products/index.ts';
import type { Resource, StageNeeds } from './domains/publishing/index.ts';
import { documentThing, packageThing, type Review } from './domains/review/index.ts';
import { ensureDeployment, stopUnusedDeployments } from './domains/runtime/index.ts';
import type { Services } from './domains/services/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import { rows, sql, type Tx } from './platform/db.ts';
import type { Platform } from './platform/platform.ts';

interface Parts {
  readonly platform: Platform;
  readonly models: ComposedModels;
  readonly resources: ComposedResources;
  readonly operator: Operator;
  readonly products: Products;
  readonly uploads: Uploads;
  readonly review: Review;
  readonly services: Services;
  /** What is installed in an image of the account. */
  readonly insideImage: Images['inside'];
  readonly hasPublisherProfile: (accountId: string) => Promise<boolean>;
  /** A revision is about to go live, in the transaction that moves the slot. */
  readonly goesLive: (tx: Tx, productId: string, revisionId: string) => Promise<void>;
  readonly documentContext: StageNeeds['documentContext'];
}

/** What the stages of the pipeline need, from the domains that own it. */
export function stageNeeds({
  platform,
  models,
  resources,
  operator,
  products,
  uploads,
  review,
  services,
  insideImage,
  hasPublisherProfile,
  goesLive,
  documentContext,
}: Parts): StageNeeds {
  const { db, keys, blobs, config } = platform;
  const insideImages = async (resource: Resource) => {
    const found = imagesOf(resource).map((digest) => insideImage(accountOf(resource.arn), digest));
    return (await Promise.all(found)).filter((i) => i !== undefined);
  };
  return {
    documentContext,
    hasPublisherProfile,
    resource: resources.resource,
    rulesInForce: models.inForce,
    certify: models.certify,
    releasedPackages: products.releasedPackages,
    exceptionsInForce: review.inForce,
    liftPackage: (accountId, sha256, findings) =>
      review.lift(accountId, findings, (f) => packageThing(sha256, f.file)),
    liftDocument: (accountId, document, findings) =>
      review.lift(accountId, findings, (f) => documentThing(document, f.pointer)),
    listingFindings: listingFindings(uploads, db),
    sampleFile: async (sha256) => readFile(await blobs.pathOf(sha256)),
    packageFiles: models.packageFiles,
    instanceTypes: async () => (await operator.instanceTypes()).filter((t) => t.enabled),
    trial: ({ name, servable }, instance, sample, signal) =>
      models.trials.run(name, { servable, instance, sample }, signal),
    compareForm: models.compareForm,
    bom: async ({ number, product, resource, measured, files, title, supplier }) =>
      mlBom({
        product,
        title,
        version: number,
        supplier,
        packageSha256: resource.archiveSha256,
        files,
        modelPath: resource.served.kind === 'onnx' && !resource.training ? models.servedModel(files) : null,
        onnx: resource.training ? null : resource.onnx,
        metrics: (resource.training?.trial.metrics ?? []).map((m) => ({
          type: m.name,
          value: String(m.last),
          slice: 'sample training',
        })),
        measured,
        images: await insideImages(resource),
        elsewhere: resource.served.kind === 'remote',
      }),
    sign: (subjects, predicate) => ({
      envelope: signStatement({ subjects, predicateType: publicationPredicate, predicate }, keys.signing),
      keyId: keys.signing.keyId,
    }),
    saveStatement: products.saveStatement,
    saveVersion: products.saveVersion,
    markReleased: products.markReleased,
    setSlot: async (tx, productId, slot, revisionId) => {
      if (slot === 'live' && revisionId) await goesLive(tx, productId, revisionId);
      await products.setSlot(tx, productId, slot, revisionId);
    },
    deploy: ensureDeployment,
    stopUnused: stopUnusedDeployments,
    deploymentStates: async (productId) => {
      const list = await rows<{ version: string; state: string }>(
        db,
        sql`select version, state from deployments where product_id = ${productId}`,
      );
      return new Map(list.map((d) => [d.version, d.state]));
    },
    regions: config.regions,
    connectService: services.connect,
    tryService: services.tryOut,
    serviceCredentialMadeAt: async (productId, section) =>
      (await services.credentialOf(productId, section)).madeAt?.toISOString() ?? null,
    serviceBom,
  };
}
