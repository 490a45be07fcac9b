import { type Static, Type } from 'typebox';
import { feedbackLimits } from './community-limits.ts';
import { defineErrors } from './errors.ts';
import { operation } from './operation.ts';
import { fields, idOf, nullable, oneOf, PageQuery, pageOf, record, Slug, Timestamp } from './schema.ts';

export const feedbackErrors = defineErrors({
  'feedback.usage_needed': {
    kind: 'precondition',
    message:
      '{product} is reviewed by accounts that have used it: {units} answered calls under a subscription are needed, this account has {used}.',
    remedy: 'Call the product first; calls count within seconds.',
  },
  'feedback.own_product': {
    kind: 'forbidden',
    message: 'This account publishes or tests {product}, so it cannot review it.',
    remedy: 'Leave the judgement to those who subscribed by themselves.',
  },
  'feedback.own_question': {
    kind: 'forbidden',
    message: 'This account publishes {product}; a question would go to itself.',
    remedy: 'Write what you want buyers to know into the listing.',
  },
  'feedback.version_unknown': {
    kind: 'invalid',
    message: '{product} has no version {version} that this account has; it has {versions}.',
    remedy: 'Name one of these, or none for the version that your subscription calls.',
  },
  'feedback.review_missing': {
    kind: 'missing',
    message: 'There is no such review that you may act on.',
    remedy: 'List the reviews of the product.',
  },
  'feedback.question_missing': {
    kind: 'missing',
    message: 'There is no such question that you may see.',
    remedy: 'List your questions.',
  },
  'feedback.question_closed': {
    kind: 'conflict',
    message: 'This question was closed on {closedAt}.',
    remedy: 'Ask a new one.',
  },
  'feedback.question_full': {
    kind: 'conflict',
    message: 'A question takes at most {max} messages.',
    remedy: 'Close it and go on in a new one.',
  },
  'feedback.not_answered': {
    kind: 'precondition',
    message: 'Only a question that its publisher has answered can be shown to everybody.',
    remedy: 'Answer it first.',
  },
  'feedback.not_agreed': {
    kind: 'forbidden',
    message: 'Whoever asked did not agree to have the question shown to everybody.',
    remedy: 'Write the answer into the listing instead.',
  },
  'feedback.hidden': {
    kind: 'conflict',
    message: 'The operator has hidden this: {reason}',
    remedy: 'Ask the operator to look at it again.',
  },
  'feedback.not_in_state': {
    kind: 'conflict',
    message: 'This is {state} and cannot be decided on by {decision}.',
    remedy: 'Look at it again; somebody else may have decided.',
  },
  'feedback.item_missing': {
    kind: 'missing',
    message: 'There is no review or question {itemId}.',
    remedy: 'List what was reported.',
  },
});

const ReviewReply = fields({
  text: Type.String(),
  by: Type.String(),
  at: Timestamp,
  editedAt: nullable(Timestamp),
});

export const ProductReview = record('ProductReview', {
  id: idOf('rvw'),
  rating: Type.Integer({ minimum: 1, maximum: 5 }),
  title: Type.String(),
  text: Type.String({ description: 'Plain text; line breaks are kept.' }),
  author: Type.String({ description: 'Name of the account, or "A buyer" where it chose not to be named.' }),
  version: Type.String({ description: 'The version that was used.' }),
  createdAt: Timestamp,
  editedAt: nullable(Timestamp),
  reply: nullable(ReviewReply),
  mine: Type.Boolean(),
  hidden: nullable(fields({ reason: Type.String(), at: Timestamp })),
});
export type ProductReview = Static<typeof ProductReview>;

export const RatingSummary = record('RatingSummary', {
  count: Type.Integer(),
  average: nullable(
    Type.Number({ description: 'Plain mean of the visible reviews, to one decimal; null without any.' }),
  ),
  distribution: Type.Array(Type.Integer(), { description: 'How many gave 1, 2, 3, 4 and 5.' }),
});
export type RatingSummary = Static<typeof RatingSummary>;

export const MyReview = record('MyReview', {
  review: nullable(ProductReview),
  showName: Type.Boolean(),
  mayReview: Type.Boolean(),
  why: nullable(Type.String({ description: 'Why not, in a sentence.' })),
});
export type MyReview = Static<typeof MyReview>;

export const questionStates = ['open', 'answered', 'closed'] as const;
export const QuestionMessage = record('QuestionMessage', {
  from: oneOf(['asker', 'publisher']),
  name: Type.String(),
  text: Type.String({ description: 'Plain text; line breaks are kept.' }),
  at: Timestamp,
});
export type QuestionMessage = Static<typeof QuestionMessage>;

