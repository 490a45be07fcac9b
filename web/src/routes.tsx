import type { ComponentType } from 'react';
import type { RouteObject } from 'react-router';
import { Requires } from './session/requires.tsx';
import { NotFoundPage } from './shell/not-found-page.tsx';
import { RouteError } from './shell/route-error.tsx';
import { Shell } from './shell/shell.tsx';

/** One file per page, fetched when the page is first opened. */
const page =
  <Name extends string>(load: () => Promise<Record<Name, ComponentType>>, name: Name) =>
  async () => ({ Component: (await load())[name] });

const market = {
  home: () => import('./pages/market/home-page.tsx'),
  search: () => import('./pages/market/search-page.tsx'),
  product: () => import('./pages/market/product-page.tsx'),
  publisher: () => import('./pages/market/publisher-page.tsx'),
  subscriptions: () => import('./pages/market/subscriptions-page.tsx'),
  running: () => import('./pages/market/running/running-page.tsx'),
  myData: () => import('./pages/market/my-data-page.tsx'),
  training: () => import('./pages/market/training/training-page.tsx'),
  newTraining: () => import('./pages/market/training/new-training-page.tsx'),
  trainingJob: () => import('./pages/market/training/training-job-page.tsx'),
  tuning: () => import('./pages/market/training/tuning-page.tsx'),
  subscription: () => import('./pages/market/subscription-page.tsx'),
  compare: () => import('./pages/market/compare-page.tsx'),
  invoice: () => import('./pages/market/invoice-page.tsx'),
  questions: () => import('./pages/market/questions-page.tsx'),
  question: () => import('./pages/market/question-page.tsx'),
  endpoints: () => import('./pages/market/endpoints/endpoints-page.tsx'),
  newEndpoint: () => import('./pages/market/endpoints/new-endpoint-page.tsx'),
  endpoint: () => import('./pages/market/endpoints/endpoint-page.tsx'),
  webServices: () => import('./pages/market/webservices/web-services-page.tsx'),
  newWebService: () => import('./pages/market/webservices/new-web-service-page.tsx'),
  webService: () => import('./pages/market/webservices/web-service-page.tsx'),
  files: () => import('./pages/market/files/files-page.tsx'),
  transforms: () => import('./pages/market/transforms/transforms-page.tsx'),
  newTransform: () => import('./pages/market/transforms/new-transform-page.tsx'),
  transform: () => import('./pages/market/transforms/transform-page.tsx'),
};

const publish = {
  products: () => import('./pages/publish/products-page.tsx'),
  product: () => import('./pages/publish/product-overview-page.tsx'),
  edit: () => import('./pages/publish/product-edit-page.tsx'),
  submission: () => import('./pages/publish/submission-page.tsx'),
  versions: () => import('./pages/publish/versions-page.tsx'),
  customers: () => import('./pages/publish/customers-page.tsx'),
  reviews: () => import('./pages/publish/reviews-page.tsx'),
  models: () => import('./pages/publish/models-page.tsx'),
  newModel: () => import('./pages/publish/new-model-page.tsx'),
  model: () => import('./pages/publish/model-page.tsx'),
  images: () => import('./pages/publish/images-page.tsx'),
  newImage: () => import('./pages/publish/new-image-page.tsx'),
  image: () => import('./pages/publish/image-page.tsx'),
  algorithms: () => import('./pages/publish/algorithms-page.tsx'),
  newAlgorithm: () => import('./pages/publish/new-algorithm-page.tsx'),
  algorithm: () => import('./pages/publish/algorithm-page.tsx'),
  profile: () => import('./pages/publish/profile-page.tsx'),
  disputes: () => import('./pages/publish/disputes-page.tsx'),
  dispute: () => import('./pages/publish/dispute-page.tsx'),
};

