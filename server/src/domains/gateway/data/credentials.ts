import { createHmac } from 'node:crypto';
import type { ServiceSection } from '@souk/contract';
import { checkedHeaders } from '../../../platform/outbound-rules.ts';
import type { Sealer } from '../../../platform/seal.ts';
import type { ServiceRecord } from './services.ts';

/** What a request to the service carries so that it is let in. */
export interface Credential {
  readonly headers: Readonly<Record<string, string>>;
  /** Of the query, encoded; empty where it is no parameter. */
  readonly query: string;
}

const none: Credential = { headers: {}, query: '' };

/** Opens the credentials of services, in memory only. Each is opened once. */
export function newCredentials(sealer: Sealer) {
  const opened = new WeakMap<ServiceRecord, Credential>();
  return (service: ServiceRecord): Credential => {
    let credential = opened.get(service);
    if (!credential) {
      credential = credentialOf(service.section, secretOf(sealer, service));
      opened.set(service, credential);
    }
    return credential;
  };
}

/** The secret itself, as the publisher typed it; null where there is none. Throws where it is missing or does not open. */
export function secretOf(
  sealer: Sealer,
  { section, sealed, credentialOrigin }: ServiceRecord,
): string | null {
  const { scheme = 'none', credentialId } = section.authentication ?? {};
  if (scheme === 'none') return null;
  const text = credentialId && sealed[credentialId];
  if (!text) throw new Error('there is no credential');
  if (new URL(section.url ?? '').origin !== credentialOrigin) throw new Error('it was given for elsewhere');
  return sealer.open(text, `service_credentials:${credentialId}`);
}

function credentialOf({ authentication }: ServiceSection, secret: string | null): Credential {
  if (!authentication || secret === null) return none;
  const { scheme, headerName, parameterName, userName } = authentication;
  if (scheme === 'query')
    return { headers: {}, query: `${encodeURIComponent(parameterName ?? '')}=${encodeURIComponent(secret)}` };
  const [name, value] =
    scheme === 'basic'
      ? ['authorization', `Basic ${Buffer.from(`${userName ?? ''}:${secret}`).toString('base64')}`]
      : [headerName ?? 'authorization', secret];
  // Throws for what would begin a header of its own.
  return { headers: checkedHeaders({ [name]: value }), query: '' };
}

/**
 * What a service learns of who calls: the same for each call of an account, and another for each publisher, so that publishers
 * cannot put together what they know.
 */
export function newBuyerIds(sealingKey: Buffer): (publisherId: string, accountId: string) => string {
  const key = createHmac('sha256', sealingKey).update('buyer ids').digest();
  const known = new Map<string, string>();
  return (publisherId, accountId) => {
    const name = `${publisherId}:${accountId}`;
    let id = known.get(name);
    if (!id) {
      id = createHmac('sha256', key).update(name).digest('hex').slice(0, 32);
      if (known.size > 10_000) known.clear();
      known.set(name, id);
    }
    return id;
  };
}