export const Question = record('Question', {
  id: idOf('qst'),
  productId: idOf('prd'),
  publisher: Slug,
  product: Slug,
  productTitle: Type.String(),
  title: Type.String(),
  state: oneOf(questionStates, '`open` waits for the publisher.'),
  mayPublish: Type.Boolean({ description: 'Whoever asked agrees that everybody reads it, without a name.' }),
  public: Type.Boolean(),
  asker: Type.String({ description: 'Person and account, for the two sides; "A buyer" to others.' }),
  side: oneOf(['asker', 'publisher', 'reader']),
  messages: Type.Array(QuestionMessage),
  createdAt: Timestamp,
  updatedAt: Timestamp,
  closedAt: nullable(Timestamp),
  hidden: nullable(fields({ reason: Type.String(), at: Timestamp })),
});
export type Question = Static<typeof Question>;

export const moderationDecisions = ['hide', 'keep', 'restore'] as const;
export const ModerationItem = record('ModerationItem', {
  id: Type.String(),
  kind: oneOf(['review', 'question']),
  publisher: Slug,
  product: Slug,
  title: Type.String(),
  text: Type.String(),
  author: Type.String({ description: 'Account and person; the operator sees who wrote.' }),
  reply: nullable(Type.String()),
  state: oneOf(['visible', 'reported', 'hidden']),
  hiddenReason: nullable(Type.String()),
  reports: Type.Array(fields({ reason: Type.String(), by: Type.String(), at: Timestamp })),
  createdAt: Timestamp,
});
export type ModerationItem = Static<typeof ModerationItem>;

const tag = 'feedback';
const address = { publisher: Slug, product: Slug };
const text = Type.String({ minLength: 1, maxLength: feedbackLimits.textChars, pattern: '\\S' });
const title = Type.String({ minLength: 1, maxLength: feedbackLimits.titleChars, pattern: '\\S' });
const reason = Type.String({ minLength: 1, maxLength: feedbackLimits.reasonChars, pattern: '\\S' });
const review = fields({ reviewId: idOf('rvw') });
const question = fields({ questionId: idOf('qst') });
const sorts = ['newest', 'highest', 'lowest'] as const;

