import type {
  InferenceSpecification,
  KnownResource,
  ModelPackage,
  ModelPackageStatus,
  ProductDocument,
  ValidationProfile,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx, violated } from '../../platform/db.ts';
import { fail, failAt } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { namesFor, noteMade, requireDescribeOne } from '../access/index.ts';
import { audit } from '../audit/index.ts';
import { enqueueCheck } from './models.check.ts';
import { type OpenServer, type PackageNeeds, packageOf } from './models.container.ts';
import { arnOf, inferenceSpecification, profileOf, resourceOf, unknownInstanceType } from './models.rules.ts';
import * as store from './models.sql.ts';
import type { ModelPackageRow, Resource, TrainedPackage } from './models.ts';

export interface ModelsNeeds extends PackageNeeds {
  /** A product that the model package is part of. */
  productNaming(db: Db, accountId: string, arn: string): Promise<{ slug: string } | undefined>;
  /** A server that may serve packages of the account. */
  server(accountId: string, name: string): Promise<OpenServer | undefined>;
}

export interface NewModelPackage {
  readonly name: string;
  readonly description?: string;
  readonly region?: string;
  readonly uploadId?: string;
  readonly inferenceSpecification?: InferenceSpecification;
  readonly validationSpecification: { readonly validationProfiles: ValidationProfile[] };
  readonly certifyForMarketplace?: boolean;
}

export type Models = ReturnType<typeof newModelsService>;

export function newModelsService(platform: Platform, needs: ModelsNeeds) {
  const { db, config } = platform;
  const homeRegion = config.regions[0] ?? '';

  async function create(caller: Member, given: NewModelPackage): Promise<ModelPackage> {
    const { accountId } = caller;
    const region = given.region ?? homeRegion;
    if (!config.regions.includes(region))
      fail('model.unknown_region', { region, regions: config.regions.join(', ') });
    const instanceTypes = (await store.enabledInstanceTypes(db)).map((i) => i.name);
    const inference = inferenceSpecification(given.inferenceSpecification, instanceTypes);
    const unknown = unknownInstanceType(inference, instanceTypes);
    if (unknown !== undefined)
      fail('model.unknown_instance_type', {
        instanceType: unknown,
        instanceTypes: instanceTypes.join(', ') || 'none',
      });
    const { name } = given;
    const server = await serverOf(accountId, name, inference, given.uploadId);
    const archive = await packageOf(platform, needs, accountId, {
      name,
      uploadId: given.uploadId,
      containers: [inference.container],
      server,
    });
    try {
      return await inTx(db, async (tx) => {
        const registered = await store.insert(tx, {
          id: newId('mpk'),
          accountId,
          region,
          name,
          arn: arnOf({ partition: config.partition, region, accountId, name }),
          description: given.description ?? '',
          archiveSha256: archive.sha256,
          archiveSizeBytes: archive.sizeBytes,
          archiveFileName: archive.fileName,
          imageOnly: archive.imageOnly,
          inferenceSpecification: server ? { ...inference, serverId: server.id } : inference,
          validationSpecification: given.validationSpecification,
          certifyForMarketplace: given.certifyForMarketplace ?? true,
          createdBy: caller.email,
          trainedBySubscriptionId: null,
          trainingJob: null,
        });
        await enqueueCheck(tx, registered.id);
        await noteMade(tx, caller, `model-package/${name}`);
        await audit(tx, caller, 'model-package.registered', registered.arn, { sha256: archive.sha256 });
        return view(registered);
      });
    } catch (error) {
      if (violated(error)?.startsWith('model_packages_')) return fail('model.name_taken', { name });
      throw error;
    }
  }

  /** The server that is to serve it; it stands for everything that could be served from here. */
  async function serverOf(
    accountId: string,
    name: string,
    { server, container, batching }: InferenceSpecification,
    uploadId: string | undefined,
  ): Promise<OpenServer | undefined> {
    if (server === undefined) return undefined;
    const at = '/inferenceSpecification/server';
    const what = uploadId ? 'an upload' : container ? 'an image' : batching ? 'batching' : undefined;
    if (what !== undefined) failAt(at, 'model.server_and_more', { name, server, what });
    return (await needs.server(accountId, server)) ?? failAt(at, 'model.server_missing', { server });
  }

  async function own(
    reader: Db,
    caller: Member,
    name: string,
    region = homeRegion,
  ): Promise<ModelPackageRow> {
    const found = await store.findNamed(reader, caller.accountId, region, name);
    return found ?? fail('model.missing', { name });
  }

  async function list(
    caller: Member,
    given: {
      nameContains?: string;
      status?: ModelPackageStatus;
      trained?: boolean;
      cursor?: string;
      limit?: number;
    },
  ): Promise<{ items: ModelPackage[]; nextCursor: string | null }> {
    const { cursor, limit = 50, ...filter } = given;
    const found = await store.list(db, caller.accountId, {
      ...filter,
      before: cursor ?? null,
      limit: limit + 1,
      only: await namesFor(db, caller, 'ModelPackage'),
    });
    const page = found.slice(0, limit);
    return { items: page.map(view), nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null };
  }

  async function remove(caller: Member, name: string, region?: string): Promise<void> {
    const { id } = await own(db, caller, name, region);
    await inTx(db, async (tx) => {
      const p = (await store.lock(tx, id)) ?? fail('model.missing', { name });
      if (p.status !== 'Completed' && p.status !== 'Failed')
        fail('model.not_finished', { name, status: p.status });
      const product = await needs.productNaming(tx, caller.accountId, p.arn);
      if (product) fail('model.in_use', { name, product: product.slug });
      await store.move(tx, p, 'deleted');
      await store.remove(tx, id);
      await audit(tx, caller, 'model-package.deleted', p.arn, { sha256: p.archiveSha256 });
    });
  }

  /** A model that a training made, in the transaction that ends the training. Never certified for the marketplace: it is not listed. */
  async function registerTrained(tx: Tx, t: TrainedPackage): Promise<{ id: string }> {
    const { accountId, region, subscriptionId, trainingJob, validationProfile } = t;
    // Its job kept the name free when it began; whoever took it since keeps it.
    const taken = await store.findNamed(tx, accountId, region, t.name);
    const name = taken ? `${t.name.slice(0, 52)}-${newId('mpk').slice(-8)}` : t.name;
    const registered = await store.insert(tx, {
      id: newId('mpk'),
      accountId,
      region,
      name,
      arn: arnOf({ partition: config.partition, region, accountId, name }),
      description: t.description,
      archiveSha256: t.archiveSha256,
      archiveSizeBytes: t.archiveSizeBytes,
      archiveFileName: 'model.tar.gz',
      imageOnly: false,
      inferenceSpecification: t.inferenceSpecification,
      validationSpecification: { validationProfiles: [validationProfile] },
      certifyForMarketplace: false,
      createdBy: t.createdBy,
      trainedBySubscriptionId: subscriptionId,
      trainingJob,
    });
    await enqueueCheck(tx, registered.id);
    await audit(
      tx,
      'system:training',
      'model-package.trained',
      registered.arn,
      { sha256: t.archiveSha256, trainingJob },
      { accountId },
    );
    return { id: registered.id };
  }

  return {
    create,
    registerTrained,
    list,
    remove,
    async get(caller: Member, name: string, region?: string): Promise<ModelPackage> {
      const found = await own(db, caller, name, region);
      requireDescribeOne(platform, caller, found.arn);
      return view(found);
    },
    /** What the checks of a registered package found, for an appeal. */
    async checked(accountId: string, name: string, region: string | undefined) {
      return store.findNamed(db, accountId, region ?? homeRegion, name);
    },
    /** A resource of the account by its ARN, for a submission. */
    async resource(accountId: string, arn: string): Promise<Resource | undefined> {
      const [found] = await store.findByArns(db, accountId, [arn]);
      return found && resourceOf(found);
    },
    /** What `documentFindings` needs to know: the account's resources that the document names, and the regions. */
    async documentContext(
      accountId: string,
      document: ProductDocument,
    ): Promise<{ resources: ReadonlyMap<string, KnownResource>; regions: readonly string[] }> {
      const arns = (document.versions ?? []).flatMap((v) => (v.modelPackageArn ? [v.modelPackageArn] : []));
      const found = arns.length === 0 ? [] : await store.findByArns(db, accountId, arns);
      return { resources: new Map(found.map((p) => [p.arn, known(p)])), regions: config.regions };
    },
  };
}

