import { type AudienceAccount, limits } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { pageFrom } from '../../platform/paging.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { audienceCsv, type Named, readAudienceCsv } from './audiences.csv.ts';
import * as store from './audiences.sql.ts';

interface Which {
  readonly productId: string;
  /** A private plan; else the product's own audience. */
  readonly plan?: string;
}

export type Audiences = ReturnType<typeof newAudiences>;

/** Who a private product or a private plan is for. What they say holds from the next request on: nothing is published again. */
export function newAudiences({ db, clock }: Pick<Platform, 'db' | 'clock'>) {
  const max = limits.audienceAccounts;

  async function named(
    reader: Db,
    caller: Member,
    { productId, plan }: Which,
    lock = false,
  ): Promise<store.Of> {
    const product =
      (await store.product(reader, caller.accountId, productId, lock)) ??
      fail('product.missing', { product: productId });
    if (plan !== undefined && !product.planIds.includes(plan))
      fail('audience.plan_missing', { product: product.slug, planId: plan });
    return { productId, planId: plan ?? '' };
  }

  async function list(
    caller: Member,
    which: Which,
    { cursor, limit = 50 }: { cursor?: string; limit?: number },
  ) {
    const of = await named(db, caller, which);
    const [found, total] = await Promise.all([
      store.list(db, of, cursor ?? null, limit + 1),
      store.count(db, of),
    ]);
    return { ...pageFrom(found, limit, view, (a) => a.accountId), total, max };
  }

  async function put(caller: Member, which: Which, account: Named): Promise<AudienceAccount> {
    return inTx(db, async (tx) => {
      const of = await named(tx, caller, which, true);
      const written = await store.put(tx, of, [account], caller.email, clock.now());
      const accounts = await store.count(tx, of);
      if (accounts > max) fail('audience.too_many', { accounts, max });
      if (written.length > 0)
        await audit(tx, caller, 'product.buyers-changed', of.productId, {
          plan: of.planId || null,
          added: [account.accountId],
        });
      return view(
        (await store.find(tx, of, account.accountId)) ??
          fail('audience.not_listed', { accountId: account.accountId }),
      );
    });
  }

  async function remove(caller: Member, which: Which, accountId: string): Promise<void> {
    await inTx(db, async (tx) => {
      const of = await named(tx, caller, which, true);
      if (!(await store.remove(tx, of, accountId))) fail('audience.not_listed', { accountId });
      await audit(tx, caller, 'product.buyers-changed', of.productId, {
        plan: of.planId || null,
        removed: [accountId],
      });
    });
  }

  /** All lines or none: half an import would leave nobody knowing who is in. */
  async function importCsv(caller: Member, which: Which, mode: 'add' | 'replace', csv: string) {
    await named(db, caller, which);
    const { accounts, findings } = readAudienceCsv(csv);
    if (findings.length > 0) fail('audience.csv_invalid', { errors: findings.length }, { findings });
    return inTx(db, async (tx) => {
      const of = await named(tx, caller, which, true);
      const removed =
        mode === 'replace'
          ? await store.removeOthers(
              tx,
              of,
              accounts.map((a) => a.accountId),
            )
          : 0;
      const written = await store.put(tx, of, accounts, caller.email, clock.now());
      const total = await store.count(tx, of);
      if (total > max) fail('audience.too_many', { accounts: total, max });
      const added = written.filter((w) => w.added).length;
      const result = { added, changed: written.length - added, removed, total };
      await audit(tx, caller, 'product.buyers-imported', of.productId, {
        plan: of.planId || null,
        mode,
        ...result,
      });
      return result;
    });
  }

  return {
    list,
    put,
    remove,
    importCsv,
    exportCsv: async (caller: Member, which: Which): Promise<string> =>
      audienceCsv(await store.list(db, await named(db, caller, which), null, null)),
  };
}

const view = (a: store.AudienceRow): AudienceAccount => ({ ...a, addedAt: a.addedAt.toISOString() });
