import { Button } from '@mantine/core';
import { useState } from 'react';
import { Link, useLocation } from 'react-router';
import type { CatalogProduct, CatalogVersion } from '../../../api/types.ts';
import { CopyableId } from '../../../components/copy.tsx';
import { MarkdownView } from '../../../components/markdown.tsx';
import { Fact, Facts, Panel } from '../../../components/panel.tsx';
import { PlanList } from '../../../components/plan-list.tsx';
import { PricingCalculator } from '../../../components/pricing-calculator.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatDuration } from '../../../format/format.ts';
import { useSession } from '../../../session/session.ts';
import { typeWords } from '../words.ts';
import { Resources } from './resources.tsx';
import { SubscribeDialog } from './subscribe-dialog.tsx';

export function ProductAside({
  product,
  version,
}: {
  product: CatalogProduct;
  version: CatalogVersion | undefined;
}) {
  const { item } = product;
  const measured = version?.measured[0];
  const hasResources = Boolean(product.promotion.videoUrl || product.promotion.links?.length);
  return (
    <>
      <Panel title="Plans">
        <div className="stack" style={{ '--gap': '16px' }}>
          <PlanList plans={product.plans} />
          <SubscribeAction product={product} />
        </div>
      </Panel>
      <Panel title="What would it cost?">
        <PricingCalculator plans={product.plans} />
      </Panel>
      <Panel title="Facts">
        <Facts>
          <Fact name="Publisher">
            <Link to={`/publishers/${item.publisher}`}>{item.publisherName}</Link>
          </Fact>
          <Fact name="Type">{typeWords[item.type]}</Fact>
          <Fact name="Version">{version?.number}</Fact>
          <Fact name="Published">{item.publishedAt ? <RelativeTime at={item.publishedAt} /> : null}</Fact>
          <Fact name="p99 latency">
            {measured ? `${formatDuration(measured.p99Ms)} on ${measured.instanceType}` : null}
          </Fact>
          <Fact name="Takes">{version?.contentTypes.join(', ')}</Fact>
          <Fact name="Regions">{product.regions.join(', ')}</Fact>
          <Fact name="Categories">{item.categories.join(', ')}</Fact>
          <Fact name="Product id">
            <CopyableId id={item.productId} what="product id" short />
          </Fact>
        </Facts>
      </Panel>
      {hasResources ? (
        <Panel title="Further reading">
          <Resources promotion={product.promotion} />
        </Panel>
      ) : null}
      <Support product={product} />
    </>
  );
}

export function SubscribeAction({ product }: { product: CatalogProduct }) {
  const { signedIn, may } = useSession();
  const location = useLocation();
  const [opened, setOpened] = useState(false);
  const returnTo = encodeURIComponent(location.pathname + location.search);
  if (product.subscriptionId)
    return (
      <Button component={Link} to={`/subscriptions/${product.subscriptionId}`} fullWidth>
        Open your subscription
      </Button>
    );
  if (!signedIn)
    return (
      <Button component={Link} to={`/sign-in?returnTo=${returnTo}`} fullWidth>
        Sign in to subscribe
      </Button>
    );
  if (!may('subscription:manage'))
    return <p className="small muted">Your roles do not allow subscribing. Ask an admin of your account.</p>;
  return (
    <>
      <Button fullWidth onClick={() => setOpened(true)}>
        Subscribe
      </Button>
      <SubscribeDialog product={product} opened={opened} onClose={() => setOpened(false)} />
    </>
  );
}

function Support({ product: { support } }: { product: CatalogProduct }) {
  return (
    <Panel title="Support" id="support">
      <div className="stack">
        {support.offered && support.description ? (
          <MarkdownView text={support.description} />
        ) : (
          <p className="muted break">The publisher does not offer support for this product.</p>
        )}
        <Facts>
          <Fact name="E-mail">
            {support.email ? <a href={`mailto:${support.email}`}>{support.email}</a> : null}
          </Fact>
          <Fact name="Web">
            {support.url && /^https?:\/\//.test(support.url) ? (
              <a href={support.url} target="_blank" rel="noopener noreferrer nofollow">
                {support.url}
              </a>
            ) : null}
          </Fact>
        </Facts>
      </div>
    </Panel>
  );
}
