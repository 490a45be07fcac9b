import { type Finding, hasNoErrors, type Policies, type TrainingTrial } from '@souk/contract';
import { inTx, type Tx } from '../../platform/db.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import {
  ensureUnpacked,
  failureReason,
  imageGone,
  type PackageNeeds,
  scanGap,
  type Verdicts,
  validate,
  validateContainer,
} from '../models/index.ts';
import type { StartServable, TrainingBackend, TrainingCode, Trials } from '../runtime/index.ts';
import { ofTrainedModel, serveMissing, serveNotOpen } from './algorithms.findings.ts';
import { certifiedAs, firstOf, profileOf, servedTrained } from './algorithms.rules.ts';
import * as store from './algorithms.sql.ts';
import type { SampleTrainer } from './algorithms.train.ts';
import type { AlgorithmRow } from './algorithms.ts';

export const checkJob = 'algorithm-check';
const heldPauseMs = 30_000;
const turnPauseMs = 2000;
const settled = Promise.resolve();

export interface CheckNeeds {
  readonly verdicts: Pick<Verdicts, 'of'>;
  readonly start: StartServable;
  readonly trials: Trials;
  backend(code: TrainingCode['kind']): TrainingBackend;
  /** An image of the account that passed its checks. */
  readonly image: PackageNeeds['image'];
  /** Of a container in its checks; else the contract's eight minutes. */
  readonly startTimeoutMs?: number;
  readonly train: SampleTrainer;
  /** Ends what is trained when this process ends. */
  readonly signal: AbortSignal;
  policies(): Promise<Policies>;
  /** Takes what a granted appeal has settled off the findings. */
  lift(accountId: string, packageSha256: string, findings: readonly Finding[]): Promise<readonly Finding[]>;
}

/** Enqueued together with what it belongs to. One job for each algorithm: a second replaces one that waits. */
export const enqueueCheck = (tx: Tx, id: string, runAt?: Date) =>
  enqueue(tx, checkJob, { algorithmId: id }, { key: `algorithm:${id}`, ...(runAt ? { runAt } : {}) });

export type AlgorithmCheck = (id: string) => Promise<void>;
type Step = 'scan' | 'training' | 'validation';

/**
 * Walks an algorithm from Pending to Completed or Failed: certification of the program, then, only when that is done, the sample training,
 * certification of the model that it made, and a call of it. Unlike a model, a program is not started while it is still scanned.
 */
