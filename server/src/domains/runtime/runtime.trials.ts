import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { runTrial, type TrialInstance, type TrialResult, type TrialSample } from './runtime.trial.ts';
import type { StartModel } from './runtime.ts';

/** What decides how a trial ends: the bytes, what is asked of them, and on what they run. */
export interface TrialOf {
  readonly packageSha256: string;
  readonly instance: TrialInstance;
  readonly sample: TrialSample;
}

export interface Trials {
  /** A trial that was made while a package was checked. */
  keep(of: TrialOf, result: TrialResult): void;
  /** The trial that was kept a moment ago, or a new one. */
  run(
    of: TrialOf,
    model: () => Promise<{ name: string; path: string }>,
    signal: AbortSignal,
  ): Promise<TrialResult>;
}

const keptMax = 50;
const keepMs = 15 * 60_000;

/**
 * Most products are submitted right after their package was checked, and the check runs the same model with the same sample on the
 * same instance type: its trial is taken over. Kept in memory only; after a restart it is made again.
 */
export function newTrials(start: StartModel): Trials {
  const kept = new Map<string, { readonly at: number; readonly result: TrialResult }>();
  const keyOf = ({ packageSha256, instance: { name, cpus, memoryMb }, sample }: TrialOf) =>
    canonicalSha256({ packageSha256, name, cpus, memoryMb, sample });
  return {
    keep(of, result) {
      const [oldest] = kept.keys();
      if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest);
      kept.set(keyOf(of), { at: performance.now(), result });
    },
    async run(of, model, signal) {
      const found = kept.get(keyOf(of));
      if (found && performance.now() - found.at < keepMs) return found.result;
      return runTrial(start, await model(), of.instance, of.sample, signal);
    },
  };
}
