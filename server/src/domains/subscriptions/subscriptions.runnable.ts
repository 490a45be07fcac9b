import type { InferenceSpecification } from '@souk/contract';
import { type Db, row, sql } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Servable } from '../runtime/index.ts';
import * as store from './subscriptions.sql.ts';

/** Without a version, the one that the subscription has chosen. */
export interface RunnableRef {
  readonly subscriptionId: string;
  readonly version?: string;
}

/** What an account may run now, by itself: as an endpoint, as a batch. */
export interface Runnable {
  /** Pays for it, and ends it when it ends. */
  readonly subscriptionId: string;
  readonly productId: string;
  readonly version: string;
  /** For people: `publisher/product 1.0.0`. */
  readonly name: string;
  readonly modelName: string;
  readonly servable: Servable;
  readonly contentTypes: { readonly input: readonly string[]; readonly output: readonly string[] };
  /** Those that the publisher supports; which of them are enabled is the operator's. */
  readonly instanceTypes: { readonly realtime: readonly string[]; readonly transform: readonly string[] };
}

/** Refuses in the words of the subscription: none, suspended, ended, a version that it may not have, one that answers no calls. */
export async function resolveRunnable(db: Db, accountId: string, ref: RunnableRef): Promise<Runnable> {
  const { subscriptionId } = ref;
  const s =
    (await store.find(db, accountId, subscriptionId)) ?? fail('subscription.missing', { subscriptionId });
  if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt?.toISOString() ?? '' });
  if (s.state === 'suspended')
    fail('subscription.suspended', { subscriptionId, reason: s.suspended?.reason ?? 'see its page' });
  const product = `${s.publisher}/${s.product}`;
  const version = ref.version === 'latest' ? (s.latest ?? '') : (ref.version ?? s.version);
  if (!s.versions.some((v) => v.number === version))
    fail('subscription.version_missing', {
      product,
      version,
      versions: s.versions.map((v) => v.number).join(', '),
    });
  const packaged = await row<{
    servable: Servable | null;
    modelName: string;
    inference: InferenceSpecification;
  }>(
    db,
    sql`select servable, model_name as "modelName", resource -> 'inferenceSpecification' as inference from product_versions
      where product_id = ${s.productId} and number = ${version}`,
  );
  if (!packaged?.servable) return fail('subscription.answers_no_calls', { product, version });
  const { servable, modelName, inference } = packaged;
  return {
    subscriptionId,
    productId: s.productId,
    version,
    name: `${product} ${version}`,
    modelName,
    servable,
    contentTypes: { input: inference.supportedContentTypes, output: inference.supportedResponseMIMETypes },
    instanceTypes: {
      realtime: inference.supportedRealtimeInferenceInstanceTypes,
      transform: inference.supportedTransformInstanceTypes,
    },
  };
}
