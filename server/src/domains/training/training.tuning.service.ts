import {
  hasNoErrors,
  type NewTuningJob,
  type TuningJob,
  type TuningJobSummary,
  type TuningStatus,
  tuningFindings,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { resolveTrainable } from './training.algorithm.ts';
import { nextTrial } from './training.search.ts';
import type { Training } from './training.service.ts';
import * as store from './training.tuning.sql.ts';
import { bestOf, trainingOf, trialView } from './training.tuning.ts';

export type Tuning = ReturnType<typeof newTuning>;

export function newTuning({ db }: Pick<Platform, 'db'>, training: Pick<Training, 'checked'>) {
  async function create(caller: Member, given: NewTuningJob): Promise<TuningJob> {
    const { accountId } = caller;
    const { name, config, training: template } = given;
    const algorithm = await resolveTrainable(db, accountId, template);
    const findings = tuningFindings(algorithm.specification, given);
    if (!hasNoErrors(findings))
      fail('tuning.request_invalid', { problem: findings[0]?.message ?? '' }, { findings });
    const first = nextTrial(algorithm.specification.supportedHyperParameters ?? [], config, 1, []);
    // Files, instance type and all the rest, as of any training.
    await training.checked(accountId, algorithm, trainingOf(template, first ?? {}));
    const id = newId('tun');
    try {
      await inTx(db, async (tx) => {
        await store.insert(tx, {
          id,
          accountId,
          name,
          subscriptionId: algorithm.subscriptionId,
          productId: algorithm.productId,
          version: algorithm.version,
          config,
          training: { ...template, version: algorithm.version },
          createdBy: caller.email,
        });
        await audit(tx, caller, 'tuning-job.created', `tuning-job/${name}`, {
          product: `${algorithm.publisher}/${algorithm.slug}`,
          strategy: config.strategy,
          maxJobs: config.maxJobs,
        });
      });
    } catch (error) {
      if (violated(error)?.startsWith('tuning_jobs_')) return fail('tuning.name_taken', { name });
      throw error;
    }
    return get(accountId, name);
  }

  const own = async (accountId: string, name: string) =>
    (await store.findNamed(db, accountId, name)) ?? fail('tuning.missing', { name });

  async function get(accountId: string, name: string): Promise<TuningJob> {
    const t = await own(accountId, name);
    const trials = await store.trials(db, t.id, t.config.objective.metricName);
    return {
      ...summaryOf(t, trials),
      config: t.config,
      training: t.training,
      trials: trials.map((trial) => trialView(trial, t.config)),
    };
  }

  return {
    create,
    get,
    async list(caller: Member, given: { status?: TuningStatus; cursor?: string; limit?: number }) {
      const { cursor, limit = 50, ...filter } = given;
      const found = await store.list(db, caller.accountId, {
        ...filter,
        before: cursor ?? null,
        limit: limit + 1,
      });
      const page = found.slice(0, limit);
      const items: TuningJobSummary[] = [];
      for (const t of page)
        items.push(summaryOf(t, await store.trials(db, t.id, t.config.objective.metricName)));
      return { items, nextCursor: found.length > limit ? (page.at(-1)?.id ?? null) : null };
    },
    async stop(caller: Member, name: string): Promise<TuningJob> {
      const t = await own(caller.accountId, name);
      if (t.status !== 'InProgress' && t.status !== 'Stopping')
        fail('tuning.over', { name, status: t.status });
      await inTx(db, async (tx) => {
        await askToStop(tx, t.id, `${caller.email} stopped it.`);
        await audit(tx, caller, 'tuning-job.stopped', `tuning-job/${name}`);
      });
      return get(caller.accountId, name);
    },
  };
}

/** Its trainings are asked by whoever moves tunings on. Repeated, and once it is over, it does nothing. */
export async function askToStop(tx: Tx, id: string, reason: string): Promise<void> {
  const t = await store.find(tx, id);
  if (t?.status === 'InProgress') await store.move(tx, t, 'Stopping', { stopReason: reason });
}

function summaryOf(t: store.TuningRow, trials: readonly store.TrialRow[]): TuningJobSummary {
  const count = (...states: readonly store.TrialRow['status'][]) =>
    trials.filter((trial) => states.includes(trial.status)).length;
  const best = bestOf(trials, t.config);
  return {
    id: t.id,
    name: t.name,
    status: t.status,
    failureReason: t.failureReason ?? t.stopReason,
    strategy: t.config.strategy,
    product: { id: t.productId, publisher: t.publisher, slug: t.product, title: t.title },
    objective: t.config.objective,
    jobs: {
      max: t.config.maxJobs,
      completed: count('Completed'),
      inProgress: count('InProgress', 'Stopping'),
      stopped: count('Stopped'),
      failed: count('Failed'),
    },
    best: best ? trialView(best, t.config) : null,
    createdBy: t.createdBy,
    createdAt: t.createdAt.toISOString(),
    endedAt: t.endedAt?.toISOString() ?? null,
  };
}