const known = (p: ModelPackageRow): KnownResource => ({
  status: p.status,
  certifyForMarketplace: p.certifyForMarketplace,
  realtimeInstanceTypes: p.inferenceSpecification.supportedRealtimeInferenceInstanceTypes,
  batchInstanceTypes: p.inferenceSpecification.supportedTransformInstanceTypes,
  contentTypes: p.inferenceSpecification.supportedContentTypes,
  responseTypes: p.inferenceSpecification.supportedResponseMIMETypes,
});

/** Whoever trained a model owns it; the image or program that serves it, and how that is set up, are its publisher's. */
function shownInference({ inferenceSpecification, trainedBySubscriptionId }: ModelPackageRow) {
  const { serverId: _id, program: _program, ...shown } = inferenceSpecification;
  if (!trainedBySubscriptionId) return shown;
  const { container: _image, ...ofTrained } = shown;
  return ofTrained;
}

const view = (p: ModelPackageRow): ModelPackage => ({
  id: p.id,
  arn: p.arn,
  name: p.name,
  description: p.description,
  region: p.region,
  accountId: p.accountId,
  status: p.status,
  failureReason: p.failureReason,
  imageScanStatuses: [{ name: 'package-scan', status: p.scanStatus, failureReason: p.scanMessage }],
  validationStatuses: [
    { name: profileOf(p).profileName, status: p.validationStatus, failureReason: p.validationMessage },
  ],
  certifyForMarketplace: p.certifyForMarketplace,
  trained:
    p.trainedBySubscriptionId && p.trainingJob
      ? { subscriptionId: p.trainedBySubscriptionId, trainingJob: p.trainingJob }
      : null,
  archive: { sha256: p.archiveSha256, sizeBytes: p.archiveSizeBytes, fileName: p.archiveFileName },
  inferenceSpecification: shownInference(p),
  validationSpecification: { validationProfiles: [profileOf(p)] },
  onnx: p.onnx,
  findings: p.findings,
  createdAt: p.createdAt.toISOString(),
  updatedAt: p.updatedAt.toISOString(),
});
