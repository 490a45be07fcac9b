/**
 * Runs work for so long at most. The signal asks it to end; whether it listens or not, the answer is an error then, and what it
 * still does comes too late to count.
 */
export async function withinLimit<T>(
  limitMs: number | null,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const limit = new AbortController();
  if (limitMs === null) return work(limit.signal);
  let timer: NodeJS.Timeout | undefined;
  const over = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      const error = new Error(`it took more than ${limitMs} ms`);
      limit.abort(error);
      reject(error);
    }, limitMs);
  });
  try {
    return await Promise.race([work(limit.signal), over]);
  } finally {
    clearTimeout(timer);
  }
}