const operate = {
  queue: () => import('./pages/operate/queue-page.tsx'),
  review: () => import('./pages/operate/review-page.tsx'),
  disputes: () => import('./pages/operate/disputes-page.tsx'),
  dispute: () => import('./pages/operate/dispute-page.tsx'),
  feedback: () => import('./pages/operate/feedback-page.tsx'),
  mail: () => import('./pages/operate/mail-page.tsx'),
  mailItem: () => import('./pages/operate/mail-item-page.tsx'),
  policies: () => import('./pages/operate/policies-page.tsx'),
  instanceTypes: () => import('./pages/operate/instance-types-page.tsx'),
  deployments: () => import('./pages/operate/deployments-page.tsx'),
  servers: () => import('./pages/operate/servers/servers-page.tsx'),
  publishers: () => import('./pages/operate/publishers-page.tsx'),
  publisher: () => import('./pages/operate/publisher-detail-page.tsx'),
  removals: () => import('./pages/operate/removals-page.tsx'),
  accounts: () => import('./pages/operate/accounts-page.tsx'),
  versions: () => import('./pages/operate/versions-page.tsx'),
  health: () => import('./pages/operate/health-page.tsx'),
};

const account = {
  settings: () => import('./pages/account/settings-page.tsx'),
  create: () => import('./pages/account/new-account-page.tsx'),
  members: () => import('./pages/account/members-page.tsx'),
  keys: () => import('./pages/account/keys-page.tsx'),
  roles: () => import('./pages/account/roles-page.tsx'),
  audit: () => import('./pages/account/audit-page.tsx'),
  governance: () => import('./pages/account/governance-page.tsx'),
  requests: () => import('./pages/account/requests-page.tsx'),
  spend: () => import('./pages/account/spend-page.tsx'),
  budgets: () => import('./pages/account/budgets-page.tsx'),
  notifications: () => import('./pages/account/notifications-page.tsx'),
};

const entry = {
  signIn: () => import('./pages/entry/sign-in-page.tsx'),
  signUp: () => import('./pages/entry/sign-up-page.tsx'),
  reset: () => import('./pages/entry/password-reset-page.tsx'),
  invitation: () => import('./pages/entry/invitation-page.tsx'),
  leakedKey: () => import('./pages/entry/leaked-key-page.tsx'),
};

const marketRoutes: RouteObject[] = [
  { index: true, lazy: page(market.home, 'HomePage') },
  { path: 'products', lazy: page(market.search, 'SearchPage') },
  { path: 'products/:publisher/:product', lazy: page(market.product, 'ProductPage') },
  { path: 'publishers/:publisher', lazy: page(market.publisher, 'PublisherPage') },
  {
    element: <Requires anyOf={['subscription:read']} />,
    children: [
      { path: 'subscriptions', lazy: page(market.subscriptions, 'SubscriptionsPage') },
      { path: 'subscriptions/:subscriptionId', lazy: page(market.subscription, 'SubscriptionPage') },
      { path: 'running', lazy: page(market.running, 'RunningPage') },
      { path: 'my-data', lazy: page(market.myData, 'MyDataPage') },
      { path: 'subscriptions/:subscriptionId/compare', lazy: page(market.compare, 'ComparePage') },
    ],
  },
  {
    element: <Requires anyOf={['file:read']} />,
    children: [{ path: 'files', lazy: page(market.files, 'FilesPage') }],
  },
  {
    element: <Requires anyOf={['transform:read']} />,
    children: [
      { path: 'transforms', lazy: page(market.transforms, 'TransformsPage') },
      { path: 'transforms/new', lazy: page(market.newTransform, 'NewTransformPage') },
      { path: 'transforms/:transformJob', lazy: page(market.transform, 'TransformPage') },
    ],
  },
  {
    element: <Requires anyOf={['training:read']} />,
    children: [
      { path: 'training', lazy: page(market.training, 'TrainingPage') },
      { path: 'training/new', lazy: page(market.newTraining, 'NewTrainingPage') },
      { path: 'training/tuning/:name', lazy: page(market.tuning, 'TuningPage') },
      { path: 'training/:name', lazy: page(market.trainingJob, 'TrainingJobPage') },
    ],
  },
  {
    element: <Requires anyOf={['invoice:read']} />,
    children: [{ path: 'invoice', lazy: page(market.invoice, 'InvoicePage') }],
  },
  {
    element: <Requires anyOf={['endpoint:read']} />,
    children: [
      { path: 'endpoints', lazy: page(market.endpoints, 'EndpointsPage') },
      { path: 'endpoints/:name', lazy: page(market.endpoint, 'EndpointPage') },
    ],
  },
  {
    element: <Requires anyOf={['webservice:read']} />,
    children: [
      { path: 'web-services', lazy: page(market.webServices, 'WebServicesPage') },
      { path: 'web-services/:service', lazy: page(market.webService, 'WebServicePage') },
    ],
  },
  {
    element: <Requires anyOf={['webservice:manage']} />,
    children: [{ path: 'web-services/new', lazy: page(market.newWebService, 'NewWebServicePage') }],
  },
  {
    element: <Requires anyOf={['endpoint:manage']} />,
    children: [{ path: 'endpoints/new', lazy: page(market.newEndpoint, 'NewEndpointPage') }],
  },
  {
    element: <Requires anyOf={['feedback:read']} />,
    children: [
      { path: 'questions', lazy: page(market.questions, 'QuestionsPage') },
      { path: 'questions/:questionId', lazy: page(market.question, 'QuestionPage') },
    ],
  },
];

