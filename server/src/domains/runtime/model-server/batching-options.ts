import type { Batching } from './batching.ts';
import { readWholeNumber } from './whole-number.ts';

/** `--batch-window-ms` turns batching on; 0 gathers what has come by the time the runtime is free. */
export const batchingOptions = {
  'batch-window-ms': { type: 'string' },
  'batch-records-max': { type: 'string', default: '256' },
} as const;

export function readBatching(values: {
  readonly 'batch-window-ms'?: string | undefined;
  readonly 'batch-records-max'?: string | undefined;
}): Batching | undefined {
  const windowMs = values['batch-window-ms'];
  if (windowMs === undefined) return undefined;
  return {
    windowMs: readWholeNumber('--batch-window-ms', windowMs, 0),
    recordsMax: readWholeNumber('--batch-records-max', values['batch-records-max'] ?? '256', 2),
  };
}
