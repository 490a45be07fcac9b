import type { InferenceSpecification } from '@souk/contract';
import { type Db, row, sql } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import { type Servable, type ServingProgram, servedOnnx, servedProgram } from '../runtime/index.ts';
import * as store from './subscriptions.sql.ts';
import type { SubscriptionRow } from './subscriptions.ts';

/** Without a version, the one that the subscription has chosen. */
export type RunnableRef =
  | { readonly subscriptionId: string; readonly version?: string }
  /** A model that the account trained with an algorithm that it subscribes to. */
  | { readonly modelPackage: string };

/** What was asked for, when it is clear which of both is meant. */
export function runnableRef(asked: {
  readonly subscriptionId?: string | undefined;
  readonly version?: string | undefined;
  readonly modelPackage?: string | undefined;
}): RunnableRef {
  const { subscriptionId, version, modelPackage } = asked;
  const unclear = (problem: string) => fail('subscription.source_unclear', { problem });
  if (modelPackage !== undefined) {
    if (subscriptionId !== undefined) return unclear('a subscription and a model package are named.');
    if (version !== undefined) return unclear('a model package has no versions.');
    return { modelPackage };
  }
  if (subscriptionId === undefined) return unclear('neither a subscription nor a model package is named.');
  return { subscriptionId, ...(version === undefined ? {} : { version }) };
}

/** What an account may run now, by itself: as an endpoint, as a batch. */
export interface Runnable {
  /** Pays for it, and ends it when it ends. */
  readonly subscriptionId: string;
  readonly productId: string;
  readonly version: string;
  /** The account's own; null: the product itself. */
  readonly modelPackage: string | null;
  /** For people: `publisher/product 1.0.0`, or the name of the model package. */
  readonly name: string;
  readonly modelName: string;
  readonly servable: Servable;
  readonly contentTypes: { readonly input: readonly string[]; readonly output: readonly string[] };
  /** Those that the publisher supports; which of them are enabled is the operator's. */
  readonly instanceTypes: { readonly realtime: readonly string[]; readonly transform: readonly string[] };
}

/** Refuses in the words of the subscription: none, suspended, ended, a version that it may not have, one that answers no calls. */
export async function resolveRunnable(db: Db, accountId: string, ref: RunnableRef): Promise<Runnable> {
  if ('modelPackage' in ref) return await trainedModel(db, accountId, ref.modelPackage);
  const { subscriptionId } = ref;
  const s =
    (await store.find(db, accountId, subscriptionId)) ?? fail('subscription.missing', { subscriptionId });
  requireActive(s);
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
    modelPackage: null,
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

/** Refuses what runs already once its subscription does not allow it any more. */
export async function requireStillRunnable(
  db: Db,
  accountId: string,
  of: { readonly subscriptionId: string; readonly version: string; readonly modelPackage?: string | null },
): Promise<void> {
  const { subscriptionId, version } = of;
  if (!of.modelPackage) return void (await resolveRunnable(db, accountId, { subscriptionId, version }));
  requireActive(
    (await store.find(db, accountId, subscriptionId)) ?? fail('subscription.missing', { subscriptionId }),
  );
}

/** Refuses unless it is active now, with the reason. */
export function requireActive(s: Pick<SubscriptionRow, 'id' | 'state' | 'endedAt' | 'suspended'>): void {
  if (s.state === 'ended') fail('subscription.ended', { endedAt: s.endedAt?.toISOString() ?? '' });
  if (s.state === 'suspended')
    fail('subscription.suspended', {
      subscriptionId: s.id,
      reason: s.suspended?.reason ?? 'see its page',
    });
}

/** Its own, but the algorithm's publisher is paid for what it does: it runs while the subscription that trained it does, and no longer. */
async function trainedModel(db: Db, accountId: string, name: string): Promise<Runnable> {
  const p = await row<{
    name: string;
    status: string;
    sha256: string;
    inference: InferenceSpecification & {
      readonly container?: { readonly image: string; readonly environment?: Record<string, string> };
      readonly program?: ServingProgram;
    };
    subscriptionId: string | null;
    version: string | null;
  }>(
    db,
    sql`select m.name, m.status, m.archive_sha256 as sha256, m.inference_specification as inference, m.trained_by_subscription_id as "subscriptionId", j.version
      from model_packages m left join training_jobs j on j.account_id = m.account_id and j.name = m.training_job
      where m.account_id = ${accountId} and m.name = ${name} order by m.trained_by_subscription_id is null limit 1`,
  );
  if (!p) return fail('model.missing', { name });
  const { inference, sha256, subscriptionId, version } = p;
  if (subscriptionId === null || version === null) return fail('model.not_trained', { name });
  if (p.status !== 'Completed') fail('model.not_runnable', { name, status: p.status });
  const s =
    (await store.find(db, accountId, subscriptionId)) ?? fail('subscription.missing', { subscriptionId });
  requireActive(s);
  return {
    subscriptionId: s.id,
    productId: s.productId,
    version,
    modelPackage: p.name,
    name: p.name,
    modelName: p.name,
    servable: inference.program
      ? servedProgram(inference.program, sha256)
      : inference.container
        ? {
            kind: 'container',
            imageDigest: inference.container.image,
            packageSha256: sha256,
            environment: inference.container.environment ?? {},
          }
        : servedOnnx(sha256, p.name),
    contentTypes: { input: inference.supportedContentTypes, output: inference.supportedResponseMIMETypes },
    instanceTypes: {
      realtime: inference.supportedRealtimeInferenceInstanceTypes,
      transform: inference.supportedTransformInstanceTypes,
    },
  };
}
