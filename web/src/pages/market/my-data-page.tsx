import { Button } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { Link } from 'react-router';
import { dataQueries } from '../../api/queries/data.ts';
import type { MyData } from '../../api/types.ts';
import { CopyButton } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { WorksBadge } from '../../components/service-health.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatCount } from '../../format/format.ts';

const columns: readonly Column<MyData>[] = [
  {
    key: 'product',
    header: 'Service',
    value: (d) => d.title,
    cell: (d) => (
      <span>
        <Link to={`/subscriptions/${d.subscriptionId}`} style={{ fontWeight: 500 }}>
          {d.title}
        </Link>
        <span className="tiny faint" style={{ display: 'block' }}>
          {d.publisher}/{d.product}, plan {d.plan}
        </span>
      </span>
    ),
  },
  {
    key: 'state',
    header: 'State',
    value: (d) => d.state,
    cell: (d) => (
      <>
        <StatusBadge state={d.state} />
        {d.reason ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            {d.reason}
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'left',
    header: 'Transactions left',
    value: (d) => d.balance?.remaining ?? null,
    cell: (d) => <Left balance={d.balance} />,
    align: 'end',
  },
  {
    key: 'works',
    header: 'Works',
    value: (d) => d.health?.state ?? null,
    cell: (d) => <WorksBadge health={d.health} />,
  },
  {
    key: 'root',
    header: 'Service root',
    value: (d) => d.serviceRoot,
    cell: (d) => (
      <span className="row-nowrap" style={{ '--gap': '4px' }}>
        <code style={{ overflowWrap: 'anywhere', minWidth: 0 }}>{d.serviceRoot}</code>
        <CopyButton text={d.serviceRoot} what="service root" />
      </span>
    ),
  },
  {
    key: 'use',
    header: 'Use',
    cell: (d) => (
      <span className="row" style={{ '--gap': '8px' }}>
        <Link to={`/products/${d.publisher}/${d.product}#try`}>Explore</Link>
        <Link to={`/subscriptions/${d.subscriptionId}`}>Manage</Link>
      </span>
    ),
  },
];

function Left({ balance }: Pick<MyData, 'balance'>) {
  if (!balance) return <>Unlimited</>;
  return (
    <>
      {formatCount(balance.remaining)} of {formatCount(balance.limit)}
      <span className="tiny faint" style={{ display: 'block' }}>
        <RelativeTime at={balance.resetsAt} prefix="renewed" />
      </span>
    </>
  );
}

/** The account's data services: where they are, what is left, how they work. */
export function MyDataPage() {
  const query = useQuery(dataQueries.mine());
  return (
    <Page
      title="My data"
      lead="Data services that this account subscribes to. Give the service root and one of your keys to Excel, Power BI or your program."
    >
      <Panel flush>
        <QueryView query={query}>
          {({ items }) => (
            <DataTable
              label="My data"
              columns={columns}
              rows={items}
              rowKey={(d) => d.subscriptionId}
              exportName="my-data"
              empty={
                <EmptyState
                  title="No data services yet"
                  actions={
                    <Button component={Link} to="/products?type=web-service">
                      Find a data service
                    </Button>
                  }
                >
                  Subscribe to a web service, and its address and balance are here.
                </EmptyState>
              }
            />
          )}
        </QueryView>
      </Panel>
    </Page>
  );
}
