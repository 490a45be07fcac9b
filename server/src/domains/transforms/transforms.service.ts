import type { NewTransformJob, TransformFile, TransformJob } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx, violated } from '../../platform/db.ts';
import { fail, failAt, SoukError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Locations } from '../files/index.ts';
import type { StopReason, Workload } from '../instances/index.ts';
import { type Runnable, type RunnableRef, runnableRef } from '../subscriptions/index.ts';
import { prefixFiles } from './transforms.inputs.ts';
import { checkRequest } from './transforms.rules.ts';
import * as store from './transforms.sql.ts';
import { type FileRow, isOver, type TransformRow, type TransformState } from './transforms.ts';
import { failureOf } from './transforms.worker.ts';

export interface TransformNeeds {
  readonly locations: Locations;
  runnable(db: Db, accountId: string, ref: RunnableRef): Promise<Runnable>;
  /** Names of those that the operator lets run. */
  enabledInstanceTypes(): Promise<string[]>;
  /** Refuses what cannot run on this instance type, and instance types of a cluster that takes nothing now. */
  placeable(instanceType: string, model: Pick<Runnable, 'name' | 'servable'>): Promise<void>;
}

export type Transforms = ReturnType<typeof newTransforms>;
type Paging = { cursor?: string; limit?: number };

export function newTransforms(platform: Platform, needs: TransformNeeds) {
  const { db } = platform;

  async function own(caller: Member, name: string): Promise<TransformRow> {
    return (await store.findByName(db, caller.accountId, name)) ?? fail('transform.missing', { name });
  }

  async function create(caller: Member, given: NewTransformJob): Promise<TransformJob> {
    const { accountId } = caller;
    const { name, model, ...request } = given;
    const ref = runnableRef(model);
    checkRequest(request);
    const runnable = await needs.runnable(db, accountId, ref);
    const { instanceType } = request.transformResources;
    const enabled = await needs.enabledInstanceTypes();
    const usable = runnable.instanceTypes.transform.filter((t) => enabled.includes(t));
    if (!usable.includes(instanceType))
      failAt('/transformResources/instanceType', 'transform.instance_type_unsupported', {
        model: runnable.name,
        instanceType,
        instanceTypes: usable.join(', ') || 'none',
      });
    await needs.placeable(instanceType, runnable);
    await needs.locations.check(accountId, request.transformOutput.uri);
    const { uri } = request.transformInput;
    const [first] = await prefixFiles(needs.locations, accountId, uri, 1);
    if (!first) fail('transform.no_input', { uri });
    const job = {
      id: newId('trf'),
      accountId,
      name,
      model: {
        subscriptionId: runnable.subscriptionId,
        version: runnable.version,
        modelPackage: runnable.modelPackage,
        name: runnable.name,
        servable: runnable.servable,
      },
      request,
      createdBy: caller.email,
      personId: caller.personId,
    };
    try {
      await inTx(db, async (tx) => {
        await store.insert(tx, job);
        await audit(tx, caller, 'transform.created', job.id, {
          name,
          model: runnable.name,
          input: uri,
          output: request.transformOutput.uri,
          instanceType,
        });
      });
    } catch (error) {
      if (violated(error) === 'transform_jobs_account_id_name_key') fail('transform.name_taken', { name });
      throw error;
    }
    return view(await own(caller, name));
  }

  async function stop(caller: Member, name: string): Promise<TransformJob> {
    const job = await own(caller, name);
    if (isOver(job.state)) fail('transform.ended', { name, state: job.state });
    await inTx(db, async (tx) => {
      if (await store.move(tx, job.id, 'stop-asked', caller.email))
        await audit(tx, caller, 'transform.stopped', job.id, { name });
    });
    return view(await own(caller, name));
  }

  return {
    create,
    stop,
    own,
    get: async (caller: Member, name: string): Promise<TransformJob> => view(await own(caller, name)),
    read: async (id: string): Promise<TransformJob> => {
      const job = await store.find(db, id);
      return job ? view(job) : fail('transform.missing', { name: id });
    },
    async list(
      caller: Member,
      { cursor, limit = 50, ...filter }: Paging & { state?: TransformState; subscriptionId?: string },
    ): Promise<Page<TransformJob>> {
      const found = await store.list(db, caller.accountId, filter, cursor ?? null, limit + 1);
      return pageFrom(found, limit, view, (j) => j.id);
    },
    async files(
      caller: Member,
      name: string,
      { state, cursor, limit = 50 }: Paging & { state?: FileRow['state'] },
    ): Promise<Page<TransformFile>> {
      const { id } = await own(caller, name);
      const found = await store.listFiles(db, id, state ?? null, Number(cursor) || 0, limit + 1);
      return pageFrom(found, limit, fileView, (f) => String(f.position));
    },
  };
}

