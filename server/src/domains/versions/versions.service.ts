import type { ReleasedVersions } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { dayMs, earliestEnd, stateOf } from './versions.rules.ts';
import * as store from './versions.sql.ts';
import { newSunsets } from './versions.sunsets.ts';
import type { ProductFacts, VersionRow, VersionState } from './versions.ts';

export interface VersionNeeds {
  /** The least notice of an end date, by the operator's policy. */
  noticeDays(): Promise<number>;
  /** What nobody may call needs no process, and what comes back needs one again. */
  keepRunning(tx: Tx, productId: string, version: string, running: boolean): Promise<void>;
}

export type Versions = ReturnType<typeof newVersions>;

export interface Standing extends VersionRow {
  readonly state: VersionState;
}

/** A product with its versions, read while nobody else changes them. */
export interface Facts {
  readonly product: ProductFacts;
  readonly versions: readonly Standing[];
  /** What new buyers can choose. */
  readonly listed: readonly string[];
}

export type By = { readonly side: 'publisher' | 'operator'; readonly caller: Member };

export function newVersions(platform: Pick<Platform, 'db' | 'clock' | 'events'>, needs: VersionNeeds) {
  const { db, clock, events } = platform;
  const missing = (productId: string): never => fail('product.missing', { product: productId });

  async function read(from: Db, product: ProductFacts): Promise<Facts> {
    const rows = await store.versionsOf(
      from,
      product.productId,
      new Date(clock.now().getTime() - 30 * dayMs),
    );
    const versions = rows.map((v) => ({
      ...v,
      state: stateOf(v.standing, v.restrictedInDocument, product.sunset),
    }));
    return { product, versions, listed: versions.filter((v) => v.state === 'listed').map((v) => v.number) };
  }

  /** Another account's product is not there; the operator knows all. */
  async function find(from: Db, by: By, productId: string): Promise<Facts> {
    const product = (await store.findProduct(from, productId)) ?? missing(productId);
    if (by.side === 'publisher' && product.accountId !== by.caller.accountId) missing(productId);
    return read(from, product);
  }

  const versionOf = (facts: Facts, number: string): Standing =>
    facts.versions.find((v) => v.number === number) ??
    fail('version.missing', {
      product: facts.product.address,
      version: number,
      versions: facts.versions.map((v) => v.number).join(', ') || 'none',
    });

  function checkReplacement({ listed }: Facts, number: string, replacement: string | undefined) {
    if (replacement === undefined) return;
    if (replacement === number) fail('version.replacement_self', { version: `Version ${number}` });
    if (!listed.includes(replacement))
      fail('version.replacement_not_listed', { replacement, listed: listed.join(', ') || 'none' });
  }

  async function view(by: By, productId: string): Promise<ReleasedVersions> {
    return viewOf(await find(db, by, productId), clock.now(), await needs.noticeDays());
  }

  /** One change of one product: its rows are locked, the change is decided on them, told, and written to the audit log. */
  async function change(
    by: By,
    productId: string,
    action: string,
    decide: (tx: Tx, facts: Facts) => Promise<Record<string, unknown>>,
  ): Promise<ReleasedVersions> {
    await inTx(db, async (tx) => {
      await store.lockProduct(tx, productId);
      const facts = await find(tx, by, productId);
      const data = await decide(tx, facts);
      const { accountId, address } = facts.product;
      await events.publish(tx, { type: action, subject: productId, accountId, data });
      await audit(tx, by.caller, action, productId, { product: address, ...data });
    });
    return view(by, productId);
  }

  const restrict = (caller: Member, productId: string, number: string) =>
    change({ side: 'publisher', caller }, productId, 'version.restricted', async (tx, facts) => {
      const version = versionOf(facts, number);
      if (version.restrictedInDocument || version.standing.restrictedAt)
        fail('version.restricted_already', {
          version: number,
          at: version.standing.restrictedAt ?? 'its release',
        });
      if (facts.listed.length === 1 && facts.listed[0] === number)
        fail('version.last_listed', { version: number, product: facts.product.address });
      await store.restrict(tx, productId, number, caller.email);
      return { version: number };
    });

  const withdraw = (
    by: By,
    productId: string,
    number: string,
    given: { reason: string; replacement?: string },
  ) =>
    change(by, productId, 'version.withdrawn', async (tx, facts) => {
      const { standing } = versionOf(facts, number);
      if (standing.withdrawn)
        fail('version.withdrawn_already', { version: number, at: standing.withdrawn.at });
      checkReplacement(facts, number, given.replacement);
      const { reason, replacement = null } = given;
      const { side, caller } = by;
      await store.withdraw(tx, { productId, number, by: caller.email, side, reason, replacement });
      await needs.keepRunning(tx, productId, number, false);
      return { version: number, reason, replacement, side };
    });

  const restore = (caller: Member, productId: string, number: string, reason: string) =>
    change({ side: 'operator', caller }, productId, 'version.restored', async (tx, facts) => {
      const version = versionOf(facts, number);
      if (!version.standing.withdrawn) fail('version.not_withdrawn', { version: number });
      await store.restore(tx, productId, number);
      if (!version.standing.sunset?.ended) await needs.keepRunning(tx, productId, number, true);
      return { version: number, reason };
    });

  const sunsets = newSunsets(platform, needs, { change, versionOf, checkReplacement });

  return {
    restrict,
    withdraw,
    restore,
    ...sunsets,
    list: (caller: Member, productId: string) => view({ side: 'publisher', caller }, productId),
    /** For the operator: of one product, or of all with something withdrawn. */
    async search(address: string | undefined): Promise<{ items: ReleasedVersions[] }> {
      const [publisher = '', slug = ''] = (address ?? '').split('/');
      const product = address === undefined ? undefined : await store.findByAddress(db, publisher, slug);
      if (address !== undefined && !product) missing(address);
      const found = product ? [product] : await store.withWithdrawn(db);
      const noticeDays = await needs.noticeDays();
      const items: ReleasedVersions[] = [];
      for (const one of found) items.push(viewOf(await read(db, one), clock.now(), noticeDays));
      return { items };
    },
  };
}

function viewOf({ product, versions, listed }: Facts, now: Date, noticeDays: number): ReleasedVersions {
  const latest = listed.at(-1) ?? null;
  return {
    productId: product.productId,
    product: product.address,
    latest,
    noticeDays,
    earliestEnd: earliestEnd(now, noticeDays).toISOString(),
    sunset: product.sunset,
    items: versions.map((v) => ({
      number: v.number,
      id: `${product.address}@${v.number}`,
      latest: v.number === latest,
      state: v.state,
      standing: v.standing,
      releasedAt: v.releasedAt?.toISOString() ?? null,
      subscribers: v.subscribers,
      callsLast30Days: v.calls,
      errorsLast30Days: v.errors,
      lastCalledOn: v.lastCalledOn,
    })),
  };
}
