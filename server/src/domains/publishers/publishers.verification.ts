import type { VerificationEvent } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import type { Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { type PublisherRow, verificationMoves, type Weight } from './publishers.ts';
import * as store from './publishers.verification.sql.ts';

export type VerificationMover = ReturnType<typeof newVerificationMover>;

interface Step {
  readonly event: VerificationEvent;
  readonly text: string;
  readonly byOperator: boolean;
  readonly weight?: Weight;
}

/** The one place that moves verification: state, history, news and audit in the caller's transaction. The row is locked. */
export function newVerificationMover({ clock, events }: Pick<Platform, 'clock' | 'events'>) {
  async function move(tx: Tx, caller: Member, p: PublisherRow, step: Step): Promise<void> {
    const { event, text, byOperator, weight = 'none' } = step;
    const { accountId, verification: from } = p;
    const to = verificationMoves[event][from] ?? fail('publisher.verification_state', { state: from });
    const at = clock.now();
    const kept = event === 'changed' && weight !== 'identity' ? p.identityVerifiedAt : null;
    const moved = await store.move(tx, {
      accountId,
      event,
      from,
      to,
      text,
      actor: caller.email,
      byOperator,
      at,
      newVersion: event === 'changed',
      identityVerifiedAt: to === 'verified' ? at : kept,
    });
    if (!moved) fail('publisher.verification_state', { state: from });
    const type = `publisher.verification-${event}`;
    await events.publish(tx, { type, subject: accountId, accountId, data: { from, to, text } });
    // The operator's decision belongs to the publisher's log: it is about them.
    await audit(tx, caller, type, accountId, { from, to, text }, { accountId });
  }

  return {
    move,
    /** What was verified, or is being looked at, is another thing now. */
    async changed(tx: Tx, caller: Member, p: PublisherRow, text: string, weight: Weight): Promise<void> {
      if (weight === 'none' || p.verification === 'unverified') return;
      await move(tx, caller, p, { event: 'changed', text, byOperator: false, weight });
    },
  };
}
