import type { Plan, ProductDocument, Subscription } from '@souk/contract';

export type SubscriptionState = Subscription['state'];
export type SubscriptionEvent =
  | 'subscribed'
  | 'version-chosen'
  | 'suspended'
  | 'resumed'
  | 'cancelled'
  /** By somebody other than its account: a take-down, a product that reached its end. */
  | 'terminated';

/** Data, so that a test walks every state and event. Ended is for ever: who comes back subscribes anew, to today's terms. */
export const transitions: Readonly<
  Record<SubscriptionState, Partial<Record<SubscriptionEvent, SubscriptionState>>>
> = {
  active: { 'version-chosen': 'active', suspended: 'suspended', cancelled: 'ended', terminated: 'ended' },
  suspended: { 'version-chosen': 'suspended', resumed: 'active', cancelled: 'ended', terminated: 'ended' },
  ended: {},
};

export interface SubscriptionRow {
  readonly id: string;
  readonly accountId: string;
  readonly accountName: string;
  readonly productId: string;
  readonly publisher: string;
  readonly product: string;
  readonly state: SubscriptionState;
  readonly plan: Plan;
  readonly planId: string;
  readonly slot: 'preview' | 'live';
  readonly version: string;
  readonly revision: number;
  readonly acceptedTitle: string | null;
  readonly eulaSha256: string;
  readonly acceptedBy: string;
  readonly acceptedAt: Date;
  readonly endedAt: Date | null;
  readonly suspended: Subscription['suspended'];
  readonly ended: Subscription['ended'];
  /** The product is no longer sold. */
  readonly leaving: Subscription['leaving'];
  /** The revision that has the chosen version and may be seen; the accepted one where there is none any more. */
  readonly document: ProductDocument;
  /** What may be chosen and called, as `subscription_versions` says; nothing once it has ended. */
  readonly versions: Subscription['versions'];
  readonly latest: string | null;
  readonly followsLatest: boolean;
  readonly standing: Subscription['standing'];
  readonly productSunset: Subscription['productSunset'];
  /** The chosen version is in preview. */
  readonly limited: boolean;
}

/** What a product offers to somebody who may see it in a slot. */
export interface Offer {
  readonly productId: string;
  readonly revisionId: string;
  readonly slot: 'preview' | 'live';
  /** With the plans that whoever asks sees. */
  readonly document: ProductDocument;
  /** Plans that only a promotion code opens. */
  readonly hiddenPlans: readonly Plan[];
  /** Whoever asks publishes the product. */
  readonly own: boolean;
  /** Numbers of the versions that whoever asks may choose. */
  readonly choosable: readonly string[];
  readonly latest: string;
}
