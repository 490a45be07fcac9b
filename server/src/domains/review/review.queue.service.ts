import type { QueueItem, QueueKind } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as store from './review.queue.sql.ts';
import type { ReviewNeeds } from './review.service.ts';
import type { QueueRow } from './review.ts';

const hourMs = 3_600_000;

export interface Waiting {
  readonly kind: QueueKind;
  readonly subject: string;
  readonly accountId: string;
  readonly title: string;
  readonly product: string | null;
  readonly why: string;
}

/** What waits for a person of the operator: opened and closed by those whose business it is, in their transaction. */
export function newQueue(
  { db, clock, authorizer }: Platform,
  needs: Pick<ReviewNeeds, 'policies'>,
  /** Refuses who may not answer this one. */
  mayTake: (caller: Member, item: QueueRow) => Promise<void>,
) {
  async function open(tx: Tx, waiting: Waiting): Promise<void> {
    const hours = (await needs.policies()).answerWithinHours[waiting.kind];
    const openedAt = clock.now();
    await store.openItem(tx, {
      ...waiting,
      id: newId('qit'),
      openedAt,
      dueAt: new Date(openedAt.getTime() + hours * hourMs),
    });
  }

  const shown = (row: QueueRow) => view(row, clock.now());

  return {
    open,
    close: async (tx: Tx, subject: string): Promise<void> => {
      await store.closeItems(tx, subject, clock.now());
    },
    /** Still open, but somebody else’s turn. */
    handOn: (tx: Tx, subject: string): Promise<void> => store.unassign(tx, subject),
    list: async (
      caller: Member,
      f: { kind?: QueueKind; assignee?: 'me' | 'nobody'; overdue?: boolean },
    ): Promise<QueueItem[]> => {
      const found = await store.listItems(db, {
        ...(f.kind ? { kind: f.kind } : {}),
        ...(f.assignee ? { assigneeId: f.assignee === 'me' ? caller.personId : null } : {}),
        ...(f.overdue ? { dueBefore: clock.now() } : {}),
      });
      return found.map(shown);
    },
    async take(caller: Member, id: string): Promise<QueueItem> {
      const seen = (await store.findItem(db, id)) ?? fail('queue.missing', { itemId: id });
      await mayTake(caller, seen);
      return inTx(db, async (tx) => {
        const item = (await store.lockItem(tx, id)) ?? fail('queue.missing', { itemId: id });
        if (item.assigneeId !== null && item.assigneeId !== caller.personId)
          fail('queue.taken', { by: item.assigneeEmail ?? 'Somebody' });
        const at = item.assignedAt ?? clock.now();
        await store.assign(tx, id, { personId: caller.personId, email: caller.email, at });
        await audit(tx, caller, 'queue.taken', item.subject, { item: id, kind: item.kind });
        return shown({ ...item, assigneeId: caller.personId, assigneeEmail: caller.email, assignedAt: at });
      });
    },
    release: (caller: Member, id: string): Promise<QueueItem> =>
      inTx(db, async (tx) => {
        const item = (await store.lockItem(tx, id)) ?? fail('queue.missing', { itemId: id });
        // An admin of the operator frees what somebody took who is away.
        if (item.assigneeId !== caller.personId && !authorizer.may(caller, 'operator:manage'))
          fail('queue.not_yours', { by: item.assigneeEmail ?? 'nobody' });
        await store.assign(tx, id, null);
        await audit(tx, caller, 'queue.released', item.subject, { item: id, kind: item.kind });
        return shown({ ...item, assigneeId: null, assigneeEmail: null, assignedAt: null });
      }),
  };
}
export type Queue = ReturnType<typeof newQueue>;

const view = (i: QueueRow, now: Date): QueueItem => ({
  id: i.id,
  kind: i.kind,
  title: i.title,
  product: i.product,
  accountId: i.accountId,
  why: i.why,
  link: linkOf(i),
  submissionId: i.kind === 'dispute' ? null : i.subject,
  disputeId: i.kind === 'dispute' ? i.subject : null,
  waitingSince: i.openedAt.toISOString(),
  dueAt: i.dueAt.toISOString(),
  overdue: i.dueAt <= now,
  assignee:
    i.assigneeEmail === null || i.assignedAt === null
      ? null
      : { email: i.assigneeEmail, since: i.assignedAt.toISOString() },
});

export const linkOf = ({ kind, subject }: Pick<QueueRow, 'kind' | 'subject'>): string =>
  kind === 'dispute' ? `/operate/disputes/${subject}` : `/operate/submissions/${subject}`;
