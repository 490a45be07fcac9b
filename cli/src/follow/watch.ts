import { setTimeout as sleep } from 'node:timers/promises';
import type { Operation } from '@souk/contract';
import type { Client } from '../client.ts';
import { Failure } from '../failure.ts';
import { eventsNamed } from './events.ts';

const pollMs = 1000;
const troubleMsMax = 120_000;
/** A connection that died without a word is noticed by opening a new one now and then. */
const streamMsMax = 60_000;

/** Something long that can be asked for, and followed over server-sent events. */
export interface Watched<T> {
  get(): Promise<T>;
  readonly events: Operation;
  readonly params: Readonly<Record<string, string>>;
  /** The name of its events. */
  readonly event: string;
  hasEnded(now: T): boolean;
}

/**
 * The thing at each change, until it ends. Live events where they come through; a proxy that swallows them, or a restart, only
 * makes us ask instead.
 */
export async function* watch<T>(
  client: Client,
  watched: Watched<T>,
  onTrouble: (text: string) => void,
): AsyncGenerator<T, void, undefined> {
  let last: T | undefined;
  let eventsFailed = 0;
  let troubleSince: number | undefined;
  for (;;) {
    try {
      const now = await watched.get();
      troubleSince = undefined;
      if (changed(last, now)) yield now;
      last = now;
      if (watched.hasEnded(now)) return;
      if (eventsFailed < 2) {
        const openedAt = Date.now();
        for await (const event of eventsOf(client, watched)) {
          if (changed(last, event)) yield event;
          last = event;
          eventsFailed = 0;
          if (watched.hasEnded(event)) return;
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
const changed = <T>(a: T | undefined, b: T) => JSON.stringify(a) !== JSON.stringify(b);

async function* eventsOf<T>(client: Client, { events, params, event }: Watched<T>) {
  const { response } = await client.exchange(
    events,
    { params },
    { accept: 'text/event-stream', timeoutMs: streamMsMax },
  );
  const live = response.headers.get('content-type')?.startsWith('text/event-stream');
  if (!live || !response.body) {
    await response.body?.cancel();
    return;
  }
  try {
    for await (const data of eventsNamed(response.body, event)) yield JSON.parse(data) as T;
  } catch (error) {
    if (client.signal.aborted) throw error;
    // Cut off in the middle: the caller asks for the state and opens the stream again.
  }
}
