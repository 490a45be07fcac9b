import { mod97, weighted } from './check-digits.ts';
import { countries } from './countries.ts';

/** What follows the four first signs of an IBAN, by country: so many digits (n), capitals (a), or either (c). IBAN registry. */
const structures = new Map(
  `AD:8n12c AE:19n AL:8n16c AT:16n AZ:4a20c BA:16n BE:12n BG:4a6n8c BH:4a14c BR:23n1a1c BY:4a4n16c CH:5n12c CR:18n CY:8n16c
  CZ:20n DE:18n DK:14n DO:4a20n EE:16n EG:25n ES:20n FI:14n FO:14n FR:10n11c2n GB:4a14n GE:2c16n GI:4a15c GL:14n GR:7n16c
  GT:24c HR:17n HU:24n IE:4c14n IL:19n IQ:4a15n IS:22n IT:1a10n12c JO:4a4n18c KW:4a22c KZ:3n13c LB:4n20c LC:4a24c LI:5n12c
  LT:16n LU:3n13c LV:4a13c LY:21n MC:10n11c2n MD:20c ME:18n MK:3n10c2n MN:16n MR:23n MT:4a5n18c MU:4a19n3a NI:4a20n
  NL:4a10n NO:11n OM:3n16c PK:4c16n PL:24n PS:4c21n PT:21n QA:4a21c RO:4a16c RS:18n RU:14n15c SA:2n18c SC:4a20n3a SD:14n
  SE:20n SI:15n SK:20n SM:1a10n12c SO:19n ST:21n SV:4a20n TL:19n TN:20n TR:5n17c UA:6n19c VA:18n VG:4c16n XK:16n YE:4a4n18c`
    .split(/\s+/)
    .map((entry) => entry.split(':') as [string, string]),
);
// Territories whose accounts carry the IBAN of another country.
const ibanOf: Readonly<Record<string, string>> = {
  AX: 'FI',
  BL: 'FR',
  GF: 'FR',
  GG: 'GB',
  GP: 'FR',
  IM: 'GB',
  JE: 'GB',
  MF: 'FR',
  MQ: 'FR',
  NC: 'FR',
  PF: 'FR',
  PM: 'FR',
  RE: 'FR',
  TF: 'FR',
  WF: 'FR',
  YT: 'FR',
};

/** The country whose letters an IBAN of a bank there begins with; undefined where banks have none. */
export function ibanCountry(country: string): string | undefined {
  const code = ibanOf[country] ?? country;
  return structures.has(code) ? code : undefined;
}

/** How an account is named in a country. */
export type BankMethod = 'iban' | 'us' | 'other';
export const bankMethodOf = (country: string): BankMethod =>
  ibanCountry(country) ? 'iban' : country === 'US' ? 'us' : 'other';

export const plainBankNumber = (given: string): string => given.toUpperCase().replaceAll(/[\s\-.]/g, '');

export const ibanLength = (country: string): number =>
  4 +
  [...(structures.get(country) ?? '').matchAll(/(\d+)[nac]/g)].reduce((n, [, count]) => n + Number(count), 0);

export type IbanProblem = 'form' | 'country' | 'length' | 'checksum';

export function ibanProblem(given: string): IbanProblem | undefined {
  const iban = plainBankNumber(given);
  if (!/^[A-Z]{2}\d{2}[A-Z0-9]+$/.test(iban)) return 'form';
  const country = iban.slice(0, 2);
  const structure = structures.get(country);
  if (structure === undefined) return 'country';
  if (iban.length !== ibanLength(country)) return 'length';
  const signs = { n: '\\d', a: '[A-Z]', c: '[A-Z0-9]' };
  const form = structure.replaceAll(
    /(\d+)([nac])/g,
    (_, count: string, kind: 'n' | 'a' | 'c') => `${signs[kind]}{${count}}`,
  );
  if (!new RegExp(`^${form}$`).test(iban.slice(4))) return 'form';
  // 00, 01 and 99 also satisfy the division, but no bank computes them.
  return mod97(iban.slice(4) + iban.slice(0, 4)) && !['00', '01', '99'].includes(iban.slice(2, 4))
    ? undefined
    : 'checksum';
}

/** The nine digits of an American bank. The first two say which Federal Reserve district; most pairs mean nothing. */
export function routingProblem(given: string): 'form' | 'checksum' | undefined {
  const number = plainBankNumber(given);
  if (!/^(0[1-9]|1[0-2]|2[1-9]|3[0-2]|6[1-9]|7[0-2])\d{7}$/.test(number)) return 'form';
  return weighted(number, [3, 7, 1, 3, 7, 1, 3, 7, 1]) % 10 === 0 ? undefined : 'checksum';
}

/** A BIC (SWIFT code), ISO 9362: institution, country, place, and a branch or none. It has no check digit. */
export function bicProblem(given: string): 'form' | 'country' | undefined {
  const bic = plainBankNumber(given);
  if (!/^[A-Z0-9]{4}[A-Z]{2}[A-Z0-9]{2}([A-Z0-9]{3})?$/.test(bic)) return 'form';
  return countries.includes(bic.slice(4, 6)) ? undefined : 'country';
}
