import { type ServiceRecord, Services } from './data/services.ts';
import type { EndpointRecord } from './endpoints.ts';
import type { Entitlement, KeyRecord, Quota, VersionRoute } from './gateway.ts';
import { type WebServiceRecord, WebServicesKnown } from './webservices.ts';

export interface SnapshotData {
  readonly keys: readonly KeyRecord[];
  readonly entitlements: readonly Entitlement[];
  readonly routes: readonly VersionRoute[];
  /** Missing in a snapshot that a gateway without endpoints kept. */
  readonly endpoints?: readonly EndpointRecord[];
  readonly webServices?: readonly WebServiceRecord[];
  /** Missing in a snapshot that a gateway without data services kept. Their credentials are sealed here too. */
  readonly services?: readonly ServiceRecord[];
}

const addressOf = (accountId: string, publisher: string, product: string) =>
  `${accountId}/${publisher}/${product}`;
const endpointKey = (accountId: string, name: string) => `${accountId}/${name}`;
const routeKey = (productId: string, version: string) => `${productId}@${version}`;

/**
 * Keys, entitlements and routes in memory. Parts are replaced whole (an account's, a product's), so that what has gone from
 * the database goes from here too.
 */
export class Snapshot {
  private keys = new Map<string, KeyRecord>();
  private entitlements = new Map<string, Entitlement>();
  private bySubscription = new Map<string, Entitlement>();
  private endpoints = new Map<string, EndpointRecord>();
  private endpointsById = new Map<string, EndpointRecord>();
  private quotas = new Map<string, Quota>();
  private routes = new Map<string, VersionRoute>();
  readonly webServices = new WebServicesKnown();
  readonly services = new Services();
  /** Raised when keys change: whoever remembers a key's record looks again. */
  keysVersion = 0;
  loaded = false;

  replaceAll(data: SnapshotData): void {
    this.keys = new Map(data.keys.map((k) => [k.keyHash, k]));
    this.entitlements = new Map();
    this.quotas = new Map();
    this.bySubscription = new Map();
    for (const e of data.entitlements) this.insert(e);
    this.routes = new Map(data.routes.map((r) => [routeKey(r.productId, r.version), r]));
    this.endpoints = new Map();
    this.endpointsById = new Map();
    for (const e of data.endpoints ?? []) this.insertEndpoint(e);
    this.webServices.replaceAll(data.webServices ?? []);
    this.services.replaceAll(data.services ?? []);
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
    services: readonly ServiceRecord[] = [],
  ): void {
    this.services.replaceProduct(productId, services);
    for (const [key, r] of this.routes) if (r.productId === productId) this.routes.delete(key);
    for (const r of routes) this.routes.set(routeKey(r.productId, r.version), r);
    this.replaceEntitlements((e) => e.productId === productId, entitlements);
  }

  private replaceEntitlements(isOld: (e: Entitlement) => boolean, entitlements: readonly Entitlement[]) {
    for (const [address, e] of this.entitlements) {
      if (!isOld(e)) continue;
      this.entitlements.delete(address);
      this.quotas.delete(e.subscriptionId);
      this.bySubscription.delete(e.subscriptionId);
    }
    for (const e of entitlements) this.insert(e);
  }

  private insert(e: Entitlement) {
    this.entitlements.set(addressOf(e.accountId, e.publisher, e.product), e);
    this.bySubscription.set(e.subscriptionId, e);
    if (e.quota) this.quotas.set(e.subscriptionId, e.quota);
  }

  /** What is known of one endpoint now; undefined: it has gone. */
  replaceEndpoint(id: string, endpoint: EndpointRecord | undefined): void {
    const before = this.endpointsById.get(id);
    if (before) {
      this.endpointsById.delete(id);
      const key = endpointKey(before.accountId, before.name);
      // The name may be another endpoint's by now.
      if (this.endpoints.get(key) === before) this.endpoints.delete(key);
    }
    if (endpoint) this.insertEndpoint(endpoint);
  }

  private insertEndpoint(e: EndpointRecord) {
    this.endpoints.set(endpointKey(e.accountId, e.name), e);
    this.endpointsById.set(e.id, e);
  }

  endpoint(accountId: string, name: string): EndpointRecord | undefined {
    return this.endpoints.get(endpointKey(accountId, name));
  }

  endpointById(id: string): EndpointRecord | undefined {
    return this.endpointsById.get(id);
  }

  entitlementOf(subscriptionId: string): Entitlement | undefined {
    return this.bySubscription.get(subscriptionId);
  }

  key(hash: string): KeyRecord | undefined {
    return this.keys.get(hash);
  }

  entitlement(accountId: string, publisher: string, product: string): Entitlement | undefined {
    return this.entitlements.get(addressOf(accountId, publisher, product));
  }

  /** Those that an account may call. */
  entitlementsOf(accountId: string): Entitlement[] {
    return [...this.entitlements.values()].filter((e) => e.accountId === accountId);
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
      endpoints: [...this.endpointsById.values()],
      webServices: this.webServices.data(),
      services: this.services.all(),
    };
  }
}
