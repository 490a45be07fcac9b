import type { AuditEntry, operations, QueryOf } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { type Page, pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { exportText } from './audit.export.ts';
import {
  type AuditFilter,
  checkStretch,
  type EntryRow,
  exportStretch,
  lastEntry,
  listEntries,
  append as write,
} from './audit.sql.ts';

export interface Audit {
  list(caller: Member, query: QueryOf<typeof operations.listAudit>): Promise<Page<AuditEntry>>;
  /** The log as text in pieces; that it was taken out is an entry of its own, which is not in it. */
  export(caller: Member, query: QueryOf<typeof operations.exportAudit>): Promise<AsyncGenerator<string>>;
}

const exportEntries = 1000;

export function newAudit({ db, authorizer }: Pick<Platform, 'db' | 'authorizer'>): Audit {
  /** Whose entries a caller reads; undefined: nobody's. Another account's do not exist for anybody but the operator. */
  function readable(caller: Member, accountId: string | undefined): { accountId?: string } | undefined {
    if (authorizer.may(caller, 'operator:read')) return accountId === undefined ? {} : { accountId };
    if (accountId !== undefined && accountId !== caller.accountId) return undefined;
    return { accountId: caller.accountId };
  }

  async function* stretches(filter: AuditFilter, last: number) {
    for (let after = 0; ; ) {
      const rows = await exportStretch(db, filter, after, last, exportEntries);
      if (rows.length > 0) yield rows;
      if (rows.length < exportEntries) return;
      after = rows.at(-1)?.id ?? last;
    }
  }

  return {
    async export(caller, { format, accountId, ...filter }) {
      const whose = readable(caller, accountId);
      const last = whose ? await lastEntry(db) : 0;
      await inTx(db, (tx) =>
        write(tx, {
          accountId: caller.accountId,
          actor: caller.email,
          action: 'audit.exported',
          target: accountId ?? caller.accountId,
          details: { format, ...filter },
          requestId: null,
        }),
      );
      return exportText(format, stretches({ ...filter, ...whose }, last));
    },

    async list(caller, { cursor, limit = 50, accountId, ...filter }) {
      const before = cursor === undefined ? undefined : Number(cursor);
      if (before !== undefined && !Number.isSafeInteger(before))
        fail('request.invalid', { problem: 'the cursor is not one of this list' });
      const whose = readable(caller, accountId);
      if (!whose) return { items: [], nextCursor: null };
      const found = await listEntries(db, { ...filter, ...whose, ...(before ? { before } : {}) }, limit + 1);
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
