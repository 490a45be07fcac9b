import { useQuery } from '@tanstack/react-query';
import { submissionQueries } from '../../../api/queries/publish.ts';
import type { Finding, Product, ProductDocument } from '../../../api/types.ts';
import { valueAt } from './pointer.ts';

/**
 * What the pipeline refused in the revision that this draft still equals, shown on the fields themselves. A message goes away
 * as soon as its field says something else: whether that is enough, the next submission tells.
 */
export function useRefusal(product: Product, loaded: ProductDocument, now: ProductDocument): Finding[] {
  const wanted = product.state === 'attention' && product.submissionId !== null && !product.draftDiffers;
  const query = useQuery({
    ...submissionQueries.submission(product.submissionId ?? ''),
    enabled: wanted,
  });
  const findings = query.data?.stages.filter((s) => s.state === 'refused').flatMap((s) => s.findings) ?? [];
  return findings.filter(
    ({ pointer }) => pointer !== null && valueAt(loaded, pointer) === valueAt(now, pointer),
  );
}
