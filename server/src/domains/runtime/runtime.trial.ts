import type { MeasuredLatency } from '@souk/contract';
import { callModel, type ModelAnswer } from './runtime.call.ts';
import type { RunningModel } from './runtime.ts';
import type { ServeRequest, StartServable } from './servable.ts';

export interface TrialInstance {
  readonly name: string;
  readonly cpus: number;
  readonly memoryMb: number;
}

export interface TrialResult {
  readonly answer: ModelAnswer;
  readonly startMs: number;
  readonly measured: MeasuredLatency;
  readonly sandbox: string;
}

export interface TrialSample {
  readonly contentType: string;
  readonly accept: string;
  readonly body: string;
}

// Short on purpose: a publisher waits for it. 300 calls tell the median within a few percent, the 99th percentile less surely; of a
// slow model fewer are made, and the evidence says how many.
const warmUpCalls = 20;
const warmUpMsMax = 50;
const measuredCalls = 300;
const measureMsMax = 200;
const fewCalls = 20;
const fewCallsMsMax = 1500;
const throughputMs = 120;
const callTimeoutMs = 60_000;
/** Upper bounds of the latency histogram in milliseconds; the last bucket takes the rest. */
const buckets = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 250, 500, 1000, 2500, 5000, 10_000, 60_000];

/**
 * Runs a model on an instance type as a buyer would meet it: starts it, sends the sample, then measures latency one call at a
 * time and throughput with two calls per CPU in flight. The answer is returned whatever it is; judging it is the caller's.
 */
export async function runTrial(
  start: StartServable,
  model: Pick<ServeRequest, 'name' | 'servable' | 'unpacked'>,
  instance: TrialInstance,
  sample: TrialSample,
  signal: AbortSignal,
): Promise<TrialResult> {
  const began = performance.now();
  const running = await start({ ...model, instance });
  try {
    await running.ready;
    const startMs = performance.now() - began;
    const answer = await callModel(running.address, callOf(sample));
    const measured =
      answer.status === 200 ? await measureModel(running, instance, sample, signal) : none(instance);
    return { answer, startMs, measured, sandbox: running.sandbox };
  } finally {
    await running.stop();
  }
}

const callOf = (sample: TrialSample) => ({ path: '/invocations', ...sample, timeoutMs: callTimeoutMs });

/** Latency one call at a time, then throughput, of a model that has answered its sample. */
export async function measureModel(
  running: RunningModel,
  instance: TrialInstance,
  sample: TrialSample,
  signal: AbortSignal,
): Promise<MeasuredLatency> {
  const call = () => callModel(running.address, callOf(sample));
  const warmUntil = performance.now() + warmUpMsMax;
  for (let i = 0; i < warmUpCalls && performance.now() < warmUntil; i++) await call();
  const durations: number[] = [];
  const started = performance.now();
  const enoughMs = () => (durations.length < fewCalls ? fewCallsMsMax : measureMsMax);
  while (durations.length < measuredCalls && performance.now() - started < enoughMs()) {
    signal.throwIfAborted();
    durations.push((await call()).durationMs);
  }
  let answered = 0;
  const began = performance.now();
  const caller = async () => {
    while (performance.now() - began < throughputMs) {
      signal.throwIfAborted();
      if ((await call()).status === 200) answered++;
    }
  };
  await Promise.all(Array.from({ length: Math.max(2, Math.round(instance.cpus * 2)) }, caller));
  const seconds = (performance.now() - began) / 1000;
  durations.sort((a, b) => a - b);
  return {
    instanceType: instance.name,
    p50Ms: rounded(quantile(durations, 0.5)),
    p99Ms: rounded(quantile(durations, 0.99)),
    callsPerSecond: Math.round(answered / seconds),
    calls: durations.length + answered,
    histogram: histogram(durations),
    measuredAt: new Date().toISOString(),
  };
}

export function quantile(sorted: readonly number[], q: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

export function histogram(durations: readonly number[]): { upToMs: number; count: number }[] {
  const counts = buckets.map((upToMs) => ({ upToMs, count: 0 }));
  for (const d of durations) {
    const bucket = counts.find((b) => d <= b.upToMs) ?? counts.at(-1);
    if (bucket) bucket.count++;
  }
  const last = counts.findLastIndex((b) => b.count > 0);
  return counts.slice(0, last + 1);
}

const rounded = (ms: number) => Math.round(ms * 100) / 100;
const none = (instance: TrialInstance): MeasuredLatency => ({
  instanceType: instance.name,
  p50Ms: 0,
  p99Ms: 0,
  callsPerSecond: 0,
  calls: 0,
  histogram: [],
  measuredAt: new Date().toISOString(),
});
