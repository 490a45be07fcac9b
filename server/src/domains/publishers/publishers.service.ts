import type {
  OperatorPublisher,
  OperatorPublisherDetail,
  Policies,
  PublisherProfile,
  PublisherReadiness,
  PublisherStanding,
  VerificationState,
} from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { type Db, inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import { newPaymentDetails } from './publishers.details.service.ts';
import { newest } from './publishers.details.sql.ts';
import {
  dayOf,
  gapFindings,
  isExpired,
  neededFor,
  payouts,
  profileWeight,
  readiness,
} from './publishers.rules.ts';
import * as store from './publishers.sql.ts';
import type { GivenProfile, HistoryRow, PublisherRow } from './publishers.ts';
import { newVerificationService } from './publishers.verification.service.ts';
import { history } from './publishers.verification.sql.ts';
import { newVerificationMover } from './publishers.verification.ts';

export interface PublishersNeeds {
  /** Those of the digests that are not media of the account. */
  missingMedia(db: Db, accountId: string, digests: readonly string[]): Promise<string[]>;
  policies(): Promise<Policies>;
}

export type Publishers = ReturnType<typeof newPublishersService>;

export function newPublishersService(platform: Platform, { missingMedia, policies }: PublishersNeeds) {
  const { db, events, clock } = platform;
  const verifier = newVerificationMover(platform);
  const verification = newVerificationService(platform, verifier);
  const details = newPaymentDetails(platform, verifier);

  /** What is left out of the body stays as it is; null removes it. */
  async function put(caller: Member, given: GivenProfile): Promise<PublisherProfile> {
    const { accountId } = caller;
    try {
      return await inTx(db, async (tx) => {
        const before = await store.lock(tx, accountId);
        if (before && before.slug !== given.slug && (await store.hasProducts(tx, accountId)))
          fail('publisher.slug_frozen', { slug: before.slug });
        const logoSha256 = given.logoSha256 === undefined ? (before?.logoSha256 ?? null) : given.logoSha256;
        if (logoSha256 && (await missingMedia(tx, accountId, [logoSha256])).length > 0) fail('blob.missing');
        const after = {
          accountId,
          slug: given.slug,
          displayName: given.displayName.trim(),
          description: given.description ?? before?.description ?? '',
          websiteUrl: given.websiteUrl === undefined ? (before?.websiteUrl ?? null) : given.websiteUrl,
          contactEmail:
            given.contactEmail === undefined ? (before?.contactEmail ?? null) : given.contactEmail,
          logoSha256,
        };
        await store.put(tx, after);
        if (before)
          await verifier.changed(
            tx,
            caller,
            before,
            'The name or website changed.',
            profileWeight(before, after),
          );
        await events.publish(tx, { type: 'publisher.updated', subject: accountId, accountId });
        await audit(tx, caller, before ? 'publisher.updated' : 'publisher.created', accountId, {
          slug: after.slug,
        });
        return view((await store.find(tx, accountId)) ?? fail('publisher.missing'));
      });
    } catch (error) {
      if (violated(error) !== 'publishers_slug_key') throw error;
      return fail('publisher.slug_taken', { slug: given.slug });
    }
  }

  /** What stands about a publisher, and the rules that apply. */
  async function facts(accountId: string) {
    const [publisher, tax, bank, { publishers: rules }] = await Promise.all([
      store.find(db, accountId),
      newest(db, accountId, 'tax'),
      newest(db, accountId, 'bank'),
      policies(),
    ]);
    return { publisher, tax, bank, rules, today: dayOf(clock.now()) };
  }

  async function standing(accountId: string, forOperator: boolean): Promise<PublisherStanding> {
    const { publisher, tax, bank, rules, today } = await facts(accountId);
    if (!publisher) return fail('publisher.missing');
    const missing = readiness(rules, publisher, tax, bank, today);
    return {
      accountId,
      verification: {
        state: publisher.verification,
        version: publisher.verificationVersion,
        text: publisher.verificationText,
        since: publisher.verificationSince.toISOString(),
        neededFor: publisher.operator ? 'nothing' : neededFor(rules),
        history: (await history(db, accountId)).map((h) => step(h, forOperator)),
      },
      tax: tax?.form
        ? {
            form: tax.form,
            version: tax.version,
            givenAt: tax.createdAt.toISOString(),
            expiresOn: tax.expiresOn,
            expired: isExpired(tax, today),
          }
        : null,
      bank: bank ? { version: bank.version, givenAt: bank.createdAt.toISOString() } : null,
      taxAndBankNeeded: rules.taxAndBank === 'required',
      payouts: payouts(rules, publisher, tax, bank, today),
      missingForFree: gapFindings(missing.free, 'Before anything is published:'),
      missingForPaid: gapFindings(missing.paid, 'Before a paid plan is published:'),
    };
  }

  async function detail(caller: Member, accountId: string): Promise<OperatorPublisherDetail> {
    const publisher = (await store.find(db, accountId)) ?? fail('publisher.unknown', { accountId });
    const [now, tax, bank, products, mayVerify] = await Promise.all([
      standing(accountId, true),
      details.taxOf(db, accountId),
      details.bankOf(db, accountId),
      store.productsOf(db, accountId),
      verification.mayVerify(caller, accountId),
    ]);
    return {
      profile: view(publisher),
      standing: now,
      tax: tax ?? null,
      bank: bank ?? null,
      products,
      mayVerify,
    };
  }

  const ownProfile = async ({ accountId }: Member) =>
    (await store.find(db, accountId)) ?? fail('publisher.missing');

  return {
    put,
    detail,
    get: async (caller: Member): Promise<PublisherProfile> => view(await ownProfile(caller)),
    find: async (reader: Db, accountId: string): Promise<PublisherProfile | undefined> => {
      const found = await store.find(reader, accountId);
      return found && view(found);
    },
    standing: (caller: Member) => standing(caller.accountId, false),
    /** What keeps products of the account from being published. */
    readiness: async (accountId: string): Promise<PublisherReadiness> => {
      const { publisher, tax, bank, rules, today } = await facts(accountId);
      return readiness(rules, publisher, tax, bank, today);
    },
    /** Whether payouts may go out now, and why not. */
    payouts: async (accountId: string): Promise<PublisherStanding['payouts']> =>
      (await standing(accountId, true)).payouts,
    requestVerification: async (caller: Member, message: string) => {
      await verification.request(caller, message);
      return standing(caller.accountId, false);
    },
    decide: async (caller: Member, accountId: string, given: Parameters<typeof verification.decide>[2]) => {
      await verification.decide(caller, accountId, given);
      return detail(caller, accountId);
    },
    tax: async (caller: Member) => {
      await ownProfile(caller);
      return (await details.taxOf(db, caller.accountId)) ?? fail('publisher.tax_not_given');
    },
    bank: async (caller: Member) => {
      await ownProfile(caller);
      return (await details.bankOf(db, caller.accountId)) ?? fail('publisher.bank_not_given');
    },
    putTax: details.putTax,
    putBank: details.putBank,
    reveal: details.reveal,
    list: async ({
      cursor = '',
      limit = 50,
      verification: state,
    }: {
      cursor?: string;
      limit?: number;
      verification?: VerificationState;
    }): Promise<{ items: OperatorPublisher[]; nextCursor: string | null }> => {
      const found = await store.list(db, state, cursor.split('|'), limit + 1);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      const next =
        last && (state === undefined ? last.slug : `${last.verificationSince.toISOString()}|${last.slug}`);
      return { items: page.map(listed), nextCursor: found.length > limit ? (next ?? null) : null };
    },
  };
}

const view = (p: PublisherRow): PublisherProfile => ({
  accountId: p.accountId,
  slug: p.slug,
  displayName: p.displayName,
  description: p.description,
  websiteUrl: p.websiteUrl,
  contactEmail: p.contactEmail,
  logoSha256: p.logoSha256,
  verified: p.verified,
  createdAt: p.createdAt.toISOString(),
});

const listed = (p: store.ListedRow): OperatorPublisher => ({
  profile: view(p),
  verification: p.verification,
  since: p.verificationSince.toISOString(),
  taxForm: p.taxForm,
  hasBank: p.hasBank,
  products: p.products,
  liveProducts: p.liveProducts,
});

/** People of the operator stand behind their office: a publisher learns what was decided, not whose address to write to. */
const step = (h: HistoryRow, forOperator: boolean) => ({
  at: h.at.toISOString(),
  event: h.event,
  from: h.from,
  to: h.to,
  by: h.byOperator && !forOperator ? 'the operator' : h.actor,
  text: h.text,
});
