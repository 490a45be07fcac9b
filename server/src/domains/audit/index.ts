import type { Caller } from '../../platform/authorize.ts';
import type { Tx } from '../../platform/db.ts';
import { append } from './audit.sql.ts';

export { auditRoutes } from './audit.routes.ts';
export { type Audit, type ChainCheck, newAudit, verifyAuditChain } from './audit.service.ts';

/**
 * Writes an audit entry in the caller's transaction, as its last statement: the chain of hashes makes writers wait for each
 * other until they commit. `by` is who did it; a system's act names the part, as in `system:pipeline`.
 */
export async function audit(
  tx: Tx,
  by: Caller | `system:${string}`,
  action: string,
  target: string,
  details: Record<string, unknown> = {},
  more: { accountId?: string | null; requestId?: string } = {},
): Promise<void> {
  const system = typeof by === 'string';
  await append(tx, {
    accountId: more.accountId ?? (system ? null : by.accountId),
    actor: system ? by : (by.email ?? 'visitor'),
    action,
    target,
    details: system || by.keyId === null ? details : { ...details, keyId: by.keyId },
    requestId: more.requestId ?? null,
  });
}
