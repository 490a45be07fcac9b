import type { Invoice, ProductExport, SubscriptionExport } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import * as store from './removals.exports.sql.ts';
import { allOfProduct } from './removals.sql.ts';
import { view } from './removals.ts';

export interface ExportNeeds {
  invoice(accountId: string, month: string): Promise<Invoice>;
}

/** A late batch is billed up to a month after the end. */
const monthsAfterTheEnd = 1;

/** What somebody takes along when a product goes: theirs, in one JSON document, also after the end. */
export function newExports({ db, clock, authorizer }: Platform, needs: ExportNeeds) {
  /** Lines of every month of the subscription; only for those who may see invoices. */
  async function linesOf(caller: Member, id: string, from: Date, to: Date) {
    if (!authorizer.may(caller, 'invoice:read')) return [];
    const lines = [];
    for (
      let month = new Date(Date.UTC(from.getUTCFullYear(), from.getUTCMonth(), 1));
      month <= to;
      month = new Date(Date.UTC(month.getUTCFullYear(), month.getUTCMonth() + 1, 1))
    ) {
      const invoice = await needs.invoice(caller.accountId, month.toISOString().slice(0, 7));
      for (const line of invoice.lines)
        if (line.subscriptionId === id) lines.push({ month: invoice.month, state: invoice.state, ...line });
    }
    return lines;
  }

  return {
    async subscription(caller: Member, id: string): Promise<SubscriptionExport> {
      const found =
        (await store.subscription(db, caller.accountId, id)) ??
        fail('subscription.missing', { subscriptionId: id });
      const now = clock.now();
      const end = found.endedAt
        ? new Date(
            Date.UTC(found.endedAt.getUTCFullYear(), found.endedAt.getUTCMonth() + monthsAfterTheEnd, 1),
          )
        : now;
      const { subscription, acceptedBy, acceptedAt, plan, eulaSha256, eula, refundPolicy } = found;
      return {
        exportedAt: now.toISOString(),
        subscription,
        terms: { acceptedBy, acceptedAt: acceptedAt.toISOString(), plan, eulaSha256, eula, refundPolicy },
        history: await store.historyOf(db, id),
        usage: await store.usageOf(db, id),
        invoiceLines: await linesOf(caller, id, acceptedAt, end < now ? end : now),
      };
    },

    async product(caller: Member, id: string): Promise<ProductExport> {
      const found =
        (await store.product(db, caller.accountId, id)) ?? fail('product.missing', { product: id });
      const [revisions, versions, submissions, customers, removals] = await Promise.all([
        store.revisionsOf(db, id),
        store.versionsOf(db, id),
        store.submissionsOf(db, id),
        store.customersOf(db, id),
        allOfProduct(db, id),
      ]);
      return {
        exportedAt: clock.now().toISOString(),
        ...found,
        revisions,
        versions,
        submissions,
        customers,
        removals: removals.map(view),
      };
    },
  };
}
