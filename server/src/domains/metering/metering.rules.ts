import { instanceOf, type UsageRow } from '@souk/contract';

export interface UsageRecord {
  readonly hour: Date;
  readonly dimension: string;
  readonly quantity: number;
  readonly clientErrors: number;
  readonly serverErrors: number;
}

const hourMs = 3_600_000;
const bucketMs = { hour: hourMs, day: 24 * hourMs } as const;
export type Bucket = keyof typeof bucketMs;
/** A chart of more points than this says nothing more. */
export const bucketsMax = 1000;

const bucketsByDefault = { hour: 24, day: 30 } as const;

/** Start of the bucket (UTC) that holds the time. */
export const bucketOf = (at: number, bucket: Bucket): number =>
  Math.floor(at / bucketMs[bucket]) * bucketMs[bucket];

/** Adds hourly records up to buckets, without gaps: an hour in which nothing happened is a row of zeros. */
export function usageRows(
  records: readonly UsageRecord[],
  from: number,
  to: number,
  bucket: Bucket,
): UsageRow[] {
  const dimensions = [...new Set(records.map((r) => r.dimension))];
  if (!dimensions.some((d) => !instanceOf(d))) dimensions.unshift('inference.count');
  const sums = new Map<string, UsageRow>();
  for (let at = bucketOf(from, bucket); at < to; at += bucketMs[bucket])
    for (const dimension of dimensions)
      sums.set(`${at} ${dimension}`, {
        hour: new Date(at).toISOString(),
        dimension,
        quantity: 0,
        clientErrors: 0,
        serverErrors: 0,
      });
  for (const r of records) {
    const sum = sums.get(`${bucketOf(r.hour.getTime(), bucket)} ${r.dimension}`);
    if (!sum) continue;
    sum.quantity += r.quantity;
    sum.clientErrors += r.clientErrors;
    sum.serverErrors += r.serverErrors;
  }
  return [...sums.values()];
}

/** First moment of the month (UTC), and of the next one. Quotas and invoices go by it. */
export function monthOf(at: Date): { start: Date; end: Date } {
  return {
    start: new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth(), 1)),
    end: new Date(Date.UTC(at.getUTCFullYear(), at.getUTCMonth() + 1, 1)),
  };
}

/**
 * The window of a usage question: by default the last 24 hours, or 30 days by day, each with the one that is not over. It begins
 * where a bucket begins: records know their hour only, and half a bucket would be shown without what was used in it.
 */
export function windowOf(
  given: { from?: string; to?: string; bucket?: Bucket },
  now: Date,
): { from: number; to: number; bucket: Bucket } {
  const bucket = given.bucket ?? 'hour';
  const size = bucketMs[bucket];
  const to = given.to ? Date.parse(given.to) : now.getTime() + 1;
  const last = bucketOf(to - 1, bucket);
  const from = given.from
    ? bucketOf(Date.parse(given.from), bucket)
    : last - (bucketsByDefault[bucket] - 1) * size;
  return { from: Math.max(from, last - (bucketsMax - 1) * size), to, bucket };
}
