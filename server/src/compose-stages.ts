import { readFile } from 'node:fs/promises';
import type { Finding, ProductDocument } from '@souk/contract';
import type { ComposedModels } from './compose-models.ts';
import {
  type ListingText,
  linkFindings,
  logoFindings,
  mlBom,
  publicationPredicate,
  signStatement,
  textFindings,
} from './domains/certification/index.ts';
import type { Operator } from './domains/operator/index.ts';
import type { Products } from './domains/products/index.ts';
import type { StageNeeds } from './domains/publishing/index.ts';
import { documentThing, packageThing, type Review } from './domains/review/index.ts';
import { ensureDeployment, stopUnusedDeployments } from './domains/runtime/index.ts';
import type { Uploads } from './domains/uploads/index.ts';
import { rows, sql, type Tx } from './platform/db.ts';
import type { Platform } from './platform/platform.ts';

interface Parts {
  readonly platform: Platform;
  readonly models: ComposedModels;
  readonly operator: Operator;
  readonly products: Products;
  readonly uploads: Uploads;
  readonly review: Review;
  readonly hasPublisherProfile: (accountId: string) => Promise<boolean>;
  /** A revision is about to go live, in the transaction that moves the slot. */
  readonly goesLive: (tx: Tx, productId: string, revisionId: string) => Promise<void>;
}

/** What the stages of the pipeline need, from the domains that own it. */
export function stageNeeds({
  platform,
  models,
  operator,
  products,
  uploads,
  review,
  hasPublisherProfile,
  goesLive,
}: Parts): StageNeeds {
  const { db, keys, blobs, config } = platform;
  return {
    documentContext: models.service.documentContext,
    hasPublisherProfile,
    resource: models.service.resource,
    rulesInForce: models.inForce,
    certify: models.certify,
    releasedPackages: products.releasedPackages,
    exceptionsInForce: review.inForce,
    liftPackage: (accountId, sha256, findings) =>
      review.lift(accountId, findings, (f) => packageThing(sha256, f.file)),
    liftDocument: (accountId, document, findings) =>
      review.lift(accountId, findings, (f) => documentThing(document, f.pointer)),
    listingFindings: async (accountId, document) => [
      ...listingTexts(document),
      ...(await logo(accountId, document)),
    ],
    packageFiles: models.packageFiles,
    instanceTypes: async () => (await operator.instanceTypes()).filter((t) => t.enabled),
    trial: ({ name, packageSha256 }, instance, sample, signal) =>
      models.trials.run(
        { packageSha256, instance, sample },
        async () => ({ name, path: await models.packagePath(packageSha256) }),
        signal,
      ),
    compareForm: models.compareForm,
    bom: ({ number, product, resource, measured, files, title, supplier }) =>
      mlBom({
        product,
        title,
        version: number,
        supplier,
        packageSha256: resource.archiveSha256,
        files,
        modelPath: models.servedModel(files),
        onnx: resource.onnx,
        measured,
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
  };

  async function logo(accountId: string, { promotion }: ProductDocument): Promise<Finding[]> {
    const sha256 = promotion?.logo?.sha256;
    if (!sha256) return [];
    const missing = await uploads.missingMedia(db, accountId, [sha256]);
    if (missing.length > 0)
      return [
        {
          rule: 'logo',
          code: 'logo.missing',
          severity: 'error',
          file: null,
          line: null,
          pointer: '/promotion/logo',
          message: 'The logo is not among the images of this account.',
          remedy: 'Upload it again.',
        },
      ];
    return logoFindings(await readFile(blobs.pathOf(sha256)), { pointer: '/promotion/logo' });
  }
}

/** The texts that people read, each with its form. */
function listingTexts({
  listing = {},
  promotion = {},
  support = {},
  terms = {},
  versions = [],
}: ProductDocument): Finding[] {
  const texts: ListingText[] = [];
  const add = (pointer: string, text: string | undefined | null, form: ListingText['form']) => {
    if (text) texts.push({ pointer, text, form });
  };
  add('/listing/title', listing.title, 'plain');
  add('/listing/shortDescription', listing.shortDescription, 'plain');
  add('/listing/longDescription', listing.longDescription, 'markdown');
  for (const [i, h] of (listing.highlights ?? []).entries()) add(`/listing/highlights/${i}`, h, 'plain');
  for (const [i, k] of (promotion.keywords ?? []).entries()) add(`/promotion/keywords/${i}`, k, 'plain');
  add('/support/description', support.description, 'markdown');
  add('/terms/eula', terms.eula, 'document');
  add('/terms/refundPolicy', terms.refundPolicy, 'plain');
  for (const [i, v] of versions.entries()) {
    add(`/versions/${i}/releaseNotes`, v.releaseNotes, 'markdown');
    add(`/versions/${i}/usageInstructions`, v.usageInstructions, 'markdown');
    add(`/versions/${i}/input/description`, v.input?.description, 'markdown');
    add(`/versions/${i}/output/description`, v.output?.description, 'markdown');
  }
  return [
    ...textFindings(texts),
    ...linkFindings(
      (promotion.links ?? []).map((l, i) => ({ url: l.url, pointer: `/promotion/links/${i}/url` })),
    ),
  ];
}
