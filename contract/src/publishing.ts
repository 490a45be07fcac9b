import { type Static, Type } from 'typebox';
import { defineErrors } from './errors.ts';
import { Finding } from './findings.ts';
import { operation } from './operation.ts';
import { DocumentChange, ProductType, productTypes } from './products.ts';
import {
  AccountId,
  fields,
  idOf,
  nullable,
  oneOf,
  PageQuery,
  pageOf,
  record,
  Sha256,
  Timestamp,
} from './schema.ts';

export const publishingErrors = defineErrors({
  'submission.missing': {
    kind: 'missing',
    message: 'There is no submission {submissionId}.',
    remedy: 'List the submissions of the product.',
  },
  'submission.incomplete': {
    kind: 'precondition',
    message: 'The draft has {errors} errors; nothing was submitted.',
    remedy: 'Mend what the findings name, then submit again.',
  },
  'submission.not_in_state': {
    kind: 'conflict',
    message: 'The submission is {state}; {action} is possible when it is {expected}.',
    remedy: 'Load the submission again to see where it stands.',
  },
  'submission.outdated': {
    kind: 'conflict',
    message: 'The preview shows revision {preview}; you sign off revision {given}.',
    remedy: 'Test the revision that is in preview now, then sign that off.',
  },
  'submission.own_review': {
    kind: 'forbidden',
    message: 'Nobody reviews what their own account submitted.',
    remedy: 'Ask another reviewer.',
  },
  'submission.own_submission': {
    kind: 'forbidden',
    message: 'Nobody reviews what they submitted themselves, for whichever account they act.',
    remedy: 'Ask another reviewer.',
  },
  'submission.reviewed_already': {
    kind: 'conflict',
    message: 'You have approved it already; {needed} different people must.',
    remedy: 'Another reviewer decides next.',
  },
  'submission.needs_preview': {
    kind: 'precondition',
    message: 'What it changes must be tested before it goes live: {changes}.',
    remedy:
      'Submit without signing off, test the preview, then go live. Texts, media and prices of a live product can go at once.',
  },
});

export const stageNames = [
  'prerequisites',
  'attribution',
  'connection',
  'certification',
  'trial-run',
  'test-drive',
  'packaging',
  'sign-off',
  'review',
  'release',
] as const;
export const StageName = oneOf(stageNames);
export type StageName = Static<typeof StageName>;

export const submissionStates = [
  'running',
  'waiting',
  'held',
  'refused',
  'cancelled',
  'released',
  'superseded',
] as const;
export type SubmissionState = (typeof submissionStates)[number];
export const stageStates = [
  'pending',
  'running',
  'waiting',
  'passed',
  'carried-over',
  'not-run',
  'refused',
  'held',
  'cancelled',
] as const;
export type StageState = (typeof stageStates)[number];

export const Evidence = record('Evidence', {
  name: Type.String(),
  value: Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
  unit: Type.Optional(Type.String()),
});
export type Evidence = Static<typeof Evidence>;

export const StageReport = record('StageReport', {
  stage: StageName,
  title: Type.String(),
  acts: oneOf(['system', 'publisher', 'operator']),
  state: oneOf(stageStates),
  estimateMs: Type.Integer({
    description: 'What this stage usually takes, measured on this installation where known.',
  }),
  attempt: Type.Integer(),
  attemptsMax: Type.Integer(),
  startedAt: nullable(Timestamp),
  endedAt: nullable(Timestamp),
  summary: Type.String({ description: 'One sentence: what happened, or what is waited for.' }),
  findings: Type.Array(Finding),
  evidence: Type.Array(Evidence),
  log: Type.Array(fields({ at: Timestamp, line: Type.String() })),
});
export type StageReport = Static<typeof StageReport>;

export const SubmissionReview = record('SubmissionReview', {
  reviewers: Type.Integer({ description: 'How many different people must approve.' }),
  why: Type.String({ description: 'What the operator’s policy says, in a sentence.' }),
  approvals: Type.Array(fields({ by: Type.String(), at: Timestamp, comment: Type.String() })),
});

export const Submission = record('Submission', {
  id: idOf('sbm'),
  productId: idOf('prd'),
  productSlug: Type.String(),
  productTitle: Type.String(),
  publisher: Type.String(),
  accountId: AccountId,
  revision: Type.Integer(),
  revisionSha256: Sha256,
  state: oneOf(submissionStates),
  stage: nullable(StageName),
  waitsFor: nullable(oneOf(['publisher', 'system', 'operator'])),
  message: Type.String({ description: 'Where it stands and what to do next, in a sentence.' }),
  answerBy: nullable(
    Type.String({
      format: 'date-time',
      description: 'By when a person of the operator acts, while one is waited for.',
    }),
  ),
  review: nullable(SubmissionReview),
  stages: Type.Array(StageReport),
  submittedBy: Type.String(),
  submittedAt: Timestamp,
  updatedAt: Timestamp,
  endedAt: nullable(Timestamp),
});
export type Submission = Static<typeof Submission>;

