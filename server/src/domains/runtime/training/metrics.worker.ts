import { parentPort, workerData } from 'node:worker_threads';
import type { MetricDefinition } from '@souk/contract/algorithms';
import { metricPattern } from '@souk/contract/metric-pattern';

export type ToMatcher = { readonly lines: readonly string[] } | { readonly finish: true };
export type FromMatcher =
  | { readonly found: readonly FoundValue[] }
  | { readonly matched: readonly MatchedMetric[] };

export interface FoundValue {
  readonly name: string;
  readonly value: number;
}

export interface MatchedMetric {
  readonly name: string;
  readonly values: readonly number[];
  /** The first thing found that was not a number. */
  readonly notNumber: string | null;
}

const { definitions, current, live } = workerData as {
  definitions: readonly MetricDefinition[];
  current: Int32Array;
  live: boolean;
};
/** A training of days prints without end; whoever wants all values hears of them as they come. */
const valuesKeptMax = 1_000_000;
const matchers = definitions.map(({ name, regex }) => ({
  name,
  pattern: metricPattern(regex),
  values: [] as number[],
  notNumber: null as string | null,
}));
const say = (message: FromMatcher) => parentPort?.postMessage(message);

parentPort?.on('message', (message: ToMatcher) => {
  if (!('lines' in message))
    return say({ matched: matchers.map(({ name, values, notNumber }) => ({ name, values, notNumber })) });
  const found: FoundValue[] = [];
  for (const line of message.lines)
    for (const [i, matcher] of matchers.entries()) {
      current[0] = i;
      const text = matcher.pattern.exec(line)?.[1];
      if (text === undefined) continue;
      const value = Number(text.trim());
      if (text.trim() !== '' && Number.isFinite(value)) {
        if (matcher.values.length < valuesKeptMax) matcher.values.push(value);
        found.push({ name: matcher.name, value });
      }
      // A loss may become infinite, or no number at all; that is news for people, and no mistake of the pattern.
      else if (!/^[+-]?(?:nan|inf(?:inity)?)$/i.test(text.trim())) matcher.notNumber ??= text.slice(0, 100);
    }
  if (live && found.length > 0) say({ found });
});
