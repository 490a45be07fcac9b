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
