import { useQuery } from '@tanstack/react-query';
import { dataQueries } from '../../../api/queries/data.ts';
import type { CatalogProduct } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { ServiceHealthFacts } from '../../../components/service-health.tsx';

/** Of a live data service: does it work, and how often did it. */
export function ServiceHealthPanel({ product }: { product: CatalogProduct }) {
  const isService = product.item.type === 'web-service' && product.slot === 'live';
  const query = useQuery({
    ...dataQueries.health(product.item.publisher, product.item.slug),
    enabled: isService,
  });
  const health = query.data?.health;
  if (!isService || !health) return null;
  return (
    <Panel title="How well it works" note="Souk calls a sample of the service on a schedule.">
      <ServiceHealthFacts health={health} />
    </Panel>
  );
}
