import type { StageName } from '@souk/contract';
import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { inTx, isUnavailable, type Tx } from '../../platform/db.ts';
import { enqueue, type JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { type StageDefinition, stageDefinition } from './pipeline.ts';
import type { Arrivals } from './publishing.arrivals.ts';
import { withinLimit } from './publishing.limit.ts';
import { nextStage, pauseMs, stageJob } from './publishing.rules.ts';
import * as store from './publishing.sql.ts';
import type { SubmissionRow } from './publishing.ts';
import { Hold, type Stage, type StageOutcome } from './stages/stage.ts';

/** One attempt at a stage, as its outcome is recorded. */
interface Attempt {
  readonly submission: SubmissionRow;
  readonly stage: StageDefinition;
  readonly attempt: number;
  /** Its number among those that are allowed. */
  readonly counted: number;
}

type Passed = Extract<StageOutcome, { kind: 'passed' }>;
type Result = ((Passed & { readonly carriedFrom?: string }) | Extract<StageOutcome, { kind: 'refused' }>) & {
  readonly inputsSha256: string;
};
type Outcome = Result | { readonly kind: 'fault'; readonly error: Error };

export interface RunnerParts {
  readonly stages: Readonly<Partial<Record<StageName, Stage>>>;
  readonly arrivals: Arrivals;
  /** Row of the pipeline table. */
  readonly definition?: (stage: StageName) => StageDefinition;
}

/**
 * The runner. An attempt and its state are recorded in one transaction; the stage runs outside any; its outcome and the next
 * stage's job are recorded in one transaction, on condition that the attempt is still the current one. So a process killed
 * anywhere loses nothing, and an outcome that comes too late (cancelled meanwhile, or a newer attempt) changes nothing.
 */
export function publishingJobs(
  platform: Platform,
  { stages, arrivals, definition = stageDefinition }: RunnerParts,
): JobDefinition[] {
  const { db, log, metrics } = platform;

  async function run(submissionId: string, name: StageName): Promise<void> {
    const submission = await store.find(db, submissionId);
    if (submission?.state !== 'running' || submission.stage !== name) return;
    const begun = await inTx(db, (tx) => store.beginAttempt(tx, submissionId, name));
    if (!begun) return;
    const attempt: Attempt = { submission, stage: definition(name), ...begun };
    const started = performance.now();
    const outcome = await outcomeOf(attempt);
    metrics.stage(name, outcome.kind, performance.now() - started);
    try {
      await inTx(db, (tx) => record(tx, attempt, outcome));
    } catch (error) {
      // Without the database nothing can be recorded: the job is run again, and with it the stage.
      if (outcome.kind === 'fault' || isUnavailable(error)) throw error;
      await inTx(db, (tx) => record(tx, attempt, faultOf(attempt, error)));
    }
  }

  async function outcomeOf(a: Attempt): Promise<Outcome> {
    const { submission, stage, attempt, counted } = a;
    try {
      // Attempts that left no outcome: the process was killed in each of them, perhaps by what the package did to it.
      if (counted > stage.attemptsMax)
        throw new Error(`${stage.attemptsMax} attempts ended without an outcome`);
      const work = stages[stage.stage];
      if (!work) throw new Error(`nothing runs the stage ${stage.stage}`);
      const inputsSha256 = canonicalSha256({ name: stage.stage, reads: await work.reads(submission) });
      const before = stage.carriesOver && (await carriedOver(work, submission, stage.stage, inputsSha256));
      if (before) return before;
      const outcome = await withinLimit(stage.timeLimitMs, (signal) =>
        work.run({
          submission,
          attempt,
          signal,
          output: async (other) => (await store.stageOf(db, submission.id, other))?.output ?? {},
          log: (line) => inTx(db, (tx) => store.appendLog(tx, submission.id, stage.stage, attempt, line)),
        }),
      );
      return { ...outcome, inputsSha256 };
    } catch (error) {
      return faultOf(a, error);
    }
  }

  function faultOf({ submission, stage, attempt }: Attempt, error: unknown): Outcome {
    log.error(
      { err: error, submission: submission.id, stage: stage.stage, attempt },
      'a stage failed on our side',
    );
    return { kind: 'fault', error: error instanceof Error ? error : new Error(String(error)) };
  }

  /** What the stage found for the same inputs in an earlier submission of the product. */
  async function carriedOver(
    work: Stage,
    s: SubmissionRow,
    name: StageName,
    inputsSha256: string,
  ): Promise<Result | undefined> {
    const before = await store.passedBefore(db, s.productId, s.id, name, inputsSha256);
    if (before && work.holds && !(await work.holds(s, before))) return undefined;
    return (
      before && {
        kind: 'passed',
        summary: `Carried over from revision ${before.revision}: what this stage reads has not changed.`,
        findings: before.findings,
        evidence: before.evidence,
        ...(before.output ? { output: before.output } : {}),
        inputsSha256,
        carriedFrom: before.submissionId,
      }
    );
  }

  async function record(tx: Tx, a: Attempt, outcome: Outcome): Promise<void> {
    const { submission, stage, attempt } = a;
    // The submission first, as everywhere: two that lock in different orders would wait for each other.
    const current = await store.lock(tx, submission.id);
    if (current?.state !== 'running' || current.stage !== stage.stage) return;
    if (outcome.kind === 'fault') return recordFault(tx, a, current, outcome.error);
    const ended = await store.endAttempt(tx, submission.id, stage.stage, attempt, {
      ...outcome,
      state:
        outcome.kind === 'refused'
          ? 'refused'
          : outcome.carriedFrom === undefined
            ? 'passed'
            : 'carried-over',
    });
    if (!ended) return;
    if (outcome.kind === 'refused') {
      await store.move(tx, current, 'refused', stage.stage, 'system:pipeline');
      return arrivals.refused(tx, current, stage.stage);
    }
    await outcome.commit?.(tx);
    const next = nextStage(current.productType, stage.stage);
    if (next) await arrivals.arriveAt(tx, current, next, 'stage-passed', 'system:pipeline');
    else await arrivals.released(tx, current);
  }

  /** Ours, not the publisher's: tried again after a pause, then held for the operator. */
  async function recordFault(tx: Tx, a: Attempt, current: SubmissionRow, error: Error): Promise<void> {
    const { stage, attempt, counted } = a;
    const hold = error instanceof Hold || counted >= stage.attemptsMax;
    const reason = publicReason(error);
    await store.appendLog(
      tx,
      current.id,
      stage.stage,
      attempt,
      hold ? `held: ${reason}` : `attempt ${counted} failed on our side; trying again`,
    );
    const ended = await store.endAttempt(tx, current.id, stage.stage, attempt, {
      state: hold ? 'held' : 'pending',
      summary: hold ? reason : `${reason} Trying again.`,
    });
    if (!ended) return;
    if (hold) return arrivals.held(tx, current, stage.stage, reason, error.message);
    await enqueue(
      tx,
      stageJob,
      { submissionId: current.id, stage: stage.stage },
      { runAt: new Date(Date.now() + pauseMs(counted)) },
    );
  }

  return [
    { name: stageJob, run: ({ submissionId, stage }) => run(String(submissionId), stage as StageName) },
  ];
}

/** What the publisher is told: nothing of our insides, unless a stage held on purpose. */
function publicReason(error: Error): string {
  if (error instanceof Hold) return error.message;
  return isUnavailable(error)
    ? 'A part of the marketplace could not be reached.'
    : 'Something broke on our side.';
}