/** What runs, for the page of what runs and for the ends of subscriptions. */
export function transformWorkload(
  { db }: Pick<Platform, 'db'>,
  ended: (tx: Tx, job: TransformRow) => Promise<void>,
): Workload {
  async function end(id: string, why: StopReason): Promise<void> {
    await inTx(db, async (tx) => {
      if (why.cause === 'asked') {
        await store.move(tx, id, 'stop-asked', why.by);
        return;
      }
      // At once and by itself: it must not wait for a worker that may not be there. The worker hears of it, and stops its instances.
      const failure = failureOf(new SoukError('transform.subscription_lost', { reason: why.reason }));
      if (!(await store.move(tx, id, 'failed', why.by, failure))) return;
      await store.skipRest(tx, id);
      const job = await store.find(tx, id);
      if (job) await ended(tx, job);
    });
  }
  return {
    kind: 'transform-job',
    running: async (reader, subscriptionIds) =>
      (await store.underWay(reader, subscriptionIds)).map((j) => ({
        subscriptionId: j.model.subscriptionId,
        id: j.id,
        name: j.name,
        state: j.state,
        version: j.model.version,
        page: `/transforms/${j.name}`,
      })),
    async stop(subscriptionId, why) {
      for (const { id } of await store.underWay(db, [subscriptionId])) await end(id, why);
    },
    stopOne: end,
  };
}

export function view(j: TransformRow): TransformJob {
  const { transformInput, transformOutput, transformResources: at, modelClientConfig: client } = j.request;
  const { batchStrategy, maxPayloadInMB, maxConcurrentTransforms } = j.request;
  const { live } = j;
  return {
    id: j.id,
    name: j.name,
    state: j.state,
    stage: j.stage,
    failure: j.failure,
    model: {
      subscriptionId: j.model.subscriptionId,
      name: j.model.name,
      version: j.model.version,
      modelPackage: j.model.modelPackage ?? null,
    },
    transformInput,
    transformOutput,
    transformResources: { instanceType: at.instanceType, instanceCount: at.instanceCount ?? 1 },
    ...(batchStrategy === undefined ? {} : { batchStrategy }),
    ...(maxPayloadInMB === undefined ? {} : { maxPayloadInMB }),
    ...(maxConcurrentTransforms === undefined ? {} : { maxConcurrentTransforms }),
    modelClientConfig: {
      invocationsTimeoutInSeconds: client?.invocationsTimeoutInSeconds ?? 600,
      invocationsMaxRetries: client?.invocationsMaxRetries ?? 3,
    },
    dataProcessing: j.request.dataProcessing ?? {},
    environment: j.request.environment ?? {},
    effective: j.effective,
    progress: {
      files: { total: j.filesTotal, done: j.filesDone, failed: j.filesFailed },
      inputBytes: { total: j.bytesTotal, read: Math.min(j.bytesTotal, j.bytesDone + live.bytes) },
      rows: j.rowsDone + live.rows,
      rowsPerSecond: live.rowsPerSecond,
      calls: j.callsDone + live.calls,
    },
    countedUnits: j.countedUnits,
    manifestUri: j.manifestUri,
    log: j.log,
    createdBy: j.createdBy,
    createdAt: j.createdAt.toISOString(),
    startedAt: j.startedAt?.toISOString() ?? null,
    endedAt: j.endedAt?.toISOString() ?? null,
  };
}

const fileView = (f: FileRow): TransformFile => ({
  position: f.position,
  inputUri: f.inputUri,
  outputUri: f.outputUri,
  state: f.state,
  inputBytes: f.inputBytes,
  rows: f.rows,
  outputBytes: f.outputBytes,
  outputSha256: f.outputSha256,
  failure: f.failure,
  finishedAt: f.finishedAt?.toISOString() ?? null,
});
