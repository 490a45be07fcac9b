import { parentPort, workerData } from 'node:worker_threads';
import type { MetricDefinition } from '@souk/contract/algorithms';
import { metricPattern } from '@souk/contract/metric-pattern';

export type ToMatcher = { readonly lines: readonly string[] } | { readonly finish: true };

export interface MatchedMetric {
  readonly name: string;
  readonly values: readonly number[];
  /** The first thing found that was not a number. */
  readonly notNumber: string | null;
}

const { definitions, current } = workerData as {
  definitions: readonly MetricDefinition[];
  current: Int32Array;
};
const matchers = definitions.map(({ name, regex }) => ({
  name,
  pattern: metricPattern(regex),
  values: [] as number[],
  notNumber: null as string | null,
}));

parentPort?.on('message', (message: ToMatcher) => {
  if ('lines' in message)
    for (const line of message.lines)
      for (const [i, matcher] of matchers.entries()) {
        current[0] = i;
        const text = matcher.pattern.exec(line)?.[1];
        if (text === undefined) continue;
        const value = Number(text.trim());
        if (text.trim() !== '' && Number.isFinite(value)) matcher.values.push(value);
        // A loss may become infinite, or no number at all; that is news for people, and no mistake of the pattern.
        else if (!/^[+-]?(?:nan|inf(?:inity)?)$/i.test(text.trim())) matcher.notNumber ??= text.slice(0, 100);
      }
  else
    parentPort?.postMessage(
      matchers.map(({ name, values, notNumber }): MatchedMetric => ({ name, values, notNumber })),
    );
});
