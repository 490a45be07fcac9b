export { followSubscriber } from './subscriptions.following.ts';
export { subscriptionSubscribers } from './subscriptions.notices.ts';
export { subscriptionRoutes } from './subscriptions.routes.ts';
export {
  type Runnable,
  type RunnableRef,
  requireActive,
  requireStillRunnable,
  resolveRunnable,
  runnableRef,
} from './subscriptions.runnable.ts';
export { newSubscriptions, type SubscriptionNeeds, type Subscriptions } from './subscriptions.service.ts';
export { find as findSubscription, setPlan } from './subscriptions.sql.ts';
export { end, type Hold, resume, suspend } from './subscriptions.standing.ts';
export type { Offer } from './subscriptions.ts';
