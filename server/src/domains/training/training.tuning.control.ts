import { inTx, type Tx } from '../../platform/db.ts';
import { SoukError } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { TrainedPackage } from '../models/index.ts';
import type { News } from '../notifications/index.ts';
import { resolveTrainable } from './training.algorithm.ts';
import { isWorseThanMost } from './training.median.ts';
import { inferenceOf, specOf } from './training.rules.ts';
import { nextTrial } from './training.search.ts';
import type { Training } from './training.service.ts';
import { setModel } from './training.sql.ts';
import { requestStop } from './training.stop.ts';
import type { Algorithm } from './training.ts';
import * as store from './training.tuning.sql.ts';
import { bestOf, objectiveOf, trainingOf, tunedOf } from './training.tuning.ts';

export interface TuningControlNeeds {
  readonly training: Pick<Training, 'insert'>;
  registerModel(tx: Tx, trained: TrainedPackage): Promise<{ id: string }>;
  notify(tx: Tx, news: News): Promise<unknown>;
}

/** So many failures without one success, and the rest would fail too. */
const failuresInARow = 5;

/**
 * Moves every tuning on by what has become of its trials. All that it knows is in the database, and each move is one transaction under the
 * tuning's lock: killed anywhere, or done by two at once, no trial is doubled and none forgotten.
 */
