import type { CatalogProduct } from '../../../api/types.ts';
import { Panel } from '../../../components/panel.tsx';
import { ServiceExplorer } from './service-explorer.tsx';

/** In place of "Try it" on the page of a web service. */
export function ExplorerPanel({ product }: { product: CatalogProduct }) {
  const { service, item } = product;
  if (!service) return null;
  return (
    <Panel
      id="try"
      title="Service explorer"
      note={
        product.subscriptionId
          ? 'Real calls of the real service. They count as your calls do anywhere else.'
          : 'What can be asked and how. Runs once you are subscribed.'
      }
    >
      <ServiceExplorer
        product={`${item.publisher}/${item.slug}`}
        root={window.location.origin + product.callPath}
        operations={service.operations}
        sample={service.sample}
        subscribed={product.subscriptionId !== null}
      />
    </Panel>
  );
}
