import { Select } from '@mantine/core';
import { hoursOf } from '@souk/contract/instance-hours';
import { useQuery } from '@tanstack/react-query';
import { Link, useSearchParams } from 'react-router';
import { invoiceQuery } from '../../api/queries/subscriptions.ts';
import type { Invoice, InvoiceLine } from '../../api/types.ts';
import { CopyableId } from '../../components/copy.tsx';
import { type Column, DataTable } from '../../components/data-table.tsx';
import { Money } from '../../components/money.tsx';
import { Page } from '../../components/page.tsx';
import { Panel } from '../../components/panel.tsx';
import { EmptyState, QueryView } from '../../components/states.tsx';
import { StatusBadge } from '../../components/status-badge.tsx';
import { RelativeTime } from '../../components/time.tsx';
import { formatCount, formatMoney, formatMonth } from '../../format/format.ts';

/** Seconds of instances are read as hours, calls as they were counted. */
const used = (line: InvoiceLine, n: number) =>
  line.unit === 'hour' ? `${hoursOf(n)}\u00a0h` : formatCount(n);

const columns: readonly Column<InvoiceLine>[] = [
  {
    key: 'product',
    header: 'Product',
    value: (line) => line.productTitle,
    cell: (line) => (
      <>
        <Link to={`/subscriptions/${line.subscriptionId}`} style={{ fontWeight: 500 }}>
          {line.productTitle}
        </Link>
        <span className="small muted" style={{ display: 'block' }}>
          {line.description}
        </span>
      </>
    ),
  },
  {
    key: 'payee',
    header: 'To',
    value: (line) => line.payee,
    cell: (line) => (line.payee === 'operator' ? 'Marketplace' : 'Publisher'),
  },
  {
    key: 'quantity',
    header: 'Used',
    align: 'end',
    value: (line) => line.quantity,
    cell: (line) => used(line, line.quantity),
  },
  {
    key: 'included',
    header: 'Included',
    align: 'end',
    value: (line) => line.includedQuantity,
    cell: (line) => used(line, line.includedQuantity),
  },
  {
    key: 'billable',
    header: 'Billed',
    align: 'end',
    value: (line) => line.billableQuantity,
    cell: (line) => used(line, line.billableQuantity),
  },
  {
    key: 'price',
    header: 'Price',
    align: 'end',
    value: (line) => line.pricePerUnit,
    cell: (line) => (
      <>
        <Money amount={line.pricePerUnit} currency={line.currency} />
        {line.unit === 'hour' ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            an hour
          </span>
        ) : line.unit === 'month' && line.dimension === 'recurring.month' ? (
          <span className="tiny faint" style={{ display: 'block' }}>
            a month
          </span>
        ) : null}
      </>
    ),
  },
  {
    key: 'records',
    header: 'From',
    align: 'end',
    value: (line) => line.usageRecords,
    cell: (line) => (
      <span className="faint">
        {line.unit === 'month'
          ? ''
          : `${formatCount(line.usageRecords)} ${line.usageRecords === 1 ? 'hour' : 'hours'}, `}
        revision {line.revision}
      </span>
    ),
  },
  {
    key: 'amount',
    header: 'Amount',
    align: 'end',
    value: (line) => line.amount,
    cell: (line) => (
      <strong>
        <Money amount={line.amount} currency={line.currency} />
      </strong>
    ),
  },
];

export function InvoicePage() {
  const [parameters, setParameters] = useSearchParams();
  const month = parameters.get('month') ?? undefined;
  const query = useQuery(invoiceQuery(month));
  return (
    <Page
      title={query.data ? `Invoice ${formatMonth(query.data.month)}` : 'Invoice'}
      beside={query.data ? <StatusBadge state={query.data.state} /> : null}
      lead="Computed from the usage records and the plans that were agreed to; each line adds up from its hours."
      actions={
        <Select
          aria-label="Month"
          data={lastMonths(12).map((value) => ({ value, label: formatMonth(value) }))}
          value={month ?? lastMonths(1)[0] ?? null}
          allowDeselect={false}
          w={180}
          onChange={(value) => value && setParameters({ month: value })}
        />
      }
    >
      <QueryView query={query}>{(invoice) => <Lines invoice={invoice} />}</QueryView>
    </Page>
  );
}

function Lines({ invoice }: { invoice: Invoice }) {
  return (
    <>
      <Panel flush>
        <DataTable
          label="Invoice lines"
          columns={columns}
          rows={invoice.lines}
          rowKey={(line) => line.id}
          exportName={`invoice-${invoice.month}`}
          empty={
            <EmptyState title={`Nothing was used in ${formatMonth(invoice.month)}`}>
              Calls appear here within seconds.
            </EmptyState>
          }
        />
      </Panel>
      <div className="row spread">
        <span className="small faint">
          Computed <RelativeTime at={invoice.computedAt} /> for account{' '}
          <CopyableId id={invoice.accountId} what="account id" />
        </span>
        <span style={{ fontSize: 20, lineHeight: '28px', fontWeight: 600 }}>
          <span className="small faint" style={{ fontWeight: 400, marginRight: 8 }}>
            Total{invoice.state === 'so-far' ? ' so far' : ''}
          </span>
          {invoice.totals.length === 0
            ? formatMoney('0', 'USD')
            : invoice.totals.map((t) => formatMoney(t.amount, t.currency)).join(' + ')}
        </span>
      </div>
    </>
  );
}

/** Months are counted in UTC, as usage is. */
function lastMonths(count: number): string[] {
  const now = new Date();
  return Array.from({ length: count }, (_, i) =>
    new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - i, 1)).toISOString().slice(0, 7),
  );
}
