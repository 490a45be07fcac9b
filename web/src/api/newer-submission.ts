import type { Submission } from './types.ts';

/** An answer to a click may arrive after the event that tells what became of it; the older of the two is dropped. */
export const newerSubmission = (known: Submission | undefined, next: Submission): Submission =>
  known && known.updatedAt > next.updatedAt ? known : next;
