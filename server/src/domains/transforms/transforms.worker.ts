import { Readable } from 'node:stream';
import type { TransformFailure } from '@souk/contract';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { S3Error } from '../../platform/s3-errors.ts';
import type { Locations } from '../files/index.ts';
import type { Meter } from '../instances/index.ts';
import type { StartServable } from '../runtime/index.ts';
import { batchCall } from './transforms.calls.ts';
import { type Tally, transformed } from './transforms.file.ts';
import { inputsOf } from './transforms.inputs.ts';
import { type Instances, startInstances } from './transforms.instances.ts';
import { newLive } from './transforms.live.ts';
import { writeManifest } from './transforms.manifest.ts';
import { newJobMeter } from './transforms.metering.ts';
import { newQuota, type QuotaNow } from './transforms.quota.ts';
import { batchEnvironment, bytesPerMb, effectiveOf, processingOf } from './transforms.rules.ts';
import { Slots } from './transforms.slots.ts';
import * as store from './transforms.sql.ts';
import type { FileRow, TransformModel, TransformRow } from './transforms.ts';

export interface WorkerNeeds {
  readonly start: StartServable;
  readonly locations: Locations;
  readonly meter: Meter;
  instance(
    name: string,
  ): Promise<{ name: string; cpus: number; memoryMb: number; backend: string } | undefined>;
  /** Ends what a job may have left on the cluster, and takes its place there away. */
  clear(jobId: string): Promise<void>;
  /** Refuses once the subscription does not allow it any more. */
  mayRun(accountId: string, model: TransformModel): Promise<void>;
  quota(accountId: string, subscriptionId: string): Promise<QuotaNow | null>;
  /** Counts usage in the caller's transaction; the same source and sequence count once. */
  count(tx: Tx, usage: UsageCount): Promise<void>;
  /** In the transaction that ends the job. */
  ended(tx: Tx, job: TransformRow): Promise<void>;
}

export interface UsageCount {
  readonly source: string;
  readonly sequence: number;
  readonly subscriptionId: string;
  readonly version: string;
  readonly units: number;
  readonly calls: number;
}

/** The job is somebody else's by now, or this process ends: nothing more may be written. */
export class NotMine extends Error {}
/** The buyer wants it to stop. */
export class StopAsked extends Error {}

const filesAtOnceMax = 4;
/** Of calls and answers that all files together hold; beside it each holds what it reads. */
const heldBytesMax = 256 * bytesPerMb;
const answerBytesMin = 100 * bytesPerMb;

export type Job = Pick<
  TransformRow,
  'id' | 'accountId' | 'name' | 'model' | 'request' | 'createdBy' | 'filesTotal'
>;

/**
 * One job from where it stands to its end. Whoever calls it holds the lease, and aborts `signal` with the reason: `StopAsked`, `NotMine`, or a
 * refusal that ends the job. Everything that counts is in the transaction that finishes a file.
 */
