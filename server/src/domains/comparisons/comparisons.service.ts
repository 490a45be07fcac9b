import {
  type BodyOf,
  type Comparison,
  comparisonLimits as limits,
  type operations,
  type RecordedCalls,
  type Subscription,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { enqueue } from '../../platform/jobs.ts';
import { newLimiter } from '../../platform/limiter.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { compareJob } from './comparisons.jobs.ts';
import { bytesOf, summaryOf, textOf } from './comparisons.rules.ts';
import * as store from './comparisons.sql.ts';
import type { ComparisonRow, KeptSample, RecordedRow } from './comparisons.ts';

export interface ComparisonNeeds {
  /** A subscription of the caller's account; another one is not there. */
  subscription(caller: Member, subscriptionId: string): Promise<Subscription>;
}

type Given = BodyOf<typeof operations.compareVersions>;
export type Comparisons = ReturnType<typeof newComparisons>;

const perHour = { name: 'comparisons', attempts: limits.perHour, periodMs: 3_600_000 };

export function newComparisons(
  { db, clock }: Pick<Platform, 'db' | 'clock'>,
  { subscription }: ComparisonNeeds,
) {
  const limiter = newLimiter(() => clock.now().getTime());

  async function recordedCalls(caller: Member, id: string): Promise<RecordedCalls> {
    await subscription(caller, id);
    const [max, calls] = await Promise.all([store.recordMax(db, id), store.recorded(db, id)]);
    return {
      recording: max?.max != null,
      keeps: limits.recordedCalls,
      keptDays: limits.keptDays,
      items: calls.map((c) => ({
        id: c.id,
        at: c.at.toISOString(),
        version: c.version,
        contentType: c.contentType,
        ...textOf(c.body),
        sizeBytes: c.body.length,
        status: c.status,
        durationMs: c.durationMs,
      })),
    };
  }

  async function setRecording(caller: Member, id: string, on: boolean): Promise<RecordedCalls> {
    const s = await subscription(caller, id);
    if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt ?? '' });
    await inTx(db, async (tx) => {
      await store.setRecording(tx, id, on ? limits.recordedCalls : null);
      await audit(tx, caller, 'subscription.recording-changed', id, { on });
    });
    return recordedCalls(caller, id);
  }

  async function remove(caller: Member, id: string, sampleId: string | null): Promise<RecordedCalls> {
    await subscription(caller, id);
    await inTx(db, async (tx) => {
      const none = sampleId !== null && !/^\d{1,18}$/.test(sampleId);
      const removed = none ? 0 : await store.removeRecorded(tx, id, sampleId);
      if (sampleId !== null && removed === 0) fail('comparison.sample_missing', { sampleId });
      await audit(tx, caller, 'subscription.recorded-calls-deleted', id, { removed });
    });
    return recordedCalls(caller, id);
  }

  async function compare(caller: Member, id: string, given: Given): Promise<Comparison> {
    const s = await subscription(caller, id);
    if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt ?? '' });
    const choosable = s.versions.map((v) => v.number);
    const to = given.version === 'latest' ? (s.latest ?? 'latest') : given.version;
    if (to === s.version) fail('comparison.same_version', { version: to });
    if (!choosable.includes(to))
      fail('subscription.version_missing', {
        product: `${s.publisher}/${s.product}`,
        version: to,
        versions: choosable.join(', '),
      });
    const samples = given.samples
      ? given.samples.map(givenSample)
      : (await store.recorded(db, id)).slice(0, limits.samples).map(recordedSample);
    if (samples.length === 0) fail('comparison.no_samples');
    const seconds = limiter.take(perHour, id);
    if (seconds > 0) fail('comparison.limited', { limit: limits.perHour, seconds });
    const comparisonId = newId('cmp');
    await inTx(db, async (tx) => {
      await store.insert(tx, {
        id: comparisonId,
        subscriptionId: id,
        from: s.version,
        to,
        source: given.samples ? 'given' : 'recorded',
        tolerance: given.tolerance ?? limits.toleranceDefault,
        samples,
        by: caller.email,
        now: clock.now(),
      });
      // `runs` is decided now: whether the chosen version may still be called is the subscription's business.
      await enqueue(
        tx,
        compareJob,
        { comparisonId, runsBefore: choosable.includes(s.version) },
        { attemptsMax: 3 },
      );
      await audit(tx, caller, 'subscription.versions-compared', id, {
        from: s.version,
        to,
        samples: samples.length,
      });
    });
    return get(caller, id, comparisonId);
  }

  async function get(caller: Member, id: string, comparisonId: string): Promise<Comparison> {
    await subscription(caller, id);
    const found = await store.find(db, comparisonId);
    return found?.subscriptionId === id ? view(found) : fail('comparison.missing', { comparisonId });
  }

  return {
    recordedCalls,
    setRecording,
    remove,
    compare,
    get,
    async list(caller: Member, id: string): Promise<{ items: Comparison[] }> {
      await subscription(caller, id);
      return { items: (await store.list(db, id)).map((c) => ({ ...view(c), samples: [] })) };
    },
  };
}

function givenSample(s: NonNullable<Given['samples']>[number], index: number): KeptSample {
  const { contentType, accept = '*/*', body, encoding = 'text' } = s;
  if (bytesOf(body, encoding).length > limits.sampleBytes)
    fail('comparison.sample_too_large', { number: index + 1, limitBytes: limits.sampleBytes });
  return { contentType, accept, body, encoding, answer: null };
}

const recordedSample = (c: RecordedRow): KeptSample => ({
  contentType: c.contentType,
  accept: c.accept,
  ...textOf(c.body),
  answer: {
    version: c.version,
    status: c.status,
    contentType: c.answerContentType,
    ...textOf(c.answer),
    durationMs: c.durationMs,
    recorded: true,
  },
});

const view = (c: ComparisonRow): Comparison => ({
  id: c.id,
  subscriptionId: c.subscriptionId,
  from: c.from,
  to: c.to,
  source: c.source,
  state: c.state,
  failure: c.failure,
  tolerance: c.tolerance,
  units: 0,
  summary: c.state === 'done' ? summaryOf(c.results) : null,
  samples: [...c.results],
  createdBy: c.createdBy,
  createdAt: c.createdAt.toISOString(),
  endedAt: c.endedAt?.toISOString() ?? null,
});
