import {
  type BankDetails,
  bankFindings,
  type PayoutDetails,
  type TaxDetails,
  type TaxInterview,
  taxFindings,
  taxFormExpires,
  taxFormOf,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, type Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import * as details from './publishers.details.sql.ts';
import {
  bankWeight,
  dayOf,
  keptBank,
  keptTax,
  maskedBank,
  maskedTax,
  taxWeight,
} from './publishers.rules.ts';
import * as store from './publishers.sql.ts';
import type { Details, DetailsRow } from './publishers.ts';
import type { VerificationMover } from './publishers.verification.ts';

/** Tax interviews and bank details: sealed, every version kept, shown masked, opened in full only by `reveal`. */
export function newPaymentDetails({ db, clock, sealer, events }: Platform, verifier: VerificationMover) {
  const contextOf = (id: string) => `publisher_payment_details:${id}`;
  const open = <W extends DetailsRow['what']>(row: DetailsRow): Details[W] =>
    JSON.parse(sealer.open(row.sealed, contextOf(row.id))) as Details[W];

  async function taxOf(reader: Db, accountId: string): Promise<TaxDetails | undefined> {
    const list = await details.versions(reader, accountId, 'tax');
    const [row] = list;
    if (!row?.form) return undefined;
    return {
      form: row.form,
      expiresOn: row.expiresOn,
      interview: maskedTax(open<'tax'>(row)),
      ...given(list),
    };
  }

  async function bankOf(reader: Db, accountId: string): Promise<PayoutDetails | undefined> {
    const list = await details.versions(reader, accountId, 'bank');
    const [row] = list;
    return row && { bank: maskedBank(open<'bank'>(row)), ...given(list) };
  }

  async function putTax(caller: Member, body: TaxInterview): Promise<TaxDetails> {
    await inTx(db, async (tx) => {
      const publisher = (await store.lock(tx, caller.accountId)) ?? fail('publisher.missing');
      const last = await details.newest(tx, caller.accountId, 'tax');
      const before = last && open<'tax'>(last);
      const interview = keptTax(body, before);
      const findings = taxFindings(interview, dayOf(clock.now()));
      const form = taxFormOf(interview);
      if (findings.length > 0 || !form)
        return fail('publisher.tax_refused', { errors: findings.length }, { findings });
      await keep(tx, caller, 'tax', interview, last, { form, expiresOn: taxFormExpires(interview) });
      const weight = taxWeight(before, interview);
      await verifier.changed(
        tx,
        caller,
        publisher,
        `The tax interview ${last ? 'changed' : 'came'}.`,
        weight,
      );
      await audit(tx, caller, 'publisher.tax-given', caller.accountId, {
        version: (last?.version ?? 0) + 1,
        form,
      });
    });
    return (await taxOf(db, caller.accountId)) ?? fail('publisher.tax_not_given');
  }

  async function putBank(caller: Member, body: BankDetails): Promise<PayoutDetails> {
    await inTx(db, async (tx) => {
      const publisher = (await store.lock(tx, caller.accountId)) ?? fail('publisher.missing');
      const last = await details.newest(tx, caller.accountId, 'bank');
      const before = last && open<'bank'>(last);
      const bank = keptBank(body, before);
      const findings = bankFindings(bank);
      if (findings.length > 0)
        return fail('publisher.bank_refused', { errors: findings.length }, { findings });
      const weight = bankWeight(before, bank);
      if (weight === 'none') return;
      await keep(tx, caller, 'bank', bank, last, { form: null, expiresOn: null });
      await verifier.changed(tx, caller, publisher, `The bank details ${last ? 'changed' : 'came'}.`, weight);
      await events.publish(tx, {
        type: 'publisher.bank-given',
        subject: caller.accountId,
        accountId: caller.accountId,
        data: { by: caller.email, first: last === undefined },
      });
      await audit(tx, caller, 'publisher.bank-given', caller.accountId, {
        version: (last?.version ?? 0) + 1,
      });
    });
    return (await bankOf(db, caller.accountId)) ?? fail('publisher.bank_not_given');
  }

  async function keep(
    tx: Tx,
    caller: Member,
    what: DetailsRow['what'],
    value: unknown,
    last: DetailsRow | undefined,
    more: Pick<DetailsRow, 'form' | 'expiresOn'>,
  ) {
    const id = newId('pmd');
    const { accountId } = caller;
    await details.insert(tx, {
      id,
      accountId,
      what,
      version: (last?.version ?? 0) + 1,
      sealed: sealer.seal(JSON.stringify(value), contextOf(id)),
      createdBy: caller.email,
      createdAt: clock.now(),
      ...more,
    });
  }

  /** In full, for the operator's finance. The publisher is told who looked, when and why. */
  async function reveal(
    caller: Member,
    accountId: string,
    { what, version, reason }: { what: DetailsRow['what']; version?: number; reason: string },
  ) {
    if (!(await store.find(db, accountId))) fail('publisher.unknown', { accountId });
    const list = await details.versions(db, accountId, what);
    if (list.length === 0) fail(what === 'tax' ? 'publisher.tax_not_given' : 'publisher.bank_not_given');
    const row =
      version === undefined
        ? list[0]
        : (list.find((d) => d.version === version) ?? fail('publisher.details_missing', { version }));
    if (!row) return fail('publisher.details_missing', { version: version ?? 0 });
    const opened = {
      version: row.version,
      tax: what === 'tax' ? open<'tax'>(row) : null,
      bank: what === 'bank' ? open<'bank'>(row) : null,
    };
    // On record before it is shown: a look that cannot be recorded does not happen.
    await inTx(db, async (tx) => {
      await events.publish(tx, {
        type: 'publisher.details-revealed',
        subject: accountId,
        accountId,
        data: { what, reason: reason.trim() },
      });
      await audit(
        tx,
        caller,
        'publisher.details-revealed',
        accountId,
        { what, version: row.version, reason: reason.trim() },
        { accountId },
      );
    });
    return opened;
  }

  return { taxOf, bankOf, putTax, putBank, reveal };
}

const given = (list: readonly DetailsRow[]) => {
  const versions = list.map((d) => ({
    version: d.version,
    givenBy: d.createdBy,
    givenAt: d.createdAt.toISOString(),
  }));
  const [newest = { version: 0, givenBy: '', givenAt: '' }] = versions;
  return { ...newest, versions };
};
