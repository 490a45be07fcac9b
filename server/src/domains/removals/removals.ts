import type { Removal } from '@souk/contract';

export type RemovalState = Removal['state'];
export type RemovalEvent = 'cancelled' | 'ended' | 'republished' | 'restored';

/** Data, so that a test walks every state and event. A product that comes back and leaves again has another removal. */
export const transitions: Readonly<Record<RemovalState, Partial<Record<RemovalEvent, RemovalState>>>> = {
  leaving: { cancelled: 'cancelled', ended: 'removed', republished: 'republished' },
  removed: { republished: 'republished' },
  cancelled: {},
  republished: {},
  down: { restored: 'restored' },
  restored: {},
};

/** The code of the hold that a take-down puts on subscriptions. */
export const takeDownHold = 'product.taken_down';
export const removedCode = 'product.removed';

export interface RemovalRow {
  readonly id: string;
  readonly productId: string;
  /** The publisher's account. */
  readonly accountId: string;
  readonly publisher: string;
  readonly product: string;
  readonly title: string;
  readonly kind: Removal['kind'];
  readonly state: RemovalState;
  readonly email: string | null;
  readonly reason: string;
  readonly replacement: Removal['replacement'];
  readonly requestedBy: string;
  readonly requestedAt: Date;
  readonly cancellableUntil: Date | null;
  readonly endsAt: Date | null;
  readonly stoppedVersions: readonly string[];
  readonly subscribers: number;
  readonly endedBy: string | null;
  readonly endedReason: string | null;
  readonly endedAt: Date | null;
}

export const view = ({ accountId: _, stoppedVersions: __, ...r }: RemovalRow): Removal => ({
  ...r,
  requestedAt: r.requestedAt.toISOString(),
  cancellableUntil: r.cancellableUntil?.toISOString() ?? null,
  endsAt: r.endsAt?.toISOString() ?? null,
  endedAt: r.endedAt?.toISOString() ?? null,
});
