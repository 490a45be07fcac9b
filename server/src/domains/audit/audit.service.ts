import type { AuditEntry, operations, QueryOf } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import type { Db } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { checkStretch, type EntryRow, listEntries } from './audit.sql.ts';

export interface Audit {
  list(caller: Member, query: QueryOf<typeof operations.listAudit>): Promise<Page<AuditEntry>>;
}

export function newAudit({ db, authorizer }: Pick<Platform, 'db' | 'authorizer'>): Audit {
  return {
    async list(caller, { cursor, limit = 50, accountId, ...filter }) {
      const before = cursor === undefined ? undefined : Number(cursor);
      if (before !== undefined && !Number.isSafeInteger(before))
        fail('request.invalid', { problem: 'the cursor is not one of this list' });
      // Another account's entries do not exist for anybody but the operator.
      const isOperator = authorizer.may(caller, 'operator:read');
      if (!isOperator && accountId !== undefined && accountId !== caller.accountId)
        return { items: [], nextCursor: null };
      const account = isOperator ? accountId : caller.accountId;
      const found = await listEntries(
        db,
        { ...filter, ...(account ? { accountId: account } : {}), ...(before ? { before } : {}) },
        limit + 1,
      );
      return pageFrom(found, limit, shown, (e) => String(e.id));
    },
  };
}

const shown = (e: EntryRow): AuditEntry => ({ ...e, at: e.at.toISOString() });

export interface ChainCheck {
  readonly ok: boolean;
  readonly entries: number;
  /** The newest entry. Who keeps it elsewhere can tell later that none was cut off at the end. */
  readonly head: { readonly id: number; readonly sha256: string };
  readonly brokenAt: number | null;
  readonly problem: string | null;
}

const stretchEntries = 5000;

/** Computes the whole chain again, for the doctor. An entry that was changed, removed or put in between is found. */
export async function verifyAuditChain(db: Db): Promise<ChainCheck> {
  let head = { id: 0, sha256: '0'.repeat(64) };
  let entries = 0;
  for (;;) {
    const stretch = await checkStretch(db, head, stretchEntries);
    if (!stretch || stretch.entries === 0) return { ok: true, entries, head, brokenAt: null, problem: null };
    if (stretch.brokenId !== null) {
      const problem = `audit entry ${stretch.brokenId} ${stretch.problem}`;
      return { ok: false, entries: entries + stretch.entries, head, brokenAt: stretch.brokenId, problem };
    }
    entries += stretch.entries;
    head = { id: stretch.lastId ?? head.id, sha256: stretch.lastSha256 ?? head.sha256 };
  }
}
