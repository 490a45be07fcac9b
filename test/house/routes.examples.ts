import type {
  BodyOf,
  ErrorCode,
  Operation,
  OperationId,
  operations,
  ParamsOf,
  QueryOf,
} from '@souk/contract';
import { irisDocument } from '../iris-document.ts';
import { type Credentials, type Market, newModel, password } from './market.ts';

/** A request that is right in every way, who sends it, and what is answered: a success, or the declared refusal that fits the state. */
export interface Example<O extends Operation = Operation> {
  readonly as: Credentials;
  readonly params?: ParamsOf<O>;
  readonly query?: QueryOf<O>;
  readonly body?: BodyOf<O>;
  readonly bytes?: Uint8Array;
  readonly answers?: ErrorCode;
}

type Examples = { readonly [K in OperationId]: Example<(typeof operations)[K]> };

/** One for every operation; without it this does not compile. In the order in which they can follow each other. */
export function examples({
  ids,
  owner,
  ownerCookie,
  operator,
  visitor,
  other,
  otherAccountId,
  accountId,
}: Market): Examples {
  const product = { params: { productId: ids.productId } };
  const submission = { params: { submissionId: ids.submissionId } };
  const ended = { params: { submissionId: ids.endedSubmissionId } };
  const subscription = { params: { subscriptionId: ids.subscriptionId } };
  const iris = { params: { publisher: 'flowers', product: 'iris' } };
  const person = { email: 'late@example.test', password, name: 'Late' };
  const document = irisDocument(
    `arn:aws:sagemaker:souk-home-1:${accountId}:model-package/${ids.modelName}`,
    ids.logoSha256,
  );
  const token = 'not-a-token-that-was-ever-given';
  return {
    getSession: { as: owner },
    listSignInProviders: { as: visitor },
    startSignInWithProvider: {
      as: visitor,
      params: { provider: 'none' },
      body: {},
      answers: 'account.provider_missing',
    },
    finishSignInWithProvider: {
      as: visitor,
      params: { provider: 'none' },
      answers: 'account.provider_missing',
    },
    signUp: { as: visitor, body: person },
    signIn: { as: visitor, body: { email: person.email, password } },
    requestPasswordReset: { as: visitor, body: { email: 'nobody@example.test' } },
    completePasswordReset: { as: visitor, body: { token, password }, answers: 'account.reset_expired' },
    switchAccount: { as: ownerCookie, body: { accountId } },
    createAccount: { as: ownerCookie, body: { name: 'Second' } },
    getAccess: { as: owner },
    getAccount: { as: owner },
    updateAccount: { as: owner, body: { name: 'Flowers & Co' } },
    listMembers: { as: owner },
    updateMember: { as: owner, params: { personId: ids.sparePersonId }, body: { roles: ['buyer'] } },
    removeMember: { as: owner, params: { personId: ids.sparePersonId } },
    listInvitations: { as: owner },
    createInvitation: { as: owner, body: { email: 'further@example.test', roles: ['viewer'] } },
    withdrawInvitation: { as: owner, params: { invitationId: ids.invitationId } },
    getInvitation: { as: visitor, params: { token }, answers: 'account.invitation_missing' },
    acceptInvitation: { as: ownerCookie, params: { token }, answers: 'account.invitation_missing' },
    listApiKeys: { as: owner },
    createApiKey: { as: owner, body: { name: 'further' } },
    revokeApiKey: { as: owner, params: { keyId: ids.keyId } },
    listAccounts: { as: operator },
    createUpload: { as: owner, body: { fileName: 'a.onnx', purpose: 'model', sizeBytes: 10 } },
    getUpload: { as: owner, params: { uploadId: ids.uploadId } },
    appendUpload: {
      as: owner,
      params: { uploadId: ids.emptyUploadId },
      query: { offset: 0 },
      bytes: Buffer.from('abc'),
    },
    getMedia: { as: visitor, params: { sha256: ids.logoSha256 } },
    createModelPackage: { as: owner, body: newModel('iris-3', ids.uploadId) },
    listModelPackages: { as: owner },
    getModelPackage: { as: owner, params: { name: ids.modelName } },
    deleteModelPackage: { as: owner, params: { name: ids.spareModelName } },
    getPublisher: { as: owner },
    putPublisher: { as: owner, body: { slug: 'flowers', displayName: 'Flowers & Co' } },
    listProducts: { as: owner },
    createProduct: { as: owner, body: { type: 'model-package', slug: 'daisies', document } },
    getProduct: { as: owner, ...product },
    deleteProduct: { as: owner, params: { productId: ids.spareProductId } },
    getDraft: { as: owner, ...product },
    putDraft: { as: owner, ...product, body: { version: 0, document } },
    getApplied: { as: owner, ...product },
    applyDraft: { as: owner, ...product, body: { draftVersion: 1, document } },
    getDraftDiff: { as: owner, ...product },
    putAudience: { as: owner, ...product, body: { testAccounts: [otherAccountId] } },
    listBuyers: { as: owner, ...product },
    putBuyer: {
      as: owner,
      params: { ...product.params, accountId: otherAccountId },
      body: { note: 'Asked for it.' },
    },
    importBuyers: { as: owner, ...product, body: { mode: 'add', csv: `${otherAccountId},Asked\n` } },
    exportBuyers: { as: owner, ...product },
    removeBuyer: { as: owner, params: { ...product.params, accountId: otherAccountId } },
    unpublishProduct: {
      as: owner,
      ...product,
      body: { email: 'owner@example.test', reason: 'Out of date.' },
      answers: 'removal.not_live',
    },
    getRemoval: { as: owner, ...product, answers: 'removal.missing' },
    cancelRemoval: { as: owner, ...product, answers: 'removal.missing' },
    exportProduct: { as: owner, ...product },
    listRemovals: { as: operator },
    takeDownProduct: {
      as: operator,
      body: { product: 'flowers/nothing', reason: 'Harmful.' },
      answers: 'catalog.missing',
    },
    restoreProduct: {
      as: operator,
      params: { removalId: 'rem_00000000000000000001' },
      body: { reason: 'Mended.' },
      answers: 'take_down.missing',
    },
    getPipeline: { as: visitor },
    submitProduct: { as: owner, ...product, body: {}, answers: 'product.under_way' },
    listSubmissions: { as: owner, ...product },
    getSubmission: { as: owner, ...submission },
    followSubmission: { as: owner, ...ended },
    getSubmissionDiff: { as: owner, ...submission },
    retrySubmission: { as: owner, ...submission, answers: 'submission.not_in_state' },
    signOff: { as: owner, ...submission, body: { revision: 1 }, answers: 'submission.not_in_state' },
    reviewSubmission: {
      as: operator,
      ...submission,
      body: { decision: 'approve', comment: 'Good.' },
      answers: 'submission.not_in_state',
    },
    listReviewQueue: { as: operator },
    cancelSubmission: { as: owner, ...submission },
    searchCatalog: { as: visitor, query: { q: 'iris' } },
    getCatalogProduct: { as: visitor, ...iris },
    getMlBom: { as: visitor, params: { ...iris.params, version: '1.0.0' } },
    getStatement: { as: visitor, ...iris, answers: 'catalog.missing' },
    getSigningKey: { as: visitor },
    // Nothing was released through the pipeline, so to visitors there is no such publisher yet.
    getPublisherPage: { as: visitor, params: { publisher: 'flowers' }, answers: 'catalog.missing' },
    tryProduct: {
      as: visitor,
      ...iris,
      body: { contentType: 'text/csv', body: '1,2,3,4' },
      answers: 'catalog.not_running',
    },
    subscribe: {
      as: other,
      body: {
        publisher: 'flowers',
        product: 'iris',
        planId: 'free',
        eulaSha256: '0'.repeat(64),
        acceptEula: true,
      },
      answers: 'subscription.eula_changed',
    },
    listSubscriptions: { as: owner },
    exportSubscription: { as: owner, ...subscription },
    getSubscription: { as: owner, ...subscription },
    chooseVersion: { as: owner, ...subscription, body: { version: '1.0.0' } },
    cancelSubscription: { as: owner, params: { subscriptionId: ids.spareSubscriptionId } },
    getSnippets: { as: owner, ...subscription },
    getUsage: { as: owner, ...subscription },
    getProductUsage: { as: owner, params: { productId: ids.liveProductId } },
    listProductSubscriptions: { as: owner, params: { productId: ids.liveProductId } },
    getInvoice: { as: owner },
    listReviews: { as: visitor, ...iris },
    getMyReview: { as: owner, query: iris.params },
    putReview: {
      as: owner,
      body: { ...iris.params, rating: 4, title: 'Good', text: 'It works.' },
      answers: 'feedback.own_product',
    },
    putReviewReply: { as: owner, params: { reviewId: ids.reviewId }, body: { text: 'Thank you.' } },
    listProductReviews: { as: owner, params: { productId: ids.liveProductId } },
    removeReview: { as: owner, params: { reviewId: ids.ownReviewId } },
    listPublicQuestions: { as: visitor, ...iris },
    askQuestion: { as: other, body: { ...iris.params, title: 'Rows?', text: 'How many at once?' } },
    listQuestions: { as: owner, query: { box: 'received' } },
    getQuestion: { as: owner, params: { questionId: ids.questionId } },
    addQuestionMessage: { as: owner, params: { questionId: ids.questionId }, body: { text: 'And more.' } },
    publishQuestion: { as: owner, params: { questionId: ids.questionId }, body: { public: true } },
    closeQuestion: { as: owner, params: { questionId: ids.questionId } },
    reportFeedback: { as: other, body: { itemId: ids.reviewId, reason: 'Not about the product.' } },
    listModeration: { as: operator },
    moderate: {
      as: operator,
      params: { itemId: ids.reviewId },
      body: { decision: 'hide', reason: 'Not about the product.' },
    },
    getPolicies: { as: operator },
    putPolicies: {
      as: operator,
      body: {
        scannerMissing: 'hold',
        review: {
          'model-package': 'off',
          algorithm: 'off',
          'web-service': 'required',
          application: 'required',
        },
        triesPerDay: { visitor: 5, account: 20 },
        signUp: 'open',
        notice: { removalDays: 90, priceIncreaseDays: 90 },
      },
    },
    listInstanceTypes: { as: visitor },
    putInstanceType: {
      as: operator,
      params: { name: 'ml.c5.large' },
      body: {
        cpus: 2,
        memoryMb: 4096,
        backend: 'onnx',
        pricePerHour: '0.05',
        currency: 'USD',
        enabled: true,
      },
    },
    listRegions: { as: visitor },
    listMail: { as: operator },
    getMail: { as: operator, params: { mailId: ids.mailId } },
    listPublishers: { as: operator },
    listDeployments: { as: operator },
    restartDeployment: { as: operator, params: { deploymentId: ids.deploymentId } },
    getHealth: { as: operator },
    listAudit: { as: owner },
    listNotifications: { as: owner },
    markNotificationsRead: { as: owner, body: {} },
    signOut: { as: visitor },
  };
}
