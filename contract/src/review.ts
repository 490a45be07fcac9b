import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import { Evidence, StageName } from './publishing.ts';
import { AccountId, fields, idOf, nullable, oneOf, PageQuery, pageOf, record, Timestamp } from './schema.ts';

export const reviewErrors = defineErrors({
  'queue.missing': {
    kind: 'missing',
    message: 'There is no {itemId} in the queue any more.',
    remedy: 'Load the queue again: somebody may have dealt with it.',
  },
  'queue.taken': {
    kind: 'conflict',
    message: '{by} has taken it.',
    remedy: 'Ask them to release it, or take the next one.',
  },
  'queue.not_yours': {
    kind: 'conflict',
    message: 'You have not taken it; {by} has.',
    remedy: 'Only who has taken an item, or an admin of the operator, releases it.',
  },
  'dispute.missing': {
    kind: 'missing',
    message: 'There is no dispute {disputeId}.',
    remedy: 'List your disputes: souk dispute list.',
  },
  'dispute.finding_missing': {
    kind: 'missing',
    message: '{subject} has no finding {code} at that place that stops it.',
    remedy:
      'Name a finding of severity error as it is shown: its code, and file, pointer and line where it has them.',
  },
  'dispute.not_refused': {
    kind: 'precondition',
    message: 'No reviewer has rejected the submission {submissionId}.',
    remedy: 'A decision can be disputed after it was made; a finding by its code.',
  },
  'dispute.exists': {
    kind: 'conflict',
    message: 'This was disputed already: {disputeId}.',
    remedy: 'Read the answer there. What is new belongs into a new submission.',
  },
  'dispute.answered': {
    kind: 'conflict',
    message: 'The dispute is {state} already.',
    remedy: 'Load it again to read the answer.',
  },
  'dispute.own_decision': {
    kind: 'forbidden',
    message: 'Nobody answers a dispute of a decision that they made.',
    remedy: 'Another reviewer answers it.',
  },
  'dispute.own_account': {
    kind: 'forbidden',
    message: 'Nobody answers a dispute of an account to which they belong.',
    remedy: 'Another reviewer answers it.',
  },
  'dispute.not_grantable': {
    kind: 'precondition',
    message:
      '{code} protects everybody who runs the product, or says what cannot work; no exception is made of it.',
    remedy:
      'Decline with the reason, or, where the check is wrong, mend it and answer `corrected`: the thing is then examined anew.',
  },
  'exception.missing': {
    kind: 'missing',
    message: 'There is no exception {exceptionId}.',
    remedy: 'List the exceptions.',
  },
  'exception.revoked': {
    kind: 'conflict',
    message: 'The exception {exceptionId} was revoked before.',
    remedy: 'Nothing more to do.',
  },
});

/**
 * What an appeal can be granted for: a rule that protects people from mistakes and that a human can see is mistaken here. All
 * other codes protect those who run the product (malware, code, archives, markup), or say what cannot work at all; for these a
 * human looks and answers, and mends the check where it is wrong, but makes no exception.
 */
export const grantableCodes = [
  'secret.private_key',
  'secret.cloud_key',
  'secret.token',
  'package.repository',
  'text.placeholder',
  'logo.dimensions',
  'logo.ratio',
  'logo.background',
  'review.rejected',
] as const;
export const isGrantable = (code: string): boolean => grantableCodes.some((c) => c === code);

export const queueKinds = ['review', 'held', 'dispute'] as const;
export type QueueKind = (typeof queueKinds)[number];

export const QueueItem = record('QueueItem', {
  id: idOf('qit'),
  kind: oneOf(queueKinds, '`review`: to be read; `held`: a fault of ours; `dispute`: a publisher disagrees.'),
  title: Type.String(),
  product: nullable(Type.String({ description: 'publisher/product' })),
  accountId: AccountId,
  why: Type.String(),
  link: Type.String({ description: 'Path in the web application.' }),
  submissionId: nullable(idOf('sbm')),
  disputeId: nullable(idOf('dsp')),
  waitingSince: Timestamp,
  dueAt: Timestamp,
  overdue: Type.Boolean(),
  assignee: nullable(fields({ email: Type.String(), since: Timestamp })),
});
export type QueueItem = Static<typeof QueueItem>;

export const disputeStates = ['open', 'granted', 'declined', 'corrected', 'withdrawn'] as const;
export type DisputeState = (typeof disputeStates)[number];

