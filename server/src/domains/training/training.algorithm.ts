import type { TrainingSpecification } from '@souk/contract';
import { type Db, row, rows, sql } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { ServingProgram } from '../runtime/index.ts';
import { findSubscription, requireActive } from '../subscriptions/index.ts';
import type { Algorithm, AlgorithmCode } from './training.ts';

interface Packaged {
  readonly archiveSha256: string;
  readonly resource: {
    readonly arn: string;
    readonly inferenceSpecification: Algorithm['inferenceSpecification'];
    readonly validationProfile: Algorithm['validationProfile'];
    readonly training: {
      readonly specification: TrainingSpecification & {
        readonly container?: {
          readonly image: string;
          readonly environment?: Readonly<Record<string, string>>;
        };
      };
      readonly serve?: ServingProgram | null;
    } | null;
  };
}

/**
 * The algorithm that a subscription lets an account train now, as it was released: a sister of `resolveRunnable`, with the same refusals. An
 * algorithm is not served, so it is no runnable.
 */
export async function resolveTrainable(
  db: Db,
  accountId: string,
  given: { readonly subscriptionId: string; readonly version?: string },
): Promise<Algorithm> {
  const { subscriptionId } = given;
  const s =
    (await findSubscription(db, accountId, subscriptionId)) ??
    fail('subscription.missing', { subscriptionId });
  requireActive(s);
  const product = `${s.publisher}/${s.product}`;
  const version = given.version === 'latest' ? (s.latest ?? '') : (given.version ?? s.version);
  const versions = s.versions.map((v) => v.number);
  if (!versions.includes(version))
    fail('subscription.version_missing', { product, version, versions: versions.join(', ') });
  const packaged = await row<Packaged>(
    db,
    sql`select package_sha256 as "archiveSha256", resource from product_versions where product_id = ${s.productId} and number = ${version}`,
  );
  const training = packaged?.resource.training;
  if (!packaged || !training) return fail('training.no_algorithm', { product });
  const { arn, inferenceSpecification, validationProfile } = packaged.resource;
  // How a publisher's image is set up is not for buyers; it goes into `code`, which nobody is shown.
  const { container: _container, ...specification } = training.specification;
  return {
    subscriptionId,
    productId: s.productId,
    publisher: s.publisher,
    slug: s.product,
    title: s.document.listing?.title ?? s.product,
    version,
    versions,
    arn,
    code: codeOf(packaged.archiveSha256, training),
    specification,
    inferenceSpecification,
    validationProfile,
  };
}

const codeOf = (
  archiveSha256: string,
  { specification: { container }, serve }: NonNullable<Packaged['resource']['training']>,
): AlgorithmCode =>
  container
    ? { kind: 'container', imageDigest: container.image, environment: container.environment ?? {} }
    : { kind: 'process', archiveSha256, ...(serve ? { serve } : {}) };

/** Subscriptions of an account to algorithms, newest first. */
export const algorithmSubscriptions = (db: Db, accountId: string) =>
  rows<{ id: string }>(
    db,
    sql`select s.id from subscriptions s join products p on p.id = s.product_id
      where s.account_id = ${accountId} and s.state = 'active' and p.type = 'algorithm' order by s.id desc limit 200`,
  );
