import type { InstanceUse, RunningThing } from '@souk/contract';
import type { Db, Tx } from '../../platform/db.ts';

/** Instances that a resource of a buyer (an endpoint, a job) has running. */
export interface NewRun {
  readonly subscriptionId: string;
  readonly use: InstanceUse;
  readonly instanceType: string;
  readonly instances: number;
  readonly resource: { readonly kind: WorkKind; readonly id: string; readonly name: string };
}

export type WorkKind = RunningThing['kind'];

/**
 * Meters instances by the second. Between `begin` and `end` whoever runs them gives a sign of life at least every 30 s while they truly
 * run; only time between two signs is used, and billed.
 */
export interface Meter {
  /** In the transaction that starts them. Refused when the subscription is not active. For another count of instances: end and begin. */
  begin(tx: Tx, run: NewRun): Promise<string>;
  /** Those still running of one process, all at once. Unknown and ended ones are passed over. */
  beat(ids: readonly string[]): Promise<void>;
  /** Counts what ran since the last sign. Ending twice does nothing. */
  end(tx: Tx, id: string): Promise<void>;
}

/** Something that a subscription has, runs, or lets wait its turn to run. */
export interface Work {
  readonly subscriptionId: string;
  readonly id: string;
  readonly name: string;
  /** In its own domain's words: `InService`, `InProgress`. */
  readonly state: string;
  /** The version of the product that runs, where it is one. */
  readonly version?: string | null;
  /** Its page. */
  readonly page?: string | null;
}

/** Why it is stopped. `suspended` may be lifted again: what can be paused is paused, and goes on with `resume`. */
export interface StopReason {
  readonly cause: 'asked' | 'cancelled' | 'ended' | 'suspended' | 'version-ended';
  /** Stable: `budget.exceeded`, `product.taken_down`. */
  readonly code: string;
  /** A sentence for the buyer. */
  readonly reason: string;
  readonly by: string;
}

/**
 * A kind of thing that runs under subscriptions. Each domain that runs some gives one to compose; cancelling, suspension and the
 * page of what runs know them by this only. Every method may be called again for what it did already.
 */
export interface Workload {
  readonly kind: WorkKind;
  /** What has not ended: also what waits, and what is scaled to zero. */
  running(db: Db, subscriptionIds: readonly string[]): Promise<Work[]>;
  /** Stops (or, suspended, pauses) everything of a subscription. */
  stop(subscriptionId: string, why: StopReason): Promise<void>;
  stopOne(id: string, why: StopReason): Promise<void>;
  /** The subscription goes on: what was paused may go on too. */
  resume?(subscriptionId: string): Promise<void>;
}