export const Dispute = record('Dispute', {
  id: idOf('dsp'),
  accountId: AccountId,
  publisher: nullable(Type.String()),
  of: oneOf(['finding', 'decision'], 'A finding of a check, or the decision of a reviewer.'),
  product: nullable(Type.String({ description: 'publisher/product' })),
  productId: nullable(idOf('prd')),
  submissionId: nullable(idOf('sbm')),
  modelPackage: nullable(Type.String()),
  algorithm: nullable(Type.String()),
  stage: nullable(StageName),
  code: Type.String(),
  finding: nullable(Finding),
  evidence: Type.Array(Evidence, { description: 'What the check rested on when it was disputed.' }),
  grantable: Type.Boolean({ description: 'Whether an exception can be made of this code.' }),
  text: Type.String({ description: 'What the publisher says.' }),
  state: oneOf(disputeStates),
  openedBy: Type.String(),
  openedAt: Timestamp,
  dueAt: nullable(Timestamp),
  overdue: Type.Boolean(),
  answer: nullable(Type.String()),
  answeredBy: nullable(Type.String()),
  answeredAt: nullable(Timestamp),
  exceptionId: nullable(idOf('exc')),
});
export type Dispute = Static<typeof Dispute>;

export const RuleException = record('RuleException', {
  id: idOf('exc'),
  accountId: AccountId,
  publisher: nullable(Type.String()),
  code: Type.String(),
  place: Type.String({ description: 'What it is about, in words.' }),
  thingSha256: Type.String({
    description: 'Digest of the thing: the exception holds for this and nothing else.',
  }),
  disputeId: idOf('dsp'),
  reason: Type.String(),
  grantedBy: Type.String(),
  grantedAt: Timestamp,
  revokedBy: nullable(Type.String()),
  revokedAt: nullable(Timestamp),
  revokedReason: nullable(Type.String()),
});
export type RuleException = Static<typeof RuleException>;

export const SubmissionComment = record('SubmissionComment', {
  id: idOf('cmt'),
  submissionId: idOf('sbm'),
  pointer: nullable(Type.String()),
  text: Type.String(),
  side: oneOf(['operator', 'publisher']),
  by: Type.String(),
  at: Timestamp,
});
export type SubmissionComment = Static<typeof SubmissionComment>;

const words = Type.String({ minLength: 1, maxLength: 10_000 });
const queueItem = fields({ itemId: idOf('qit') });
const dispute = fields({ disputeId: idOf('dsp') });
const submission = fields({ submissionId: idOf('sbm') });
const operator = 'operator';
const tag = 'publishing';

