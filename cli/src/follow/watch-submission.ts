import { operations, type Submission, type SubmissionState } from '@souk/contract';
import type { Client } from '../client.ts';
import { watch } from './watch.ts';

const ended: readonly SubmissionState[] = ['refused', 'cancelled', 'released', 'superseded'];
export const hasEnded = (s: Submission): boolean => ended.includes(s.state);

/** The submission at each change, until it ends. */
export const watchSubmission = (
  client: Client,
  submissionId: string,
  onTrouble: (text: string) => void,
): AsyncGenerator<Submission, void, undefined> =>
  watch<Submission>(
    client,
    {
      get: () => client.call(operations.getSubmission, { params: { submissionId } }),
      events: operations.followSubmission,
      params: { submissionId },
      event: 'submission',
      hasEnded,
    },
    onTrouble,
  );
