import type { FastifyReply } from 'fastify';
import type { Notifications } from './notify.ts';

const keepAliveMs = 15_000;

export interface Followed<T> {
  readonly channel: string;
  /** Notifications of others on the channel are passed over. */
  readonly id: string;
  /** The name of the events. */
  readonly event: string;
  read(): Promise<T>;
  isOver(now: T): boolean;
  /** What changes many times a second is told less often. */
  readonly pauseMs?: number;
}

/**
 * Server-sent events: the thing as it is now, then again at each change, until it is over. Changes that come while one
 * is being read are told as one, so a client that reads slowly is sent the newest state and never a backlog.
 */
export function follow<T>(
  reply: FastifyReply,
  notifications: Notifications,
  { channel, id, event, read, isOver, pauseMs = 0 }: Followed<T>,
): Promise<undefined> {
  reply.hijack();
  const { raw } = reply;
  raw.writeHead(200, {
    'content-type': 'text/event-stream; charset=utf-8',
    'cache-control': 'no-store',
    'x-accel-buffering': 'no',
  });
  return new Promise((resolve) => {
    let reading = false;
    let again = false;
    let ended = false;
    let sequence = 0;
    const end = () => {
      if (ended) return;
      ended = true;
      clearInterval(keepAlive);
      stop();
      raw.end();
      resolve(undefined);
    };
    const tell = async () => {
      again = true;
      if (reading) return;
      reading = true;
      try {
        while (again) {
          again = false;
          const now = await read();
          // The reader or the server may have gone meanwhile; writing then is an error that nobody catches.
          if (ended || raw.writableEnded || raw.destroyed) return;
          const taken = raw.write(`id: ${++sequence}\nevent: ${event}\ndata: ${JSON.stringify(now)}\n\n`);
          if (isOver(now)) return end();
          if (!taken) await drained();
          if (pauseMs > 0) await new Promise((go) => setTimeout(go, pauseMs));
        }
      } catch {
        // The client's EventSource connects again; by then the database may be back.
        end();
      } finally {
        reading = false;
      }
    };
    const drained = () =>
      new Promise<void>((go) => {
        for (const event of ['drain', 'close']) raw.once(event, () => go());
      });
    const stop = notifications.listen(channel, (payload) => {
      if (payload === null || payload === id) void tell();
    });
    const keepAlive = setInterval(() => {
      if (!raw.writableEnded) raw.write(': still here\n\n');
    }, keepAliveMs);
    raw.once('close', end);
    void tell();
  });
}
