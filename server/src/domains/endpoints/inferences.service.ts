import { type AsyncInference, type BodyOf, inferenceLimits as limits, type operations } from '@souk/contract';
import type { Member } from '../../platform/authorize.ts';
import { inTx, violated } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { newId } from '../../platform/ids.ts';
import type { Platform } from '../../platform/platform.ts';
import type { Locations } from '../files/index.ts';
import * as endpoints from './endpoints.sql.ts';
import * as store from './inferences.sql.ts';

type Given = BodyOf<typeof operations.startInference>;
export type Inferences = ReturnType<typeof newInferences>;

/** Calls of endpoints whose answers are fetched later. */
export function newInferences({ db }: Pick<Platform, 'db'>, locations: Pick<Locations, 'check'>) {
  const endpointOf = async (accountId: string, name: string) =>
    (await endpoints.find(db, accountId, name)) ?? fail('endpoint.missing', { endpoint: name });

  async function start(caller: Member, name: string, given: Given): Promise<AsyncInference> {
    const { accountId } = caller;
    const endpoint = await endpointOf(accountId, name);
    const { inputLocation, body } = given;
    if ((inputLocation === undefined) === (body === undefined)) fail('inference.one_input');
    if (['Failed', 'Deleting'].includes(endpoint.state) || endpoint.stoppedReason !== null)
      fail('inference.endpoint_not_there', { endpoint: name, state: endpoint.state });
    const id = given.inferenceId ?? newId('inf');
    const at = given.outputLocation ?? `souk://${accountId}/inferences/${name}/`;
    const outputLocation = at.endsWith('/') ? `${at}${id}.out` : at;
    for (const uri of [inputLocation, outputLocation])
      if (uri !== undefined) await locations.check(accountId, uri);
    if ((await store.waiting(db, endpoint.id)) >= limits.waitingPerEndpoint)
      fail('inference.too_many', { endpoint: name, limit: limits.waitingPerEndpoint });
    try {
      await inTx(db, (tx) =>
        store.insert(tx, {
          endpointId: endpoint.id,
          id,
          accountId,
          contentType: given.contentType ?? 'application/octet-stream',
          accept: given.accept ?? '*/*',
          customAttributes: given.customAttributes ?? null,
          inputLocation: inputLocation ?? null,
          body: body === undefined ? null : Buffer.from(body),
          outputLocation,
          callbackUrl: given.callbackUrl ?? null,
          createdBy: caller.email,
        }),
      );
    } catch (error) {
      if (violated(error) === 'endpoint_inferences_pkey')
        fail('inference.id_taken', { endpoint: name, inferenceId: id });
      throw error;
    }
    return get(accountId, name, id);
  }

  async function get(accountId: string, name: string, inferenceId: string): Promise<AsyncInference> {
    const { id } = await endpointOf(accountId, name);
    const found = await store.find(db, id, inferenceId);
    return found ? view(name, found) : fail('inference.missing', { endpoint: name, inferenceId });
  }

  return {
    start,
    get,
    async list(accountId: string, name: string): Promise<{ items: AsyncInference[] }> {
      const { id } = await endpointOf(accountId, name);
      return { items: (await store.list(db, id)).map((f) => view(name, f)) };
    },
  };
}

const view = (endpoint: string, f: store.InferenceRow): AsyncInference => ({
  id: f.id,
  endpoint,
  state: f.state,
  failure: f.failure,
  outputLocation: f.outputLocation,
  attempts: f.attempts,
  callback: f.callbackUrl
    ? {
        url: f.callbackUrl,
        state: f.callbackState ?? 'waiting',
        attempts: f.callbackAttempts,
        failure: f.callbackFailure,
      }
    : null,
  createdAt: f.createdAt.toISOString(),
  endedAt: f.endedAt?.toISOString() ?? null,
});