export const feedbackOperations = {
  listReviews: operation({
    id: 'listReviews',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product/reviews',
    tag,
    summary: 'Reviews of a product by accounts that used it, and their summary',
    params: fields(address),
    query: fields({
      sort: Type.Optional(oneOf(sorts)),
      rating: Type.Optional(Type.Integer({ minimum: 1, maximum: 5 })),
      ...PageQuery,
    }),
    output: record('ReviewPage', {
      summary: RatingSummary,
      items: Type.Array(ProductReview),
      nextCursor: nullable(Type.String()),
    }),
    errors: ['catalog.missing'],
  }),
  getMyReview: operation({
    id: 'getMyReview',
    method: 'GET',
    path: '/api/reviews/mine',
    tag,
    summary: 'The account’s review of a product, and whether it may write one',
    query: fields(address),
    output: MyReview,
    errors: ['catalog.missing'],
  }),
  putReview: operation({
    id: 'putReview',
    method: 'PUT',
    path: '/api/reviews',
    tag,
    summary: 'Write or edit the account’s one review of a product that it has used',
    body: fields({
      ...address,
      rating: Type.Integer({ minimum: 1, maximum: 5 }),
      title,
      text,
      version: Type.Optional(Type.String({ maxLength: 64 })),
      showName: Type.Optional(Type.Boolean()),
    }),
    output: ProductReview,
    errors: [
      'catalog.missing',
      'feedback.usage_needed',
      'feedback.own_product',
      'feedback.version_unknown',
      'feedback.hidden',
      'request.limited',
    ],
  }),
  removeReview: operation({
    id: 'removeReview',
    method: 'DELETE',
    path: '/api/reviews/:reviewId',
    tag,
    summary: 'Take one’s own review back',
    params: review,
    output: null,
    status: 204,
    errors: ['feedback.review_missing', 'feedback.hidden'],
  }),
  putReviewReply: operation({
    id: 'putReviewReply',
    method: 'PUT',
    path: '/api/reviews/:reviewId/reply',
    tag,
    summary: 'The publisher’s one reply to a review; can be edited',
    params: review,
    body: fields({ text }),
    output: ProductReview,
    errors: ['feedback.review_missing', 'feedback.hidden', 'request.limited'],
  }),
  listProductReviews: operation({
    id: 'listProductReviews',
    method: 'GET',
    path: '/api/products/:productId/reviews',
    tag,
    summary: 'Reviews of one’s own product, hidden ones with their reason',
    params: fields({ productId: idOf('prd') }),
    query: fields(PageQuery),
    output: pageOf('OwnProductReviews', ProductReview),
    errors: ['product.missing'],
  }),
  listPublicQuestions: operation({
    id: 'listPublicQuestions',
    method: 'GET',
    path: '/api/catalog/products/:publisher/:product/questions',
    tag,
    summary: 'Questions about a product that its publisher has answered for everybody',
    params: fields(address),
    query: fields(PageQuery),
    output: pageOf('PublicQuestionPage', Question),
    errors: ['catalog.missing'],
  }),
  askQuestion: operation({
    id: 'askQuestion',
    method: 'POST',
    path: '/api/questions',
    tag,
    summary: 'Ask the publisher of a product',
    body: fields({ ...address, title, text, mayPublish: Type.Optional(Type.Boolean()) }),
    output: Question,
    status: 201,
    errors: ['catalog.missing', 'feedback.own_question', 'request.limited'],
  }),
  listQuestions: operation({
    id: 'listQuestions',
    method: 'GET',
    path: '/api/questions',
    tag,
    summary: 'Questions that the account asked, or with box=received those to it as a publisher',
    query: fields({
      box: Type.Optional(oneOf(['asked', 'received'])),
      state: Type.Optional(oneOf(questionStates)),
      productId: Type.Optional(idOf('prd')),
      ...PageQuery,
    }),
    output: pageOf('QuestionPage', Question),
    errors: [],
  }),
  getQuestion: operation({
    id: 'getQuestion',
    method: 'GET',
    path: '/api/questions/:questionId',
    tag,
    summary: 'One question with its thread, for its two sides',
    params: question,
    output: Question,
    errors: ['feedback.question_missing'],
  }),
  addQuestionMessage: operation({
    id: 'addQuestionMessage',
    method: 'POST',
    path: '/api/questions/:questionId/messages',
    tag,
    summary: 'Answer as the publisher, or go on asking',
    params: question,
    body: fields({ text }),
    output: Question,
    errors: [
      'feedback.question_missing',
      'feedback.question_closed',
      'feedback.question_full',
      'feedback.hidden',
      'request.limited',
    ],
  }),
  closeQuestion: operation({
    id: 'closeQuestion',
    method: 'POST',
    path: '/api/questions/:questionId/close',
    tag,
    summary: 'Close a question, from either side',
    params: question,
    output: Question,
    errors: ['feedback.question_missing', 'feedback.question_closed'],
  }),
  publishQuestion: operation({
    id: 'publishQuestion',
    method: 'PUT',
    path: '/api/questions/:questionId/public',
    tag,
    summary: 'Show an answered question on the product page, or take it off again',
    params: question,
    body: fields({ public: Type.Boolean() }),
    output: Question,
    errors: ['feedback.question_missing', 'feedback.not_answered', 'feedback.not_agreed', 'feedback.hidden'],
  }),
  reportFeedback: operation({
    id: 'reportFeedback',
    method: 'POST',
    path: '/api/feedback-reports',
    tag,
    summary: 'Report a review or a question to the operator; once per person',
    body: fields({ itemId: Type.Union([idOf('rvw'), idOf('qst')]), reason }),
    output: null,
    status: 204,
    errors: ['feedback.item_missing', 'request.limited'],
  }),
  listModeration: operation({
    id: 'listModeration',
    method: 'GET',
    path: '/api/operator/feedback',
    tag: 'operator',
    summary: 'Reviews and questions that were reported, are hidden, or all; reported ones oldest first',
    query: fields({ state: Type.Optional(oneOf(['reported', 'hidden', 'all'])), ...PageQuery }),
    output: pageOf('ModerationPage', ModerationItem),
    errors: [],
  }),
  moderate: operation({
    id: 'moderate',
    method: 'POST',
    path: '/api/operator/feedback/:itemId',
    tag: 'operator',
    summary: 'Hide a review or question with a reason, keep it, or restore it',
    params: fields({ itemId: Type.Union([idOf('rvw'), idOf('qst')]) }),
    body: fields({ decision: oneOf(moderationDecisions), reason }),
    output: ModerationItem,
    errors: ['feedback.item_missing', 'feedback.not_in_state'],
  }),
};
