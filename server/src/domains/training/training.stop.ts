import type { Tx } from '../../platform/db.ts';
import * as store from './training.sql.ts';
import { isOver } from './training.ts';

/** In the caller's transaction. What nobody runs yet is over at once; the rest is asked by whoever runs it. */
export async function requestStop(
  tx: Tx,
  id: string,
  why: { code: string; reason: string; early?: boolean },
): Promise<void> {
  const j = await store.lock(tx, id);
  if (!j || isOver(j.status) || !(await store.requestStop(tx, id, why))) return;
  if (j.leaseOwner === null)
    await store.move(
      tx,
      j,
      {
        status: 'Stopped',
        secondary: 'Stopped',
        message: why.reason,
        ...(why.code === 'asked' ? {} : { failureCode: why.code }),
      },
      null,
    );
  else if (j.status === 'InProgress')
    await store.move(tx, j, { status: 'Stopping', secondary: 'Stopping', message: why.reason }, null);
}
