import { weighted } from './check-digits.ts';
import { euCountries, vatRules } from './vat-numbers.ts';

/** The numbers under which people and companies pay taxes. `other` is every country's own, without a rule of ours. */
export const taxNumberTypes = ['ein', 'ssn', 'itin', 'vat', 'utr', 'other'] as const;
export type TaxNumberType = (typeof taxNumberTypes)[number];
export type PayeeKind = 'individual' | 'company';

export const taxNumberNames: Readonly<Record<TaxNumberType, string>> = {
  ein: 'EIN',
  ssn: 'SSN',
  itin: 'ITIN',
  vat: 'VAT number',
  utr: 'UTR',
  other: 'Tax number',
};

/** What fits somebody who pays taxes there; the first is the usual one. */
export function taxNumberTypesFor(country: string, kind: PayeeKind): readonly TaxNumberType[] {
  if (country === 'US') return kind === 'company' ? ['ein'] : ['ssn', 'itin', 'ein'];
  if (country === 'GB') return ['utr', 'vat'];
  return euCountries.includes(country) ? ['vat', 'other'] : ['other'];
}

export const taxNumberExample = (country: string, type: TaxNumberType): string =>
  ({
    ein: '12-3456789',
    ssn: '123-45-6789',
    itin: '912-70-1234',
    utr: '1955839661',
    vat: vatRules[country]?.example ?? '',
    other: '',
  })[type];

export type NumberProblem = 'form' | 'checksum' | 'reserved';

/** A number as it is kept: without the blanks and signs that people group it with, capitals, a VAT number with its prefix. */
export function plainTaxNumber(country: string, type: TaxNumberType, given: string): string {
  if (type === 'other') return given.trim().replaceAll(/\s+/g, ' ');
  const bare = given.toUpperCase().replaceAll(/[\s.\-/]/g, '');
  const prefix = vatRules[country]?.prefix;
  if (type !== 'vat' || prefix === undefined) return type === 'utr' ? bare.replace(/K$/, '') : bare;
  if (country === 'GB') return `GB${bare.replace(/^(GB|XI)/, '')}`;
  const begins = [prefix, country].find((letters) => bare.startsWith(letters));
  return `${prefix}${bare.slice(begins?.length ?? 0)}`;
}

/** What is wrong with a number of this type in this country; undefined when nothing is. */
export function taxNumberProblem(
  country: string,
  type: TaxNumberType,
  given: string,
): NumberProblem | undefined {
  const number = plainTaxNumber(country, type, given);
  if (type === 'other') return /^(?=.*\d)[\p{L}\d .\-/]{4,40}$/u.test(number) ? undefined : 'form';
  if (type === 'vat') return vatProblem(country, number);
  return american[type]?.(number) ?? (type === 'utr' ? utrProblem(number) : undefined);
}

function vatProblem(country: string, number: string): NumberProblem | undefined {
  const rule = vatRules[country];
  const own = rule && number.slice(rule.prefix.length);
  if (own === undefined || !rule?.form.test(own)) return 'form';
  return rule.holds(own) ? undefined : 'checksum';
}

// Prefixes that the Internal Revenue Service gives to no campus.
const einPrefixesUnused = [
  '00',
  '07',
  '08',
  '09',
  '17',
  '18',
  '19',
  '28',
  '29',
  '49',
  '69',
  '70',
  '78',
  '79',
  '89',
  '96',
  '97',
];
// Printed in advertisements, and used by thousands since.
const ssnsPublished = ['078051120', '219099999', '457555462'];

const american: Partial<Record<TaxNumberType, (number: string) => NumberProblem | undefined>> = {
  ein: (n) =>
    !/^\d{9}$/.test(n) ? 'form' : einPrefixesUnused.includes(n.slice(0, 2)) ? 'reserved' : undefined,
  ssn: (n) => {
    if (!/^\d{9}$/.test(n)) return 'form';
    const never = /^(000|666|9)|^\d{3}00|0000$/.test(n) || ssnsPublished.includes(n);
    return never ? 'reserved' : undefined;
  },
  itin: (n) => {
    if (!/^9\d{8}$/.test(n)) return 'form';
    const group = Number(n.slice(3, 5));
    const given = [
      [50, 65],
      [70, 88],
      [90, 92],
      [94, 99],
    ].some(([from = 0, to = 0]) => group >= from && group <= to);
    return given ? undefined : 'reserved';
  },
};

function utrProblem(n: string): NumberProblem | undefined {
  if (!/^\d{10}$/.test(n)) return 'form';
  const check = '21987654321'[weighted(n.slice(1), [6, 7, 8, 9, 10, 5, 4, 3, 2]) % 11];
  return check === n[0] ? undefined : 'checksum';
}
