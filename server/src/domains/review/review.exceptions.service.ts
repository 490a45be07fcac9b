import type { RuleException } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as store from './review.exceptions.sql.ts';
import type { ExceptionRow } from './review.ts';

/** Exceptions that appeals have brought. An operator takes one back; it then holds for nothing that is checked from now on. */
export function newExceptions({ db, events, clock, authorizer }: Platform) {
  return {
    list: async (caller: Member): Promise<RuleException[]> =>
      (await store.listExceptions(db, authorizer.may(caller, 'review:read') ? null : caller.accountId)).map(
        view,
      ),
    async revoke(caller: Member, id: string, reason: string): Promise<RuleException> {
      const missing = () => fail('exception.missing', { exceptionId: id });
      const found = (await store.findException(db, id)) ?? missing();
      await inTx(db, async (tx) => {
        if (!(await store.revokeException(tx, id, caller.email, clock.now(), reason)))
          fail('exception.revoked', { exceptionId: id });
        await events.publish(tx, {
          type: 'exception.revoked',
          subject: id,
          accountId: found.accountId,
          data: { code: found.code, place: found.place, reason },
        });
        await audit(
          tx,
          caller,
          'exception.revoked',
          id,
          { code: found.code, thing: found.thingSha256, reason },
          { accountId: found.accountId },
        );
      });
      return view((await store.findException(db, id)) ?? missing());
    },
  };
}

const view = (e: ExceptionRow): RuleException => ({
  id: e.id,
  accountId: e.accountId,
  publisher: e.publisher,
  code: e.code,
  place: e.place,
  thingSha256: e.thingSha256,
  disputeId: e.disputeId,
  reason: e.reason,
  grantedBy: e.grantedBy,
  grantedAt: e.grantedAt.toISOString(),
  revokedBy: e.revokedBy,
  revokedAt: e.revokedAt?.toISOString() ?? null,
  revokedReason: e.revokedReason,
});
