/** What the gateway knows: keys, entitlements and routes, read from the database and kept in memory. */
export interface KeyRecord {
  readonly keyHash: string;
  readonly accountId: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number | null;
  readonly mayCall: boolean;
}

export interface Quota {
  readonly units: number;
  /** Units of this period that the database holds. Grows with each batch that it takes, until it is read again. */
  used: number;
  /** When the period began and when the next one does, in milliseconds since the epoch. */
  readonly since: number;
  readonly resetsAt: number;
  readonly hard: boolean;
}

export interface Entitlement {
  readonly accountId: string;
  readonly subscriptionId: string;
  readonly publisher: string;
  readonly product: string;
  readonly productId: string;
  /** Ended ones only where somebody else ended them: their calls are told why. */
  readonly status: 'active' | 'suspended' | 'ended';
  /** Why it is not active, for people. */
  readonly reason: string | null;
  /** The version that the subscription has chosen. */
  readonly version: string;
  /** What `@latest` means for this subscription; null where nothing is listed any more. */
  readonly latest: string | null;
  /** Withdrawn ones and those past their end among them: their routes say so. */
  readonly versions: readonly string[];
  readonly dimension: string;
  readonly quota: Quota | null;
  readonly concurrencyMax: number | null;
  /** How many of its calls the account wants kept; null: none. */
  readonly recordMax: number | null;
}

export type UpstreamAddress = { readonly unix: string } | { readonly url: string };

export interface VersionRoute {
  readonly productId: string;
  readonly version: string;
  readonly modelName: string;
  readonly addresses: readonly UpstreamAddress[];
  readonly state: 'ready' | 'starting' | 'down';
  /** When the version, or its whole product, ends; and when that was announced. Milliseconds since the epoch. */
  readonly sunsetAt: number | null;
  readonly deprecatedAt: number | null;
  readonly sunsetReason: string | null;
  /** The control plane has ended it. The gateway's own clock ends it at `sunsetAt`, also while the database is away. */
  readonly ended: boolean;
  /** Path of what comes after it: a call of another version, or the page of another product. */
  readonly successor: string | null;
  readonly withdrawnAt: number | null;
  readonly withdrawnReason: string | null;
  /** A version of the same product. */
  readonly withdrawnReplacement: string | null;
}

export interface GatewaySettings {
  readonly port: number;
  readonly host: string;
  readonly controlPlane: { readonly host: string; readonly port: number };
  readonly databaseUrl: string;
  readonly dataDir: string;
  readonly nodeName: string;
  readonly publicUrl: string;
  readonly payloadBytesMax: number;
  readonly callTimeoutMs: number;
  /** Opens the credentials of services; absent: the key in the data folder does. */
  readonly sealKeyHex?: string | undefined;
  /** Networks that services may be in though they are not public. */
  readonly outboundAllow?: readonly string[];
  /** The longest answer of a service that is passed on, unpacked. */
  readonly dataAnswerBytesMax?: number;
}
