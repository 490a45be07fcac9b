import { useQuery } from '@tanstack/react-query';
import { dataQueries } from '../../../api/queries/data.ts';
import type { Product, ServiceHealthDetails } from '../../../api/types.ts';
import { type Column, DataTable } from '../../../components/data-table.tsx';
import { Panel } from '../../../components/panel.tsx';
import { ServiceHealthFacts } from '../../../components/service-health.tsx';
import { Notice } from '../../../components/states.tsx';
import { RelativeTime } from '../../../components/time.tsx';
import { formatCount } from '../../../format/format.ts';

type Failure = ServiceHealthDetails['failures'][number];

const columns: readonly Column<Failure>[] = [
  { key: 'code', header: 'What failed', value: (f) => f.code, cell: (f) => <code>{f.code}</code> },
  {
    key: 'why',
    header: 'Why',
    value: (f) => f.detail,
    cell: (f) => <span className="break">{f.detail}</span>,
  },
  { key: 'count', header: 'Calls', value: (f) => f.count, cell: (f) => formatCount(f.count), align: 'end' },
  {
    key: 'last',
    header: 'Last',
    value: (f) => f.lastAt,
    cell: (f) => <RelativeTime at={f.lastAt} />,
    align: 'end',
  },
];

/** Of a web service: its sample calls, and what calls of buyers failed at, in words that buyers are not shown. */
export function HealthPanel({ product }: { product: Product }) {
  const isService = product.type === 'web-service';
  const query = useQuery({ ...dataQueries.own(product.id), enabled: isService });
  const details = query.data;
  if (!isService || !details?.health) return null;
  return (
    <Panel id="health" title="Health" note="By the sample call of what is live.">
      <div className="stack">
        <ServiceHealthFacts health={details.health} />
        {details.error ? (
          <Notice tone="bad" title="The last sample call failed">
            {details.error}
          </Notice>
        ) : null}
        <DataTable
          label="Failed calls of buyers"
          columns={columns}
          rows={details.failures}
          rowKey={(f) => `${f.slot} ${f.code}`}
          empty={<p className="small muted">No call of a buyer failed in the last 30 days.</p>}
        />
      </div>
    </Panel>
  );
}
