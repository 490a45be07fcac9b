import type { ServiceSection } from '@souk/contract';

/** A service behind a web-service product, as one slot of the product has it. */
export interface ServiceRecord {
  readonly productId: string;
  readonly publisherId: string;
  readonly publisher: string;
  readonly product: string;
  readonly slot: 'live' | 'preview';
  /** Of a preview: who reaches it. */
  readonly accounts: readonly string[];
  readonly section: ServiceSection;
  /** Sealed, by id; opened in memory only, when a call needs it. */
  readonly sealed: Readonly<Record<string, string>>;
  /** Whom the credential was given for: it is sent nowhere else. */
  readonly credentialOrigin: string | null;
}

/** `/data/{publisher}/{offer}/v1/{what is asked under the service root}` */
export interface DataPath {
  readonly publisher: string;
  readonly product: string;
  /** `publisher/product`, as people know it. */
  readonly name: string;
  /** Begins with a slash, as it was sent; empty for the root without one. */
  readonly rest: string;
}

const dataPath = /^\/data\/([a-z0-9][a-z0-9-]{0,62})\/([a-z0-9][a-z0-9-]{0,62})\/v1(\/.*)?$/;

export function parseDataPath(path: string): DataPath | undefined {
  const [, publisher, product, rest = ''] = dataPath.exec(path) ?? [];
  return publisher && product ? { publisher, product, name: `${publisher}/${product}`, rest } : undefined;
}

/** All services, by the name of their product. Replaced whole or by product, as the snapshot is. */
export class Services {
  private byName = new Map<string, ServiceRecord[]>();

  replaceAll(services: readonly ServiceRecord[]): void {
    this.byName = new Map();
    for (const service of services) this.insert(service);
  }

  replaceProduct(productId: string, services: readonly ServiceRecord[]): void {
    for (const [name, [first]] of this.byName) if (first?.productId === productId) this.byName.delete(name);
    for (const service of services) this.insert(service);
  }

  private insert(service: ServiceRecord) {
    const name = `${service.publisher}/${service.product}`;
    this.byName.set(name, [...(this.byName.get(name) ?? []), service]);
  }

  /** What an account reaches under the name: the preview, where it tests that, else what is live. */
  find(name: string, accountId: string): ServiceRecord | undefined {
    const slots = this.byName.get(name) ?? [];
    return (
      slots.find((s) => s.slot === 'preview' && s.accounts.includes(accountId)) ??
      slots.find((s) => s.slot === 'live')
    );
  }

  /** What a caller is told who has not said who it is: what is live; the preview of a product that never was. */
  shown(name: string): readonly ServiceRecord[] {
    const slots = this.slots(name);
    const live = slots.filter((s) => s.slot === 'live');
    return live.length > 0 ? live : slots;
  }

  /** All slots, whoever may reach them. */
  slots(name: string): readonly ServiceRecord[] {
    return this.byName.get(name) ?? [];
  }

  all(): ServiceRecord[] {
    return [...this.byName.values()].flat();
  }
}
