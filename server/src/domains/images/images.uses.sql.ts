import type { ImageUse } from '@souk/contract';
import { type Db, rows, sql } from '../../platform/db.ts';

/** What of the account names an image: what is registered with it, and what was released with it, which keeps it. */
export const usesOf = (db: Db, accountId: string, digest: string): Promise<ImageUse[]> =>
  rows<ImageUse>(
    db,
    sql`select 'model-package' as kind, name from model_packages
      where account_id = ${accountId} and inference_specification -> 'container' ->> 'image' = ${digest}
    union select 'algorithm', name from algorithms
      where account_id = ${accountId} and ${digest} in (training_specification -> 'container' ->> 'image', inference_specification -> 'container' ->> 'image')
    union select 'version', p.slug || ' ' || v.number from product_versions v join products p on p.id = v.product_id
      where p.account_id = ${accountId} and ${digest} in (v.servable ->> 'imageDigest', v.resource -> 'training' -> 'specification' -> 'container' ->> 'image')
    order by 1, 2 limit 100`,
  );

/** Every image that something may still start: packages, algorithms, versions, and what runs of them. */
export const startable = async (db: Db): Promise<ReadonlySet<string>> => {
  const found = await rows<{ digest: string }>(
    db,
    sql`select inference_specification -> 'container' ->> 'image' as digest from model_packages
    union select unnest(array[training_specification -> 'container' ->> 'image', inference_specification -> 'container' ->> 'image']) from algorithms
    union select unnest(array[servable ->> 'imageDigest', resource -> 'training' -> 'specification' -> 'container' ->> 'image',
      resource -> 'inferenceSpecification' -> 'container' ->> 'image']) from product_versions
    union select servable ->> 'imageDigest' from deployments where desired = 'running'
    union select v.servable ->> 'imageDigest' from endpoint_variants v join endpoints e on e.id = v.endpoint_id where e.deleted_at is null`,
  );
  return new Set(found.flatMap((f) => f.digest ?? []));
};
