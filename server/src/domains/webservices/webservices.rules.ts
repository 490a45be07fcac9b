import { createHash, randomBytes } from 'node:crypto';
import type { WebServiceSummary, webServiceStates } from '@souk/contract';
import { hashApiKey, hintOf, newApiKey } from '../../platform/api-keys.ts';
import type { EndpointRow, WebServiceRow } from './webservices.ts';

export const newHexId = (): string => randomBytes(16).toString('hex');

/** The account as addresses name it: the same always, and 32 hexadecimal digits as clients expect. */
export const workspaceOf = (accountId: string): string =>
  createHash('md5').update(`souk workspace ${accountId}`).digest('hex');

/** Keys are of the form that leaks are found by; only their hash is kept. */
export function newKey() {
  const key = newApiKey();
  return { key, sha256: hashApiKey(key), hint: hintOf(key) };
}

/** A web service is as the endpoint behind it is. */
export function stateOf(s: Pick<WebServiceRow, 'servedByState' | 'servedByReason' | 'serves'>): {
  state: (typeof webServiceStates)[number];
  reason: string | null;
} {
  switch (s.servedByState) {
    case 'Creating':
      return { state: 'Provisioning', reason: 'Its instances are being started.' };
    case 'Failed':
      return { state: 'Failed', reason: s.servedByReason };
    case 'Deleting':
      return { state: 'Failed', reason: 'The endpoint behind it was deleted.' };
    case 'OutOfService':
      return { state: 'Stopped', reason: s.servedByReason };
    default:
      return s.serves
        ? { state: 'Succeeded', reason: null }
        : { state: 'Provisioning', reason: s.servedByReason };
  }
}

export function summaryOf(s: WebServiceRow): WebServiceSummary {
  return {
    id: s.id,
    workspace: s.workspace,
    name: s.name,
    description: s.description,
    ...stateOf(s),
    runs: s.runs,
    servedBy: s.servedByName,
    endpointCount: s.endpointCount,
    createdBy: s.createdBy,
    createdAt: s.createdAt.toISOString(),
    updatedAt: s.updatedAt.toISOString(),
  };
}

/**
 * Where files of an endpoint's batch jobs are, below `souk://ACCOUNT/`: all that its keys reach. By its id, since a new endpoint may have the
 * name of a deleted one, and another customer.
 */
export const folderOf = ({ serviceId, id }: Pick<EndpointRow, 'serviceId' | 'id'>) =>
  `web-services/${serviceId}/${id}/`;

/** Addresses of an endpoint, all below the public address of the marketplace. */
export function urlsOf(
  publicUrl: string,
  workspace: string,
  serviceId: string,
  endpoint: { id: string; name: string },
) {
  const root = publicUrl.replace(/\/$/, '');
  const service = `${root}/workspaces/${workspace}/services/${endpoint.id}`;
  const help = `${root}/apihelp/workspaces/${workspace}/webservices/${serviceId}/endpoints/${endpoint.name}`;
  return {
    execute: `${service}/execute?api-version=2.0&details=true`,
    jobs: `${service}/jobs`,
    odata: `${root}/odata/workspaces/${workspace}/services/${endpoint.id}`,
    swagger: `${service}/swagger.json`,
    help: `${help}/score`,
    batchHelp: `${help}/jobs`,
  };
}