const publishRoutes: RouteObject[] = [
  {
    element: <Requires anyOf={['feedback:answer']} />,
    children: [
      { path: 'questions', lazy: page(market.questions, 'PublisherQuestionsPage') },
      { path: 'questions/:questionId', lazy: page(market.question, 'QuestionPage') },
    ],
  },
  {
    element: <Requires anyOf={['product:list']} />,
    children: [
      { index: true, lazy: page(publish.products, 'ProductsPage') },
      { path: 'products/:productId/customers', lazy: page(publish.customers, 'CustomersPage') },
    ],
  },
  {
    element: <Requires anyOf={['product:read']} />,
    children: [
      { path: 'products/:productId', lazy: page(publish.product, 'ProductOverviewPage') },
      { path: 'products/:productId/edit', lazy: page(publish.edit, 'ProductEditPage') },
      { path: 'disputes', lazy: page(publish.disputes, 'DisputesPage') },
      { path: 'disputes/:disputeId', lazy: page(publish.dispute, 'DisputePage') },
      { path: 'products/:productId/versions', lazy: page(publish.versions, 'VersionsPage') },
      { path: 'products/:productId/reviews', lazy: page(publish.reviews, 'ProductReviewsPage') },
      {
        path: 'products/:productId/submissions/:submissionId',
        lazy: page(publish.submission, 'SubmissionPage'),
      },
    ],
  },
  {
    element: <Requires anyOf={['model:read']} />,
    children: [
      { path: 'models', lazy: page(publish.models, 'ModelsPage') },
      { path: 'models/new', lazy: page(publish.newModel, 'NewModelPage') },
      { path: 'models/:name', lazy: page(publish.model, 'ModelPage') },
      { path: 'images', lazy: page(publish.images, 'ImagesPage') },
      { path: 'images/new', lazy: page(publish.newImage, 'NewImagePage') },
      { path: 'images/:image', lazy: page(publish.image, 'ImagePage') },
      { path: 'algorithms', lazy: page(publish.algorithms, 'AlgorithmsPage') },
      { path: 'algorithms/new', lazy: page(publish.newAlgorithm, 'NewAlgorithmPage') },
      { path: 'algorithms/:name', lazy: page(publish.algorithm, 'AlgorithmPage') },
    ],
  },
  {
    element: <Requires anyOf={['publisher:read']} />,
    children: [{ path: 'profile', lazy: page(publish.profile, 'ProfilePage') }],
  },
];

