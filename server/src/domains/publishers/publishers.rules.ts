import {
  type BankDetails,
  gapFinding,
  type Policies,
  type PublisherReadiness,
  type PublisherStanding,
  plainBankDetails,
  plainTaxNumber,
  type ReadinessGap,
  type TaxInterview,
  taxNumberCountry,
} from '@souk/contract';
import type { DetailsRow, GivenProfile, PublisherRow, Weight } from './publishers.ts';

type Rules = Policies['publishers'];
type Known = Pick<PublisherRow, 'verification' | 'identityVerifiedAt' | 'operator'>;
type KnownTax = Pick<DetailsRow, 'expiresOn'>;

export const dayOf = (at: Date): string => at.toISOString().slice(0, 10);
export const isExpired = (tax: KnownTax, today: string): boolean =>
  tax.expiresOn !== null && tax.expiresOn < today;

/** What stands in the way of a free product, and of one that costs money. */
export function readiness(
  rules: Rules,
  publisher: Known | undefined,
  tax: KnownTax | undefined,
  bank: unknown,
  today: string,
): PublisherReadiness {
  // Who has no profile is told so first, and by name.
  if (!publisher) return { free: [], paid: [] };
  const verification = verificationGap(publisher);
  const free: ReadinessGap[] = rules.verifyFree === 'required' ? verification : [];
  const paid: ReadinessGap[] = [];
  if (rules.taxAndBank === 'required') {
    if (!tax) paid.push('tax_missing');
    else if (isExpired(tax, today)) paid.push('tax_expired');
    if (!bank) paid.push('bank_missing');
  }
  if (rules.verifyPaid === 'required') paid.push(...verification);
  return { free, paid: [...paid, ...free.filter((gap) => !paid.includes(gap))] };
}

function verificationGap({ verification, identityVerifiedAt, operator }: Known): ReadinessGap[] {
  if (operator || verification === 'verified') return [];
  // A new bank account is looked at again, which holds payouts; it says nothing about what is published.
  if (verification === 'pending') return identityVerifiedAt === null ? ['verification_pending'] : [];
  if (verification === 'more-needed') return ['verification_more_needed'];
  return verification === 'rejected' ? ['verification_rejected'] : ['unverified'];
}

export function payouts(
  rules: Rules,
  publisher: Known,
  tax: KnownTax | undefined,
  bank: unknown,
  today: string,
): PublisherStanding['payouts'] {
  if (!tax || !bank)
    return {
      state: 'not-set-up',
      reason: `Payouts need ${[...(tax ? [] : ['a tax interview']), ...(bank ? [] : ['bank details'])].join(' and ')}.`,
    };
  if (isExpired(tax, today)) return { state: 'held', reason: 'The tax form has expired; sign it again.' };
  if (rules.verifyPaid === 'off' || publisher.operator || publisher.verification === 'verified')
    return { state: 'ready', reason: 'Payouts go to the account that was given.' };
  return {
    state: 'held',
    reason:
      publisher.verification === 'pending'
        ? 'Payouts wait until the operator has looked at what changed; nothing is lost.'
        : 'Payouts wait until the operator has verified this publisher; nothing is lost.',
  };
}

export const gapFindings = (gaps: readonly ReadinessGap[], before: string) =>
  gaps.map((gap) => gapFinding(gap, null, before));

export const neededFor = (rules: Rules): PublisherStanding['verification']['neededFor'] =>
  rules.verifyFree === 'required' ? 'everything' : rules.verifyPaid === 'required' ? 'paid' : 'nothing';

/** A verified name that could be exchanged afterwards would be worth nothing. */
export function profileWeight(before: GivenProfile, after: GivenProfile): Weight {
  const same =
    before.displayName === after.displayName && (before.websiteUrl ?? null) === (after.websiteUrl ?? null);
  return same ? 'none' : 'identity';
}

const identity = ({
  kind,
  legalName,
  tradingName,
  country,
  usPerson,
  taxNumbers,
  w8ben,
  w8bene,
}: TaxInterview) => [
  kind,
  legalName,
  tradingName,
  country,
  usPerson,
  taxNumbers,
  w8ben?.dateOfBirth,
  w8bene?.countryOfIncorporation,
];

/** The same answers signed again, as every third year, change nothing. */
export function taxWeight(before: TaxInterview | undefined, after: TaxInterview): Weight {
  if (!before) return 'payment';
  if (!same(identity(before), identity(after))) return 'identity';
  return same({ ...before, signature: null }, { ...after, signature: null }) ? 'none' : 'payment';
}

export const bankWeight = (before: BankDetails | undefined, after: BankDetails): Weight =>
  before && same(before, after) ? 'none' : 'payment';

const same = (a: unknown, b: unknown): boolean => JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value ?? null;
  return Object.fromEntries(
    Object.entries(value)
      .filter(([, v]) => v !== null && v !== undefined && v !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1))
      .map(([k, v]) => [k, sorted(v)]),
  );
}

/** The last four signs, and never more than half: enough to recognise one's own number, too little to use it. */
export function mask(number: string): string {
  const shown = Math.min(4, Math.floor(number.length / 2));
  return `•••• ${number.slice(number.length - shown)}`;
}

const isMasked = (text: string) => text.startsWith('••••');

export function maskedTax(t: TaxInterview): TaxInterview {
  return {
    ...t,
    ...(t.taxNumbers ? { taxNumbers: t.taxNumbers.map((n) => ({ ...n, number: mask(n.number) })) } : {}),
    ...(t.w8ben?.dateOfBirth ? { w8ben: { ...t.w8ben, dateOfBirth: birthMask } } : {}),
  };
}
const birthMask = '••••-••-••';

export function maskedBank(b: BankDetails): BankDetails {
  const masked = { ...b };
  for (const field of ['iban', 'accountNumber'] as const) {
    const number = b[field];
    if (number) masked[field] = mask(number);
  }
  return masked;
}

/** What is kept: numbers in their plain form, and those that came back masked as they were. */
export function keptTax(given: TaxInterview, before: TaxInterview | undefined): TaxInterview {
  const country = taxNumberCountry(given);
  const numbers = given.taxNumbers?.map(({ type, number }) => {
    const known = before?.taxNumbers?.find((n) => n.type === type && mask(n.number) === number);
    if (known && taxNumberCountry(before ?? {}) === country) return known;
    return { type, number: isMasked(number) ? number : plainTaxNumber(country, type, number) };
  });
  const born = before?.w8ben?.dateOfBirth;
  return {
    ...given,
    ...(numbers ? { taxNumbers: numbers } : {}),
    ...(given.w8ben?.dateOfBirth === birthMask && born
      ? { w8ben: { ...given.w8ben, dateOfBirth: born } }
      : {}),
  };
}

export function keptBank(given: BankDetails, before: BankDetails | undefined): BankDetails {
  const kept = { ...given };
  for (const field of ['iban', 'accountNumber'] as const) {
    const known = before?.[field];
    if (known && given[field] === mask(known)) kept[field] = known;
  }
  return plainBankDetails(kept);
}
