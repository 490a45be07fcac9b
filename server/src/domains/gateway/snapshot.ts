import type { Entitlement, KeyRecord, Quota, VersionRoute } from './gateway.ts';

export interface SnapshotData {
  readonly keys: readonly KeyRecord[];
  readonly entitlements: readonly Entitlement[];
  readonly routes: readonly VersionRoute[];
}

const addressOf = (accountId: string, publisher: string, product: string) =>
  `${accountId}/${publisher}/${product}`;
const routeKey = (productId: string, version: string) => `${productId}@${version}`;

/**
 * Keys, entitlements and routes in memory. Parts are replaced whole (an account's, a product's), so that what has gone from
 * the database goes from here too.
 */
export class Snapshot {
  private keys = new Map<string, KeyRecord>();
  private entitlements = new Map<string, Entitlement>();
  private quotas = new Map<string, Quota>();
  private routes = new Map<string, VersionRoute>();
  /** Raised when keys change: whoever remembers a key's record looks again. */
  keysVersion = 0;
  loaded = false;

  replaceAll(data: SnapshotData): void {
    this.keys = new Map(data.keys.map((k) => [k.keyHash, k]));
    this.entitlements = new Map();
    this.quotas = new Map();
    for (const e of data.entitlements) this.insert(e);
    this.routes = new Map(data.routes.map((r) => [routeKey(r.productId, r.version), r]));
    this.keysVersion++;
    this.loaded = true;
  }

  replaceAccount(accountId: string, keys: readonly KeyRecord[], entitlements: readonly Entitlement[]): void {
    for (const [hash, k] of this.keys) if (k.accountId === accountId) this.keys.delete(hash);
    for (const k of keys) this.keys.set(k.keyHash, k);
    this.keysVersion++;
    this.replaceEntitlements((e) => e.accountId === accountId, entitlements);
  }

  replaceProduct(
    productId: string,
    routes: readonly VersionRoute[],
    entitlements: readonly Entitlement[],
  ): void {
    for (const [key, r] of this.routes) if (r.productId === productId) this.routes.delete(key);
    for (const r of routes) this.routes.set(routeKey(r.productId, r.version), r);
    this.replaceEntitlements((e) => e.productId === productId, entitlements);
  }

  private replaceEntitlements(isOld: (e: Entitlement) => boolean, entitlements: readonly Entitlement[]) {
    for (const [address, e] of this.entitlements) {
      if (!isOld(e)) continue;
      this.entitlements.delete(address);
      this.quotas.delete(e.subscriptionId);
    }
    for (const e of entitlements) this.insert(e);
  }

  private insert(e: Entitlement) {
    this.entitlements.set(addressOf(e.accountId, e.publisher, e.product), e);
    if (e.quota) this.quotas.set(e.subscriptionId, e.quota);
  }

  key(hash: string): KeyRecord | undefined {
    return this.keys.get(hash);
  }

  entitlement(accountId: string, publisher: string, product: string): Entitlement | undefined {
    return this.entitlements.get(addressOf(accountId, publisher, product));
  }

  quota(subscriptionId: string): Quota | undefined {
    return this.quotas.get(subscriptionId);
  }

  route(productId: string, version: string): VersionRoute | undefined {
    return this.routes.get(routeKey(productId, version));
  }

  data(): SnapshotData {
    return {
      keys: [...this.keys.values()],
      entitlements: [...this.entitlements.values()],
      routes: [...this.routes.values()],
    };
  }
}
