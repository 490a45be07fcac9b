import type { Readable } from 'node:stream';

const lineCharsMax = 8192;

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

/** Lines as they come. One without an end is cut, so that nothing grows without bound here; what is not `allowed` is read and lost. */
export async function readLines(
  stream: Readable,
  onLine: (line: string) => void,
  allowed: (bytes: number) => boolean,
): Promise<void> {
  let rest = '';
  let cut = false;
  try {
    for await (const chunk of stream.setEncoding('utf8')) {
      const text = chunk as string;
      if (!allowed(Buffer.byteLength(text))) continue;
      const pieces = (rest + text).split('\n');
      rest = pieces.pop() ?? '';
      if (cut && pieces.length > 0) {
        pieces.shift();
        cut = false;
      }
      for (const line of pieces) onLine(line.slice(0, lineCharsMax));
      if (rest.length > lineCharsMax) {
        if (!cut) onLine(rest.slice(0, lineCharsMax));
        cut = true;
        rest = '';
      }
    }
  } catch {
    // The pipe broke: whatever was written has been read.
  }
  if (rest !== '' && !cut) onLine(rest);
}
