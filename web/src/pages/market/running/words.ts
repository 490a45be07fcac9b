import type { Running, RunningThing } from '../../../api/types.ts';
import { formatMoney } from '../../../format/format.ts';

export const kindWords: Readonly<Record<RunningThing['kind'], string>> = {
  endpoint: 'Endpoint',
  'transform-job': 'Batch job',
  'training-job': 'Training job',
  'tuning-job': 'Tuning job',
};

/** "$0.90 an hour"; of several currencies each. */
export const perHourText = (perHour: Running['perHour']): string =>
  perHour.length === 0
    ? 'nothing'
    : `${perHour.map((p) => formatMoney(p.amount, p.currency)).join(' + ')} an hour`;
