import { canonicalSha256 } from '../../platform/canonical-json.ts';
import { runTrial, type TrialInstance, type TrialResult, type TrialSample } from './runtime.trial.ts';
import type { Servable, StartServable } from './servable.ts';

/** What decides how a trial ends: what is served, what is asked of it, and on what it runs. */
export interface TrialOf {
  readonly servable: Servable;
  readonly instance: TrialInstance;
  readonly sample: TrialSample;
}

export interface Trials {
  /** A trial that was made while a package was checked. */
  keep(of: TrialOf, result: TrialResult): void;
  /** The trial that was kept a moment ago, or a new one. */
  run(name: string, of: TrialOf, signal: AbortSignal): Promise<TrialResult>;
}

const keptMax = 50;
const keepMs = 15 * 60_000;

/**
 * Most products are submitted right after their package was checked, and the check runs the same model with the same sample on the
 * same instance type: its trial is taken over. Kept in memory only; after a restart it is made again.
 */
export function newTrials(start: StartServable): Trials {
  const kept = new Map<string, { readonly at: number; readonly result: TrialResult }>();
  const keyOf = ({ servable, instance: { name, cpus, memoryMb }, sample }: TrialOf) =>
    canonicalSha256({ servable, name, cpus, memoryMb, sample });
  return {
    keep(of, result) {
      const [oldest] = kept.keys();
      if (kept.size >= keptMax && oldest !== undefined) kept.delete(oldest);
      kept.set(keyOf(of), { at: performance.now(), result });
    },
    async run(name, of, signal) {
      const found = kept.get(keyOf(of));
      if (found && performance.now() - found.at < keepMs) return found.result;
      return runTrial(start, { name, servable: of.servable }, of.instance, of.sample, signal);
    },
  };
}
