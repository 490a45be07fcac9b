import type { Removal } from '@souk/contract';
import type { Caller } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { enqueue } from '../../platform/jobs.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { resume, suspend } from '../subscriptions/index.ts';
import type { RemovalNeeds } from './removals.service.ts';
import * as store from './removals.sql.ts';
import { takeDownHold, view } from './removals.ts';

export const holdsJob = 'removals:holds';
const batchSize = 200;

interface Sale {
  takeOffSale(tx: Tx, productId: string, by: string, why: string): Promise<void>;
  backOnSale(tx: Tx, productId: string): Promise<void>;
}

/** The operator's way to stop a product at once, and back. */
export function newTakeDowns({ db, events, clock }: Platform, needs: RemovalNeeds, sale: Sale) {
  const shown = async (id: string): Promise<Removal> =>
    view((await store.find(db, id)) ?? fail('takedown.missing', { removalId: id }));

  async function takeDown(caller: Caller, address: string, reason: string): Promise<Removal> {
    const [publisher = '', product = ''] = address.split('/');
    const found =
      (await store.productNamed(db, publisher, product)) ?? fail('catalog.missing', { product: address });
    const id = newId('rem');
    const by = caller.email ?? 'operator';
    await inTx(db, async (tx) => {
      const p = (await store.lockProduct(tx, found.id)) ?? fail('catalog.missing', { product: address });
      const open = await store.lockOpen(tx, p.id, ['down']);
      if (open) fail('takedown.down', { product: address, since: open.requestedAt.toISOString() });
      // Processes end too: what was taken down because it is harmful does not go on running.
      const stoppedVersions = await needs.stopDeployments(tx, p.id, false);
      await store.insert(tx, {
        id,
        productId: p.id,
        kind: 'take-down',
        state: 'down',
        reason,
        by,
        at: clock.now(),
        stoppedVersions,
      });
      await sale.takeOffSale(tx, p.id, by, 'The operator took the product down.');
      await enqueue(tx, holdsJob, { removalId: id });
      await events.publish(tx, { type: 'product.taken-down', subject: id, accountId: p.accountId });
      await audit(tx, caller, 'product.taken-down', p.id, { removalId: id, product: address, reason });
    });
    return shown(id);
  }

  async function restore(caller: Caller, id: string, reason: string): Promise<Removal> {
    await inTx(db, async (tx) => {
      const r = await store.lock(tx, id);
      if (!r || !(await store.move(tx, r, 'restored', caller.email ?? 'operator', clock.now(), reason)))
        fail('takedown.missing', { removalId: id });
      else {
        await store.lockProduct(tx, r.productId);
        await needs.startDeployments(tx, r.productId, r.stoppedVersions);
        await sale.backOnSale(tx, r.productId);
        await enqueue(tx, holdsJob, { removalId: id });
        await events.publish(tx, { type: 'product.restored', subject: id, accountId: r.accountId });
        await audit(tx, caller, 'product.restored', r.productId, { removalId: id, reason });
      }
    });
    return shown(id);
  }

  /**
   * Holds or lets go the product's subscriptions, some hundred in a transaction: one over all of a popular product would hold
   * their rows for minutes. It reads what the removal says now, so a job that is repeated, or overtaken by a restore, is right.
   */
  async function followHolds(removalId: string): Promise<void> {
    for (;;) {
      const done = await inTx(db, async (tx) => {
        const r = await store.lock(tx, removalId);
        if (!r) return true;
        const down = (await store.lockOpen(tx, r.productId, ['down'])) !== undefined;
        const ids = await store.subscriptionIds(
          tx,
          r.productId,
          { hold: takeDownHold, held: !down },
          batchSize,
        );
        const reason = `The operator took the product down: ${r.reason}`;
        for (const id of ids)
          if (down) await suspend(tx, events, id, { code: takeDownHold, reason, by: r.requestedBy });
          else await resume(tx, events, id, { code: takeDownHold, by: r.endedBy ?? 'system:removals' });
        return ids.length < batchSize;
      });
      if (done) return;
    }
  }

  return { takeDown, restore, followHolds };
}
