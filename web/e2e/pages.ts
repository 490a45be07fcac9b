/** Every page, as the checks and the pictures visit it. `of` fills in what this installation has. */
export type Who = 'visitor' | 'buyer' | 'publisher' | 'operator';

export interface Places {
  readonly product: string;
  readonly publisher: string;
  readonly publisherAccountId: string;
  readonly productId: string;
  readonly submissionId: string;
  readonly modelName: string;
  readonly subscriptionId: string;
  /** A web service of the same publisher. */
  readonly serviceProduct: string | null;
  /** Where its publisher edits the service behind it. */
  readonly serviceEditor: string | null;
  readonly mailId: string | null;
  readonly questionId: string | null;
  readonly imageId: string | null;
  readonly endpointName: string | null;
  readonly webServiceId: string | null;
  readonly algorithmName: string | null;
  readonly trainingName: string | null;
  readonly tuningName: string | null;
  readonly transformName: string | null;
}

export interface PageCase {
  readonly name: string;
  readonly who: Who;
  readonly path: string;
}

/** The page of something that not every installation has. */
const ifThere = (name: string, who: Who, folder: string, id: string | null): PageCase[] =>
  id === null ? [] : [{ name, who, path: `${folder}${id}` }];

export function pagesOf(places: Places): PageCase[] {
  const { product, publisher, productId, submissionId, modelName, subscriptionId, mailId, questionId } =
    places;
  const { publisherAccountId } = places;
  const ofProduct = `/publish/products/${productId}`;
  const sections = ['listing', 'promotion', 'support', 'regions', 'versions', 'plans', 'terms', 'audience'];
  return [
    { name: 'home', who: 'visitor', path: '/' },
    { name: 'search', who: 'visitor', path: '/products?q=iris' },
    { name: 'nothing-found', who: 'visitor', path: '/products?q=zzzzqqqq' },
    { name: 'product', who: 'visitor', path: `/products/${publisher}/${product}` },
    ...ifThere('service', 'visitor', `/products/${publisher}/`, places.serviceProduct),
    ...ifThere('service-explorer', 'buyer', `/products/${publisher}/`, places.serviceProduct),
    { name: 'publisher', who: 'visitor', path: `/publishers/${publisher}` },
    { name: 'not-found', who: 'visitor', path: '/nothing/here' },
    { name: 'sign-in', who: 'visitor', path: '/sign-in' },
    { name: 'sign-up', who: 'visitor', path: '/sign-up' },
    { name: 'password-reset', who: 'visitor', path: '/password-reset' },
    { name: 'set-password', who: 'visitor', path: '/password-reset?token=x' },
    { name: 'leaked-key', who: 'visitor', path: '/leaked-keys' },
    { name: 'invitation-missing', who: 'visitor', path: '/invitations/nothing' },
    { name: 'home-member', who: 'buyer', path: '/' },
    { name: 'subscriptions', who: 'buyer', path: '/subscriptions' },
    { name: 'my-data', who: 'buyer', path: '/my-data' },
    { name: 'subscription', who: 'buyer', path: `/subscriptions/${subscriptionId}` },
    { name: 'endpoints', who: 'buyer', path: '/endpoints' },
    { name: 'new-endpoint', who: 'buyer', path: `/endpoints/new?subscription=${subscriptionId}` },
    ...ifThere('endpoint', 'buyer', '/endpoints/', places.endpointName),
    { name: 'web-services', who: 'buyer', path: '/web-services' },
    { name: 'new-web-service', who: 'buyer', path: `/web-services/new?subscription=${subscriptionId}` },
    ...ifThere('web-service', 'buyer', '/web-services/', places.webServiceId),
    { name: 'running', who: 'buyer', path: '/running' },
    { name: 'training', who: 'buyer', path: '/training' },
    { name: 'new-training', who: 'buyer', path: '/training/new' },
    ...ifThere('training-job', 'buyer', '/training/', places.trainingName),
    ...ifThere('tuning', 'buyer', '/training/tuning/', places.tuningName),
    { name: 'compare', who: 'buyer', path: `/subscriptions/${subscriptionId}/compare` },
    { name: 'invoice', who: 'buyer', path: '/invoice' },
    { name: 'files', who: 'buyer', path: '/files' },
    { name: 'transforms', who: 'buyer', path: '/transforms' },
    ...ifThere('transform', 'buyer', '/transforms/', places.transformName),
    { name: 'new-transform', who: 'buyer', path: '/transforms/new' },
    { name: 'notifications', who: 'buyer', path: '/notifications' },
    { name: 'account', who: 'buyer', path: '/account' },
    { name: 'new-account', who: 'buyer', path: '/account/new' },
    { name: 'members', who: 'buyer', path: '/account/members' },
    { name: 'roles', who: 'buyer', path: '/account/roles' },
    { name: 'keys', who: 'buyer', path: '/account/keys' },
    { name: 'account-audit', who: 'buyer', path: '/account/audit' },
    { name: 'governance', who: 'buyer', path: '/account/governance' },
    { name: 'requests', who: 'buyer', path: '/account/governance/requests' },
    { name: 'spend', who: 'buyer', path: '/account/spend' },
    { name: 'budgets', who: 'buyer', path: '/account/budgets' },
    { name: 'questions', who: 'buyer', path: '/questions' },
    ...(questionId
      ? [
          { name: 'question', who: 'buyer' as const, path: `/questions/${questionId}` },
          { name: 'question-received', who: 'publisher' as const, path: `/publish/questions/${questionId}` },
        ]
      : []),
    { name: 'publish-questions', who: 'publisher', path: '/publish/questions' },
    { name: 'product-reviews', who: 'publisher', path: `${ofProduct}/reviews` },
    { name: 'feedback', who: 'operator', path: '/operate/feedback' },
    { name: 'forbidden', who: 'buyer', path: '/operate' },
    { name: 'publish', who: 'publisher', path: '/publish' },
    { name: 'product-overview', who: 'publisher', path: ofProduct },
    ...sections.map((section) => ({
      name: `editor-${section}`,
      who: 'publisher' as const,
      path: `${ofProduct}/edit?section=${section}`,
    })),
    ...ifThere('editor-service', 'publisher', '/publish/products/', places.serviceEditor),
    {
      name: 'submission',
      who: 'publisher',
      path: `${ofProduct}/submissions/${submissionId}?stage=trial-run`,
    },
    { name: 'versions', who: 'publisher', path: `${ofProduct}/versions` },
    { name: 'customers', who: 'publisher', path: `${ofProduct}/customers` },
    { name: 'models', who: 'publisher', path: '/publish/models' },
    { name: 'new-model', who: 'publisher', path: '/publish/models/new' },
    { name: 'model', who: 'publisher', path: `/publish/models/${modelName}` },
    { name: 'disputes', who: 'publisher', path: '/publish/disputes' },
    { name: 'algorithms', who: 'publisher', path: '/publish/algorithms' },
    { name: 'new-algorithm', who: 'publisher', path: '/publish/algorithms/new' },
    ...ifThere('algorithm', 'publisher', '/publish/algorithms/', places.algorithmName),
    { name: 'images', who: 'publisher', path: '/publish/images' },
    { name: 'new-image', who: 'publisher', path: '/publish/images/new' },
    ...ifThere('image', 'publisher', '/publish/images/', places.imageId),
    { name: 'profile', who: 'publisher', path: '/publish/profile' },
    ...['verification', 'tax', 'bank'].map((section) => ({
      name: `profile-${section}`,
      who: 'publisher' as const,
      path: `/publish/profile?section=${section}`,
    })),
    { name: 'queue', who: 'operator', path: '/operate' },
    { name: 'operator-disputes', who: 'operator', path: '/operate/disputes' },
    { name: 'review', who: 'operator', path: `/operate/submissions/${submissionId}` },
    { name: 'health', who: 'operator', path: '/operate/health' },
    { name: 'operate-versions', who: 'operator', path: '/operate/versions' },
    { name: 'deployments', who: 'operator', path: '/operate/deployments' },
    { name: 'servers', who: 'operator', path: '/operate/servers' },
    { name: 'instance-types', who: 'operator', path: '/operate/instance-types' },
    { name: 'publishers', who: 'operator', path: '/operate/publishers' },
    { name: 'operator-publisher', who: 'operator', path: `/operate/publishers/${publisherAccountId}` },
    { name: 'accounts', who: 'operator', path: '/operate/accounts' },
    { name: 'removals', who: 'operator', path: '/operate/removals' },
    { name: 'policies', who: 'operator', path: '/operate/policies' },
    { name: 'access', who: 'operator', path: '/operate/access' },
    { name: 'mail', who: 'operator', path: '/operate/mail' },
    ...(mailId ? [{ name: 'mail-item', who: 'operator' as const, path: `/operate/mail/${mailId}` }] : []),
    { name: 'audit', who: 'operator', path: '/operate/audit' },
  ];
}
