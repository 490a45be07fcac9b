import { type Static, Type } from 'typebox';
import { countries, countryName } from './countries.ts';
import { type Finding, finding } from './findings.ts';
import { fields, nullable, oneOf, record } from './schema.ts';
import {
  type NumberProblem,
  type TaxNumberType,
  taxNumberExample,
  taxNumberNames,
  taxNumberProblem,
  taxNumberTypes,
  taxNumberTypesFor,
} from './tax-numbers.ts';
import { vatRules } from './vat-numbers.ts';

/**
 * The tax interview: who is paid, and the answers that the American forms W-9, W-8BEN and W-8BEN-E ask for. The schema holds
 * the shape and refuses unknown fields; `taxFindings` says what is missing or wrong. Pure, so that the form in the browser, the
 * command line and the server say the same.
 */
const words = (maxLength: number, description?: string) =>
  Type.Optional(Type.String({ maxLength, ...(description ? { description } : {}) }));
const Country = Type.Optional(Type.String({ maxLength: 2, description: 'ISO 3166-1 alpha-2' }));
const Day = Type.Optional(Type.String({ maxLength: 10, description: 'YYYY-MM-DD' }));

export const w9Classes = [
  'individual',
  'c-corporation',
  's-corporation',
  'partnership',
  'trust-estate',
  'llc-c',
  'llc-s',
  'llc-partnership',
  'other',
] as const;
export const entityTypes = [
  'corporation',
  'partnership',
  'disregarded-entity',
  'simple-trust',
  'complex-trust',
  'government',
  'tax-exempt',
  'private-foundation',
  'other',
] as const;
export const fatcaStatuses = [
  'active-nffe',
  'passive-nffe',
  'publicly-traded-nffe',
  'reporting-ffi',
  'nonreporting-ffi',
  'exempt-beneficial-owner',
  'government',
  'nonprofit',
  'other',
] as const;

const Treaty = fields({
  country: Country,
  article: words(60, 'Article and paragraph of the treaty'),
  ratePercent: Type.Optional(Type.Number({ minimum: 0, maximum: 30 })),
  income: words(200, 'Kind of income, for example royalties'),
  reason: words(1000, 'Which conditions of the article are met'),
  limitationOnBenefits: words(200, 'Companies: which test of the treaty is met'),
});

export const TaxInterview = record('TaxInterview', {
  kind: Type.Optional(oneOf(['individual', 'company'])),
  legalName: words(200, 'As on the tax return'),
  tradingName: words(200),
  country: Country,
  address: Type.Optional(
    fields({
      line1: words(200),
      line2: words(200),
      city: words(100),
      state: words(100),
      postalCode: words(20),
      country: Country,
    }),
  ),
  usPerson: Type.Optional(
    Type.Boolean({ description: 'A citizen or resident of the United States, or an entity formed there' }),
  ),
  vatRegistered: Type.Optional(
    Type.Boolean({ description: 'Asked in the European Union and in the United Kingdom' }),
  ),
  taxNumbers: Type.Optional(
    Type.Array(fields({ type: oneOf(taxNumberTypes), number: Type.String({ maxLength: 60 }) }), {
      maxItems: 4,
      description: 'The number of the tax residence; a VAT number beside it where there is one',
    }),
  ),
  w9: Type.Optional(
    nullable(
      fields({
        classification: Type.Optional(oneOf(w9Classes)),
        otherClassification: words(100),
        exemptPayeeCode: words(2),
        fatcaExemptionCode: words(1),
        backupWithholding: Type.Optional(
          Type.Boolean({
            description: 'True when the IRS told you that you are subject to backup withholding',
          }),
        ),
      }),
    ),
  ),
  w8ben: Type.Optional(
    nullable(fields({ citizenship: Country, dateOfBirth: Day, treaty: Type.Optional(nullable(Treaty)) })),
  ),
  w8bene: Type.Optional(
    nullable(
      fields({
        countryOfIncorporation: Country,
        entityType: Type.Optional(oneOf(entityTypes)),
        fatcaStatus: Type.Optional(oneOf(fatcaStatuses)),
        giin: words(19),
        treaty: Type.Optional(nullable(Treaty)),
      }),
    ),
  ),
  signature: Type.Optional(
    fields({
      name: words(200),
      capacity: words(100, 'Companies: what the signer is in the company'),
      date: Day,
      consent: Type.Optional(Type.Boolean({ description: 'Signs electronically instead of on paper' })),
      certify: Type.Optional(
        Type.Boolean({
          description: 'Declares, under penalties of perjury, that the answers are true and complete',
        }),
      ),
    }),
  ),
});
export type TaxInterview = Static<typeof TaxInterview>;

