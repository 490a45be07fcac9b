import { mkdir, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { Policies } from '@souk/contract';
import { folders } from '../../platform/config.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Locations } from '../files/index.ts';
import type { Meter } from '../instances/index.ts';
import { ensureUnpackedProgram } from '../models/index.ts';
import {
  checkpointsPath,
  removeWorkDir,
  type TrainingBackend,
  type TrainingBackends,
  type TrainingCode,
  type TrainingStage,
  trainingBackendFor,
} from '../runtime/index.ts';
import { checkpointSender, fetchCheckpoints } from './training.checkpoints.ts';
import type { Finisher } from './training.finish.ts';
import { fetchChannels, JobFailure } from './training.input.ts';
import * as lease from './training.lease.sql.ts';
import * as logs from './training.log.sql.ts';
import { startRecords } from './training.records.ts';
import { limitsOf } from './training.rules.ts';
import * as store from './training.sql.ts';
import { type Instance, isOver, type JobRow } from './training.ts';

const checkpointEveryMs = 60_000;

export interface RunNeeds {
  readonly backends: TrainingBackends;
  readonly locations: Locations;
  readonly meter: Meter;
  readonly finish: Finisher;
  policies(): Promise<Policies>;
  /** Of the program; the rest is the request's. In tests shorter. */
  readonly stopGraceMs?: number;
}

/** One job as its supervisor holds it. */
export interface Held {
  readonly id: string;
  readonly owner: string;
  /** Asked to end. */
  readonly stop: AbortSignal;
  /** This process ends, or the job is no longer ours. */
  readonly signal: AbortSignal;
  /** Instances that run for it now. */
  meterId: string | null;
  runningSince: number | null;
  billedMs: number;
}

/** It is another's now, or was ended elsewhere: nothing more is to be written about it. */
export class Lost extends Error {}
/** Nothing can be done now; again later. The sentence is for the buyer. */
export class Wait extends Error {}

/** What a cluster refuses ends the job; a cluster that does not answer is waited for. */
function ofCluster(error: unknown): unknown {
  if (!(error instanceof SoukError) || !error.code.startsWith('cluster.')) return error;
  const words = `${error.message} ${error.remedy}`;
  if (error.code === 'cluster.unreachable') return new Wait(words);
  return new JobFailure({ code: error.code, reason: words });
}

export type JobRunner = ReturnType<typeof newJobRunner>;

/** Runs one training from wherever it stands to its end. Every step is written down before the next, and can be repeated. */
export function newJobRunner(platform: Platform, needs: RunNeeds) {
  const { db, log, config, blobs } = platform;

  async function step(
    held: Held,
    change: store.Change | ((j: JobRow) => store.Change),
    also: (tx: Tx, j: JobRow) => Promise<void> = async () => undefined,
  ): Promise<JobRow> {
    await inTx(db, async (tx) => {
      const j = await store.lock(tx, held.id);
      if (!j || j.leaseOwner !== held.owner || isOver(j.status)) throw new Lost();
      await also(tx, j);
      await store.move(tx, j, typeof change === 'function' ? change(j) : change, held.owner);
    });
    return (await store.find(db, held.id)) ?? Promise.reject(new Lost());
  }

  /** Under the backend's root where its machines must see it. */
  const folderOf = (j: JobRow, backend: TrainingBackend | null) =>
    join(backend?.workRoot ?? join(folders(config.dataDir).work, 'trainings'), j.id);

  return async (held: Held): Promise<void> => {
    const j = await store.find(db, held.id);
    if (!j || isOver(j.status)) return;
    const instance = await store.findInstance(db, j.spec.instanceType);
    const backend = instance && trainingBackendFor(needs.backends, j.spec.code.kind, instance.backend);
    const folder = folderOf(j, backend ?? null);
    try {
      if (!j.ended) {
        const found = backend?.durable === true && j.attempt > 0;
        if (!found) {
          if (await endBefore(held, j)) return;
        }
        if (!instance || !backend)
          throw new JobFailure({
            code: 'training.instance_type_gone',
            reason: `Nothing trains on ${j.spec.instanceType} here any more. Choose another instance type.`,
          });
        const trained = await train(held, j, instance, backend, folder, found);
        if (trained) await needs.finish(held, trained, instance, step);
      } else await needs.finish(held, j, instance, step);
    } catch (thrown) {
      const error = ofCluster(thrown);
      if (error instanceof JobFailure) {
        await needs.finish.failed(held, error.failure, step);
      } else throw error;
    }
    await removeWorkDir(folder);
  };

  /** Ends a job that was stopped, or lost its subscription, before its program ran. */
  async function endBefore(held: Held, j: JobRow): Promise<boolean> {
    const subscription = await lease.subscriptionState(db, j.subscriptionId);
    if (!j.stopRequestedAt && subscription?.state !== 'active')
      await inTx(db, (tx) =>
        store.requestStop(tx, j.id, {
          code: `subscription.${subscription?.state ?? 'ended'}`,
          reason: subscription?.reason ?? `The subscription is ${subscription?.state ?? 'gone'}.`,
        }),
      );
    else if (!j.stopRequestedAt) return false;
    await needs.finish.stopped(held, step);
    return true;
  }

  async function train(
    held: Held,
    before: JobRow,
    instance: Instance,
    backend: TrainingBackend,
    folder: string,
    found: boolean,
  ): Promise<JobRow | null> {
    let j = before;
    const { spec } = j;
    if ((await needs.policies()).programTraining === 'off')
      throw new Wait('The operator does not let training programs run now.');
    const gap = await backend.unavailable();
    if (gap !== null) throw new Wait(`Nothing can be trained on ${instance.name} now: ${gap}`);
    const checkpoints = join(folder, 'checkpoints');
    await mkdir(checkpoints, { recursive: true });
    if (!found) {
      if (j.attempt > 0) {
        await step(held, {
          secondary: 'Interrupted',
          message: 'Souk was restarted while it trained.',
        });
        j = await step(held, {
          secondary: 'Restarting',
          message: 'It begins again; what it left among its checkpoints is there.',
        });
      } else j = await step(held, { secondary: 'Starting', message: 'Preparing the training.' });
    }
    // A run that is found again has its data already.
    const attempt = found ? j.attempt : j.attempt + 1;
    const bytesMax = spec.volumeSizeInGB * 1024 ** 3;
    const data = join(folder, 'data');
    if (!found && spec.checkpoints?.uri && (await readdir(checkpoints)).length === 0)
      await fetchCheckpoints(needs.locations, j.accountId, spec.checkpoints.uri, checkpoints, bytesMax);
    if (!found) j = await step(held, { secondary: 'Downloading', message: 'Fetching the input data.' });
    const channels = found
      ? spec.channels.map((c) => ({
          name: c.channelName,
          contentType: c.contentType,
          compression: c.compressionType,
          inputMode: c.inputMode,
          folder: join(data, c.channelName),
        }))
      : await fetchChannels(
          needs.locations,
          j.accountId,
          spec.channels,
          data,
          bytesMax,
          AbortSignal.any([held.signal, held.stop]),
        ).catch((error: unknown) => {
          if (held.stop.aborted && !held.signal.aborted) return null;
          throw error;
        });
    if (channels === null || (held.stop.aborted && !found)) {
      await needs.finish.stopped(held, step);
      return null;
    }
    const program = await codeOf(j);
    const workDir = join(folder, `run-${attempt}`);
    if (!found) await rm(workDir, { recursive: true, force: true });
    await mkdir(workDir, { recursive: true });
    await inTx(db, (tx) => logs.forget(tx, { id: j.id, attempt }));
    j = await step(held, { attempt });
    const records = startRecords(db, log, { id: j.id, attempt }, spec.specification.metricDefinitions ?? []);
    const stopping = new AbortController();
    const stop = AbortSignal.any([held.stop, stopping.signal]);
    let staged: Promise<unknown> = Promise.resolve();
    const send = spec.checkpoints?.uri
      ? checkpointSender(db, needs.locations, {
          accountId: j.accountId,
          by: j.createdBy,
          uri: spec.checkpoints.uri,
          folder: checkpoints,
        })
      : async () => undefined;
    let sending: Promise<void> = Promise.resolve();
    const sender = setInterval(() => {
      sending = sending.then(send).catch(() => undefined);
    }, checkpointEveryMs);
    try {
      const end = await backend.run({
        id: `${j.id}-${attempt}`,
        jobName: j.name,
        jobArn: j.arn,
        program,
        channels,
        hyperParameters: spec.hyperParameters,
        instance,
        hosts: spec.instanceCount,
        checkpoints: { folder: checkpoints, path: spec.checkpoints?.localPath ?? checkpointsPath },
        limits: { ...limitsOf(spec), ...(needs.stopGraceMs ? { stopGraceMs: needs.stopGraceMs } : {}) },
        workDir,
        onLines: records.lines,
        onStage: (stage) => {
          staged = staged
            .then(() => entered(held, stage, instance, spec.instanceCount))
            // Its subscription ended in between, or we do: it is not to run unmetered.
            .catch(() => stopping.abort());
        },
        signal: held.signal,
        stop,
      });
      await staged;
      if (held.signal.aborted) throw new Lost();
      held.billedMs = Math.max(held.billedMs, end.durationMs);
      const { kind, exitCode, signal, failure, memoryPeakBytes, sandbox } = end;
      await records.end();
      clearInterval(sender);
      await sending;
      await send();
      return await step(
        held,
        {
          secondary: 'Uploading',
          message: 'Keeping what the training made.',
          ended: { kind, exitCode, signal, failure, memoryPeakBytes, sandbox, workDir },
          trainingEnded: true,
        },
        async (tx) => {
          if (held.meterId) await needs.meter.end(tx, held.meterId);
        },
      );
    } finally {
      clearInterval(sender);
      await records.end().catch(() => undefined);
      await staged;
      held.meterId = null;
      held.runningSince = null;
    }
  }

  async function entered(
    held: Held,
    stage: TrainingStage,
    instance: Instance,
    instances: number,
  ): Promise<void> {
    if (stage === 'queued')
      return void (await step(held, {
        secondary: 'LaunchingMLInstances',
        message: 'It waits in the queue of the cluster.',
      }));
    if (stage === 'loading-image')
      return void (await step(held, {
        secondary: 'DownloadingTrainingImage',
        message: 'Loading the image of the algorithm.',
      }));
    let meterId: string | null = null;
    await step(
      held,
      (j) => ({
        ...(j.status === 'Stopping' ? {} : { secondary: 'Training' as const, message: 'The program runs.' }),
        trainingStarted: true,
      }),
      async (tx, j) => {
        meterId = await needs.meter.begin(tx, {
          subscriptionId: j.subscriptionId,
          use: 'training',
          instanceType: instance.name,
          instances,
          resource: { kind: 'training-job', id: j.id, name: j.name },
        });
      },
    );
    held.meterId = meterId;
    held.runningSince = performance.now();
  }

  async function codeOf(j: JobRow): Promise<TrainingCode> {
    const { code, environment } = j.spec;
    if (code.kind === 'container') return { ...code, environment: { ...code.environment, ...environment } };
    const program = await ensureUnpackedProgram({ config, db, blobs }, code.archiveSha256);
    return { kind: 'process', ...program, environment };
  }
}