export async function work(
  platform: Platform,
  needs: WorkerNeeds,
  job: Job,
  worker: string,
  signal: AbortSignal,
): Promise<void> {
  const { db } = platform;
  const { id, accountId, request, model } = job;
  let instances: Instances | undefined;
  const metered = newJobMeter(db, needs.meter, job, (write) => mine(db, id, worker, write));
  const live = newLive(db, id, worker, () => instances?.log ?? []);
  const failed = new AbortController();
  const either = AbortSignal.any([signal, failed.signal]);
  try {
    await needs.mayRun(accountId, model);
    if (job.filesTotal === null) {
      const inputs = await inputsOf(needs.locations, accountId, request);
      await mine(db, id, worker, (tx) => store.insertFiles(tx, id, inputs));
    }
    const files = await store.unfinished(db, id);
    await live.stage('Starting');
    const { instanceType, instanceCount = 1 } = request.transformResources;
    const instance = await needs.instance(instanceType);
    if (!instance)
      throw new SoukError('transform.model_not_started', {
        instanceType,
        problem: 'there is no such instance type any more.',
      });
    if (files.length > 0) {
      const onCluster = instance.backend === 'slurm';
      const wanted = {
        name: `${model.name} (${job.name})`,
        servable: model.servable,
        instance,
        environment: batchEnvironment(request),
        instanceType,
        count: instanceCount,
        clusterId: onCluster ? id : null,
        leaves: (why: unknown) => why instanceof NotMine,
        // Nodes come one by one, and none is paid for while it is waited for.
        ...(onCluster ? { up: () => metered.begin(1) } : {}),
      };
      instances = await startInstances(needs.start, wanted, either);
      if (!onCluster) await metered.begin(instanceCount);
      const effective = effectiveOf(request, instances.parameters);
      await live.stage('Transforming', effective);
      await transformAll(files, instances, effective);
    }
    await live.stage('Finishing');
    await instances?.stop();
    await end(await outcome());
  } catch (error) {
    const why: unknown = signal.aborted ? signal.reason : error;
    // The instances first: nothing may go on running, or be billed, for a job that is told as ended.
    if (why instanceof NotMine && !(await isOverNow())) await instances?.leave();
    else await instances?.stop();
    if (why instanceof StopAsked) await end({ event: 'stopped', failure: null });
    else if (why instanceof SoukError) await end({ event: 'failed', failure: failureOf(why) });
    else throw why;
  } finally {
    live.close();
    await instances?.stop();
    await metered.end();
  }

  /** Ended by somebody else, with its subscription for example: then nobody comes for what it left. */
  async function isOverNow(): Promise<boolean> {
    const now = await store.find(db, id).catch(() => undefined);
    if (!now || now.endedAt === null) return false;
    await instances?.stop();
    await needs.clear(id).catch(() => undefined);
    return true;
  }

  async function transformAll(
    files: readonly FileRow[],
    at: Instances,
    effective: ReturnType<typeof effectiveOf>,
  ) {
    const payloadBytes = Math.max(1, effective.maxPayloadInMB) * bytesPerMb;
    const wanted = instanceCount() * effective.maxConcurrentTransforms;
    const calls = Math.max(1, Math.min(wanted, Math.floor(heldBytesMax / payloadBytes)));
    const slots = new Slots(calls);
    const atOnce = Math.min(files.length, calls, filesAtOnceMax);
    const quota = newQuota(() => needs.quota(accountId, model.subscriptionId));
    const settings = {
      contentType: request.transformInput.contentType,
      accept: request.transformOutput.accept,
      timeoutMs: (request.modelClientConfig?.invocationsTimeoutInSeconds ?? 600) * 1000,
      retriesMax: request.modelClientConfig?.invocationsMaxRetries ?? 3,
      answerBytesMax: Math.max(answerBytesMin, payloadBytes * 2),
    };
    const processing = processingOf(request);
    const waiting = files.values();
    const one = async () => {
      for (const file of waiting) await transformOne(file);
    };

    async function transformOne(file: FileRow) {
      const { position, inputUri: uri, outputUri } = file;
      const tally: Tally = { rows: 0, calls: 0, units: 0, bytes: 0 };
      either.throwIfAborted();
      await inTx(db, (tx) => store.beginFile(tx, id, position));
      live.begin(position, tally);
      try {
        const output = transformed(
          {
            uri,
            request,
            effective,
            processing,
            window: Math.max(1, Math.ceil(calls / atOnce) + (calls > 1 ? 1 : 0)),
            tally,
            open: () => opened(uri),
            send: (call, ended) =>
              slots.use(async () => {
                await quota.take();
                return batchCall((waits) => at.address(waits), settings, call, ended);
              }),
          },
          either,
        );
        const staged = await needs.locations.stage(accountId, outputUri, Readable.from(output));
        either.throwIfAborted();
        await mine(db, id, worker, async (tx) => {
          await staged.commit(tx, job.createdBy);
          await needs.count(tx, {
            source: `transform/${id}`,
            sequence: position,
            subscriptionId: model.subscriptionId,
            version: model.version,
            units: tally.units,
            calls: tally.calls,
          });
          const { sizeBytes: outputBytes, sha256: outputSha256 } = staged;
          await store.finishFile(tx, id, {
            ...tally,
            position,
            inputBytes: file.inputBytes,
            outputBytes,
            outputSha256,
          });
        });
        quota.counted(tally.units);
      } catch (error) {
        either.throwIfAborted();
        const failure = ofFile(error, uri);
        if (!failure) {
          failed.abort(error);
          throw error;
        }
        await mine(db, id, worker, (tx) =>
          store.failFile(tx, id, { position, inputBytes: file.inputBytes, failure }),
        );
      } finally {
        live.end(position);
      }
    }
    // All have ended before the job goes on: a file must not be finished after it was told as skipped.
    const ended = await Promise.allSettled(Array.from({ length: atOnce }, one));
    const broken = ended.find((e) => e.status === 'rejected');
    if (broken) throw failed.signal.aborted ? failed.signal.reason : broken.reason;
  }

  function instanceCount(): number {
    return request.transformResources.instanceCount ?? 1;
  }

  async function opened(uri: string) {
    try {
      return await needs.locations.open(accountId, uri);
    } catch (error) {
      if (error instanceof SoukError && error.code === 'location.missing')
        throw new SoukError('transform.input_gone', { uri });
      throw error;
    }
  }

  async function outcome() {
    const now = await store.find(db, id);
    const first = await store.firstFailed(db, id);
    if (!first || !now) return { event: 'completed' as const, failure: null };
    const failure = failureOf(
      new SoukError('transform.files_failed', {
        failed: now.filesFailed,
        total: now.filesTotal ?? 0,
        uri: first.inputUri,
        problem: first.failure?.message ?? '',
      }),
    );
    return { event: 'failed' as const, failure };
  }

  async function end(result: {
    event: 'completed' | 'failed' | 'stopped';
    failure: TransformFailure | null;
  }) {
    const manifest = await writeManifest(platform, needs.locations, job, result.event);
    await live.flush();
    await mine(db, id, worker, async (tx) => {
      await store.skipRest(tx, id);
      if (manifest) {
        await manifest.commit(tx, job.createdBy);
        await store.setManifest(tx, id, manifest.uri);
      }
      await store.move(tx, id, result.event, 'system:transforms', result.failure);
      const now = await store.find(tx, id);
      if (now) await needs.ended(tx, now);
    });
    // What an earlier worker left running, and this one did not need. Not before: who is no longer its worker has nothing to clear.
    await needs.clear(id).catch(() => undefined);
  }
}

/** A transaction of a job’s worker, and nobody else’s: two of them never write the same file. */
async function mine<T>(db: Db, id: string, worker: string, write: (tx: Tx) => Promise<T>): Promise<T> {
  return inTx(db, async (tx) => {
    if (!(await store.isWorker(tx, id, worker))) throw new NotMine();
    return write(tx);
  });
}

export const failureOf = (error: SoukError): TransformFailure => ({
  code: error.code,
  message: error.message,
  remedy: error.remedy,
});

/** These end the whole job: the next file would meet the same. */
const endsJob = new Set([
  'transform.quota_exhausted',
  'transform.model_not_started',
  'file.over_quota',
  'location.no_credentials',
]);

/** What a file failed of; undefined where it is not the file's. */
function ofFile(error: unknown, uri: string): TransformFailure | undefined {
  if (error instanceof S3Error)
    return failureOf(new SoukError('location.unreachable', { uri, problem: error.message }));
  return error instanceof SoukError && !endsJob.has(error.code) && !error.code.startsWith('cluster.')
    ? failureOf(error)
    : undefined;
}
