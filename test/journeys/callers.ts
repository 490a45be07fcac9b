import { setTimeout as sleep } from 'node:timers/promises';
import { operations, type Subscription } from '@souk/contract';
import { call } from './publish.ts';
import { type Client, until } from './souk.ts';

/** Buyers’ programs that call without end, and count what they were answered. */
export interface Callers {
  /** Answers that arrived whole. */
  readonly answered: number;
  /** Calls whose connection broke before the answer was whole: whether they count, nobody can know. */
  readonly broken: number;
  /** Answers other than 200, by status and error code. */
  readonly refused: ReadonlyMap<string, number>;
  stop(): Promise<void>;
}

export function startCallers(client: Client, publisher: string, count: number): Callers {
  const sums = { answered: 0, broken: 0, refused: new Map<string, number>() };
  let stopped = false;
  async function caller() {
    while (!stopped) {
      try {
        const answer = await call(client, publisher);
        const text = await answer.text();
        if (answer.status === 200) sums.answered++;
        else {
          const { error } = JSON.parse(text) as { error?: { code?: string } };
          const what = `${answer.status} ${error?.code}`;
          sums.refused.set(what, (sums.refused.get(what) ?? 0) + 1);
        }
      } catch {
        sums.broken++;
        await sleep(20);
      }
      // A few hundred a second are enough; the machine has other things to do.
      await sleep(5);
    }
  }
  const running = Array.from({ length: count }, caller);
  return {
    get answered() {
      return sums.answered;
    },
    get broken() {
      return sums.broken;
    },
    refused: sums.refused,
    async stop() {
      stopped = true;
      await Promise.all(running);
    },
  };
}

/** Waits until so many more calls were answered. */
export function answeredMore(callers: Callers, more: number): Promise<number> {
  const wanted = callers.answered + more;
  return until(
    'further answers',
    async () => callers.answered,
    (n) => n >= wanted,
  );
}

/** The usage of a subscription once it no longer grows: nothing of it is still under way. */
export async function usageAtRest(client: Client, { id }: Subscription, atLeast: number): Promise<number> {
  const total = async () => (await client.ok(operations.getUsage, { params: { subscriptionId: id } })).total;
  let last = -1;
  return until(
    'the usage',
    async () => {
      const before = last;
      // Batches leave the gateway once a second.
      await sleep(1500);
      last = await total();
      return before === last ? last : -1;
    },
    (sum) => sum >= atLeast,
  );
}
