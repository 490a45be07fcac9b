import { type Finding, finding } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { isMember } from '../accounts/index.ts';
import * as store from './publishers.sql.ts';
import type { PublisherRow } from './publishers.ts';
import type { VerificationMover } from './publishers.verification.ts';

const events = { approve: 'approved', ask: 'more-asked', reject: 'rejected' } as const;

export function newVerificationService({ db }: Platform, { move }: VerificationMover) {
  /** Asks to be verified, or answers what the operator asked. */
  async function request(caller: Member, message: string): Promise<void> {
    await inTx(db, async (tx) => {
      const publisher = (await store.lock(tx, caller.accountId)) ?? fail('publisher.missing');
      const findings = notVerifiable(publisher);
      if (findings.length > 0)
        fail('publisher.verification_incomplete', { errors: findings.length }, { findings });
      await move(tx, caller, publisher, { event: 'requested', text: message.trim(), byOperator: false });
    });
  }

  async function decide(
    caller: Member,
    accountId: string,
    given: { decision: keyof typeof events; comment: string; version: number },
  ): Promise<void> {
    await inTx(db, async (tx) => {
      const publisher = (await store.lock(tx, accountId)) ?? fail('publisher.unknown', { accountId });
      if (!(await mayVerify(caller, accountId))) fail('publisher.own_verification', { accountId });
      const current = publisher.verificationVersion;
      if (given.version !== current)
        fail('publisher.verification_changed', { current, given: given.version });
      await move(tx, caller, publisher, {
        event: events[given.decision],
        text: given.comment.trim(),
        byOperator: true,
      });
    });
  }

  /** Nobody makes sure of themselves. */
  const mayVerify = async (caller: Member, accountId: string): Promise<boolean> =>
    !(await isMember(db, caller.personId, accountId));

  return { request, decide, mayVerify };
}

/** What the operator needs to make sure of somebody at all. */
function notVerifiable(p: PublisherRow): Finding[] {
  const missing = (pointer: string, message: string, remedy: string) =>
    finding({
      rule: 'publisher',
      code: 'publisher.profile_incomplete',
      severity: 'error',
      pointer,
      message,
      remedy,
    });
  return [
    ...(p.contactEmail
      ? []
      : [
          missing(
            '/contactEmail',
            'The profile has no contact e-mail.',
            'Write one, so that the operator can ask.',
          ),
        ]),
    ...(p.description.trim()
      ? []
      : [missing('/description', 'The profile has no description.', 'Say in a sentence who you are.')]),
  ];
}
