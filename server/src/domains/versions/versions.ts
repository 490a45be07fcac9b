import type { ReleasedVersion, Sunset, VersionStanding } from '@souk/contract';

/** The number under which a whole product's end date is kept; no version has it. */
export const wholeProduct = '*';

export interface ProductFacts {
  readonly productId: string;
  readonly accountId: string;
  /** `publisher/product`. */
  readonly address: string;
  readonly title: string;
  readonly sunset: Sunset | null;
}

export interface VersionRow {
  readonly number: string;
  /** By its document, whatever the standing says. */
  readonly restrictedInDocument: boolean;
  readonly standing: VersionStanding;
  readonly releasedAt: Date | null;
  readonly subscribers: number;
  readonly calls: number;
  readonly errors: number;
  readonly lastCalledOn: string | null;
}

export type VersionState = ReleasedVersion['state'];

/** An end date on its way. */
export interface OpenSunset {
  readonly productId: string;
  readonly number: string;
  readonly announcedAt: Date;
  readonly endsAt: Date;
  readonly reason: string;
  /** A version of the product, or the address of another product. */
  readonly replacement: string | null;
  /** The days before the end at which its subscribers were told already. */
  readonly told: readonly number[];
}

/** Somebody whom news of a version concern: it is chosen, or was called in the last 30 days. */
export interface Concerned {
  readonly subscriptionId: string;
  readonly accountId: string;
  readonly chosen: boolean;
}
