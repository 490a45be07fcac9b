import { setTimeout as sleep } from 'node:timers/promises';
import { operations, type Submission, type SubmissionState } from '@souk/contract';
import type { Client } from '../client.ts';
import { Failure } from '../failure.ts';
import { eventsNamed } from './events.ts';

const ended: readonly SubmissionState[] = ['refused', 'cancelled', 'released', 'superseded'];
export const hasEnded = (s: Submission): boolean => ended.includes(s.state);

const pollMs = 1000;
const troubleMsMax = 120_000;
/** A connection that died without a word is noticed by opening a new one now and then. */
const streamMsMax = 60_000;

/**
 * The submission at each change, until it ends. Live events where they come through; a proxy that swallows them, or a
 * restart, only makes us ask instead.
 */
export async function* watchSubmission(
  client: Client,
  submissionId: string,
  onTrouble: (text: string) => void,
): AsyncGenerator<Submission, void, undefined> {
  const params = { submissionId };
  let last: Submission | undefined;
  let eventsFailed = 0;
  let troubleSince: number | undefined;
  for (;;) {
    try {
      const now = await client.call(operations.getSubmission, { params });
      troubleSince = undefined;
      if (changed(last, now)) yield now;
      last = now;
      if (hasEnded(now)) return;
      if (eventsFailed < 2) {
        const openedAt = Date.now();
        for await (const event of submissionEvents(client, submissionId)) {
          if (changed(last, event)) yield event;
          last = event;
          eventsFailed = 0;
          if (hasEnded(event)) return;
        }
        if (Date.now() - openedAt < pollMs * 3) eventsFailed += 1;
      }
    } catch (error) {
      if (client.signal.aborted || !(error instanceof Failure) || !mends(error)) throw error;
      eventsFailed = 0;
      troubleSince ??= Date.now();
      if (Date.now() - troubleSince > troubleMsMax) throw error;
      onTrouble(error.message);
    }
    await sleep(pollMs, undefined, { signal: client.signal });
  }
}

const mends = (error: Failure) => ['unavailable', 'limited', 'internal'].includes(error.kind);
const changed = (a: Submission | undefined, b: Submission) => JSON.stringify(a) !== JSON.stringify(b);

async function* submissionEvents(client: Client, submissionId: string) {
  const { response } = await client.exchange(
    operations.followSubmission,
    { params: { submissionId } },
    { accept: 'text/event-stream', timeoutMs: streamMsMax },
  );
  const live = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!live || !response.body) {
    await response.body?.cancel();
    return;
  }
  try {
    for await (const data of eventsNamed(response.body, 'submission')) yield JSON.parse(data) as Submission;
  } catch (error) {
    if (client.signal.aborted) throw error;
    // Cut off in the middle: the caller asks for the state and opens the stream again.
  }
}