export function newTuningControl({ db, log }: Platform, needs: TuningControlNeeds) {
  return async (): Promise<void> => {
    for (const { id } of await store.underWay(db))
      await moveOn(id).catch((error: Error) =>
        log.error({ err: error, tuningJob: id }, 'a tuning could not be moved on'),
      );
  };

  async function moveOn(id: string): Promise<void> {
    const before = await store.find(db, id);
    if (!before) return;
    // Asked outside the transaction: it reads much, and what it refuses ends the tuning in its own words.
    const algorithm = await resolveTrainable(db, before.accountId, {
      subscriptionId: before.subscriptionId,
      version: before.version,
    }).catch((error: unknown) => {
      if (error instanceof SoukError) return error;
      throw error;
    });
    await inTx(db, async (tx) => {
      if (!(await store.lockFree(tx, id))) return;
      const t = await store.find(tx, id);
      if (!t || (t.status !== 'InProgress' && t.status !== 'Stopping')) return;
      if (t.status === 'InProgress' && algorithm instanceof SoukError) {
        await store.move(tx, t, 'Stopping', { stopReason: algorithm.message });
        return;
      }
      const trials = await store.trials(tx, id, t.config.objective.metricName);
      const running = trials.filter((trial) => !trial.endedAt);
      if (t.status === 'Stopping') return await stopping(tx, t, trials, running);
      if (algorithm instanceof SoukError) return;
      const fate = fateOf(t, trials, running.length);
      if (fate === 'wait') return;
      if (fate) return await end(tx, t, trials, fate.status, fate.reason);
      if (t.config.earlyStopping === 'Auto') await stopWorst(tx, t, trials, running);
      if (!(await fill(tx, t, trials, running.length, algorithm)) && running.length === 0)
        await end(tx, t, trials, 'Completed');
    });
  }

  async function stopping(
    tx: Tx,
    t: store.TuningRow,
    trials: readonly store.TrialRow[],
    running: readonly store.TrialRow[],
  ) {
    const reason = t.stopReason ?? 'Its tuning was stopped.';
    for (const trial of running)
      if (trial.status === 'InProgress') await requestStop(tx, trial.id, { code: 'tuning.stopped', reason });
    if (running.length === 0) await end(tx, t, trials, 'Stopped', t.stopReason ?? undefined);
  }

  function fateOf(
    t: store.TuningRow,
    trials: readonly store.TrialRow[],
    running: number,
  ): { status: 'Completed' | 'Failed'; reason?: string } | 'wait' | null {
    const failed = trials.filter((trial) => trial.status === 'Failed');
    const all = trials.length >= t.config.maxJobs;
    const enough = Math.min(failuresInARow, t.config.maxJobs);
    // Those that still run may do better; but no more are started on that hope.
    if (failed.length >= enough && failed.length + running === trials.length)
      return running > 0
        ? 'wait'
        : {
            status: 'Failed',
            reason: `All ${failed.length} trainings failed, the last one: ${failed.at(-1)?.failureReason ?? ''}`,
          };
    return all && running === 0 ? { status: 'Completed' } : null;
  }

  async function stopWorst(
    tx: Tx,
    { config }: store.TuningRow,
    trials: readonly store.TrialRow[],
    running: readonly store.TrialRow[],
  ) {
    const completed = trials.flatMap((trial) =>
      trial.status === 'Completed' && trial.curve ? [trial.curve] : [],
    );
    for (const { id, curve, status } of running)
      if (status === 'InProgress' && curve && isWorseThanMost(curve, completed, config.objective.type))
        await requestStop(tx, id, {
          code: 'tuning.stopped_early',
          reason: 'It was worse than most of the trials before it had been by then.',
          early: true,
        });
  }

  /** Starts as many as may run. False when there are no more to start. */
  async function fill(
    tx: Tx,
    t: store.TuningRow,
    trials: readonly store.TrialRow[],
    running: number,
    algorithm: Algorithm,
  ): Promise<boolean> {
    const declared = algorithm.specification.supportedHyperParameters ?? [];
    const past = trials.map((trial) => ({ values: tunedOf(trial, t.config), objective: objectiveOf(trial) }));
    // With nothing but failures so far, one at a time more than was asked for would only bill more of them.
    const places = Math.min(t.config.maxParallelJobs - running, t.config.maxJobs - trials.length);
    let number = trials.at(-1)?.number ?? 0;
    for (let i = 0; i < places; i++) {
      number++;
      const tuned = nextTrial(declared, t.config, number, past);
      if (!tuned) return false;
      await needs.training.insert(
        tx,
        { accountId: t.accountId, email: t.createdBy },
        algorithm,
        specOf(algorithm, trainingOf(t.training, tuned)),
        {
          id: newId('trj'),
          name: `${t.name}-${String(number).padStart(3, '0')}-${t.id.slice(-6)}`,
          tuning: { id: t.id, number },
        },
      );
      past.push({ values: tuned, objective: null });
    }
    return trials.length + Math.max(0, places) < t.config.maxJobs || places > 0;
  }

  /** Only the best model becomes a package: five hundred of them would be nobody's help. */
  async function end(
    tx: Tx,
    t: store.TuningRow,
    trials: readonly store.TrialRow[],
    status: 'Completed' | 'Failed' | 'Stopped',
    reason?: string,
  ) {
    const best = bestOf(trials, t.config);
    if (best?.hasModel && !best.modelPackageId) await register(tx, t, best);
    await store.move(tx, t, status, status === 'Failed' && reason ? { failureReason: reason } : {});
    const words = best
      ? `The best of ${trials.length} trainings is ${best.name}, with ${t.config.objective.metricName} ${best.curve?.last}.`
      : 'None of its trainings came to an end with the objective.';
    await needs.notify(tx, {
      accountId: t.accountId,
      roles: ['admin', 'buyer'],
      title: `Tuning ${t.name} ${status.toLowerCase()}`,
      text: reason ? `${reason} ${words}` : words,
      link: `/training/tuning/${t.name}`,
      source: `tuning:${t.id}`,
    });
    await audit(
      tx,
      'system:training',
      `tuning-job.${status.toLowerCase()}`,
      `tuning-job/${t.name}`,
      {},
      { accountId: t.accountId },
    );
  }

  async function register(tx: Tx, t: store.TuningRow, best: store.TrialRow) {
    const model = await store.modelOf(tx, best.id);
    if (!model) return;
    const { id } = await needs.registerModel(tx, {
      accountId: t.accountId,
      region: model.region,
      name: best.name,
      description: `The best of the tuning ${t.name}, trained with ${t.publisher}/${t.product} ${t.version}.`,
      archiveSha256: model.sha256,
      archiveSizeBytes: model.sizeBytes,
      inferenceSpecification: inferenceOf(model.spec),
      validationProfile: model.spec.validationProfile,
      subscriptionId: t.subscriptionId,
      trainingJob: best.name,
      createdBy: t.createdBy,
    });
    await setModel(tx, best.id, id);
  }
}
