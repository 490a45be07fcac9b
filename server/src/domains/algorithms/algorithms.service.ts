import {
  type Algorithm,
  type AlgorithmStatus,
  type AlgorithmSummary,
  algorithmFindings,
  hasNoErrors,
  type InferenceSpecification,
  type Policies,
  type TrainingProfile,
  type TrainingSpecification,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { namesFor, noteMade, requireDescribeOne } from '../access/index.ts';
import { audit } from '../audit/index.ts';
import {
  inferenceSpecification,
  type PackageNeeds,
  packageOf,
  unknownInstanceType,
} from '../models/index.ts';
import { enqueueCheck } from './algorithms.check.ts';
import {
  arnOf,
  known,
  resourceOf,
  summaryOf,
  unknownTrainingType,
  view,
  withTrainingTypes,
} from './algorithms.rules.ts';
import * as store from './algorithms.sql.ts';
import type { AlgorithmResource, AlgorithmRow } from './algorithms.ts';

export interface AlgorithmsNeeds extends PackageNeeds {
  /** A product that the algorithm is part of. */
  productNaming(db: Db, accountId: string, arn: string): Promise<{ slug: string } | undefined>;
  policies(): Promise<Policies>;
}

export interface NewAlgorithm {
  readonly name: string;
  readonly description?: string;
  readonly region?: string;
  readonly uploadId?: string;
  readonly trainingSpecification: TrainingSpecification;
  readonly inferenceSpecification?: InferenceSpecification;
  readonly validationSpecification: { readonly validationProfiles: TrainingProfile[] };
  readonly certifyForMarketplace?: boolean;
}

export type Algorithms = ReturnType<typeof newAlgorithmsService>;

export function newAlgorithmsService(platform: Platform, needs: AlgorithmsNeeds) {
  const { db, config } = platform;
  const homeRegion = config.regions[0] ?? '';

  async function register(caller: Member, given: NewAlgorithm): Promise<Algorithm> {
    const { accountId } = caller;
    if ((await needs.policies()).programTraining === 'off') fail('algorithm.training_off');
    const region = given.region ?? homeRegion;
    if (!config.regions.includes(region))
      fail('algorithm.unknown_region', { region, regions: config.regions.join(', ') });
    const [profile] = given.validationSpecification.validationProfiles;
    const findings = algorithmFindings(given.trainingSpecification, profile);
    if (!hasNoErrors(findings))
      fail('algorithm.specification_invalid', { problem: findings[0]?.message ?? '' }, { findings });
    const { training, inference } = await specifications(given);
    const { name } = given;
    const archive = await packageOf(platform, needs, accountId, {
      name,
      uploadId: given.uploadId,
      containers: [training.container, inference.container],
    });
    try {
      return await inTx(db, async (tx) => {
        const registered = await store.insert(tx, {
          id: newId('alg'),
          accountId,
          region,
          name,
          arn: arnOf({ partition: config.partition, region, accountId, name }),
          description: given.description ?? '',
          archiveSha256: archive.sha256,
          archiveSizeBytes: archive.sizeBytes,
          archiveFileName: archive.fileName,
          imageOnly: archive.imageOnly,
          trainingSpecification: training,
          inferenceSpecification: inference,
          validationSpecification: given.validationSpecification,
          certifyForMarketplace: given.certifyForMarketplace ?? true,
          createdBy: caller.email,
        });
        await enqueueCheck(tx, registered.id);
        await noteMade(tx, caller, `algorithm/${name}`);
        await audit(tx, caller, 'algorithm.registered', registered.arn, { sha256: archive.sha256 });
        return view(registered);
      });
    } catch (error) {
      if (violated(error)?.startsWith('algorithms_')) return fail('algorithm.name_taken', { name });
      throw error;
    }
  }

  async function specifications(given: NewAlgorithm) {
    const instanceTypes = (await store.enabledInstanceTypes(db)).map((i) => i.name);
    const inference = inferenceSpecification(given.inferenceSpecification, instanceTypes);
    if (inference.server !== undefined)
      fail('algorithm.specification_invalid', {
        problem: `what it trains is no model of the server ${inference.server} (inferenceSpecification.server).`,
      });
    const unknown =
      unknownTrainingType(given.trainingSpecification, instanceTypes) ??
      unknownInstanceType(inference, instanceTypes);
    if (unknown !== undefined)
      fail('algorithm.unknown_instance_type', {
        instanceType: unknown,
        instanceTypes: instanceTypes.join(', ') || 'none',
      });
    const { container } = given.trainingSpecification;
    return {
      training: withTrainingTypes(given.trainingSpecification, instanceTypes),
      // The image that trains serves too, unless another is named for it.
      inference: container && !inference.container ? { ...inference, container } : inference,
    };
  }

  async function own(reader: Db, caller: Member, name: string, region = homeRegion): Promise<AlgorithmRow> {
    const found = await store.findNamed(reader, caller.accountId, region, name);
    return found ?? fail('algorithm.missing', { name });
  }

  async function list(
    caller: Member,
    given: { nameContains?: string; status?: AlgorithmStatus; cursor?: string; limit?: number },
  ): Promise<{ items: AlgorithmSummary[]; nextCursor: string | null }> {
    const { cursor, limit = 50, ...filter } = given;
    const found = await store.list(db, caller.accountId, {
      ...filter,
      before: cursor ?? null,
      limit: limit + 1,
      only: await namesFor(db, caller, 'Algorithm'),
    });
    const page = found.slice(0, limit);
    return {
      items: page.map(summaryOf),
      nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  }

  async function remove(caller: Member, name: string, region?: string): Promise<void> {
    const { id } = await own(db, caller, name, region);
    await inTx(db, async (tx) => {
      const a = (await store.lock(tx, id)) ?? fail('algorithm.missing', { name });
      if (a.status !== 'Completed' && a.status !== 'Failed')
        fail('algorithm.not_finished', { name, status: a.status });
      const product = await needs.productNaming(tx, caller.accountId, a.arn);
      if (product) fail('algorithm.in_use', { name, product: product.slug });
      await store.move(tx, a, 'deleted');
      await store.remove(tx, id);
      await audit(tx, caller, 'algorithm.deleted', a.arn, { sha256: a.archiveSha256 });
    });
  }

  return {
    register,
    list,
    remove,
    async get(caller: Member, name: string, region?: string): Promise<Algorithm> {
      const found = await own(db, caller, name, region);
      requireDescribeOne(platform, caller, found.arn);
      return view(found);
    },
    /** What the checks of a registered algorithm found, for an appeal. */
    async checked(accountId: string, name: string, region: string | undefined) {
      return store.findNamed(db, accountId, region ?? homeRegion, name);
    },
    /** A resource of the account by its ARN, for a submission. */
    async resource(accountId: string, arn: string): Promise<AlgorithmResource | undefined> {
      const [found] = await store.findByArns(db, accountId, [arn]);
      return found && resourceOf(found);
    },
    /** What `documentFindings` needs to know of the account's algorithms among these. */
    async known(accountId: string, arns: readonly string[]) {
      const found = arns.length === 0 ? [] : await store.findByArns(db, accountId, arns);
      return new Map(found.map((a) => [a.arn, known(a)]));
    },
  };
}
