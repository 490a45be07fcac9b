import { Worker } from 'node:worker_threads';
import type { MetricDefinition, TrainedMetric } from '@souk/contract';
import type { FoundValue, FromMatcher, MatchedMetric, ToMatcher } from './metrics.worker.ts';

export interface ReadMetrics {
  readonly metrics: readonly TrainedMetric[];
  /** Declared, but never found. */
  readonly missing: readonly string[];
  readonly notNumbers: readonly { readonly name: string; readonly found: string }[];
  /** Whose pattern did not come to an end in its time. */
  readonly slow: string | null;
}

export interface MetricReader {
  feed(lines: readonly string[]): void;
  finish(): Promise<ReadMetrics>;
}

const seriesMax = 100;
const timeLimitMs = 10_000;

/**
 * Finds metrics in what a training prints. The patterns are a publisher's: one that backtracks without end would stop everything
 * else here, so they run in a thread of their own, which is ended when it takes too long.
 */
export function readMetrics(
  definitions: readonly MetricDefinition[],
  limitMs: number = timeLimitMs,
  /** Hears of values while the training runs. */
  onFound?: (found: readonly FoundValue[]) => void,
): MetricReader {
  if (definitions.length === 0)
    return {
      feed: () => undefined,
      finish: async () => ({ metrics: [], missing: [], notNumbers: [], slow: null }),
    };
  // Which metric is being looked for: read when the thread no longer answers.
  const current = new Int32Array(new SharedArrayBuffer(4));
  const worker = new Worker(new URL('./metrics.worker.ts', import.meta.url), {
    workerData: { definitions, current, live: onFound !== undefined },
  });
  worker.unref();
  if (onFound)
    worker.on('message', (message: FromMatcher) => {
      if ('found' in message) onFound(message.found);
    });
  // Said at `finish`; without anybody who hears it, it would end this process.
  worker.on('error', () => undefined);
  const send = (message: ToMatcher) => worker.postMessage(message);
  return {
    feed: (lines) => send({ lines }),
    async finish() {
      worker.ref();
      let timer: NodeJS.Timeout | undefined;
      try {
        const matched = await new Promise<readonly MatchedMetric[] | null>((resolve, reject) => {
          worker.on('message', (message: FromMatcher) => {
            if ('matched' in message) resolve(message.matched);
          });
          worker.once('error', reject);
          timer = setTimeout(() => resolve(null), limitMs);
          send({ finish: true });
        });
        return matched ? resultOf(matched) : tooSlow(definitions[current[0] ?? 0]?.name ?? '');
      } finally {
        clearTimeout(timer);
        await worker.terminate();
      }
    },
  };
}

const tooSlow = (name: string): ReadMetrics => ({ metrics: [], missing: [], notNumbers: [], slow: name });

function resultOf(matched: readonly MatchedMetric[]): ReadMetrics {
  return {
    metrics: matched.filter((m) => m.values.length > 0).map(({ name, values }) => summary(name, values)),
    missing: matched.filter((m) => m.values.length === 0 && m.notNumber === null).map((m) => m.name),
    notNumbers: matched.flatMap((m) => (m.notNumber === null ? [] : [{ name: m.name, found: m.notNumber }])),
    slow: null,
  };
}

function summary(name: string, values: readonly number[]): TrainedMetric {
  const [first = 0] = values;
  const step = Math.max(1, (values.length - 1) / (seriesMax - 1));
  const points = Math.min(values.length, seriesMax);
  return {
    name,
    count: values.length,
    first,
    last: values.at(-1) ?? first,
    min: values.reduce((a, b) => Math.min(a, b), first),
    max: values.reduce((a, b) => Math.max(a, b), first),
    series: Array.from({ length: points }, (_, i) => values[Math.round(i * step)] ?? first),
  };
}
