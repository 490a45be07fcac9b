import { type Static, Type } from 'typebox';
import { BankDetails } from './bank-details.ts';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import { PublisherProfile } from './products.ts';
import { AccountId, fields, idOf, nullable, oneOf, PageQuery, pageOf, record, Timestamp } from './schema.ts';
import { TaxInterview, taxForms } from './tax-interview.ts';

/** What a publisher shows of itself to the operator: verification, taxes, bank. The profile itself is in products.ts. */
export const publisherErrors = defineErrors({
  'publisher.unknown': {
    kind: 'missing',
    message: 'No account {accountId} is a publisher.',
    remedy: 'List the publishers.',
  },
  'publisher.tax_refused': {
    kind: 'invalid',
    message: 'The tax interview has {errors} errors.',
    remedy: 'The findings name each field and what to write; nothing was kept.',
  },
  'publisher.tax_not_given': {
    kind: 'missing',
    message: 'No tax interview was given yet.',
    remedy:
      'Only paid plans need one: Publish > Publisher profile > Tax, or `souk publisher tax set interview.yaml`.',
  },
  'publisher.bank_refused': {
    kind: 'invalid',
    message: 'The bank details have {errors} errors.',
    remedy: 'The findings name each field and what to write; nothing was kept.',
  },
  'publisher.bank_not_given': {
    kind: 'missing',
    message: 'No bank details were given yet.',
    remedy:
      'Only paid plans need them: Publish > Publisher profile > Bank, or `souk publisher bank set bank.yaml`.',
  },
  'publisher.details_missing': {
    kind: 'missing',
    message: 'There is no version {version} of these details.',
    remedy: 'Leave the version out for the newest.',
  },
  'publisher.verification_incomplete': {
    kind: 'precondition',
    message: 'The operator could not verify this profile: {errors} things are missing.',
    remedy: 'Write what the findings name, then ask again.',
  },
  'publisher.verification_state': {
    kind: 'conflict',
    message: 'The verification is {state}, so this cannot be done.',
    remedy: 'Look at it again: somebody was faster, or it is decided already.',
  },
  'publisher.verification_changed': {
    kind: 'conflict',
    message: 'The publisher changed since you looked: version {current} stands, you decided on {given}.',
    remedy: 'Load it again and look at what changed.',
  },
  'publisher.own_verification': {
    kind: 'forbidden',
    message: 'You are a member of account {accountId}: nobody verifies their own account.',
    remedy: 'Let another person of the operator decide.',
  },
});

export const verificationStates = ['unverified', 'pending', 'verified', 'more-needed', 'rejected'] as const;
export type VerificationState = (typeof verificationStates)[number];
export const verificationEvents = ['requested', 'approved', 'more-asked', 'rejected', 'changed'] as const;
export type VerificationEvent = (typeof verificationEvents)[number];

export const VerificationStep = record('VerificationStep', {
  at: Timestamp,
  event: oneOf(verificationEvents),
  from: oneOf(verificationStates),
  to: oneOf(verificationStates),
  by: Type.String({ description: 'Who did it; for publishers, people of the operator are just that.' }),
  text: Type.String({ description: 'What they wrote, or what changed.' }),
});
export type VerificationStep = Static<typeof VerificationStep>;

export const Verification = record('Verification', {
  state: oneOf(verificationStates),
  version: Type.Integer({
    description: 'Grows with every change of what is verified; a decision names the one it is about.',
  }),
  text: Type.String({ description: 'What the operator wrote last, or what changed since.' }),
  since: Timestamp,
  neededFor: oneOf(['nothing', 'paid', 'everything'], 'By the operator’s policies.'),
  history: Type.Array(VerificationStep, { description: 'Newest first.' }),
});
export type Verification = Static<typeof Verification>;

export const PublisherStanding = record('PublisherStanding', {
  accountId: AccountId,
  verification: Verification,
  tax: nullable(
    fields({
      form: oneOf(taxForms),
      version: Type.Integer(),
      givenAt: Timestamp,
      expiresOn: nullable(Type.String({ description: 'YYYY-MM-DD' })),
      expired: Type.Boolean(),
    }),
  ),
  bank: nullable(fields({ version: Type.Integer(), givenAt: Timestamp })),
  taxAndBankNeeded: Type.Boolean({ description: 'For paid plans, by the operator’s policies.' }),
  payouts: fields({ state: oneOf(['not-set-up', 'held', 'ready']), reason: Type.String() }),
  missingForFree: Type.Array(Finding),
  missingForPaid: Type.Array(Finding),
});
export type PublisherStanding = Static<typeof PublisherStanding>;

const given = {
  version: Type.Integer(),
  givenBy: Type.String(),
  givenAt: Timestamp,
  versions: Type.Array(fields({ version: Type.Integer(), givenBy: Type.String(), givenAt: Timestamp }), {
    description: 'All that were given, newest first.',
  }),
};
/** Numbers show their last signs only: `•••• 6789`. Sent back like this, a number stays as it is. */
export const TaxDetails = record('TaxDetails', {
  form: oneOf(taxForms),
  expiresOn: nullable(Type.String({ description: 'YYYY-MM-DD' })),
  interview: TaxInterview,
  ...given,
});
export type TaxDetails = Static<typeof TaxDetails>;
export const PayoutDetails = record('PayoutDetails', { bank: BankDetails, ...given });
export type PayoutDetails = Static<typeof PayoutDetails>;