const operateRoutes: RouteObject[] = [
  {
    element: <Requires anyOf={['feedback:moderate']} />,
    children: [{ path: 'feedback', lazy: page(operate.feedback, 'FeedbackPage') }],
  },
  {
    element: <Requires anyOf={['review:read']} />,
    children: [
      { index: true, lazy: page(operate.queue, 'QueuePage') },
      { path: 'submissions/:submissionId', lazy: page(operate.review, 'ReviewPage') },
      { path: 'disputes', lazy: page(operate.disputes, 'OperatorDisputesPage') },
      { path: 'disputes/:disputeId', lazy: page(operate.dispute, 'OperatorDisputePage') },
    ],
  },
  {
    element: <Requires anyOf={['operator:read']} />,
    children: [
      { path: 'mail', lazy: page(operate.mail, 'MailPage') },
      { path: 'mail/:mailId', lazy: page(operate.mailItem, 'MailItemPage') },
      { path: 'policies', lazy: page(operate.policies, 'PoliciesPage') },
      { path: 'access', lazy: page(account.roles, 'RolesPage') },
      { path: 'instance-types', lazy: page(operate.instanceTypes, 'InstanceTypesPage') },
      { path: 'deployments', lazy: page(operate.deployments, 'DeploymentsPage') },
      { path: 'servers', lazy: page(operate.servers, 'ServersPage') },
      { path: 'publishers', lazy: page(operate.publishers, 'PublishersPage') },
      { path: 'publishers/:accountId', lazy: page(operate.publisher, 'OperatorPublisherPage') },
      { path: 'removals', lazy: page(operate.removals, 'RemovalsPage') },
      { path: 'accounts', lazy: page(operate.accounts, 'AccountsPage') },
      { path: 'versions', lazy: page(operate.versions, 'OperateVersionsPage') },
      { path: 'health', lazy: page(operate.health, 'HealthPage') },
    ],
  },
  {
    element: <Requires anyOf={['audit:read']} />,
    children: [{ path: 'audit', lazy: page(account.audit, 'AuditPage') }],
  },
];

const accountRoutes: RouteObject[] = [
  {
    element: <Requires anyOf={['governance:read']} />,
    children: [
      { path: 'governance', lazy: page(account.governance, 'GovernancePage') },
      { path: 'governance/requests', lazy: page(account.requests, 'RequestsPage') },
    ],
  },
  {
    element: <Requires anyOf={['invoice:read']} />,
    children: [
      { path: 'spend', lazy: page(account.spend, 'SpendPage') },
      { path: 'budgets', lazy: page(account.budgets, 'BudgetsPage') },
    ],
  },
  {
    element: <Requires anyOf={null} />,
    children: [
      { index: true, lazy: page(account.settings, 'SettingsPage') },
      { path: 'new', lazy: page(account.create, 'NewAccountPage') },
    ],
  },
  {
    element: <Requires anyOf={['member:read']} />,
    children: [{ path: 'members', lazy: page(account.members, 'MembersPage') }],
  },
  {
    element: <Requires anyOf={['access:read']} />,
    children: [{ path: 'roles', lazy: page(account.roles, 'RolesPage') }],
  },
  {
    element: <Requires anyOf={['key:read']} />,
    children: [{ path: 'keys', lazy: page(account.keys, 'KeysPage') }],
  },
  {
    element: <Requires anyOf={['audit:read']} />,
    children: [{ path: 'audit', lazy: page(account.audit, 'AuditPage') }],
  },
];

export const routes: RouteObject[] = [
  {
    element: <Shell />,
    children: [
      {
        errorElement: <RouteError />,
        // Nothing is drawn in place of a page that loads for the first time: it is there within a moment.
        HydrateFallback: () => null,
        children: [
          ...marketRoutes,
          { path: 'publish', children: publishRoutes },
          { path: 'operate', children: operateRoutes },
          { path: 'account', children: accountRoutes },
          {
            element: <Requires anyOf={null} />,
            children: [{ path: 'notifications', lazy: page(account.notifications, 'NotificationsPage') }],
          },
          { path: 'sign-in', lazy: page(entry.signIn, 'SignInPage') },
          { path: 'sign-up', lazy: page(entry.signUp, 'SignUpPage') },
          { path: 'password-reset', lazy: page(entry.reset, 'PasswordResetPage') },
          { path: 'leaked-keys', lazy: page(entry.leakedKey, 'LeakedKeyPage') },
          { path: 'invitations/:token', lazy: page(entry.invitation, 'InvitationPage') },
          { path: '*', Component: NotFoundPage },
        ],
      },
    ],
  },
];
