import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bankDetails, taxInterview } from '../../test/payee.ts';
import { type BankDetails, bankFindings } from './bank-details.ts';
import { type TaxInterview, taxFindings, taxFormExpires, taxFormOf } from './tax-interview.ts';

const today = new Date().toISOString().slice(0, 10);
const tax = (change: TaxInterview) =>
  taxFindings(taxInterview(change), today).map((f) => `${f.code} ${f.pointer}`);
const bank = (change: BankDetails, base: BankDetails = bankDetails()) =>
  bankFindings({ ...base, ...change }).map((f) => `${f.code} ${f.pointer}`);

const address = { line1: '1 Main St', city: 'New York', state: 'NY', postalCode: '10001', country: 'US' };
const american: TaxInterview = {
  kind: 'individual',
  legalName: 'Ada Lovelace',
  country: 'US',
  address,
  usPerson: true,
  vatRegistered: undefined as never,
  taxNumbers: [{ type: 'ssn', number: '536-90-4399' }],
  w8bene: null,
  w9: { classification: 'individual', backupWithholding: false },
  signature: { name: 'ada  lovelace', date: today, consent: true, certify: true },
};
const briton: TaxInterview = {
  kind: 'individual',
  legalName: 'Charles Babbage',
  country: 'GB',
  address: { line1: '1 Strand', city: 'London', postalCode: 'WC2', country: 'GB' },
  usPerson: false,
  vatRegistered: false,
  taxNumbers: [{ type: 'utr', number: '1955839661' }],
  w8bene: null,
  w8ben: { citizenship: 'GB', dateOfBirth: '1971-12-26' },
  signature: { name: 'Charles Babbage', date: today, consent: true, certify: true },
};

test('the three forms follow from the answers, and complete ones have no findings', () => {
  for (const [form, change, until] of [
    ['W-8BEN-E', {}, `${Number(today.slice(0, 4)) + 3}-12-31`],
    ['W-9', american, null],
    ['W-8BEN', briton, `${Number(today.slice(0, 4)) + 3}-12-31`],
  ] as const) {
    assert.equal(taxFormOf(taxInterview(change)), form);
    assert.deepEqual(tax(change), [], form);
    assert.equal(taxFormExpires(taxInterview(change)), until);
  }
});

test('an empty interview names everything that is asked of everybody', () => {
  const codes = taxFindings({}, today).map((f) => f.pointer);
  for (const pointer of [
    '/kind',
    '/legalName',
    '/country',
    '/address/line1',
    '/address/city',
    '/usPerson',
    '/signature/name',
    '/signature/date',
    '/signature/consent',
    '/signature/certify',
  ])
    assert.ok(codes.includes(pointer), pointer);
});

test('each wrong answer has a code of its own, at its place', () => {
  const vat = (number: string) => ({ taxNumbers: [{ type: 'vat' as const, number }] });
  const cases: readonly (readonly [TaxInterview, string])[] = [
    [{ legalName: '  ' }, 'tax.missing /legalName'],
    [{ country: 'XX', vatRegistered: undefined as never }, 'tax.country_unknown /country'],
    [vat('DE136695977'), 'tax.vat_checksum /taxNumbers/0/number'],
    [vat('DE13669597'), 'tax.vat_form /taxNumbers/0/number'],
    [vat(''), 'tax.missing /taxNumbers/0/number'],
    [{ taxNumbers: [] }, 'tax.vat_missing /taxNumbers'],
    [{ vatRegistered: undefined as never }, 'tax.missing /vatRegistered'],
    [{ vatRegistered: false }, 'tax.vat_unexpected /taxNumbers/0/type'],
    [{ vatRegistered: false, taxNumbers: [] }, 'tax.number_missing /taxNumbers'],
    [{ taxNumbers: [{ type: 'ein', number: '12-3456789' }] }, 'tax.number_type /taxNumbers/0/type'],
    [
      { taxNumbers: [...(taxInterview().taxNumbers ?? []), ...(taxInterview().taxNumbers ?? [])] },
      'tax.number_twice /taxNumbers/1/type',
    ],
    [{ w9: { classification: 'c-corporation' } }, 'tax.other_form /w9'],
    [{ w8bene: null }, 'tax.missing /w8bene/entityType'],
    [
      { w8bene: { ...taxInterview().w8bene, countryOfIncorporation: 'US' } },
      'tax.us_entity /w8bene/countryOfIncorporation',
    ],
    [{ w8bene: { ...taxInterview().w8bene, fatcaStatus: 'reporting-ffi' } }, 'tax.missing /w8bene/giin'],
    [{ w8bene: { ...taxInterview().w8bene, giin: '98Q96B.00000.LE.25' } }, 'tax.giin_form /w8bene/giin'],
    [
      { w8bene: { ...taxInterview().w8bene, treaty: { country: 'FR' } } },
      'tax.treaty_country /w8bene/treaty/country',
    ],
    [
      {
        w8bene: {
          ...taxInterview().w8bene,
          treaty: { country: 'DE', article: '12', ratePercent: 0, income: 'royalties' },
        },
      },
      'tax.missing /w8bene/treaty/limitationOnBenefits',
    ],
    [{ ...american, address: { ...address, state: 'New York' } }, 'tax.state_form /address/state'],
    [{ ...american, address: { ...address, postalCode: '1000' } }, 'tax.zip_form /address/postalCode'],
    [
      { ...american, taxNumbers: [{ type: 'ssn', number: '078-05-1120' }] },
      'tax.ssn_reserved /taxNumbers/0/number',
    ],
    [
      { ...american, taxNumbers: [{ type: 'itin', number: '912-93-1234' }] },
      'tax.itin_reserved /taxNumbers/0/number',
    ],
    [{ ...american, taxNumbers: [{ type: 'ein', number: '1' }] }, 'tax.ein_form /taxNumbers/0/number'],
    [
      { ...american, w9: { classification: 's-corporation', backupWithholding: false } },
      'tax.classification /w9/classification',
    ],
    [
      { ...american, w9: { classification: 'individual', backupWithholding: false, exemptPayeeCode: '14' } },
      'tax.exempt_code /w9/exemptPayeeCode',
    ],
    [
      {
        ...american,
        w9: { classification: 'individual', backupWithholding: false, fatcaExemptionCode: 'N' },
      },
      'tax.fatca_code /w9/fatcaExemptionCode',
    ],
    [{ ...american, w9: { classification: 'individual' } }, 'tax.missing /w9/backupWithholding'],
    [
      { ...american, signature: { ...american.signature, name: 'A. Lovelace' } },
      'tax.signer /signature/name',
    ],
    [
      { ...briton, taxNumbers: [{ type: 'utr', number: '2955839661' }] },
      'tax.utr_checksum /taxNumbers/0/number',
    ],
    [
      { ...briton, w8ben: { citizenship: 'US', dateOfBirth: '1971-12-26' } },
      'tax.us_citizen /w8ben/citizenship',
    ],
    [
      { ...briton, w8ben: { citizenship: 'GB', dateOfBirth: '1971-02-30' } },
      'tax.birth_date /w8ben/dateOfBirth',
    ],
    [{ signature: { ...taxInterview().signature, capacity: '' } }, 'tax.missing /signature/capacity'],
    [{ signature: { ...taxInterview().signature, date: '2020-01-01' } }, 'tax.not_today /signature/date'],
    [{ signature: { ...taxInterview().signature, date: 'today' } }, 'tax.date_form /signature/date'],
    [{ signature: { ...taxInterview().signature, consent: false } }, 'tax.consent /signature/consent'],
    [{ signature: { ...taxInterview().signature, certify: false } }, 'tax.certify /signature/certify'],
  ];
  for (const [change, expected] of cases)
    assert.ok(tax(change).includes(expected), `${expected}: ${tax(change).join(', ')}`);
});

