import { SegmentedControl } from '@mantine/core';
import { hoursOf } from '@souk/contract/instance-hours';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useMemo, useState } from 'react';
import { useParams } from 'react-router';
import { productQueries } from '../../api/queries/publish.ts';
import type { components } from '../../api/schema.gen.ts';
import type { Product } from '../../api/types.ts';
import { UsageChart } from '../../charts/usage-chart.tsx';
import { windows } from '../../charts/windows.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { PageQuery } from '../../components/page-query.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, LoadingLines, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatCount, plural } from '../../format/format.ts';
import { ProductFrame } from './product-frame.tsx';

type Customer = components['schemas']['Customer'];

const columns: readonly Column<Customer>[] = [
  {
    key: 'account',
    header: 'Account',
    value: (c) => c.accountName,
    cell: (c) => (
      <>
        <span style={{ fontWeight: 500 }}>{c.accountName}</span>
        <span style={{ display: 'block' }}>
          <CopyableId id={c.accountId} what="account id" />
        </span>
      </>
    ),
  },
  { key: 'state', header: 'State', value: (c) => c.state, cell: (c) => <StatusBadge state={c.state} /> },
  { key: 'plan', header: 'Plan', value: (c) => c.planId, cell: (c) => c.planId },
  { key: 'version', header: 'Version', value: (c) => c.version, cell: (c) => c.version },
  {
    key: 'units',
    header: 'Calls this month',
    align: 'end',
    value: (c) => c.unitsThisMonth,
    cell: (c) => formatCount(c.unitsThisMonth),
  },
  {
    key: 'hours',
    header: 'Hours this month',
    align: 'end',
    value: (c) => c.instanceSecondsThisMonth,
    cell: (c) => (c.instanceSecondsThisMonth > 0 ? hoursOf(c.instanceSecondsThisMonth) : null),
  },
  {
    key: 'since',
    header: 'Since',
    align: 'end',
    value: (c) => c.since,
    cell: (c) => <RelativeTime at={c.since} />,
  },
];

export function CustomersPage() {
  const { productId = '' } = useParams();
  const product = useQuery(productQueries.product(productId));
  return (
    <PageQuery query={product} title="Customers">
      {(found) => <Found product={found} />}
    </PageQuery>
  );
}

function Found({ product }: { product: Product }) {
  const query = useInfiniteQuery(productQueries.customers(product.id));
  return (
    <ProductFrame product={product} page="Customers">
      <ProductUsage productId={product.id} />
      <Panel title="Customers" flush>
        <QueryView query={query}>
          {({ pages }) => (
            <DataTable
              label="Customers"
              columns={columns}
              rows={pages.flatMap((p) => p.items)}
              rowKey={(c) => c.subscriptionId}
              exportName={`${product.slug}-customers`}
              more={
                query.hasNextPage
                  ? { busy: query.isFetchingNextPage, load: () => void query.fetchNextPage() }
                  : undefined
              }
              empty={
                <EmptyState title="Nobody has subscribed yet">
                  Accounts appear here when they accept a plan; test accounts of the preview too.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </ProductFrame>
  );
}

function ProductUsage({ productId }: { productId: string }) {
  const [chosen, setChosen] = useState<keyof typeof windows>('week');
  const range = useMemo(() => windows[chosen].range(), [chosen]);
  const query = useQuery(productQueries.usage(productId, range));
  return (
    <Panel
      title="Usage"
      note={
        query.data
          ? `${plural(query.data.total, 'answered call')} in ${windows[chosen].words}, over all subscriptions`
          : 'Over all subscriptions'
      }
      actions={
        <SegmentedControl
          size="xs"
          aria-label="Time span"
          value={chosen}
          onChange={(value) => setChosen(value as keyof typeof windows)}
          data={Object.entries(windows).map(([value, { label }]) => ({ value, label }))}
        />
      }
    >
      <QueryView query={query} loading={<LoadingLines lines={7} />}>
        {(usage) => <UsageChart usage={usage} />}
      </QueryView>
    </Panel>
  );
}
