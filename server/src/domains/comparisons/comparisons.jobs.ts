import { type ComparedAnswer, type ComparedSample, comparisonLimits } from '@souk/contract';
import { inTx } from '../../platform/db.ts';
import type { Subscriber } from '../../platform/events.ts';
import type { JobDefinition } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { bytesOf, compared, textOf } from './comparisons.rules.ts';
import * as store from './comparisons.sql.ts';
import type { KeptSample } from './comparisons.ts';

export const compareJob = 'compare-versions';
const callTimeoutMs = 30_000;
const answerBytesMax = 262_144;

export interface ModelCall {
  readonly productId: string;
  readonly version: string;
  readonly contentType: string;
  readonly accept: string;
  readonly body: Buffer;
  readonly timeoutMs: number;
}

export interface RunNeeds {
  /** Calls the version itself, past the gateway and its usage log: it costs nothing. Null when nothing of it runs. */
  callVersion(
    call: ModelCall,
  ): Promise<{ status: number; contentType: string; body: Buffer; durationMs: number } | null>;
}

/** Nothing of the version runs: no comparison can be made with it. */
class NotRunning extends Error {}

export function comparisonJobs(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  { callVersion }: RunNeeds,
): JobDefinition[] {
  async function ask(productId: string, version: string, s: KeptSample): Promise<ComparedAnswer> {
    const { contentType, accept } = s;
    const call = { productId, version, contentType, accept, timeoutMs: callTimeoutMs };
    const answer = await callVersion({ ...call, body: bytesOf(s.body, s.encoding) });
    if (!answer)
      throw new NotRunning(`Version ${version} is not running at this moment. Try again in a minute.`);
    return {
      version,
      status: answer.status,
      contentType: answer.contentType,
      ...textOf(answer.body.subarray(0, answerBytesMax)),
      durationMs: answer.durationMs,
      recorded: false,
    };
  }

  /** One after the other, both versions in turn: they share a machine, and would else slow each other down. */
  async function run(id: string, runsBefore: boolean): Promise<void> {
    const c = await store.find(db, id);
    if (c?.state !== 'running') return;
    const results: ComparedSample[] = [];
    for (const [index, s] of c.samples.entries()) {
      const before = runsBefore
        ? await ask(c.productId, c.from, s).catch(noAnswer)
        : s.answer?.version === c.from
          ? s.answer
          : null;
      const after = await ask(c.productId, c.to, s).catch(noAnswer);
      const sample = { number: index + 1, contentType: s.contentType, body: s.body, encoding: s.encoding };
      results.push(compared(sample, before, after, c.tolerance));
    }
    await inTx(db, (tx) => store.finish(tx, id, { state: 'done', results, failure: null, now: clock.now() }));
  }

  return [
    {
      name: compareJob,
      async run({ comparisonId, runsBefore }, { attempt, attemptsMax }) {
        const id = String(comparisonId);
        try {
          await run(id, runsBefore === true);
        } catch (error) {
          if (!(error instanceof NotRunning) && attempt < attemptsMax) throw error;
          const failure =
            error instanceof NotRunning ? error.message : 'Something broke on our side. Try again.';
          await inTx(db, (tx) =>
            store.finish(tx, id, { state: 'failed', results: [], failure, now: clock.now() }),
          );
        }
      },
    },
    {
      name: 'comparisons-expire',
      cron: '23 * * * *',
      run: () =>
        inTx(db, (tx) =>
          store.removeOld(tx, new Date(clock.now().getTime() - comparisonLimits.keptDays * 86_400_000)),
        ),
    },
  ];
}

/** A call that broke off or took too long is no answer; one whose version does not run ends the comparison. */
function noAnswer(error: unknown): null {
  if (error instanceof NotRunning) throw error;
  return null;
}

/** What was recorded of a subscription goes with it. */
export function comparisonSubscriber({ db }: Pick<Platform, 'db'>): Subscriber {
  return {
    name: 'recorded-calls-end',
    types: ['subscription.ended'],
    handle: ({ subject }) =>
      inTx(db, async (tx) => {
        await store.setRecording(tx, subject, null);
        await store.removeRecorded(tx, subject, null);
      }),
  };
}
