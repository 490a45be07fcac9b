/** The spans that usage is looked at in. */
const hourMs = 3_600_000;

const ending = (durationMs: number, bucket: 'hour' | 'day') => () => {
  // To the end of the current hour, so that what happened a moment ago is in it.
  const to = Math.ceil((Date.now() + 1) / hourMs) * hourMs;
  return { from: new Date(to - durationMs).toISOString(), to: new Date(to).toISOString(), bucket };
};

export const windows = {
  day: { label: '24 h', words: 'the last 24 hours', range: ending(24 * hourMs, 'hour') },
  week: { label: '7 d', words: 'the last 7 days', range: ending(7 * 24 * hourMs, 'hour') },
  month: { label: '30 d', words: 'the last 30 days', range: ending(30 * 24 * hourMs, 'day') },
} as const;
