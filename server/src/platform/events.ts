import { type Db, json, row, rows, sql, type Tx } from './db.ts';
import { enqueue, type JobDefinition } from './jobs.ts';

/** News of a domain, in the past tense: `submission.released`. */
export interface DomainEvent {
  readonly id: number;
  readonly type: string;
  readonly subject: string;
  readonly accountId: string | null;
  readonly data: Record<string, unknown>;
  readonly at: Date;
}

/** Hears of events after their transaction is committed, at least once: it must be idempotent. */
export interface Subscriber {
  readonly name: string;
  readonly types: readonly string[];
  handle(event: DomainEvent): Promise<void>;
}

export interface Events {
  /** Writes the event in the caller's transaction; each subscriber is then told by a job of its own, so one that fails is retried alone. */
  publish(
    tx: Tx,
    event: { type: string; subject: string; accountId?: string | null; data?: Record<string, unknown> },
  ): Promise<void>;
  /** Called by compose once all subscribers exist. */
  subscribe(subscriber: Subscriber): void;
  jobs(db: Db): JobDefinition[];
}

export function newEvents(): Events {
  const subscribers: Subscriber[] = [];
  return {
    subscribe: (s) => {
      subscribers.push(s);
    },
    async publish(tx, { type, subject, accountId = null, data = {} }) {
      const event = await row<{ id: number }>(
        tx,
        sql`insert into outbox (type, subject, account_id, data) values (${type}, ${subject}, ${accountId}, ${json(data)}) returning id`,
      );
      if (!event) throw new Error('the outbox took no row');
      for (const s of subscribers)
        if (s.types.includes(type)) await enqueue(tx, `event:${s.name}`, { eventId: event.id });
    },
    jobs: (db) =>
      subscribers.map((s) => ({
        name: `event:${s.name}`,
        run: async ({ eventId }) => {
          const [event] = await rows<DomainEvent>(
            db,
            sql`select id, type, subject, account_id as "accountId", data, created_at as at from outbox where id = ${Number(eventId)}`,
          );
          if (event) await s.handle(event);
        },
      })),
  };
}
