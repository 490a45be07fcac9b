import type { TrainingJob } from '@souk/contract';
import type { FastifyReply } from 'fastify';
import type { Notifications } from '../../platform/notify.ts';
import { isOver } from './training.ts';

const keepAliveMs = 15_000;
/** A training that prints much changes many times a second; people and programs are told less often. */
const pauseMs = 500;

/** Server-sent events: the job as it is now, then again at each change, until it is over. Never a backlog: the newest state only. */
export function follow(
  reply: FastifyReply,
  notifications: Notifications,
  id: string,
  read: () => Promise<TrainingJob>,
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
      unlisten();
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
          const job = await read();
          if (ended || raw.writableEnded || raw.destroyed) return;
          raw.write(`id: ${++sequence}\nevent: training\ndata: ${JSON.stringify(job)}\n\n`);
          if (isOver(job.status)) return end();
          await new Promise((go) => setTimeout(go, pauseMs));
        }
      } catch {
        // The client connects again; by then the database may be back, or the job deleted.
        end();
      } finally {
        reading = false;
      }
    };
    const unlisten = notifications.listen('souk_training', (payload) => {
      if (payload === null || payload === id) void tell();
    });
    const keepAlive = setInterval(() => {
      if (!raw.writableEnded) raw.write(': still here\n\n');
    }, keepAliveMs);
    raw.once('close', end);
    void tell();
  });
}
