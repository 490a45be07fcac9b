import type { Tx } from '../../platform/db.ts';
import type { Events } from '../../platform/events.ts';
import * as store from './subscriptions.sql.ts';

/** Why somebody other than its account suspends or ends a subscription. */
export interface Hold {
  /** Stable, for programs: `budget.exceeded`, `product.taken_down`. A subscription has at most one hold of a code. */
  readonly code: string;
  /** A sentence for the buyer: it is on the subscription's page and in the answer to each call. */
  readonly reason: string;
  /** An e-mail address, or `system:...`. */
  readonly by: string;
}

type Held = NonNullable<Awaited<ReturnType<typeof store.lock>>>;

/**
 * Suspends a subscription for one more reason; calls stop within a second and are told it. False when it has ended, or is held
 * with this code already (then the reason is renewed).
 */
export async function suspend(tx: Tx, events: Events, id: string, hold: Hold): Promise<boolean> {
  // Locked first: two who hold and lift at once must not both decide from what was before.
  const s = await store.lock(tx, id);
  if (!s || s.state === 'ended') return false;
  const added = await store.addHold(tx, id, hold);
  const moved = await store.move(tx, s, 'suspended', hold.by, { code: hold.code, reason: hold.reason });
  await store.showHold(tx, id);
  if (moved) await tell(tx, events, 'subscription.suspended', s, hold);
  return added;
}

/** Lifts one hold; calls go on within a second when it was the last. True when it was. */
export async function resume(
  tx: Tx,
  events: Events,
  id: string,
  lifted: Omit<Hold, 'reason'>,
): Promise<boolean> {
  const s = await store.lock(tx, id);
  if (!s || !(await store.removeHold(tx, id, lifted.code))) return false;
  await store.showHold(tx, id);
  if (s.state !== 'suspended' || (await store.isHeld(tx, id))) return false;
  await store.move(tx, s, 'resumed', lifted.by, { code: lifted.code });
  await tell(tx, events, 'subscription.resumed', s, { code: lifted.code });
  return true;
}

/** Ends a subscription against its account's will, for ever; calls are told why. False when it had ended. */
export async function end(tx: Tx, events: Events, id: string, why: Hold): Promise<boolean> {
  const s = await store.lock(tx, id);
  if (!s || !(await store.move(tx, s, 'terminated', why.by, { code: why.code, reason: why.reason })))
    return false;
  await store.sayWhyEnded(tx, id, why);
  await tell(tx, events, 'subscription.ended', s, why);
  return true;
}

const tell = (tx: Tx, events: Events, type: string, s: Held, why: Partial<Hold>) =>
  events.publish(tx, {
    type,
    subject: s.id,
    accountId: s.accountId,
    data: { productId: s.productId, code: why.code, reason: why.reason },
  });
