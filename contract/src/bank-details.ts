import { type Static, Type } from 'typebox';
import {
  bankMethodOf,
  bicProblem,
  ibanCountry,
  ibanLength,
  ibanProblem,
  plainBankNumber,
  routingProblem,
} from './bank-numbers.ts';
import { countries, countryName, currencies } from './countries.ts';
import { type Finding, finding } from './findings.ts';
import { oneOf, record } from './schema.ts';

/** Where payouts go. The schema holds the shape, `bankFindings` says what is missing or wrong: in browser, command line and server. */
const words = (maxLength: number, description?: string) =>
  Type.Optional(Type.String({ maxLength, ...(description ? { description } : {}) }));

export const BankDetails = record('BankDetails', {
  holder: words(140, 'Whose account it is, as the bank writes it'),
  country: words(2, 'Where the bank is, ISO 3166-1 alpha-2'),
  currency: words(3, 'In which payouts are made, ISO 4217'),
  bankName: words(140),
  iban: words(50, 'Where banks have one'),
  routingNumber: words(20, 'United States: nine digits'),
  accountNumber: words(40, 'Where there is no IBAN'),
  accountType: Type.Optional(oneOf(['checking', 'savings'], 'United States')),
  bic: words(20, 'SWIFT code; needed where there is neither an IBAN nor a routing number'),
});
export type BankDetails = Static<typeof BankDetails>;
type Field = keyof BankDetails;

/** The fields of an account, by how accounts are named in the bank's country. */
export const bankFields: Readonly<
  Record<ReturnType<typeof bankMethodOf>, { needed: Field[]; possible: Field[] }>
> = {
  iban: { needed: ['iban'], possible: ['bic'] },
  us: { needed: ['routingNumber', 'accountNumber', 'accountType'], possible: [] },
  other: { needed: ['accountNumber', 'bic'], possible: [] },
};

const names: Readonly<Record<Field, string>> = {
  holder: 'The account holder',
  country: 'The bank’s country',
  currency: 'The payout currency',
  bankName: 'The bank’s name',
  iban: 'The IBAN',
  routingNumber: 'The routing number',
  accountNumber: 'The account number',
  accountType: 'The type of account',
  bic: 'The BIC',
};

export function bankFindings(b: BankDetails): Finding[] {
  const list: Finding[] = [];
  const add = (field: Field, code: string, message: string, remedy: string) => {
    list.push(
      finding({
        rule: 'bank',
        code: `bank.${code}`,
        severity: 'error',
        pointer: `/${field}`,
        message,
        remedy,
      }),
    );
  };
  const need = (field: Field, remedy = 'It is on a statement of the account.') => {
    if (b[field]?.trim()) return true;
    add(field, 'missing', `${names[field]} is missing.`, remedy);
    return false;
  };
  need('holder');
  if (need('currency', 'Choose one.') && !currencies.includes(b.currency ?? ''))
    add(
      'currency',
      'currency_unknown',
      `There is no currency ${b.currency}.`,
      'Give its three letters of ISO 4217, as in EUR.',
    );
  if (!need('country', 'Choose a country.')) return list;
  const country = b.country ?? '';
  if (!countries.includes(country)) {
    add(
      'country',
      'country_unknown',
      `There is no country ${country}.`,
      'Give its two letters of ISO 3166, as in DE.',
    );
    return list;
  }
  const own = bankFields[bankMethodOf(country)];
  for (const field of ['iban', 'routingNumber', 'accountNumber', 'accountType', 'bic'] as const) {
    const given = Boolean(b[field]?.trim());
    if (own.needed.includes(field)) {
      if (need(field)) number(field, country, b[field] ?? '', add);
    } else if (given && !own.possible.includes(field))
      add(
        field,
        'not_there',
        `Accounts in ${countryName(country)} have no such field: ${names[field].slice(4)}.`,
        'Leave it empty, or correct the bank’s country.',
      );
    else if (given) number(field, country, b[field] ?? '', add);
  }
  return list;
}

/** Says nothing of the number itself: findings may be kept and shown. */
function number(
  field: Field,
  country: string,
  given: string,
  add: (field: Field, code: string, message: string, remedy: string) => void,
) {
  const compare = 'Compare it with a statement: a sign is wrong, missing or swapped.';
  if (field === 'iban') {
    const problem = ibanProblem(given);
    const expected = ibanCountry(country) ?? '';
    if (problem === 'length')
      add(
        field,
        'iban_length',
        `The IBAN has ${plainBankNumber(given).length} signs; in its country it has ${ibanLength(plainBankNumber(given).slice(0, 2))}.`,
        compare,
      );
    else if (problem === 'checksum')
      add(field, 'iban_checksum', 'The check digits of the IBAN do not fit the rest.', compare);
    else if (problem === 'country')
      add(field, 'iban_country', 'No country’s IBAN begins with these letters.', compare);
    else if (problem)
      add(
        field,
        'iban_form',
        'This is not the form of an IBAN.',
        'It begins with two letters and two digits; then come the signs of its country.',
      );
    else if (plainBankNumber(given).slice(0, 2) !== expected)
      add(
        field,
        'iban_other_country',
        `The IBAN is not of ${countryName(country)}.`,
        `It begins with ${expected} there; else correct the bank’s country.`,
      );
  }
  if (field === 'routingNumber') {
    const problem = routingProblem(given);
    if (problem === 'checksum')
      add(field, 'routing_checksum', 'The check digit of the routing number does not fit the rest.', compare);
    else if (problem)
      add(
        field,
        'routing_form',
        'This is not the form of a routing number.',
        'It has nine digits, the first two from 01 to 12, 21 to 32 or 61 to 72.',
      );
  }
  if (field === 'accountNumber') {
    const plain = plainBankNumber(given);
    const fits = country === 'US' ? /^\d{4,17}$/.test(plain) : /^(?=.*\d)[A-Z0-9/]{4,34}$/.test(plain);
    if (!fits)
      add(
        field,
        'account_form',
        'This is not the form of an account number.',
        country === 'US'
          ? 'It has 4 to 17 digits.'
          : 'It has 4 to 34 letters and digits, at least one digit.',
      );
  }
  if (field === 'bic') {
    const problem = bicProblem(given);
    if (problem === 'country')
      add(field, 'bic_country', 'The fifth and sixth letter of the BIC are no country.', compare);
    else if (problem)
      add(
        field,
        'bic_form',
        'This is not the form of a BIC.',
        'It has 8 or 11 letters and digits, as in DEUTDEFF.',
      );
    else if (![country, ibanCountry(country)].includes(plainBankNumber(given).slice(4, 6)))
      add(
        field,
        'bic_other_country',
        `The BIC is not of a bank in ${countryName(country)}.`,
        'Its fifth and sixth letter are the country; else correct the bank’s country.',
      );
  }
}

/** As it is kept: numbers without the blanks that people group them with. */
export function plainBankDetails(b: BankDetails): BankDetails {
  const plain = { ...b };
  for (const field of ['iban', 'routingNumber', 'accountNumber', 'bic'] as const) {
    const given = b[field]?.trim();
    if (given) plain[field] = plainBankNumber(given);
    else delete plain[field];
  }
  return plain;
}
