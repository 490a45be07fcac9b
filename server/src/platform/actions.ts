/**
 * Every action that a route may name, and what it lets somebody do, in a sentence: docs/access.md and the page of roles are drawn
 * from it. The part before the colon is its group. Policies in server/policies say which roles have it.
 */
export const actionTable = {
  'session:create': 'Sign up, sign in and out, reset a password.',
  'session:read': 'See who one is here, and what an invitation offers.',
  'session:change': 'Switch to another account that one belongs to.',
  'account:create': 'Begin a further account.',
  'account:read': 'See the account.',
  'account:update': 'Rename the account.',
  'member:read': 'See members, their roles and open invitations.',
  'member:manage': 'Invite and remove members, change their roles, withhold resources from them.',
  'invitation:accept': 'Join an account that invites.',
  'access:read': 'See the roles and what each of them may do here.',
  'key:read': 'See the account’s API keys, never the keys themselves.',
  'key:manage': 'Make API keys, rotate and revoke one’s own; an admin revokes anybody’s.',
  'key:report': 'Report a key that leaked; whoever holds it may.',
  'upload:create': 'Upload files: models, logos, images, data.',
  'file:read': 'See and download the account’s files.',
  'transform:read': 'See the account’s transform jobs, their progress and results.',
  'transform:manage': 'Run and stop transform jobs.',
  'file:manage': 'Keep files in the account, remove them, set credentials of buckets.',
  'model:read': 'See the account’s registered resources.',
  'model:manage': 'Register and delete model packages and algorithms.',
  DescribeModelPackage: 'List this model package in a product, and see its details.',
  DescribeAlgorithm: 'List this algorithm in a product, and see its details.',
  'publisher:read': 'See the account’s publisher profile.',
  'publisher:update': 'Write the publisher profile, and ask to be verified.',
  'publisher:verify': 'Verify publishers, ask them for more, decline.',
  'payment-details:read': 'See the account’s tax interview and bank details, numbers masked.',
  'payment-details:update': 'Give and change the account’s tax interview and bank details.',
  'payment-details:reveal':
    'Open tax and bank details of publishers in full, with a reason that is put on record.',
  'product:list': 'See which products the account has, and their state.',
  'product:read': 'See drafts, differences, submissions and findings of the account’s products.',
  'product:edit': 'Create products, write drafts, set the audience of previews.',
  'product:submit': 'Submit a draft, and cancel a submission.',
  'product:release': 'Sign off: put a tested revision before buyers.',
  'product:remove': 'Unpublish a product, and cancel that.',
  'product:take-down': 'Take any product down at once, and restore it.',
  'submission:retry': 'Run a held stage again.',
  'submission:comment': 'Write about a submission to the other side.',
  'product:usage': 'See usage, revenue and customers of the account’s products.',
  'catalog:read': 'Search the catalogue and read product pages.',
  'catalog:try': 'Try a product on its page.',
  'subscription:read': 'See the account’s subscriptions.',
  'subscription:manage': 'Subscribe, choose versions, cancel.',
  'training:read': 'See the account’s training and tuning jobs, their logs and metrics.',
  'training:manage': 'Train subscribed algorithms and tune them; stop and delete such jobs.',
  'endpoint:read': 'See the account’s endpoints, their state, events and figures.',
  'endpoint:invoke': 'Call endpoints without waiting, and see what became of such calls.',
  'endpoint:manage': 'Create, change and delete endpoints, and read their logs.',
  'webservice:read': 'See the account’s web services, their endpoints and figures.',
  'webservice:manage': 'Deploy, change, test and delete web services, and make their keys.',
  'usage:read': 'See what the account used and what it costs.',
  'invoice:read': 'See invoices.',
  'audit:read': 'Read the audit log.',
  'notification:read': 'Read one’s own notifications.',
  'instance-type:read': 'See instance types and regions.',
  'review:read': 'See what waits for a reviewer.',
  'review:decide': 'Approve or reject in review.',
  'operator:read': 'See the marketplace as its operator: accounts, publishers, deployments, health.',
  'operator:manage': 'Change the marketplace: policies, instance types, deployments, mail.',
  'feedback:read': 'See reviews and questions, and what became of one’s own.',
  'feedback:write': 'Review a product that the account uses.',
  'feedback:converse': 'Ask a publisher, and answer in a conversation.',
  'feedback:answer': 'Reply to reviews and questions as the publisher.',
  'feedback:report': 'Report a review or question.',
  'feedback:moderate': 'Hide reviews and questions, decide on reports.',
  'governance:read': 'See what members may subscribe to, and one’s own requests for approval.',
  'governance:request': 'Ask for the approval of a subscription.',
  'governance:manage': 'Set what members may subscribe to, decide on requests, set budgets and cost centres.',
} as const satisfies Record<string, string>;

export type Action = keyof typeof actionTable;
export const actions = Object.keys(actionTable) as Action[];

/** Actions that are allowed or not for one resource, not for the whole account. */
export const resourceActions = {
  DescribeModelPackage: 'ModelPackage',
  DescribeAlgorithm: 'Algorithm',
} as const satisfies Partial<Record<Action, string>>;
export type ResourceAction = keyof typeof resourceActions;

/** `product` of `product:edit`; the resource actions, named as their publishers know them, belong to the models. */
export const groupOf = (action: Action): string =>
  action in resourceActions ? 'model' : (action.split(':')[0] ?? action);