export const reviewOperations = {
  listReviewQueue: operation({
    id: 'listReviewQueue',
    method: 'GET',
    path: '/api/operator/queue',
    tag: operator,
    summary: 'What needs a human of the operator: overdue first, then by what is due next',
    query: fields({
      kind: Type.Optional(oneOf(queueKinds)),
      assignee: Type.Optional(oneOf(['me', 'nobody'])),
      overdue: Type.Optional(Type.Boolean()),
    }),
    output: record('ReviewQueue', { items: Type.Array(QueueItem) }),
    errors: [],
  }),
  takeQueueItem: operation({
    id: 'takeQueueItem',
    method: 'POST',
    path: '/api/operator/queue/:itemId/take',
    tag: operator,
    summary: 'Take an item of the queue, so that others see who is at it',
    params: queueItem,
    output: QueueItem,
    errors: ['queue.missing', 'queue.taken', 'dispute.own_account', 'dispute.own_decision'],
  }),
  releaseQueueItem: operation({
    id: 'releaseQueueItem',
    method: 'POST',
    path: '/api/operator/queue/:itemId/release',
    tag: operator,
    summary: 'Give an item back to the queue',
    params: queueItem,
    output: QueueItem,
    errors: ['queue.missing', 'queue.not_yours'],
  }),
  openDispute: operation({
    id: 'openDispute',
    method: 'POST',
    path: '/api/disputes',
    tag,
    summary: 'Dispute a finding of a check, or a reviewer’s rejection',
    body: record('NewDispute', {
      submissionId: Type.Optional(idOf('sbm')),
      modelPackage: Type.Optional(Type.String({ maxLength: 63 })),
      algorithm: Type.Optional(Type.String({ maxLength: 63 })),
      region: Type.Optional(Type.String({ maxLength: 63 })),
      finding: Type.Optional(
        fields({
          code: Type.String({ maxLength: 100 }),
          file: Type.Optional(nullable(Type.String({ maxLength: 4096 }))),
          pointer: Type.Optional(nullable(Type.String({ maxLength: 1000 }))),
          line: Type.Optional(nullable(Type.Integer({ minimum: 1 }))),
        }),
      ),
      text: Type.Optional(Type.String({ maxLength: 10_000 })),
    }),
    output: Dispute,
    status: 201,
    errors: [
      'submission.missing',
      'model.missing',
      'algorithm.missing',
      'dispute.finding_missing',
      'dispute.not_refused',
      'dispute.exists',
    ],
  }),
  listDisputes: operation({
    id: 'listDisputes',
    method: 'GET',
    path: '/api/disputes',
    tag,
    summary: 'Disputes of the account, newest first',
    query: fields({
      submissionId: Type.Optional(idOf('sbm')),
      modelPackage: Type.Optional(Type.String({ maxLength: 63 })),
      algorithm: Type.Optional(Type.String({ maxLength: 63 })),
      state: Type.Optional(oneOf(disputeStates)),
      ...PageQuery,
    }),
    output: pageOf('DisputePage', Dispute),
    errors: [],
  }),
  getDispute: operation({
    id: 'getDispute',
    method: 'GET',
    path: '/api/disputes/:disputeId',
    tag,
    summary: 'One dispute with its evidence and answer',
    params: dispute,
    output: Dispute,
    errors: ['dispute.missing'],
  }),
  withdrawDispute: operation({
    id: 'withdrawDispute',
    method: 'POST',
    path: '/api/disputes/:disputeId/withdraw',
    tag,
    summary: 'Withdraw a dispute that was not answered',
    params: dispute,
    output: Dispute,
    errors: ['dispute.missing', 'dispute.answered'],
  }),
  answerDispute: operation({
    id: 'answerDispute',
    method: 'POST',
    path: '/api/operator/disputes/:disputeId/answer',
    tag: operator,
    summary:
      'Answer a dispute in writing: granted, declined, or corrected (the check was wrong and is mended)',
    params: dispute,
    body: fields({ answer: oneOf(['granted', 'declined', 'corrected']), text: words }),
    output: Dispute,
    errors: [
      'dispute.missing',
      'dispute.answered',
      'dispute.own_decision',
      'dispute.own_account',
      'dispute.not_grantable',
    ],
  }),
  listAllDisputes: operation({
    id: 'listAllDisputes',
    method: 'GET',
    path: '/api/operator/disputes',
    tag: operator,
    summary: 'Disputes of all accounts, newest first',
    query: fields({ state: Type.Optional(oneOf(disputeStates)), ...PageQuery }),
    output: pageOf('AllDisputesPage', Dispute),
    errors: [],
  }),
  listExceptions: operation({
    id: 'listExceptions',
    method: 'GET',
    path: '/api/exceptions',
    tag,
    summary: 'Exceptions granted to the account, newest first; for the operator, to all',
    output: record('Exceptions', { items: Type.Array(RuleException) }),
    errors: [],
  }),
  revokeException: operation({
    id: 'revokeException',
    method: 'POST',
    path: '/api/operator/exceptions/:exceptionId/revoke',
    tag: operator,
    summary: 'Revoke an exception: from now on the rule holds again',
    params: fields({ exceptionId: idOf('exc') }),
    body: fields({ reason: words }),
    output: RuleException,
    errors: ['exception.missing', 'exception.revoked'],
  }),
  listComments: operation({
    id: 'listComments',
    method: 'GET',
    path: '/api/submissions/:submissionId/comments',
    tag,
    summary: 'What reviewer and publisher wrote about a submission, oldest first',
    params: submission,
    output: record('SubmissionComments', { items: Type.Array(SubmissionComment) }),
    errors: ['submission.missing'],
  }),
  addComment: operation({
    id: 'addComment',
    method: 'POST',
    path: '/api/submissions/:submissionId/comments',
    tag,
    summary: 'Write about a submission, or about one place of its document',
    params: submission,
    body: fields({ text: words, pointer: Type.Optional(nullable(Type.String({ maxLength: 1000 }))) }),
    output: SubmissionComment,
    status: 201,
    errors: ['submission.missing'],
  }),
};