test('no finding repeats a number', () => {
  const secret = '123456789012';
  const said = JSON.stringify([
    ...taxFindings(taxInterview({ taxNumbers: [{ type: 'vat', number: secret }] }), today),
    ...bankFindings(bankDetails({ iban: `DE${secret}`, bic: secret })),
  ]);
  assert.equal(said.includes(secret), false);
});

test('bank details: each country names its accounts in its own way', () => {
  const us: BankDetails = {
    holder: 'Ada',
    country: 'US',
    currency: 'USD',
    routingNumber: '021000021',
    accountNumber: '12345678',
    accountType: 'checking',
  };
  const japan: BankDetails = {
    holder: 'Ada',
    country: 'JP',
    currency: 'JPY',
    accountNumber: '1234567',
    bic: 'BOTKJPJT',
  };
  assert.deepEqual([bank({}), bank({}, us), bank({}, japan)], [[], [], []]);
  assert.deepEqual(bank({ country: 'RE', iban: 'FR1420041010050500013M02606' }), []);
  for (const [change, base, expected] of [
    [{ holder: '' }, bankDetails(), 'bank.missing /holder'],
    [{ currency: 'EUX' }, bankDetails(), 'bank.currency_unknown /currency'],
    [{ country: 'ZZ' }, bankDetails(), 'bank.country_unknown /country'],
    [{ iban: '' }, bankDetails(), 'bank.missing /iban'],
    [{ iban: 'DE89370400440532013001' }, bankDetails(), 'bank.iban_checksum /iban'],
    [{ iban: 'DE8937040044053201300' }, bankDetails(), 'bank.iban_length /iban'],
    [{ iban: 'ZZ89370400440532013000' }, bankDetails(), 'bank.iban_country /iban'],
    [{ iban: '12' }, bankDetails(), 'bank.iban_form /iban'],
    [{ country: 'FR' }, bankDetails(), 'bank.iban_other_country /iban'],
    [{ bic: 'DEUTDEF' }, bankDetails(), 'bank.bic_form /bic'],
    [{ bic: 'DEUTZZFF' }, bankDetails(), 'bank.bic_country /bic'],
    [{ bic: 'BNPAFRPP' }, bankDetails(), 'bank.bic_other_country /bic'],
    [{ accountNumber: '1234' }, bankDetails(), 'bank.not_there /accountNumber'],
    [{ routingNumber: '021000022' }, us, 'bank.routing_checksum /routingNumber'],
    [{ routingNumber: '02100002' }, us, 'bank.routing_form /routingNumber'],
    [{ accountNumber: '123' }, us, 'bank.account_form /accountNumber'],
    [{ accountNumber: '1'.repeat(18) }, us, 'bank.account_form /accountNumber'],
    [{ bic: '' }, japan, 'bank.missing /bic'],
  ] as const)
    assert.ok(bank(change, base).includes(expected), `${expected}: ${bank(change, base).join(', ')}`);
});
