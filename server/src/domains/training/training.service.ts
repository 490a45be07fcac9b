import {
  type Finding,
  finding,
  hasNoErrors,
  type NewTrainingJob,
  type Policies,
  type Trainable,
  type TrainingJob,
  type TrainingStatus,
  trainingFindings,
  trainingLimits,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail, SoukError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Locations } from '../files/index.ts';
import { type TrainingBackends, trainingBackendFor } from '../runtime/index.ts';
import { algorithmSubscriptions, resolveTrainable } from './training.algorithm.ts';
import * as logs from './training.log.sql.ts';
import { arnOf, jobsUnderWayMax, specOf, summaryOf, view } from './training.rules.ts';
import * as store from './training.sql.ts';
import { requestStop } from './training.stop.ts';
import { type Algorithm, isOver, type JobRow, type JobSpec } from './training.ts';

export interface TrainingNeeds {
  readonly locations: Pick<Locations, 'check' | 'list'>;
  readonly backends: TrainingBackends;
  policies(): Promise<Policies>;
}

export type Training = ReturnType<typeof newTraining>;
/** Who a job belongs to and who asked for it: a person, or a tuning for one. */
export interface Asker {
  readonly accountId: string;
  readonly email: string;
}

export function newTraining(platform: Platform, needs: TrainingNeeds) {
  const { db, config } = platform;
  const region = config.regions[0] ?? '';

  async function create(caller: Member, given: NewTrainingJob): Promise<TrainingJob> {
    const { accountId } = caller;
    const { name, ...request } = given;
    const algorithm = await resolveTrainable(db, accountId, given);
    const spec = await checked(accountId, algorithm, request);
    const count = await store.countUnderWay(db, accountId);
    if (count >= jobsUnderWayMax) fail('training.too_many', { count, max: jobsUnderWayMax });
    const id = newId('trj');
    try {
      await inTx(db, async (tx) => {
        if (await store.nameTaken(tx, accountId, region, name)) fail('training.name_taken', { name });
        const job = await insert(tx, caller, algorithm, spec, { id, name });
        await audit(tx, caller, 'training-job.created', job.arn, {
          product: `${algorithm.publisher}/${algorithm.slug}`,
          version: algorithm.version,
          instanceType: spec.instanceType,
          instances: spec.instanceCount,
        });
      });
    } catch (error) {
      if (violated(error)?.startsWith('training_jobs_')) return fail('training.name_taken', { name });
      throw error;
    }
    return get(accountId, name);
  }

  /** Everything that can be known before anything starts; refuses with all of it at once. */
  async function checked(
    accountId: string,
    algorithm: Algorithm,
    given: Omit<NewTrainingJob, 'name'>,
  ): Promise<JobSpec> {
    if ((await needs.policies()).programTraining === 'off') fail('training.training_off');
    const findings = [
      ...trainingFindings(algorithm.specification, given),
      ...(await locationFindings(accountId, given)),
      ...(await instanceFindings(algorithm, given)),
    ];
    if (!hasNoErrors(findings))
      fail('training.request_invalid', { problem: findings[0]?.message ?? '' }, { findings });
    return specOf(algorithm, given);
  }

  async function locationFindings(
    accountId: string,
    given: Omit<NewTrainingJob, 'name'>,
  ): Promise<Finding[]> {
    const found: Finding[] = [];
    const places: [string, string][] = [
      ...given.inputDataConfig.map((c, i): [string, string] => [`/inputDataConfig/${i}/uri`, c.uri]),
      ...pair('/checkpointConfig/uri', given.checkpointConfig?.uri),
      ...pair('/outputDataConfig/uri', given.outputDataConfig?.uri),
    ];
    for (const [pointer, uri] of places)
      try {
        await needs.locations.check(accountId, uri);
        if (pointer.startsWith('/inputDataConfig') && !(await anything(accountId, uri)))
          found.push(
            at(
              pointer,
              'training.input_missing',
              `There is no file at ${uri}.`,
              'Check the spelling; a folder ends with /. List your files: souk files list.',
            ),
          );
      } catch (error) {
        // What a location is not is said on its field, beside all the rest.
        if (!(error instanceof SoukError) || !error.code.startsWith('location.')) throw error;
        found.push(at(pointer, error.code, error.message, error.remedy));
      }
    return found;
  }

  async function anything(accountId: string, uri: string): Promise<boolean> {
    for await (const _file of needs.locations.list(accountId, uri)) return true;
    return false;
  }

  async function instanceFindings(
    { code, specification }: Algorithm,
    { resourceConfig }: Pick<NewTrainingJob, 'resourceConfig'>,
  ): Promise<Finding[]> {
    const { instanceType, instanceCount = 1 } = resourceConfig;
    const pointer = '/resourceConfig/instanceType';
    const enabled = await store.enabledInstanceTypes(db);
    const supported = specification.supportedTrainingInstanceTypes ?? enabled;
    const instance = await store.findInstance(db, instanceType);
    // Named by the rules where the algorithm does not take it.
    if (!supported.includes(instanceType)) return [];
    if (!instance)
      return [
        at(
          pointer,
          'training.instance_type',
          `This marketplace has no instance type ${instanceType} now.`,
          `It has ${enabled.filter((name) => supported.includes(name)).join(', ') || 'none that the algorithm takes'}.`,
        ),
      ];
    const backend = trainingBackendFor(needs.backends, code.kind, instance.backend);
    const gap = backend ? await backend.unavailable() : 'nothing here runs such programs on it';
    if (!backend || gap !== null)
      return fail('training.unavailable', { instanceType, reason: gap ?? 'no backend' });
    // Said already where the algorithm itself takes no more than one.
    const distributed =
      specification.supportsDistributedTraining === true && instanceCount <= trainingLimits.instances;
    if (distributed && instanceCount > backend.hostsMax)
      return [
        at(
          '/resourceConfig/instanceCount',
          'training.instance_count',
          `${instanceType} runs such a program on ${backend.hostsMax === 1 ? 'one instance' : `at most ${backend.hostsMax} instances`}; ${instanceCount} are asked for.`,
          'Ask for fewer, or choose an instance type of a cluster.',
        ),
      ];
    return [];
  }

  async function insert(
    tx: Tx,
    by: Asker,
    algorithm: Algorithm,
    spec: JobSpec,
    job: { id: string; name: string; tuning?: { id: string; number: number } },
  ): Promise<{ arn: string }> {
    const arn = arnOf({ partition: config.partition, region, accountId: by.accountId, name: job.name });
    await store.insert(tx, {
      id: job.id,
      accountId: by.accountId,
      region,
      name: job.name,
      arn,
      subscriptionId: algorithm.subscriptionId,
      productId: algorithm.productId,
      version: algorithm.version,
      tuningJobId: job.tuning?.id ?? null,
      trialNumber: job.tuning?.number ?? null,
      spec,
      createdBy: by.email,
    });
    return { arn };
  }

  const own = async (accountId: string, name: string): Promise<JobRow> =>
    (await store.findNamed(db, accountId, name)) ?? fail('training.missing', { name });

  async function get(accountId: string, name: string): Promise<TrainingJob> {
    const j = await own(accountId, name);
    const [moves, curves] = await Promise.all([store.transitionsOf(db, j.id), store.curvesOf(db, j.id)]);
    return view(j, moves, curves);
  }

  async function stop(caller: Member, name: string): Promise<TrainingJob> {
    const { id, status, arn } = await own(caller.accountId, name);
    if (isOver(status)) fail('training.over', { name, status });
    await inTx(db, async (tx) => {
      await requestStop(tx, id, { code: 'asked', reason: `${caller.email} stopped it.` });
      await audit(tx, caller, 'training-job.stopped', arn);
    });
    return get(caller.accountId, name);
  }

  return {
    create,
    checked,
    insert,
    get,
    own,
    stop,
    async list(
      caller: Member,
      given: {
        nameContains?: string;
        status?: TrainingStatus;
        tuningJob?: string;
        cursor?: string;
        limit?: number;
      },
    ) {
      const { cursor, limit = 50, ...filter } = given;
      const found = await store.list(db, caller.accountId, {
        ...filter,
        before: cursor ?? null,
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      return {
        items: page.map(summaryOf),
        nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null,
      };
    },
    async log(accountId: string, name: string, after = 0) {
      const { id } = await own(accountId, name);
      const [[first], found] = [await logs.firstPiece(db, id), await logs.pieces(db, id, after)];
      return {
        lines: found.flatMap((piece) => piece.lines),
        next: found.at(-1)?.id ?? after,
        dropped: (first?.bytes ?? 0) > logs.logBytesKept * 0.9,
      };
    },
    async remove(caller: Member, name: string): Promise<void> {
      const { id } = await own(caller.accountId, name);
      await inTx(db, async (tx) => {
        const j = (await store.lock(tx, id)) ?? fail('training.missing', { name });
        if (!isOver(j.status)) fail('training.not_over', { name, status: j.status });
        await store.remove(tx, id);
        await audit(tx, caller, 'training-job.deleted', j.arn);
      });
    },
    async trainable(
      caller: Member,
      given: { subscriptionId?: string; version?: string },
    ): Promise<{ items: Trainable[] }> {
      const enabled = await store.enabledInstanceTypes(db);
      const ids = given.subscriptionId
        ? [given.subscriptionId]
        : (await algorithmSubscriptions(db, caller.accountId)).map((s) => s.id);
      const items: Trainable[] = [];
      for (const subscriptionId of ids) {
        const wanted = { subscriptionId, ...(given.version ? { version: given.version } : {}) };
        const a = await resolveTrainable(db, caller.accountId, wanted).catch((error: unknown) => {
          // Its version was withdrawn, or it was suspended a moment ago: there is nothing to train with it now.
          if (error instanceof SoukError) return null;
          throw error;
        });
        if (a) items.push(trainableOf(a, enabled));
      }
      return { items };
    },
  };
}

const pair = (pointer: string, uri: string | undefined): [string, string][] =>
  uri === undefined ? [] : [[pointer, uri]];

const at = (pointer: string, code: string, message: string, remedy: string) =>
  finding({ rule: 'training', code, severity: 'error', pointer, message, remedy });

const trainableOf = (a: Algorithm, enabled: readonly string[]): Trainable => ({
  subscriptionId: a.subscriptionId,
  product: { id: a.productId, publisher: a.publisher, slug: a.slug, title: a.title },
  version: a.version,
  versions: [...a.versions],
  specification: a.specification,
  instanceTypes: enabled.filter((name) =>
    (a.specification.supportedTrainingInstanceTypes ?? enabled).includes(name),
  ),
});
