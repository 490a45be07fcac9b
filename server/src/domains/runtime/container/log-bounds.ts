export interface LogBounds {
  /** So much at once, and this much a second for ever. */
  readonly burstBytes: number;
  readonly bytesPerSecond: number;
}

/** What a model that is called all day may write; a stack trace for each call fits many times over. */
export const servingLog: LogBounds = { burstBytes: 8 * 1024 * 1024, bytesPerSecond: 256 * 1024 };

/** True while what is written stays within bounds. */
export function logBudget({ burstBytes, bytesPerSecond }: LogBounds, nowMs = () => performance.now()) {
  let left = burstBytes;
  let at = nowMs();
  return (bytes: number): boolean => {
    const now = nowMs();
    left = Math.min(burstBytes, left + ((now - at) / 1000) * bytesPerSecond) - bytes;
    at = now;
    return left >= 0;
  };
}
