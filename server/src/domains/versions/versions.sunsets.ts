import type { ReleasedVersions } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import type { Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { earliestEnd, refuseEnd, yearsMax } from './versions.rules.ts';
import type { By, Facts, Standing, VersionNeeds } from './versions.service.ts';
import * as store from './versions.sql.ts';
import { wholeProduct } from './versions.ts';

interface Changing {
  change(
    by: By,
    productId: string,
    action: string,
    decide: (tx: Tx, facts: Facts) => Promise<Record<string, unknown>>,
  ): Promise<ReleasedVersions>;
  versionOf(facts: Facts, number: string): Standing;
  checkReplacement(facts: Facts, number: string, replacement: string | undefined): void;
}

/** End dates: announced with notice, moved later, taken back. What happens at the end: versions.jobs.ts. */
export function newSunsets(
  { clock }: Pick<Platform, 'clock'>,
  { noticeDays }: VersionNeeds,
  { change, versionOf, checkReplacement }: Changing,
) {
  async function checkEnd(what: string, current: Facts['product']['sunset'], endsAt: Date) {
    if (current?.ended) fail('version.ended', { what, endsAt: current.endsAt });
    const [now, days] = [clock.now(), await noticeDays()];
    const refused = refuseEnd(now, current ? new Date(current.endsAt) : null, endsAt, days);
    if (refused)
      fail(refused, {
        endsAt: endsAt.toISOString(),
        earliest: earliestEnd(now, days).toISOString(),
        noticeDays: days,
        yearsMax,
      });
  }

  function checkOpen(what: string, current: Facts['product']['sunset']) {
    if (!current) fail('version.no_end', { what });
    if (current?.ended) fail('version.ended', { what, endsAt: current.endsAt });
  }

  const setVersionSunset = (
    caller: Member,
    productId: string,
    number: string,
    given: { endsAt: string; reason?: string; replacement?: string },
  ) =>
    change({ side: 'publisher', caller }, productId, 'version.end-announced', async (tx, facts) => {
      const { standing } = versionOf(facts, number);
      const endsAt = new Date(given.endsAt);
      await checkEnd(`Version ${number}`, standing.sunset, endsAt);
      if (facts.listed.length === 1 && facts.listed[0] === number)
        fail('version.last_listed', { version: number, product: facts.product.address });
      checkReplacement(facts, number, given.replacement);
      const { reason = '', replacement = null } = given;
      await store.setSunset(tx, {
        productId,
        number,
        now: clock.now(),
        endsAt,
        reason,
        replacement,
        replacementProductId: null,
        by: caller.email,
      });
      return told(number, endsAt, reason, replacement, standing.sunset);
    });

  const setProductSunset = (
    caller: Member,
    productId: string,
    given: { endsAt: string; reason?: string; replacement?: { publisher: string; product: string } },
  ) =>
    change({ side: 'publisher', caller }, productId, 'version.end-announced', async (tx, { product }) => {
      const endsAt = new Date(given.endsAt);
      await checkEnd('The product', product.sunset, endsAt);
      const { reason = '', replacement } = given;
      const other = replacement && (await replacementProduct(tx, product.productId, replacement));
      await store.setSunset(tx, {
        productId,
        number: wholeProduct,
        now: clock.now(),
        endsAt,
        reason,
        replacement: null,
        replacementProductId: other?.productId ?? null,
        by: caller.email,
      });
      return told(wholeProduct, endsAt, reason, other?.address ?? null, product.sunset);
    });

  /** Buyers must be able to go there: on sale, and not about to end itself. */
  async function replacementProduct(
    tx: Tx,
    productId: string,
    given: { publisher: string; product: string },
  ) {
    const address = `${given.publisher}/${given.product}`;
    const found = await store.findOnSale(tx, given.publisher, given.product);
    if (!found)
      return fail('version.replacement_not_listed', {
        replacement: address,
        listed: 'public products of the catalogue',
      });
    if (found.productId === productId) fail('version.replacement_self', { version: address });
    return found;
  }

  const cancelVersionSunset = (caller: Member, productId: string, number: string) =>
    change({ side: 'publisher', caller }, productId, 'version.end-cancelled', async (tx, facts) => {
      checkOpen(`Version ${number}`, versionOf(facts, number).standing.sunset);
      await store.removeSunset(tx, productId, number);
      return { version: number };
    });

  const cancelProductSunset = (caller: Member, productId: string) =>
    change({ side: 'publisher', caller }, productId, 'version.end-cancelled', async (tx, { product }) => {
      checkOpen('The product', product.sunset);
      await store.removeSunset(tx, productId, wholeProduct);
      return { version: wholeProduct };
    });

  return { setVersionSunset, setProductSunset, cancelVersionSunset, cancelProductSunset };
}

const told = (
  version: string,
  endsAt: Date,
  reason: string,
  replacement: string | null,
  before: { endsAt: string } | null,
) => ({
  version,
  endsAt: endsAt.toISOString(),
  reason,
  replacement,
  ...(before ? { before: before.endsAt } : {}),
});