export const taxForms = ['W-9', 'W-8BEN', 'W-8BEN-E'] as const;
export type TaxForm = (typeof taxForms)[number];

/** Which form the answers lead to; undefined while too little is known. */
export function taxFormOf({ kind, usPerson }: TaxInterview): TaxForm | undefined {
  if (kind === undefined || usPerson === undefined) return undefined;
  return usPerson ? 'W-9' : kind === 'individual' ? 'W-8BEN' : 'W-8BEN-E';
}

/** A W-8 holds until the end of the third calendar year after its signature, a W-9 until something changes. */
export function taxFormExpires(interview: TaxInterview): string | null {
  const year = Number(interview.signature?.date?.slice(0, 4));
  return interview.usPerson || !year ? null : `${year + 3}-12-31`;
}

/** `today` is the day that a signature may carry, YYYY-MM-DD in UTC; absent where nobody signs yet. */
export function taxFindings(t: TaxInterview, today?: string): Finding[] {
  const list: Finding[] = [];
  const add = (pointer: string, code: string, message: string, remedy: string) => {
    list.push(finding({ rule: 'tax', code: `tax.${code}`, severity: 'error', pointer, message, remedy }));
  };
  const need = (
    value: unknown,
    pointer: string,
    what: string,
    remedy = `Write ${what[0]?.toLowerCase()}${what.slice(1)}.`,
  ) => {
    const given = typeof value === 'string' ? value.trim() !== '' : value !== undefined && value !== null;
    if (!given) add(pointer, 'missing', `${what} is missing.`, remedy);
    return given;
  };
  const country = (code: string | undefined, pointer: string, what: string) => {
    if (need(code, pointer, what, 'Choose a country.') && !countries.includes(code ?? ''))
      add(
        pointer,
        'country_unknown',
        `There is no country ${code}.`,
        'Give its two letters of ISO 3166, as in DE.',
      );
  };

  need(t.kind, '/kind', 'Whether you are an individual or a company', 'Choose individual or company.');
  need(t.legalName, '/legalName', 'The legal name');
  country(t.country, '/country', 'The country of tax residence');
  const { address: a = {} } = t;
  need(a.line1, '/address/line1', 'The street and number');
  need(a.city, '/address/city', 'The city');
  country(a.country, '/address/country', 'The country of the address');
  if (a.country === 'US') {
    if (need(a.state, '/address/state', 'The state') && !/^[A-Z]{2}$/.test(a.state?.trim() ?? ''))
      add('/address/state', 'state_form', 'The state is not two capital letters.', 'Write it as in NY.');
    if (
      need(a.postalCode, '/address/postalCode', 'The ZIP code') &&
      !/^\d{5}(-\d{4})?$/.test(a.postalCode?.trim() ?? '')
    )
      add(
        '/address/postalCode',
        'zip_form',
        'The ZIP code is not five or nine digits.',
        'Write it as in 10001 or 10001-1234.',
      );
  }
  need(t.usPerson, '/usPerson', 'Whether you are a US person', 'Answer yes or no.');
  taxNumbers(t, add, need);
  const form = taxFormOf(t);
  for (const [part, own] of [
    ['w9', 'W-9'],
    ['w8ben', 'W-8BEN'],
    ['w8bene', 'W-8BEN-E'],
  ] as const)
    if (form !== undefined && form !== own && t[part])
      add(
        `/${part}`,
        'other_form',
        `Your answers lead to form ${form}, not to ${own}.`,
        'Leave this part out.',
      );
  if (form === 'W-9') w9(t, add, need);
  if (form === 'W-8BEN') w8ben(t, add, need, country, today);
  if (form === 'W-8BEN-E') w8bene(t, add, need, country);
  signature(t, add, need, today);
  return list;
}

type Add = (pointer: string, code: string, message: string, remedy: string) => void;
type Need = (value: unknown, pointer: string, what: string, remedy?: string) => boolean;
type NeedCountry = (code: string | undefined, pointer: string, what: string) => void;

/** Whose numbers are asked for: a US person has an American one, wherever they live. */
export const taxNumberCountry = (t: TaxInterview): string => (t.usPerson ? 'US' : (t.country ?? ''));

const asksVat = (country: string) => country in vatRules;

