import type { Tx } from '../../platform/db.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Locations } from '../files/index.ts';
import type { TrainedPackage } from '../models/index.ts';
import type { News } from '../notifications/index.ts';
import { folderOf } from '../runtime/index.ts';
import * as lease from './training.lease.sql.ts';
import { keepModel, keepOutput, type Packed } from './training.output.ts';
import { type Failure, failureOf, inferenceOf } from './training.rules.ts';
import type { Held } from './training.run.ts';
import * as store from './training.sql.ts';
import type { Instance, JobRow } from './training.ts';

export interface FinishNeeds {
  readonly locations: Locations;
  /** Registers the model among the buyer's own packages; its checks start with the commit. */
  registerModel(tx: Tx, trained: TrainedPackage): Promise<{ id: string }>;
  notify(tx: Tx, news: News): Promise<unknown>;
}

type Step = (
  held: Held,
  change: store.Change | ((j: JobRow) => store.Change),
  also?: (tx: Tx, j: JobRow) => Promise<void>,
) => Promise<JobRow>;

export type Finisher = ReturnType<typeof newFinisher>;

/** What becomes of a training whose program has ended. */
export function newFinisher({ db, blobs }: Platform, needs: FinishNeeds) {
  const parts = { blobs, locations: needs.locations };

  async function finish(held: Held, j: JobRow, instance: Instance | undefined, step: Step) {
    const end = j.ended;
    if (!end) throw new Error(`the training ${j.id} has not ended`);
    const failure = failureOf(end, j.spec, instance ?? { name: j.spec.instanceType, memoryMb: 0 });
    if (failure) return await failed(held, failure, step);
    const packed = await keepModel(parts, j, folderOf(end.workDir, 'model'), end.workDir);
    const kept = 'problem' in packed ? null : packed;
    // A training that was stopped may have had nothing to save; one that went to its end has not done its work without a model.
    if ('problem' in packed && end.kind === 'completed' && j.status !== 'Stopping')
      return await failed(
        held,
        {
          code: packed.missing ? 'training.model_missing' : 'training.model_unusable',
          reason: packed.missing
            ? 'The program ended well, but left nothing in /opt/ml/model: there is no model.'
            : packed.problem,
        },
        step,
      );
    const output = await keepOutput(parts, j, folderOf(end.workDir, 'output'), end.workDir);
    const time = end.kind === 'time';
    const completed = end.kind === 'completed' && j.status !== 'Stopping';
    const why = completed || time ? null : await whyStopped(j);
    const words = kept ? ' The model that it had saved is kept.' : '';
    await step(
      held,
      (now) => ({
        ...outcome(now),
        result: resultOf(kept, output),
      }),
      async (tx, now) => {
        await kept?.staged?.commit(tx, j.createdBy);
        await output?.commit(tx, j.createdBy);
        // Of a tuning only the best becomes a package, when it ends.
        if (kept && now.tuningJobId === null) await register(tx, now, kept);
        await tell(tx, now, completed ? 'completed' : 'stopped', time ? timeWords(j) : (why ?? ''));
      },
    );

    function outcome(now: JobRow): store.Change {
      if (completed && now.status === 'InProgress')
        return { status: 'Completed', secondary: 'Completed', message: 'The model is kept.' };
      if (time)
        return { status: 'Stopped', secondary: 'MaxRuntimeExceeded', message: `${timeWords(j)}${words}` };
      return {
        status: 'Stopped',
        secondary: 'Stopped',
        message: `${why ?? 'It was stopped.'}${words}`,
        ...(j.stopCode && j.stopCode !== 'asked' ? { failureCode: j.stopCode } : {}),
      };
    }
  }

  async function register(tx: Tx, j: JobRow, packed: Packed) {
    const { id } = await needs.registerModel(tx, {
      accountId: j.accountId,
      region: j.region,
      name: j.name,
      description: `Trained with ${j.publisher}/${j.product} ${j.version}.`,
      archiveSha256: packed.sha256,
      archiveSizeBytes: packed.sizeBytes,
      inferenceSpecification: inferenceOf(j.spec),
      validationProfile: j.spec.validationProfile,
      subscriptionId: j.subscriptionId,
      trainingJob: j.name,
      createdBy: j.createdBy,
    });
    await store.setModel(tx, j.id, id);
  }

  async function failed(held: Held, { code, reason }: Failure, step: Step) {
    await step(
      held,
      { status: 'Failed', secondary: 'Failed', message: reason, failureCode: code, failureReason: reason },
      (tx, j) => tell(tx, j, 'failed', reason),
    );
  }

  async function stopped(held: Held, step: Step) {
    await step(
      held,
      (j) => ({
        status: 'Stopped',
        secondary: 'Stopped',
        message: j.stopReason ?? 'It was stopped before it trained.',
        ...(j.stopCode && j.stopCode !== 'asked' ? { failureCode: j.stopCode } : {}),
      }),
      (tx, j) => tell(tx, j, 'stopped', j.stopReason ?? ''),
    );
  }

  /** Who asked, or that the subscription no longer allows it. */
  async function whyStopped(j: JobRow): Promise<string> {
    if (j.stopReason) return j.stopReason;
    const subscription = await lease.subscriptionState(db, j.subscriptionId);
    return subscription?.state === 'active'
      ? 'It was stopped.'
      : (subscription?.reason ?? `The subscription is ${subscription?.state ?? 'gone'}.`);
  }

  async function tell(tx: Tx, j: JobRow, how: 'completed' | 'failed' | 'stopped', why: string) {
    // Of a tuning, its end is the news; not each of five hundred trials.
    if (j.tuningJobId === null)
      await needs.notify(tx, {
        accountId: j.accountId,
        roles: ['admin', 'buyer'],
        title: `Training ${j.name} ${how}`,
        text:
          how === 'completed'
            ? `The model is among your model packages as ${j.name}; its checks go on.`
            : why || `The training was ${how}.`,
        link: `/training/${j.name}`,
        source: `training:${j.id}`,
      });
    await audit(
      tx,
      'system:training',
      `training-job.${how}`,
      j.arn,
      how === 'failed' ? { reason: why.slice(0, 200) } : {},
      { accountId: j.accountId },
    );
  }

  return Object.assign(finish, { failed, stopped });
}

const timeWords = (j: JobRow) =>
  `Its time of ${j.spec.maxRuntimeInSeconds} seconds was up, and it was ended.`;

const resultOf = (kept: Packed | null, output: { uri: string; sizeBytes: number } | null) => ({
  ...(kept
    ? { model: { sha256: kept.sha256, sizeBytes: kept.sizeBytes, uri: kept.staged?.uri ?? null } }
    : {}),
  ...(output ? { output: { uri: output.uri, sizeBytes: output.sizeBytes } } : {}),
});
