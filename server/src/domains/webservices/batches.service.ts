import { webServiceLimits as limits } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { audit } from '../audit/index.ts';
import type { Locations } from '../files/index.ts';
import * as store from './batches.sql.ts';
import { folderOf, newHexId } from './webservices.rules.ts';
import type { EndpointRow, JobRow, WebServiceRow } from './webservices.ts';
import { bindParameters } from './webservices.values.ts';

export type Batches = ReturnType<typeof newBatches>;

/** Batch jobs of web services: submitted, started, looked at, cancelled; by who has a key of the endpoint, or (`by`) of the account. */
export function newBatches({ db }: Pick<Platform, 'db'>, locations: Pick<Locations, 'check' | 'open'>) {
  const systemOf = (e: EndpointRow) => `system:web-service-endpoint ${e.name}` as const;
  return {
    async submit(
      service: WebServiceRow,
      endpoint: EndpointRow,
      given: {
        input: string;
        output: string | null;
        parameters: Readonly<Record<string, unknown>>;
        by?: Member | undefined;
      },
    ): Promise<string> {
      const { accountId } = service;
      // What is wrong with them is told now, and not after the job has waited.
      bindParameters(service.schema.parameters, given.parameters);
      const id = newHexId();
      const output = given.output ?? `souk://${accountId}/${folderOf(endpoint)}${id}.csv`;
      for (const uri of [given.input, output]) await locations.check(accountId, uri);
      if ((await store.open(db, endpoint.id)) >= limits.jobsWaiting)
        fail('web_service.jobs_limit', { limit: limits.jobsWaiting });
      await inTx(db, async (tx) => {
        const { input, parameters, by } = given;
        const createdBy = by?.email ?? `web service ${service.name}, endpoint ${endpoint.name}`;
        await store.insert(tx, {
          id,
          endpointId: endpoint.id,
          accountId,
          input,
          output,
          parameters,
          createdBy,
        });
        const details = { input, output };
        await audit(tx, by ?? systemOf(endpoint), 'webservice.job_submitted', id, details, { accountId });
      });
      return id;
    },
    /** False where it has been started, or is over. */
    start: async (id: string): Promise<boolean> => (await inTx(db, (tx) => store.start(tx, id))) > 0,
    cancel: async (service: WebServiceRow, endpoint: EndpointRow, id: string, by?: Member): Promise<void> =>
      inTx(db, async (tx) => {
        if ((await store.cancel(tx, id)) === 0) return;
        const { accountId } = service;
        await audit(tx, by ?? systemOf(endpoint), 'webservice.job_cancelled', id, {}, { accountId });
      }),
    find: (endpointId: string, id: string): Promise<JobRow | undefined> => store.find(db, endpointId, id),
    accountOf: (workspace: string) => store.accountOf(db, workspace),
    open: locations.open,
  };
}