export const PipelineStage = record('PipelineStage', {
  stage: StageName,
  title: Type.String(),
  types: Type.Array(ProductType, { maxItems: productTypes.length }),
  acts: oneOf(['system', 'publisher', 'operator']),
  estimateMs: Type.Integer(),
  attemptsMax: Type.Integer(),
  timeLimitMs: nullable(Type.Integer()),
  does: Type.String(),
  onRefusal: Type.String(),
  onFault: Type.String(),
  undo: nullable(Type.String()),
});
export type PipelineStage = Static<typeof PipelineStage>;

const submission = fields({ submissionId: idOf('sbm') });
const product = fields({ productId: idOf('prd') });
const tag = 'publishing';

export const publishingOperations = {
  getPipeline: operation({
    id: 'getPipeline',
    method: 'GET',
    path: '/api/pipeline',
    tag,
    summary: 'The pipeline table',
    output: record('Pipeline', { stages: Type.Array(PipelineStage) }),
    errors: [],
  }),
  submitProduct: operation({
    id: 'submitProduct',
    method: 'POST',
    path: '/api/products/:productId/submissions',
    tag,
    summary: 'Submit the draft: freezes it as a revision and starts the pipeline',
    params: product,
    body: fields({
      draftVersion: Type.Optional(Type.Integer()),
      testAccounts: Type.Optional(Type.Array(AccountId, { maxItems: 5000, uniqueItems: true })),
      signOff: Type.Optional(
        Type.Boolean({
          description:
            'Go live without a preview: for changes of texts, media and prices of a live product. What is released is exactly this draft.',
        }),
      ),
    }),
    output: Submission,
    status: 201,
    errors: [
      'product.missing',
      'submission.incomplete',
      'submission.needs_preview',
      'product.under_way',
      'product.draft_changed',
      'access.describe_forbidden',
    ],
  }),
  listSubmissions: operation({
    id: 'listSubmissions',
    method: 'GET',
    path: '/api/products/:productId/submissions',
    tag,
    summary: 'Submissions of a product, newest first',
    params: product,
    query: fields(PageQuery),
    output: pageOf('SubmissionPage', Submission),
    errors: ['product.missing'],
  }),
  getSubmission: operation({
    id: 'getSubmission',
    method: 'GET',
    path: '/api/submissions/:submissionId',
    tag,
    summary: 'A submission with every stage',
    params: submission,
    output: Submission,
    errors: ['submission.missing'],
  }),
  followSubmission: operation({
    id: 'followSubmission',
    method: 'GET',
    path: '/api/submissions/:submissionId/events',
    tag,
    summary:
      'The submission again at each change, as server-sent events named `submission`; ends when it ends',
    params: submission,
    output: null,
    outputType: 'text/event-stream',
    errors: ['submission.missing'],
  }),
  cancelSubmission: operation({
    id: 'cancelSubmission',
    method: 'POST',
    path: '/api/submissions/:submissionId/cancel',
    tag,
    summary: 'Cancel a submission that has not been released',
    params: submission,
    output: Submission,
    errors: ['submission.missing', 'submission.not_in_state'],
  }),
  retrySubmission: operation({
    id: 'retrySubmission',
    method: 'POST',
    path: '/api/submissions/:submissionId/retry',
    tag,
    summary: 'Run a held stage again',
    params: submission,
    output: Submission,
    errors: ['submission.missing', 'submission.not_in_state'],
  }),
  signOff: operation({
    id: 'signOff',
    method: 'POST',
    path: '/api/submissions/:submissionId/sign-off',
    tag,
    summary: 'Go Live: release the revision that was tested',
    params: submission,
    body: fields({ revision: Type.Integer({ minimum: 1 }) }),
    output: Submission,
    errors: ['submission.missing', 'submission.not_in_state', 'submission.outdated'],
  }),
  reviewSubmission: operation({
    id: 'reviewSubmission',
    method: 'POST',
    path: '/api/submissions/:submissionId/review',
    tag: 'operator',
    summary: 'Approve or reject in review, with a reason',
    params: submission,
    body: fields({
      decision: oneOf(['approve', 'reject']),
      comment: Type.String({ minLength: 1, maxLength: 10_000 }),
    }),
    output: Submission,
    errors: [
      'submission.missing',
      'submission.not_in_state',
      'submission.own_review',
      'submission.own_submission',
      'submission.reviewed_already',
    ],
  }),
  getSubmissionDiff: operation({
    id: 'getSubmissionDiff',
    method: 'GET',
    path: '/api/submissions/:submissionId/diff',
    tag,
    summary: 'What the submission changes',
    params: submission,
    query: fields({
      against: Type.Optional(
        oneOf(
          ['live', 'reviewed', 'nothing'],
          '`live` (default): what buyers saw before it; `reviewed`: what a reviewer read last; `nothing`: the whole document.',
        ),
      ),
    }),
    output: record('SubmissionDiff', {
      against: nullable(Type.Integer({ description: 'The revision it is held against; null for none.' })),
      changes: Type.Array(DocumentChange),
    }),
    errors: ['submission.missing'],
  }),
};
