import type { Policies, Removal } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import { pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { cancelHours, cancellableUntil, dayText, endOf } from './removals.rules.ts';
import * as store from './removals.sql.ts';
import { newTakeDowns } from './removals.take-downs.ts';
import { type RemovalRow, type RemovalState, view } from './removals.ts';

/** What removals need of others; compose gives it. All in the caller's transaction. */
export interface RemovalNeeds {
  policies(): Promise<Policies>;
  /** Puts the product into the search, or takes it out, as it now is. */
  drawInCatalog(tx: Tx, productIds: readonly string[]): Promise<void>;
  /** Ends the submission that is under way, whoever it waits for. */
  cancelSubmission(tx: Tx, productId: string, by: string, reason: string): Promise<void>;
  /** Stops what runs and is in no slot but `live`, or everything; answers the versions. */
  stopDeployments(tx: Tx, productId: string, keepPreview: boolean): Promise<string[]>;
  startDeployments(tx: Tx, productId: string, versions: readonly string[]): Promise<void>;
}

export type Removals = ReturnType<typeof newRemovals>;

export function newRemovals(platform: Platform, needs: RemovalNeeds) {
  const { db, events, clock } = platform;
  const missing = (product: string): never => fail('product.missing', { product });

  const shown = async (id: string): Promise<Removal> => view((await store.find(db, id)) ?? missing(id));

  /** The caller's own product, locked. */
  async function own(tx: Tx, caller: Member, productId: string): Promise<store.ProductFacts> {
    const p = await store.lockProduct(tx, productId);
    return p?.accountId === caller.accountId ? p : missing(productId);
  }

  async function unpublish(
    caller: Member,
    productId: string,
    given: { email: string; reason: string; replacement?: string | null },
  ): Promise<Removal> {
    const id = newId('rem');
    const { notice } = await needs.policies();
    await inTx(db, async (tx) => {
      const p = await own(tx, caller, productId);
      const open = await store.lockOpen(tx, productId, ['leaving', 'removed']);
      if (open) fail('removal.under_way', { product: p.slug, since: open.requestedAt.toISOString() });
      if (!p.live) fail('removal.not_live', { product: p.slug });
      const replacementProductId = given.replacement ? await replacement(tx, p, given.replacement) : null;
      const at = clock.now();
      const endsAt = endOf(at, notice.removalDays);
      await store.insert(tx, {
        id,
        productId,
        kind: 'unpublish',
        state: 'leaving',
        email: given.email,
        reason: given.reason,
        replacementProductId,
        by: caller.email,
        at,
        endsAt,
        // A removal that ends within the day can be cancelled until it does.
        cancellableUntil: new Date(Math.min(cancellableUntil(at).getTime(), endsAt.getTime())),
      });
      await takeOffSale(tx, productId, caller.email, 'The product is being unpublished.');
      await events.publish(tx, {
        type: 'product.leaving',
        subject: id,
        accountId: p.accountId,
        data: { productId },
      });
      await audit(tx, caller, 'product.unpublished', productId, {
        removalId: id,
        reason: given.reason,
        email: given.email,
        replacement: given.replacement ?? null,
        endsAt: endsAt.toISOString(),
      });
    });
    return shown(id);
  }

  async function replacement(tx: Tx, p: store.ProductFacts, address: string): Promise<string> {
    const [publisher = '', product = ''] = address.split('/');
    const found = await store.productNamed(tx, publisher, product);
    if (found?.id === p.id) fail('removal.replacement_itself');
    // A private product must not be found by naming it here.
    return found?.public ? found.id : fail('removal.replacement_missing', { product: address });
  }

  /** Hidden, closed to new subscribers, and nothing of it on its way to buyers. */
  async function takeOffSale(tx: Tx, productId: string, by: string, why: string): Promise<void> {
    await store.followSale(tx, productId);
    await needs.cancelSubmission(tx, productId, by, why);
    await needs.drawInCatalog(tx, [productId]);
    await events.publish(tx, { type: 'product.withdrawn', subject: productId });
  }

  /** As far as nothing else keeps it off sale. */
  async function backOnSale(tx: Tx, productId: string): Promise<void> {
    await store.followSale(tx, productId);
    await needs.drawInCatalog(tx, [productId]);
    await events.publish(tx, { type: 'product.returned', subject: productId });
  }

  async function cancel(caller: Member, productId: string): Promise<Removal> {
    const removed = await inTx(db, async (tx) => {
      const p = await own(tx, caller, productId);
      const open =
        (await store.lockOpen(tx, productId, ['leaving', 'removed'])) ??
        fail('removal.missing', { product: p.slug });
      const now = clock.now();
      const until = open.cancellableUntil ?? now;
      if (now >= until || !(await store.move(tx, open, 'cancelled', caller.email, now)))
        fail('removal.cancel_too_late', { hours: cancelHours, until: dayText(until) });
      await backOnSale(tx, productId);
      await events.publish(tx, { type: 'product.stays', subject: open.id, accountId: p.accountId });
      await audit(tx, caller, 'product.removal-cancelled', productId, { removalId: open.id });
      return open.id;
    });
    return shown(removed);
  }

  async function get(caller: Member, productId: string): Promise<{ removal: Removal | null }> {
    if (!(await store.owns(db, caller.accountId, productId))) missing(productId);
    const found = await store.ofProduct(db, productId);
    return { removal: found ? view(found) : null };
  }

  return {
    unpublish,
    cancel,
    get,
    ...newTakeDowns(platform, needs, { takeOffSale, backOnSale }),
    list: async (
      state: RemovalState | undefined,
      { cursor, limit = 50 }: { cursor?: string; limit?: number },
    ) =>
      pageFrom(await store.list(db, state, cursor ?? null, limit + 1), limit, view, (r: RemovalRow) => r.id),

    /** A revision went live: a product that was leaving, or had left, is sold again. A take-down holds until it is lifted. */
    async released(tx: Tx, productId: string): Promise<void> {
      const open = await store.lockOpen(tx, productId, ['leaving', 'removed']);
      if (!open || !(await store.move(tx, open, 'republished', 'system:pipeline', clock.now()))) return;
      await store.followSale(tx, productId);
      await events.publish(tx, { type: 'product.stays', subject: open.id, accountId: open.accountId });
    },
  };
}
