import { fail } from '../../platform/errors.ts';

export interface QuotaNow {
  readonly limit: number;
  readonly used: number;
  readonly resetsAt: string;
  /** Else what goes beyond it has a price. */
  readonly stops: boolean;
}

const freshMs = 5000;

/**
 * Holds a job to the plan's quota while it runs. Its own calls that are not counted yet are added to what is; endpoints count beside it, so
 * it is asked anew every few seconds.
 */
export function newQuota(ask: () => Promise<QuotaNow | null>) {
  let known: QuotaNow | null = null;
  let askedAt = Number.NEGATIVE_INFINITY;
  let own = 0;
  return {
    /** Before a call; refused when nothing is left. */
    async take(): Promise<void> {
      if (performance.now() - askedAt > freshMs) {
        askedAt = performance.now();
        known = await ask();
      }
      if (known?.stops && known.used + own >= known.limit)
        fail('transform.quota_exhausted', { limit: known.limit, resetsAt: known.resetsAt });
      own += 1;
    },
    /** These are in the usage records from here on. */
    counted(units: number): void {
      own = Math.max(0, own - units);
      askedAt = Number.NEGATIVE_INFINITY;
    },
  };
}
