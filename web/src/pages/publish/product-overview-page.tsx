import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link, useParams } from 'react-router';
import { productQueries } from '../../api/queries/publish.ts';
import type { Product } from '../../api/types.ts';
import { PageQuery } from '../../components/page-query.tsx';
import { BuyersPanel } from './overview/buyers-panel.tsx';
import { CodePanel } from './overview/code-panel.tsx';
import { CurrentSubmission } from './overview/current-submission.tsx';
import { Deletion } from './overview/deletion.tsx';
import { HealthPanel } from './overview/health-panel.tsx';
import { PlanCodesPanel } from './overview/plan-codes-panel.tsx';
import { PricesPanel } from './overview/prices-panel.tsx';
import { RemovalPanel } from './overview/removal-panel.tsx';
import { SectionsPanel } from './overview/sections-panel.tsx';
import { SubmissionsPanel } from './overview/submissions-panel.tsx';
import { SubmitPanel } from './overview/submit-panel.tsx';
import { SummaryPanel } from './overview/summary-panel.tsx';
import { ProductFrame } from './product-frame.tsx';

export function ProductOverviewPage() {
  const { productId = '' } = useParams();
  const query = useQuery({ ...productQueries.product(productId), refetchInterval: 5_000 });
  return (
    <PageQuery query={query} title="Product">
      {(product) => <Found product={product} />}
    </PageQuery>
  );
}

/** One panel per matter, each a file of overview/; what is under way stands above what can be edited. */
function Found({ product }: { product: Product }) {
  return (
    <ProductFrame
      product={product}
      actions={
        <Button component={Link} to={`/publish/products/${product.id}/edit`} variant="default">
          Edit product
        </Button>
      }
    >
      <div className="stack" style={{ '--gap': '20px' }}>
        <SummaryPanel product={product} />
        {product.submissionId ? (
          <CurrentSubmission submissionId={product.submissionId} product={product} />
        ) : null}
        <HealthPanel product={product} />
        <CodePanel product={product} />
        <SectionsPanel product={product} />
        <SubmitPanel product={product} />
        <SubmissionsPanel productId={product.id} />
        <BuyersPanel product={product} />
        <PlanCodesPanel product={product} />
        <PricesPanel product={product} />
        <RemovalPanel product={product} />
        <Deletion product={product} />
      </div>
    </ProductFrame>
  );
}
