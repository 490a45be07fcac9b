import type { BankDetails, TaxInterview } from '@souk/contract';

/** A German company that sells: everything that a paid plan needs. Its numbers are examples whose check digits fit. */
export const taxInterview = (change: TaxInterview = {}): TaxInterview => ({
  kind: 'company',
  legalName: 'Flowers GmbH',
  country: 'DE',
  address: { line1: 'Gartenweg 1', city: 'Berlin', postalCode: '10115', country: 'DE' },
  usPerson: false,
  vatRegistered: true,
  taxNumbers: [{ type: 'vat', number: 'DE 123456788' }],
  w8bene: { countryOfIncorporation: 'DE', entityType: 'corporation', fatcaStatus: 'active-nffe' },
  signature: {
    name: 'Ada Gärtner',
    capacity: 'Managing director',
    date: new Date().toISOString().slice(0, 10),
    consent: true,
    certify: true,
  },
  ...change,
});

export const bankDetails = (change: BankDetails = {}): BankDetails => ({
  holder: 'Flowers GmbH',
  country: 'DE',
  currency: 'EUR',
  iban: 'DE89 3704 0044 0532 0130 00',
  ...change,
});

/** What the operator must be able to read before it verifies anybody. */
export const contact = { description: 'Publishes flowers.', contactEmail: 'flowers@example.org' };