function taxNumbers(t: TaxInterview, add: Add, need: Need) {
  const country = taxNumberCountry(t);
  if (!countries.includes(country) || t.kind === undefined) return;
  const given = t.taxNumbers ?? [];
  const types = taxNumberTypesFor(country, t.kind);
  for (const [i, { type, number }] of given.entries()) {
    const at = `/taxNumbers/${i}`;
    const name = taxNumberNames[type];
    if (!types.includes(type))
      add(
        `${at}/type`,
        'number_type',
        `${t.kind === 'company' ? 'A company' : 'An individual'} in ${countryName(country)} has no ${name}.`,
        `Give ${types.map((x) => taxNumberNames[x]).join(' or ')}.`,
      );
    else if (given.findIndex((g) => g.type === type) < i)
      add(`${at}/type`, 'number_twice', `Two numbers of the kind ${name} are given.`, 'Remove one.');
    else if (need(number, `${at}/number`, `The ${name}`, 'Write it, or remove the line.')) {
      const problem = taxNumberProblem(country, type, number);
      if (problem) add(`${at}/number`, `${type}_${problem}`, ...numberWords(country, type, problem));
    }
  }
  if (asksVat(country)) {
    need(t.vatRegistered, '/vatRegistered', 'Whether you are registered for VAT', 'Answer yes or no.');
    const vat = given.findIndex((g) => g.type === 'vat');
    if (t.vatRegistered === true && vat < 0)
      add(
        '/taxNumbers',
        'vat_missing',
        'You are registered for VAT, but no VAT number is given.',
        `Give it, as in ${taxNumberExample(country, 'vat')}.`,
      );
    if (t.vatRegistered === false && vat >= 0)
      add(
        `/taxNumbers/${vat}/type`,
        'vat_unexpected',
        'You are not registered for VAT, but a VAT number is given.',
        'Answer yes, or remove the number.',
      );
  }
  if (given.length === 0 && !(asksVat(country) && t.vatRegistered === true))
    add(
      '/taxNumbers',
      'number_missing',
      'The tax number is missing.',
      `Give ${types
        .filter((x) => x !== 'vat' || t.vatRegistered !== false)
        .map((x) => taxNumberNames[x])
        .join(' or ')}.`,
    );
}

/** Says nothing of the number itself: findings may be kept and shown. */
function numberWords(country: string, type: TaxNumberType, problem: NumberProblem): [string, string] {
  const name = `${taxNumberNames[type]}${type === 'vat' ? ` of ${countryName(country)}` : ''}`;
  const example = taxNumberExample(country, type);
  if (problem === 'checksum')
    return [
      `The check digits of the ${name} do not fit the rest.`,
      'Compare it with your certificate: a digit is wrong, missing or swapped.',
    ];
  if (problem === 'reserved')
    return [`No such ${name} is ever given out.`, 'Compare it with your certificate.'];
  return [
    `This is not the form of ${/^[AEI]/.test(name) ? 'an' : 'a'} ${name}.`,
    example ? `It looks like ${example}.` : 'It has 4 to 40 letters and digits, at least one digit.',
  ];
}

function w9({ w9: f, kind }: TaxInterview, add: Add, need: Need) {
  if (
    need(f?.classification, '/w9/classification', 'The tax classification', 'Choose one.') &&
    kind !== undefined
  ) {
    if ((f?.classification === 'individual') !== (kind === 'individual'))
      add(
        '/w9/classification',
        'classification',
        `The classification ${f?.classification} does not fit ${kind === 'company' ? 'a company' : 'an individual'}.`,
        'Choose one that fits, or correct who you are.',
      );
    if (f?.classification === 'other')
      need(f.otherClassification, '/w9/otherClassification', 'The other classification');
  }
  if (f?.exemptPayeeCode && !/^(1[0-3]|[1-9])$/.test(f.exemptPayeeCode))
    add(
      '/w9/exemptPayeeCode',
      'exempt_code',
      'The exempt payee code is not a number from 1 to 13.',
      'Leave it empty, or see the instructions of form W-9.',
    );
  if (f?.fatcaExemptionCode && !/^[A-M]$/.test(f.fatcaExemptionCode))
    add(
      '/w9/fatcaExemptionCode',
      'fatca_code',
      'The FATCA exemption code is not a letter from A to M.',
      'Leave it empty, or see the instructions of form W-9.',
    );
  need(
    f?.backupWithholding,
    '/w9/backupWithholding',
    'Whether you are subject to backup withholding',
    'Answer yes or no.',
  );
}

