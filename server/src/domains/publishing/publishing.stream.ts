import type { Submission } from '@souk/contract';
import type { FastifyReply } from 'fastify';
import type { Notifications } from '../../platform/notify.ts';
import { isOver } from './publishing.ts';

const keepAliveMs = 15_000;

/**
 * Server-sent events: the submission as it is now, then again at each change, until it is over. Changes that come while one
 * is being read are told as one, so a client that reads slowly is sent the newest state and never a backlog.
 */
export function follow(
  reply: FastifyReply,
  notifications: Notifications,
  channel: string,
  id: string,
  read: () => Promise<Submission>,
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
          const submission = await read();
          // The reader or the server may have gone meanwhile; writing then is an error that nobody catches.
          if (ended || raw.writableEnded || raw.destroyed) return;
          const taken = raw.write(
            `id: ${++sequence}\nevent: submission\ndata: ${JSON.stringify(submission)}\n\n`,
          );
          if (isOver(submission.state)) return end();
          if (!taken) await drained();
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
