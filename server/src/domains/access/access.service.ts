import type { KeyLimit, Member, Named, Place } from '../../platform/authorize.ts';
import type { Db, Tx } from '../../platform/db.ts';
import { fail } from '../../platform/errors.ts';
import type { Platform } from '../../platform/platform.ts';
import { arnsIn, resourceOfArn } from './access.rules.ts';
import * as store from './access.sql.ts';

const kinds = { ModelPackage: 'model-package', Algorithm: 'algorithm' } as const;

const resources = async (db: Db, accountId: string, { products }: KeyLimit) =>
  new Set((await store.resourcesOf(db, accountId, products)).map((r) => r.name));

/** Where a path leads, for the policies: what is named there, and the caller's products that it belongs to. */
export async function placeOf(db: Db, caller: Member, { type, id }: Named): Promise<Place> {
  const { accountId, limit } = caller;
  switch (type) {
    case 'Product':
      return { type, id, products: [id] };
    case 'Submission': {
      const product = await store.productOfSubmission(db, accountId, id);
      return { type: 'Product', id: product?.id ?? id, products: product ? [product.id] : [] };
    }
    case 'Upload':
      return { type, id, products: (await store.productsOfMaking(db, accountId, id)).map((p) => p.id) };
    default: {
      const name = `${kinds[type]}/${id}`;
      const seen = limit !== null && (await resources(db, accountId, limit)).has(name);
      return { type, id: name, products: seen ? limit.products : [] };
    }
  }
}

/** Notes what a limited key makes, in the transaction that makes it; nothing for everybody else. */
export async function noteMade(tx: Tx, caller: Member, what: string): Promise<void> {
  if (caller.limit) await store.insertMakings(tx, caller.accountId, what, caller.limit.products);
}

/** Names of resources of a kind that a limited key may see; null when the caller is not limited. */
export async function namesFor(
  db: Db,
  caller: Member,
  type: 'ModelPackage' | 'Algorithm',
): Promise<string[] | null> {
  if (!caller.limit) return null;
  const prefix = `${kinds[type]}/`;
  const all = await resources(db, caller.accountId, caller.limit);
  return [...all].filter((name) => name.startsWith(prefix)).map((name) => name.slice(prefix.length));
}

type Deciding = Pick<Platform, 'db' | 'authorizer'>;

/**
 * Listing a resource takes the right to describe it. Asked for every ARN of the document that the one before did not name;
 * whether such a resource exists is not asked, so that the answer does not tell.
 */
export async function requireDescribe(
  { db, authorizer }: Deciding,
  caller: Member,
  document: object,
  before: object = {},
): Promise<void> {
  const known = new Set(arnsIn(before));
  const arns = arnsIn(document).filter((arn) => !known.has(arn));
  if (arns.length === 0) return;
  const seen = caller.limit ? await resources(db, caller.accountId, caller.limit) : undefined;
  for (const arn of arns) {
    const resource = resourceOfArn(arn);
    if (!resource) continue;
    const products = caller.limit && seen?.has(resource.name) ? caller.limit.products : [];
    if (!authorizer.may(caller, resource.action, { type: resource.type, id: arn, products }))
      fail('access.describe_forbidden', { action: resource.action, resource: arn });
  }
}

/** The same for one resource that is read. A limited key was held to its products on the way in. */
export function requireDescribeOne(
  { authorizer }: Pick<Platform, 'authorizer'>,
  caller: Member,
  arn: string,
) {
  const resource = resourceOfArn(arn);
  const products = caller.limit?.products ?? [];
  if (resource && !authorizer.may(caller, resource.action, { type: resource.type, id: arn, products }))
    fail('access.describe_forbidden', { action: resource.action, resource: arn });
}
