import pg from 'pg';
import type { Log } from './log.ts';

/** Notifications of PostgreSQL, fanned out inside one process over one connection that comes back by itself. */
export interface Notifications {
  /** Calls `heard` for each notification, and with null whenever listening has begun or begun again: something may have been missed. */
  listen(channel: string, heard: (payload: string | null) => void): () => void;
  close(): Promise<void>;
}

const retryMs = 250;

export function openNotifications(databaseUrl: string, log: Log): Notifications {
  const channels = new Map<string, Set<(payload: string | null) => void>>();
  let client: pg.Client | undefined;
  let connecting = false;
  let closed = false;

  const tell = (channel: string, payload: string | null) => {
    for (const heard of channels.get(channel) ?? []) heard(payload);
  };

  async function connect(): Promise<void> {
    const next = new pg.Client({
      connectionString: databaseUrl,
      keepAlive: true,
      connectionTimeoutMillis: 5000,
    });
    next.on('notification', (n) => tell(n.channel, n.payload ?? ''));
    next.on('error', () => {});
    try {
      await next.connect();
      for (const channel of channels.keys()) await next.query(listenTo(channel));
    } catch (error) {
      await next.end().catch(() => {});
      throw error;
    }
    client = next;
    // Only now: a connection that never stood also ends, and would be tried again twice as often each time.
    next.once('end', () => {
      client = undefined;
      void reconnect();
    });
    for (const channel of channels.keys()) tell(channel, null);
  }

  /** One attempt at a time, whoever asks for it. */
  async function reconnect(): Promise<void> {
    if (connecting) return;
    connecting = true;
    for (let failures = 0; !closed && !client; failures++) {
      try {
        await connect();
      } catch (error) {
        if (failures % 20 === 0)
          log.warn({ err: (error as Error).message }, 'no connection for notifications; trying again');
        await new Promise((resolve) => setTimeout(resolve, retryMs).unref());
      }
    }
    connecting = false;
    if (closed) await client?.end().catch(() => {});
  }

  return {
    listen(channel, heard) {
      const set = channels.get(channel) ?? new Set();
      const first = set.size === 0;
      set.add(heard);
      channels.set(channel, set);
      if (!client) void reconnect();
      else if (first)
        void client.query(listenTo(channel)).then(
          () => tell(channel, null),
          () => {},
        );
      return () => {
        set.delete(heard);
      };
    },
    async close() {
      closed = true;
      await client?.end().catch(() => {});
    },
  };
}

const listenTo = (channel: string) => `listen ${pg.escapeIdentifier(channel)}`;
