import { Button, SegmentedControl } from '@mantine/core';
import { useInfiniteQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { Link } from 'react-router';
import { subscriptionQueries } from '../../api/queries/subscriptions.ts';
import type { Subscription } from '../../api/types.ts';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { ProductLogo } from '../../components/product-logo.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { StandingBadges } from '../../components/version-standing.tsx';
import { leftWords } from './leaving-notice.tsx';

const columns: readonly Column<Subscription>[] = [
  {
    key: 'product',
    header: 'Product',
    value: (s) => s.title,
    cell: (s) => (
      <span className="row-nowrap" style={{ '--gap': '10px' }}>
        <ProductLogo url={s.logoUrl} title={s.title} size={28} />
        <span>
          <Link to={`/subscriptions/${s.id}`} style={{ fontWeight: 500 }}>
            {s.title}
          </Link>
          <span className="tiny faint" style={{ display: 'block' }}>
            {s.publisher}/{s.product}
          </span>
        </span>
      </span>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (s) => s.state,
    cell: (s) => (
      <>
        <StatusBadge state={s.limited && s.state === 'active' ? 'limited' : s.state} />
        {s.leaving?.endsAt && s.state !== 'ended' ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            {leftWords(s.leaving.endsAt, Date.now())}
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'version',
    header: 'Version',
    value: (s) => s.version,
    cell: (s) => (
      <span className="row" style={{ '--gap': '6px' }}>
        {s.version} {s.followsLatest ? <span className="faint">follows the latest</span> : null}
        {s.state === 'ended' ? null : <StandingBadges standing={endsFirst(s)} />}
      </span>
    ),
  },
  {
    key: 'plan',
    header: 'Plan',
    value: (s) => s.plan.name ?? s.plan.id,
    cell: (s) => s.plan.name ?? s.plan.id,
  },
  {
    key: 'since',
    header: 'Since',
    value: (s) => s.acceptedAt,
    cell: (s) => <RelativeTime at={s.acceptedAt} />,
    align: 'end',
  },
];

/** Of the end of a version and the end of its product the earlier one counts. */
function endsFirst({ standing, productSunset }: Subscription): Subscription['standing'] {
  const { sunset } = standing;
  if (!productSunset || (sunset && sunset.endsAt < productSunset.endsAt)) return standing;
  return { ...standing, sunset: productSunset };
}

export function SubscriptionsPage() {
  const query = useInfiniteQuery(subscriptionQueries.list());
  const [shown, setShown] = useState('active');
  return (
    <Page
      title="Subscriptions"
      lead="What this account may call, in which version, on which plan."
      actions={
        <SegmentedControl
          aria-label="Which subscriptions"
          size="xs"
          value={shown}
          onChange={setShown}
          data={[
            { value: 'active', label: 'Current' },
            { value: 'all', label: 'All' },
          ]}
        />
      }
    >
      <Panel flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Subscriptions"
              columns={columns}
              rows={pages.flatMap((p) => p.items).filter((s) => shown === 'all' || s.state !== 'ended')}
              rowKey={(s) => s.id}
              exportName="subscriptions"
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState
                  title="No subscriptions yet"
                  actions={
                    <Button component={Link} to="/products">
                      Find a product
                    </Button>
                  }
                >
                  Subscribe to a product, and its key, snippets, usage and cost are here.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