export function newCheck(platform: Platform, needs: CheckNeeds): AlgorithmCheck {
  const { db, events, log, config, blobs } = platform;
  // One training at a time: it takes the whole machine for as long as it runs, and the jobs beside it must go on.
  let busy = false;

  return async (id) => {
    const found = await store.find(db, id);
    if (!found || (found.status !== 'Pending' && found.status !== 'InProgress')) return;
    if (found.status === 'Pending')
      await inTx(db, (tx) => store.move(tx, found, 'checks-begun', { scanStatus: 'InProgress' }));
    const a = { ...found, status: 'InProgress' as const };
    let step: Step = 'scan';
    try {
      const scanned = await scan(a);
      if (!scanned) return;
      step = 'training';
      const ready = { ...a, program: (await store.find(db, id))?.program ?? null };
      const trained = await inTurn(ready, () => training(ready, scanned));
      if (!trained) return;
      step = 'validation';
      await validation(ready, trained.findings, trained.trial);
    } catch (error) {
      log.error({ err: error, algorithm: id, step }, 'the check of an algorithm failed on our side');
      await noteStep(
        id,
        step,
        'Something broke on our side. The check is tried again by itself; you need not do anything.',
      );
      throw error;
    }
  };

  /** The findings that let the program pass; undefined when it was refused or waits. */
  async function scan(a: AlgorithmRow): Promise<readonly Finding[] | undefined> {
    const { verdict } = await needs.verdicts.of(a.archiveSha256, undefined, certifiedAs(a));
    const { program } = verdict;
    const findings = await needs.lift(a.accountId, a.archiveSha256, verdict.findings);
    if (!hasNoErrors(findings)) return await refuse(a, 'scan', findings);
    const gap = scanGap(verdict);
    if (gap && (await needs.policies()).scannerMissing === 'hold')
      return await hold(a, 'scan', `Waits for the marketplace’s virus scanner (${gap}).`, heldPauseMs);
    await inTx(db, (tx) =>
      store.note(tx, a.id, {
        scanStatus: 'Completed',
        scanMessage: gap ? `Not scanned for malware: ${gap}.` : null,
        trainingStatus: 'InProgress',
        program: program ?? null,
        findings,
      }),
    );
    return findings;
  }

  async function training(a: AlgorithmRow, scanned: readonly Finding[]) {
    // A program that may not run here, or has no sandbox to run in, is neither passed nor refused.
    const { container } = a.trainingSpecification;
    if (!container && (await needs.policies()).programTraining === 'off')
      return await hold(a, 'training', 'The operator does not let training programs run now.', heldPauseMs);
    if (container && !(await needs.image(db, a.accountId, container.image)))
      return await refuse(a, 'training', [...scanned, imageGone(container.image)]);
    const gap = await needs.backend(container ? 'container' : 'process').unavailable();
    if (gap !== null)
      return await hold(
        a,
        'training',
        container
          ? `Waits for a place to run containers: ${gap}.`
          : `This marketplace has no sandbox to train in (${gap}).`,
        heldPauseMs,
      );
    await noteStep(a.id, 'training', null);
    const instance = firstOf(
      a.trainingSpecification.supportedTrainingInstanceTypes ?? [],
      await store.enabledInstanceTypes(db),
    );
    if (!instance) throw new Error(`none of the training instance types of ${a.arn} is enabled any more`);
    const result = await needs.train(a, instance, needs.signal);
    await inTx(db, (tx) => store.note(tx, a.id, { log: result.log }));
    const findings = [...scanned, ...result.findings];
    if (!hasNoErrors(result.findings) || !result.trial) return await refuse(a, 'training', findings);
    const { sha256 } = result.trial.model;
    const { verdict, also } = await examined(a, sha256);
    const ofTrained = ofTrainedModel(await needs.lift(a.accountId, sha256, verdict.findings));
    // An exception that was made of what the algorithm's page shows is bound to the archive: its model is another one each time.
    const ofModel = [...(await needs.lift(a.accountId, a.archiveSha256, ofTrained)), ...also];
    if (!hasNoErrors(ofModel)) return await refuse(a, 'training', [...findings, ...ofModel]);
    await inTx(db, (tx) =>
      store.note(tx, a.id, { trainingStatus: 'Completed', validationStatus: 'InProgress' }),
    );
    return { findings: [...findings, ...ofModel], trial: { ...result.trial, onnx: verdict.onnx } };
  }

  /** What the training made, as a model, or as the files of whatever serves them. */
  async function examined(a: AlgorithmRow, sha256: string) {
    const { container } = a.inferenceSpecification;
    const { verdict } = await needs.verdicts.of(sha256, undefined, container ? 'contents' : 'model');
    const onnxMissing = !container && verdict.findings.some((f) => f.code === 'package.model_missing');
    if (!onnxMissing) return { verdict, also: [] };
    const isOpen = (await needs.policies()).programServing.accounts.includes(a.accountId);
    if (!a.program?.serve) return { verdict, also: isOpen ? [serveMissing()] : [] };
    if (!isOpen) return { verdict, also: [serveNotOpen()] };
    return { verdict: (await needs.verdicts.of(sha256, undefined, 'contents')).verdict, also: [] };
  }

  async function validation(a: AlgorithmRow, before: readonly Finding[], trial: TrainingTrial) {
    const profile = profileOf(a);
    const instance = firstOf(
      a.inferenceSpecification.supportedRealtimeInferenceInstanceTypes,
      await store.enabledInstanceTypes(db),
    );
    if (!instance) throw new Error(`none of the instance types of ${a.arn} is enabled any more`);
    const packageSha256 = trial.model.sha256;
    const servable = servedTrained(a, trial);
    const tried = { name: a.name, servable, profile };
    const findings =
      servable.kind === 'container' || servable.kind === 'process'
        ? await validateContainer(needs, tried, instance)
        : await validate(
            { start: needs.start, trials: needs.trials, quiet: settled },
            tried,
            await ensureUnpacked({ config, db, blobs }, packageSha256),
            instance,
          );
    if (!hasNoErrors(findings))
      return void (await refuse(a, 'validation', [...before, ...ofTrainedModel(findings)]));
    const sample = {
      contentType: profile.input.contentType,
      accept: profile.expected.contentType,
      body: profile.input.body,
    };
    // Measured by the validation a moment ago, and kept.
    const { measured } = await needs.trials.run(a.name, { servable, instance, sample }, needs.signal);
    await complete(a, [...before, ...ofTrainedModel(findings)], { ...trial, measured: [measured] });
  }

  async function inTurn<T>(a: AlgorithmRow, work: () => Promise<T>): Promise<T | undefined> {
    if (busy)
      return await hold(
        a,
        'training',
        'Waits for its turn: another algorithm is being trained.',
        turnPauseMs,
      );
    busy = true;
    try {
      return await work();
    } finally {
      busy = false;
    }
  }

  async function noteStep(id: string, step: Step, message: string | null) {
    const columns = {
      scan: 'scanMessage',
      training: 'trainingMessage',
      validation: 'validationMessage',
    } as const;
    await inTx(db, (tx) => store.note(tx, id, { [columns[step]]: message }));
  }

  async function hold(a: AlgorithmRow, step: Step, message: string, pauseMs: number): Promise<undefined> {
    await noteStep(a.id, step, `${message} The check goes on by itself; you need not do anything.`);
    await inTx(db, (tx) => enqueueCheck(tx, a.id, new Date(platform.clock.now().getTime() + pauseMs)));
  }

  async function refuse(a: AlgorithmRow, step: Step, findings: readonly Finding[]): Promise<undefined> {
    const reason = failureReason(findings);
    const failed = {
      scan: { scanStatus: 'Failed', scanMessage: reason },
      training: { trainingStatus: 'Failed', trainingMessage: reason },
      validation: { validationStatus: 'Failed', validationMessage: reason },
    } as const;
    await inTx(db, async (tx) => {
      if (!(await store.move(tx, a, 'refused', { ...failed[step], failureReason: reason, findings }))) return;
      await tell(tx, a, 'algorithm.failed', { name: a.name, reason });
    });
  }

  async function complete(a: AlgorithmRow, findings: readonly Finding[], trial: TrainingTrial) {
    await inTx(db, async (tx) => {
      const passed = { validationStatus: 'Completed', validationMessage: null, findings, trial } as const;
      if (!(await store.move(tx, a, 'checks-passed', passed))) return;
      await tell(tx, a, 'algorithm.completed', { name: a.name });
    });
  }

  async function tell(tx: Tx, a: AlgorithmRow, type: string, data: Record<string, unknown>) {
    await events.publish(tx, { type, subject: a.id, accountId: a.accountId, data });
  }
}
