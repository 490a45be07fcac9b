/**
 * Hours of instances as dimensions of usage: `realtime.seconds.ml.c5.large`. Seconds are counted, so that nothing is lost or rounded
 * before the invoice; prices and included quantities are by the hour.
 */
export const instanceUses = ['realtime', 'transform', 'training'] as const;
export type InstanceUse = (typeof instanceUses)[number];

export const useWords: Readonly<Record<InstanceUse, string>> = {
  realtime: 'real-time',
  transform: 'batch',
  training: 'training',
};

export const secondsPerHour = 3600;

export const instanceDimension = (use: InstanceUse, instanceType: string): string =>
  `${use}.seconds.${instanceType}`;

const form = new RegExp(`^(${instanceUses.join('|')})\\.seconds\\.(.+)$`);

/** What a dimension counts the seconds of; undefined: something else. */
export function instanceOf(
  dimension: string,
): { readonly use: InstanceUse; readonly instanceType: string } | undefined {
  const [, use, instanceType] = form.exec(dimension) ?? [];
  return use !== undefined && instanceType !== undefined
    ? { use: use as InstanceUse, instanceType }
    : undefined;
}

/** How many counted units one price is for. */
export const unitsPerPrice = (dimension: string): number => (instanceOf(dimension) ? secondsPerHour : 1);

/** "hour of batch on ml.c5.large", "inference": what one price is for, in words. */
export function priceUnit(dimension: string, call = 'inference'): string {
  const hours = instanceOf(dimension);
  if (hours) return `hour of ${useWords[hours.use]} on ${hours.instanceType}`;
  if (dimension === 'transactions') return 'transaction';
  return dimension === 'inference.count' ? call : dimension;
}

/** Seconds as hours with as many decimals as they need, at most four: 5,400 is "1.5". */
export const hoursOf = (seconds: number): string =>
  (seconds / secondsPerHour).toLocaleString('en', { maximumFractionDigits: 4 });