export const OperatorPublisher = record('OperatorPublisher', {
  profile: PublisherProfile,
  verification: oneOf(verificationStates),
  since: Timestamp,
  taxForm: nullable(oneOf(taxForms)),
  hasBank: Type.Boolean(),
  products: Type.Integer(),
  liveProducts: Type.Integer(),
});
export type OperatorPublisher = Static<typeof OperatorPublisher>;

export const OperatorPublisherDetail = record('OperatorPublisherDetail', {
  profile: PublisherProfile,
  standing: PublisherStanding,
  tax: nullable(TaxDetails),
  bank: nullable(PayoutDetails),
  products: Type.Array(
    fields({ id: idOf('prd'), slug: Type.String(), title: Type.String(), live: Type.Boolean() }),
  ),
  mayVerify: Type.Boolean({ description: 'False for members of the publisher’s own account.' }),
});
export type OperatorPublisherDetail = Static<typeof OperatorPublisherDetail>;

const tag = 'publishers';
const one = fields({ accountId: AccountId });
const comment = Type.String({ minLength: 1, maxLength: 2000, pattern: '\\S' });

export const publisherOperations = {
  getPublisherStanding: operation({
    id: 'getPublisherStanding',
    method: 'GET',
    path: '/api/publisher/standing',
    tag,
    summary: 'Verification, taxes and bank in short, and what is missing for free and for paid products',
    output: PublisherStanding,
    errors: ['publisher.missing'],
  }),
  requestVerification: operation({
    id: 'requestVerification',
    method: 'POST',
    path: '/api/publisher/verification',
    tag,
    summary: 'Ask the operator to verify this publisher, or answer what it asked',
    body: fields({ message: Type.String({ maxLength: 2000 }) }),
    output: PublisherStanding,
    errors: ['publisher.missing', 'publisher.verification_state', 'publisher.verification_incomplete'],
  }),
  getTaxDetails: operation({
    id: 'getTaxDetails',
    method: 'GET',
    path: '/api/publisher/tax',
    tag,
    summary: 'The tax interview as it was given, numbers masked',
    output: TaxDetails,
    errors: ['publisher.missing', 'publisher.tax_not_given'],
  }),
  putTaxDetails: operation({
    id: 'putTaxDetails',
    method: 'PUT',
    path: '/api/publisher/tax',
    tag,
    summary: 'Give the tax interview; the findings name every field that is missing or wrong',
    body: TaxInterview,
    output: TaxDetails,
    errors: ['publisher.missing', 'publisher.tax_refused'],
  }),
  getPayoutDetails: operation({
    id: 'getPayoutDetails',
    method: 'GET',
    path: '/api/publisher/bank',
    tag,
    summary: 'The bank details as they were given, numbers masked',
    output: PayoutDetails,
    errors: ['publisher.missing', 'publisher.bank_not_given'],
  }),
  putPayoutDetails: operation({
    id: 'putPayoutDetails',
    method: 'PUT',
    path: '/api/publisher/bank',
    tag,
    summary: 'Give the bank details; the findings name every field that is missing or wrong',
    body: BankDetails,
    output: PayoutDetails,
    errors: ['publisher.missing', 'publisher.bank_refused'],
  }),
  listPublishers: operation({
    id: 'listPublishers',
    method: 'GET',
    path: '/api/operator/publishers',
    tag: 'operator',
    summary: 'Publishers of the marketplace by name; those that wait for verification come oldest first',
    query: fields({ verification: Type.Optional(oneOf(verificationStates)), ...PageQuery }),
    output: pageOf('OperatorPublisherPage', OperatorPublisher),
    errors: [],
  }),
  getOperatorPublisher: operation({
    id: 'getOperatorPublisher',
    method: 'GET',
    path: '/api/operator/publishers/:accountId',
    tag: 'operator',
    summary: 'One publisher as the operator sees it: history, products, taxes and bank masked',
    params: one,
    output: OperatorPublisherDetail,
    errors: ['publisher.unknown'],
  }),
  decideVerification: operation({
    id: 'decideVerification',
    method: 'POST',
    path: '/api/operator/publishers/:accountId/verification',
    tag: 'operator',
    summary: 'Verify a publisher, ask for more, or decline; the reason goes to the publisher',
    params: one,
    body: fields({
      decision: oneOf(['approve', 'ask', 'reject']),
      comment,
      version: Type.Integer({ minimum: 1, description: 'Of the verification that you looked at.' }),
    }),
    output: OperatorPublisherDetail,
    errors: [
      'publisher.unknown',
      'publisher.verification_state',
      'publisher.verification_changed',
      'publisher.own_verification',
    ],
  }),
  revealPaymentDetails: operation({
    id: 'revealPaymentDetails',
    method: 'POST',
    path: '/api/operator/publishers/:accountId/reveal',
    tag: 'operator',
    summary:
      'The tax interview or bank details in full; the reason is put on record and the publisher is told',
    params: one,
    body: fields({
      what: oneOf(['tax', 'bank']),
      version: Type.Optional(Type.Integer({ minimum: 1, description: 'The newest, when left out.' })),
      reason: comment,
    }),
    output: record('RevealedDetails', {
      version: Type.Integer(),
      tax: nullable(TaxInterview),
      bank: nullable(BankDetails),
    }),
    errors: [
      'publisher.unknown',
      'publisher.tax_not_given',
      'publisher.bank_not_given',
      'publisher.details_missing',
    ],
  }),
};
