import { X509Certificate } from 'node:crypto';
import type { ModelServer } from '@souk/contract';
import { checkedHeaders } from '../../platform/outbound-rules.ts';
import { credentialHeaders, type RemoteCredentials } from '../runtime/index.ts';
import type { ServerRow } from './servers.ts';

/** The part of credentials that may be shown. */
export function shownName(credentials: RemoteCredentials): string | null {
  if (credentials.kind === 'basic') return credentials.user;
  return credentials.kind === 'header' ? credentials.name : null;
}

/** Why credentials cannot be sent, in words; never the secret itself. */
export function credentialsProblem(credentials: RemoteCredentials): string | null {
  try {
    checkedHeaders(credentialHeaders(credentials));
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

export function authorityProblem(pem: string): string | null {
  const found = pem.match(certificates);
  if (!found) return 'there is no certificate in it';
  for (const one of found)
    try {
      if (!new X509Certificate(one).ca) return 'one of its certificates is not an authority’s';
    } catch {
      return 'one of its certificates is broken';
    }
  return null;
}

export const healthOf = (s: ServerRow): ModelServer['health'] => ({
  state: s.health,
  detail: s.healthDetail,
  latencyMs: s.healthLatencyMs,
  checkedAt: s.healthCheckedAt?.toISOString() ?? null,
  since: s.healthSince.toISOString(),
});

export const view = (s: ServerRow, serves: readonly string[]): ModelServer => ({
  id: s.id,
  name: s.name,
  description: s.description,
  url: s.url,
  protocol: s.protocol,
  modelName: s.modelName,
  credentials: { kind: s.credentialsKind, name: s.credentialsName },
  hasOwnAuthority: s.caPem !== null,
  timeoutMs: s.timeoutMs,
  accountIds: s.accountIds,
  serves: [...serves],
  health: healthOf(s),
  createdAt: s.createdAt.toISOString(),
  updatedAt: s.updatedAt.toISOString(),
});