function w8ben(t: TaxInterview, add: Add, need: Need, country: NeedCountry, today: string | undefined) {
  const f = t.w8ben;
  country(f?.citizenship, '/w8ben/citizenship', 'The citizenship');
  if (f?.citizenship === 'US')
    add(
      '/w8ben/citizenship',
      'us_citizen',
      'A citizen of the United States is a US person.',
      'Answer that you are a US person, or correct the citizenship.',
    );
  if (need(f?.dateOfBirth, '/w8ben/dateOfBirth', 'The date of birth')) {
    const day = f?.dateOfBirth ?? '';
    if (!isDay(day) || day < '1900-01-01' || (today !== undefined && day > today))
      add(
        '/w8ben/dateOfBirth',
        'birth_date',
        'The date of birth is not a day that has been since 1900.',
        'Write it as 1980-12-31.',
      );
  }
  treaty(t, '/w8ben/treaty', f?.treaty, add, need);
}

function w8bene(t: TaxInterview, add: Add, need: Need, country: NeedCountry) {
  const f = t.w8bene;
  country(f?.countryOfIncorporation, '/w8bene/countryOfIncorporation', 'The country of incorporation');
  if (f?.countryOfIncorporation === 'US')
    add(
      '/w8bene/countryOfIncorporation',
      'us_entity',
      'An entity formed in the United States is a US person.',
      'Answer that you are a US person, or correct the country.',
    );
  need(f?.entityType, '/w8bene/entityType', 'The type of entity', 'Choose one.');
  need(
    f?.fatcaStatus,
    '/w8bene/fatcaStatus',
    'The FATCA status',
    'Choose one; for most companies that sell something it is an active NFFE.',
  );
  const giin = f?.giin?.trim();
  if (f?.fatcaStatus === 'reporting-ffi') need(giin, '/w8bene/giin', 'The GIIN');
  if (giin && !/^[A-NP-Z0-9]{6}\.[A-NP-Z0-9]{5}\.[A-Z]{2}\.\d{3}$/.test(giin))
    add('/w8bene/giin', 'giin_form', 'This is not the form of a GIIN.', 'It looks like 98Q96B.00000.LE.250.');
  treaty(t, '/w8bene/treaty', f?.treaty, add, need);
}

function treaty(
  t: TaxInterview,
  at: string,
  f: Static<typeof Treaty> | null | undefined,
  add: Add,
  need: Need,
) {
  if (!f) return;
  if (
    need(f.country, `${at}/country`, 'The treaty’s country', 'Choose a country.') &&
    f.country !== t.country
  )
    add(
      `${at}/country`,
      'treaty_country',
      'A treaty is claimed that is not with the country of tax residence.',
      'Claim the treaty of your tax residence, or none.',
    );
  need(f.article, `${at}/article`, 'The treaty’s article');
  need(f.ratePercent, `${at}/ratePercent`, 'The treaty’s rate', 'Give it in percent, 0 to 30.');
  need(f.income, `${at}/income`, 'The kind of income');
  if (t.kind === 'company')
    need(f.limitationOnBenefits, `${at}/limitationOnBenefits`, 'The limitation on benefits that is met');
}

function signature(
  { signature: s = {}, kind, legalName }: TaxInterview,
  add: Add,
  need: Need,
  today: string | undefined,
) {
  if (need(s.name, '/signature/name', 'The signer’s name') && kind === 'individual' && legalName) {
    if (sameName(s.name ?? '') !== sameName(legalName))
      add(
        '/signature/name',
        'signer',
        'The signature is not the legal name.',
        'An individual signs with their legal name, as written above.',
      );
  }
  if (kind === 'company') need(s.capacity, '/signature/capacity', 'What the signer is in the company');
  if (need(s.date, '/signature/date', 'The date of the signature', 'Write today’s date.')) {
    if (!isDay(s.date ?? ''))
      add(
        '/signature/date',
        'date_form',
        'The date of the signature is not a date.',
        'Write it as 2026-11-21.',
      );
    else if (today !== undefined && Math.abs(Date.parse(s.date ?? '') - Date.parse(today)) > dayMs)
      add(
        '/signature/date',
        'not_today',
        'The signature does not carry today’s date.',
        `Sign again, with ${today}.`,
      );
  }
  if (s.consent !== true)
    add(
      '/signature/consent',
      'consent',
      'The consent to sign electronically is missing.',
      'Give it: without it the form would have to be sent on paper.',
    );
  if (s.certify !== true)
    add(
      '/signature/certify',
      'certify',
      'The declaration that the answers are true is missing.',
      'Read it and make it.',
    );
}

// A day beside, since the signer may be where it is tomorrow already, or still yesterday.
const dayMs = 86_400_000;
const sameName = (name: string) => name.trim().replaceAll(/\s+/g, ' ').toLocaleLowerCase('en');
const isDay = (text: string) =>
  /^\d{4}-\d\d-\d\d$/.test(text) && new Date(`${text}T00:00:00Z`).toJSON()?.slice(0, 10) === text;
